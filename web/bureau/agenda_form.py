"""What is typed on the page of the agenda, read into points. Pure.

Every button of the page sends all that is typed: nothing is lost whichever is pressed. Errors name
the row, so that the page can show what was typed beside what is wrong.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.agenda_desk import Place, Placed, moved, placed, snapped
from ingest.errors import BadInput
from ingest.text import clock
from ingest.transcript import AgendaItem, Session

MOST = 300  # points
_LONGEST = 500  # characters
_CLOCK = re.compile(r"(?:(\d{1,2})[:h])?(\d{1,3})[:m'](\d{2})(?:[.,](\d{1,3}))?\"?s?")


@dataclass(frozen=True)
class Row:
    """A point as it is in the form. `start_ms` is the time it had; `time` what is typed of it."""

    number: str = ""
    title: str = ""
    object: str = ""
    time: str = ""
    start_ms: int | None = None
    confirmed: bool = False
    proposed_ms: int | None = None

    @property
    def is_blank(self) -> bool:
        """Is nothing typed in it?"""
        return not (self.number or self.title or self.object or self.time)


@dataclass(frozen=True)
class Typed:
    """A whole form: what it was made from, its rows, and the button pressed with its row."""

    base: str
    rows: tuple[Row, ...]
    act: str
    at: int


class WrongRow(BadInput):
    """A row that cannot be kept as it is typed."""

    def __init__(self, row: int, field: str, message: str) -> None:
        super().__init__(message)
        self.row, self.field = row, field


def shown(session: Session, at_ms: int | None) -> str:
    """A place as it is shown and typed: a clock, or the number of a word without sound."""
    if at_ms is None:
        return ""
    return clock(at_ms) if session.has_audio else str(at_ms)


def row_of(session: Session, one: Placed) -> Row:
    """A point as a row."""
    item = one.item
    at = shown(session, item.start_ms)
    return Row(item.number, item.title, item.object or "", at, item.start_ms, one.confirmed)


def read_form(given: Mapping[str, object]) -> Typed:
    """A form as it was sent. Raises `BadInput` for what no page of ours sends."""

    def typed(name: str) -> str:
        value = given.get(name, "")
        return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""

    def whole(name: str) -> int | None:
        return int(typed(name)) if re.fullmatch(r"\d{1,9}", typed(name)) else None

    count = min(whole("rows") or 0, MOST)
    rows = [
        Row(
            number=typed(f"number-{n}"),
            title=typed(f"title-{n}"),
            object=typed(f"object-{n}"),
            time=typed(f"time-{n}"),
            start_ms=whole(f"start-{n}"),
            confirmed=typed(f"confirmed-{n}") == "1",
            proposed_ms=whole(f"proposed-{n}"),
        )
        for n in range(count)
    ]
    act, _, at = typed("act").partition(":")
    if act not in ACTS:
        raise BadInput(f"Le bouton « {act[:40]} » n'existe pas : rechargez la page.")
    return Typed(typed("base"), tuple(rows), act, int(at) if at.isdecimal() else -1)


def points(session: Session, found: Sequence[Place], typed: Typed) -> tuple[Placed, ...]:
    """The agenda that a form describes, its button pressed. Raises `WrongRow` for what cannot be.

    A time that is typed or taken away is confirmed by whoever does so.
    """
    deleted = typed.at if typed.act == "delete" else None
    rows = list(enumerate(typed.rows))
    kept = [(n, row) for n, row in rows if n != deleted and not (row.is_blank and n == rows[-1][0])]
    agenda = tuple(_point(session, found, n, row) for n, row in kept)
    if typed.act == "all":
        return tuple(
            replace(p, confirmed=p.confirmed or p.item.start_ms is not None) for p in agenda
        )
    if typed.act in ("save", "delete", "pick") or not 0 <= typed.at < len(agenda):
        return agenda
    if typed.act == "accept":
        return placed(agenda, typed.at, typed.rows[typed.at].proposed_ms)
    if typed.act == "clear":
        return placed(agenda, typed.at, None)
    if typed.act == "confirm":
        return placed(agenda, typed.at, agenda[typed.at].item.start_ms)
    return moved(agenda, typed.at, -1 if typed.act == "up" else 1)


ACTS = ("save", "all", "accept", "confirm", "clear", "up", "down", "delete", "pick")


def _point(session: Session, found: Sequence[Place], n: int, row: Row) -> Placed:
    if not row.title:
        raise WrongRow(
            n, "title", f"Le point {n + 1} n'a pas de titre : écrivez-le, ou supprimez-le."
        )
    start_ms, confirmed = row.start_ms, row.confirmed
    if row.time != shown(session, row.start_ms):
        start_ms, confirmed = _time(session, found, n, row.time), True
    return Placed(AgendaItem(row.number, row.title, row.object or None, start_ms), confirmed)


def _time(session: Session, found: Sequence[Place], n: int, typed: str) -> int | None:
    if not typed:
        return None
    at_ms = read_place(session, typed)
    if at_ms is None:
        how = "0:12:31 ou 12:31" if session.has_audio else "le rang d'un mot"
        raise WrongRow(n, "time", f"Point {n + 1} : « {typed[:20]} » ne se lit pas. Écrivez {how}.")
    if at_ms >= session.duration_ms:
        end = shown(session, session.duration_ms)
        raise WrongRow(n, "time", f"Point {n + 1} : « {typed} » est après la fin ({end}).")
    return snapped(found, at_ms) if session.has_audio else at_ms


def read_place(session: Session, typed: str) -> int | None:
    """A place as it is typed, None where it cannot be read."""
    if not session.has_audio:
        return int(typed) if re.fullmatch(r"\d{1,9}", typed) else None
    found = _CLOCK.fullmatch(typed.replace(" ", ""))
    if found is None or int(found[3]) >= 60:  # noqa: PLR2004
        return None
    seconds = (int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])
    return seconds * 1000 + int((found[4] or "").ljust(3, "0"))
