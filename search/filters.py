"""What readers narrow a search to: people, parties, sessions, dates, bodies, points, objects.

Values are those of the archive, written as it writes them (see `vocabulary`). Knows nothing of how
passages are found.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Filters:
    """Values of one field are alternatives, fields restrict each other; an empty one does not.

    `people` are full names, `groups` parties, `sessions` ids, `objects` codes (PR-12), `items` the
    titles of points of the agenda. Both dates are inclusive.
    """

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        """Does it restrict anything?"""
        return self != EVERYTHING


EVERYTHING = Filters()


@dataclass(frozen=True)
class Count:
    """A value of a field, and how many passages have it."""

    value: str
    passages: int


@dataclass(frozen=True)
class Facets:
    """What a search can be narrowed to, by field: the values that most passages have first.

    What a field is narrowed to already does not narrow its own counts. `passages` is how many fit
    all that is asked. `sessions` are ids.
    """

    passages: int
    people: tuple[Count, ...] = ()
    groups: tuple[Count, ...] = ()
    sessions: tuple[Count, ...] = ()
    bodies: tuple[Count, ...] = ()
    objects: tuple[Count, ...] = ()
    items: tuple[Count, ...] = ()


class Outcome(StrEnum):
    """What was decided."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    COMMITTEE = "committee"  # sent to a committee
    EXECUTIVE = "executive"  # sent to the executive
    FILED = "filed"  # classée: closed without effect
    WITHDRAWN = "withdrawn"
    POSTPONED = "postponed"
    TIED = "tied"
