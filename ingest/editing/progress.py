"""Which turns a person has read while listening: how far a review has come, turn by turn.

A turn that comes of checked ones is checked as well, so a correction takes nothing back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from ingest.archive import schema as t
from ingest.archive.splices import Splice

table = t.checked


def checked(db: Connection, session_id: str) -> frozenset[int]:
    """Ids of the turns that were checked, of those that stand."""
    query = select(table.c.turn).join(t.turns, t.is_checked).where(_mine(session_id))
    return frozenset(db.execute(query).scalars())


def mark(db: Connection, session_id: str, turns: Iterable[int], by: str, done: bool) -> None:
    """Say that turns of these ids were checked, or that they were not."""
    given = frozenset(turns)
    new = given - checked(db, session_id)
    if done and new:
        _insert(db, session_id, sorted(new), by, t.now())
    elif not done and given:
        db.execute(delete(table).where(_mine(session_id), table.c.turn.in_(given)))


def follow(db: Connection, session_id: str, splices: Sequence[Splice]) -> None:
    """Have turns that a change makes be checked where all that they come of was."""
    marks = {row.turn: row for row in db.execute(select(table).where(_mine(session_id)))}
    for splice in splices:
        before, after = ([turn.id for turn in side] for side in (splice.before, splice.after))
        if set(before) == set(after):
            continue
        old = [marks.get(turn) for turn in before]
        db.execute(delete(table).where(_mine(session_id), table.c.turn.in_(before)))
        if after and old and (last := old[-1]) and all(old):
            new = [turn for turn in after if turn not in marks or turn in before]
            _insert(db, session_id, new, last.by, last.at)


def _mine(session_id: str) -> ColumnElement[bool]:
    return table.c.session_id == session_id


def _insert(db: Connection, session_id: str, turns: Iterable[int], by: str, at: datetime) -> None:
    rows = [{"session_id": session_id, "turn": turn, "by": by, "at": at} for turn in turns]
    if rows:
        db.execute(insert(table), rows)
