"""How a row of turns changes: some of them replaced by others. Pure.

Knows what a change does to the places of turns, how it is taken back, and where turns that somebody
had before them stand after what others changed meanwhile. Knows no words, no people, no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.transcript import Turn


@dataclass(frozen=True)
class Splice:
    """At place `first` the turns `before` are replaced by `after`; either may be empty.

    A change is a row of them, by place and apart from each other; every `first` counts turns as
    they stand just before the change.
    """

    first: int
    before: tuple[Turn, ...]
    after: tuple[Turn, ...]

    @property
    def stop(self) -> int:
        """The place after the last turn that is replaced."""
        return self.first + len(self.before)

    @property
    def growth(self) -> int:
        """How far later turns move."""
        return len(self.after) - len(self.before)

    @property
    def alters(self) -> bool:
        """Does it change what is said or by which voice, not only the times of words?"""
        return not same(self.before, self.after)


@dataclass(frozen=True)
class Place:
    """Turns `first` up to `stop`; `altered`: others changed what they say since they were read."""

    first: int
    stop: int
    altered: bool = False


def content(turn: Turn) -> tuple[str | None, tuple[str, ...]]:
    """What a turn says, and by which voice: all of it but times and the machine's own marks."""
    return turn.speaker, tuple(word.text for word in turn.words)


def same(some: Sequence[Turn], others: Sequence[Turn]) -> bool:
    """Do two rows of turns say the same?"""
    return [content(turn) for turn in some] == [content(turn) for turn in others]


def applied(turns: Sequence[Turn], splices: Sequence[Splice], revision: int) -> tuple[Turn, ...]:
    """The turns after a change, numbered anew; those that it made bear `revision`."""
    made: list[Turn] = []
    at = 0
    for splice in splices:
        made += turns[at : splice.first]
        made += (replace(turn, revision=revision) for turn in splice.after)
        at = splice.stop
    made += turns[at:]
    return tuple(t if t.index == n else replace(t, index=n) for n, t in enumerate(made))


def inverted(splices: Sequence[Splice]) -> tuple[Splice, ...]:
    """The change that takes a change back, on the turns as they stand just after it."""
    return tuple(
        Splice(at, s.after, s.before) for at, s in zip(landed(splices), splices, strict=True)
    )


def landed(splices: Sequence[Splice]) -> Iterator[int]:
    """Where each splice's new turns stand after the whole change."""
    moved = 0
    for splice in splices:
        yield splice.first + moved
        moved += splice.growth


def follow(place: Place, splices: Sequence[Splice], at_ms: int = 0) -> Place:
    """Where the turns at a place stand after a change that somebody else made.

    Where the change reaches over the place's ends, the new place holds all that it made. `at_ms`
    tells an empty place apart from turns that are put exactly there: it stays before later ones.
    """
    first, stop, altered = place.first, place.stop, place.altered
    moved = 0  # how far what the change made so far has pushed the rest
    for splice in splices:
        if _is_before(splice, place, at_ms):
            first, stop = first + splice.growth, stop + splice.growth
        elif splice.first < place.stop and splice.stop > place.first:
            if splice.alters:
                altered = True
                first = min(first, splice.first + moved)
                stop = max(stop, splice.stop + moved) + splice.growth
        else:
            break
        moved += splice.growth
    return Place(first, stop, altered)


def _is_before(splice: Splice, place: Place, at_ms: int) -> bool:
    if splice.stop != place.first or splice.before or place.first != place.stop:
        return splice.stop <= place.first
    return bool(splice.after) and splice.after[0].start_ms < at_ms


def altered_by(changes: Sequence[Sequence[Splice]]) -> frozenset[int]:
    """The turns, as they stand after some changes, whose words or voice these altered."""
    places: list[Place] = []
    for splices in changes:
        places = [follow(place, splices) for place in places]
        places += (
            Place(at, at + len(s.after))
            for at, s in zip(landed(splices), splices, strict=True)
            if s.alters
        )
    return frozenset(n for place in places for n in range(place.first, place.stop))
