"""The agenda as the office keeps it: points, when each is taken up, which times a person confirmed.

Times that a chair's words propose come with these words, so that a clerk who confirms can judge.
Several people may change one agenda: a change says what it was made from, and is refused when that
is no longer what stands.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, delete, select, update

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.repository import Archive, current_turns, insert_in_order
from ingest.documents.agenda import agenda_times, bounded
from ingest.documents.in_camera import is_marked, public_title
from ingest.errors import Conflict
from ingest.jobs.queue import JobKind, add
from ingest.text import sentence_ranges
from ingest.transcript import AgendaItem, Status, Turn

table = t.agenda_items


class Stale(Conflict):
    """Another clerk changed the agenda since it was shown."""


@dataclass(frozen=True)
class PlacedPoint:
    """A point, and whether a person has said that its time is right, or that it has none."""

    item: AgendaItem
    confirmed: bool = False


@dataclass(frozen=True)
class PlaceSentence:
    """A sentence: where it begins, the turn it is in, and its words."""

    start_ms: int
    turn: int
    words: str


def agenda_of(db: Connection, session_id: str) -> tuple[PlacedPoint, ...]:
    """The points of a session, in their order."""
    query = select(table).where(table.c.session_id == session_id).order_by(table.c.position)
    return tuple(
        PlacedPoint(AgendaItem(r.number, r.title, r.object, r.start_ms), bool(r.confirmed))
        for r in db.execute(query)
    )


def _row(item: AgendaItem) -> dict[str, object]:
    """What a clerk says of a point: where the next one may begin follows from the words."""
    return {k: v for k, v in asdict(item).items() if k != "until_ms"}


def seal(agenda: Sequence[PlacedPoint]) -> str:
    """A digest of an agenda, by which a change made meanwhile is noticed."""
    kept = [(*_row(one.item).values(), one.confirmed) for one in agenda]
    content = json.dumps(kept, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def change(
    archive: Archive, session_id: str, base: str, agenda: Sequence[PlacedPoint], by: str
) -> bool:
    """Keep an agenda made from the one sealed `base`; whether that changes anything.

    A published session is published anew by a job, for its passages and votes name points. Raises
    `Stale` and `NotFound`, and then nothing is changed.
    """
    archive.session(session_id)  # which must be there
    with archive.begin() as db:
        before = agenda_of(db, session_id)
        if seal(before) != base:
            raise Stale(
                "Quelqu'un d'autre a modifié l'ordre du jour entre-temps : comparez avec ce qui "
                "s'y trouve à présent, puis enregistrez de nouveau."
            )
        if tuple(agenda) == before:
            return False
        db.execute(delete(table).where(table.c.session_id == session_id))
        rows = [{"confirmed": one.confirmed} | _row(one.item) for one in agenda]
        insert_in_order(db, table, session_id, rows)
        bound(db, session_id)
        audit.record(db, by, "agenda.change", session_id)
        for number in _unmarked(before, agenda):
            audit.record(db, by, "agenda.unmark", f"{session_id}, {number}")
        status = select(t.sessions.c.status).where(t.sessions.c.id == session_id)
        if db.execute(status).scalar_one() == Status.PUBLISHED:
            add(db, JobKind.PUBLISH, session_id, by)
    return True


def bound(db: Connection, session_id: str) -> None:
    """Note where points without a time may begin, by the words as they are now."""
    points = agenda_of(db, session_id)
    missing = [n for n, one in enumerate(points) if one.item.start_ms is None]
    untaken = [n for n in missing if points[n].confirmed]
    turns = current_turns(db, session_id) if len(untaken) < len(missing) else ()
    for n, item in enumerate(bounded(turns, [one.item for one in points], untaken)):
        this = (table.c.session_id == session_id, table.c.position == n)
        db.execute(update(table).where(*this).values(until_ms=item.until_ms))


def unplaced(db: Connection, session_id: str) -> tuple[AgendaItem, ...]:
    """The points that have no time, and of which nobody said that they were not taken up."""
    points = agenda_of(db, session_id)
    return tuple(p.item for p in points if p.item.start_ms is None and not p.confirmed)


def unmark(db: Connection, session_id: str, places: Iterable[int], by: str) -> None:
    """Take "(huis clos)" off the titles of points that readers get again."""
    points = agenda_of(db, session_id)
    for at in places:
        item = points[at].item
        if (title := public_title(item.title)) != item.title:
            this = (table.c.session_id == session_id, table.c.position == at)
            db.execute(update(table).where(*this).values(title=title))
            audit.record(db, by, "agenda.unmark", f"{session_id}, {item.number}")


def _unmarked(before: Sequence[PlacedPoint], after: Sequence[PlacedPoint]) -> Iterator[str]:
    """Numbers of the points that were in camera by their titles, and are not any more."""
    still = {(one.item.number, is_marked(one.item.title)) for one in after}
    for one in before:
        if is_marked(one.item.title) and (one.item.number, True) not in still:
            yield one.item.number


# --- where points are taken up ------------------------------------------------------------------


def proposals(turns: Sequence[Turn], agenda: Sequence[PlacedPoint]) -> tuple[int | None, ...]:
    """For each point that has no time, unless that is confirmed: when its words are spoken."""
    items = tuple(one.item for one in agenda)
    if all(one.item.start_ms is not None or one.confirmed for one in agenda):
        return (None,) * len(items)
    timed = agenda_times(tuple(turns), items)
    return tuple(
        new.start_ms if one.item.start_ms is None and not one.confirmed else None
        for one, new in zip(agenda, timed, strict=True)
    )


def places(turns: Sequence[Turn]) -> tuple[PlaceSentence, ...]:
    """Every sentence of a session, by start."""
    found = [
        PlaceSentence(words[0].start_ms, turn.index, " ".join(word.text for word in words))
        for turn in turns
        for run in sentence_ranges(turn.words)
        if (words := turn.words[run.start : run.stop])
    ]
    return tuple(sorted(found, key=lambda place: place.start_ms))


def nearest(found: Sequence[PlaceSentence], at_ms: int) -> PlaceSentence | None:
    """The sentence that begins nearest to a moment."""
    at = bisect_left(found, at_ms, key=lambda place: place.start_ms)
    near = found[max(0, at - 1) : at + 1]
    return min(near, key=lambda place: abs(place.start_ms - at_ms), default=None)


def snapped(found: Sequence[PlaceSentence], at_ms: int) -> int:
    """A clock read to the second is that of the sentence which begins within it."""
    place = next((p for p in found if at_ms <= p.start_ms < at_ms + 1000), None)
    return place.start_ms if place else at_ms


def moved(agenda: Sequence[PlacedPoint], at: int, by: int) -> tuple[PlacedPoint, ...]:
    """The agenda with one point moved up (-1) or down (1), if there is room."""
    points, to = list(agenda), at + by
    if 0 <= to < len(points):
        points[at], points[to] = points[to], points[at]
    return tuple(points)


def placed(agenda: Sequence[PlacedPoint], at: int, start_ms: int | None) -> tuple[PlacedPoint, ...]:
    """The agenda with one point's time said by a person; None: that it has none."""
    points = list(agenda)
    points[at] = PlacedPoint(replace(points[at].item, start_ms=start_ms), confirmed=True)
    return tuple(points)
