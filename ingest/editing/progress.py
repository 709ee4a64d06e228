"""Which turns a person has read while listening: how far a review has come, turn by turn.

A turn that comes of checked ones is checked as well, so a correction takes nothing back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
)

from ingest.archive import schema as t
from ingest.archive.splices import Splice, landed

table = Table(
    "checked",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)


def checked(db: Connection, session_id: str) -> frozenset[int]:
    """Places of the turns that were checked."""
    query = select(table.c.idx).where(table.c.session_id == session_id)
    return frozenset(db.execute(query).scalars())


def mark(db: Connection, session_id: str, turns: Iterable[int], by: str, done: bool) -> None:
    """Say that turns were checked, or that they were not."""
    given = frozenset(turns)
    new = given - checked(db, session_id)
    if done and new:
        at = t.now()
        db.execute(
            insert(table),
            [{"session_id": session_id, "idx": n, "by": by, "at": at} for n in sorted(new)],
        )
    elif not done and given:
        gone = table.c.session_id == session_id, table.c.idx.in_(given)
        db.execute(delete(table).where(*gone))


def follow(db: Connection, session_id: str, splices: Sequence[Splice]) -> None:
    """Keep the marks with their turns through a change."""
    if all(splice.growth == 0 for splice in splices):
        return
    where = table.c.session_id == session_id
    marks = {row.idx: (row.by, row.at) for row in db.execute(select(table).where(where))}
    kept: dict[int, tuple[str, datetime]] = {}
    at, moved = 0, 0
    ends = [*((s.first, s) for s in splices), (max(marks, default=0) + 1, None)]
    for (stop, splice), place in zip(ends, [*landed(splices), 0], strict=True):
        kept |= {n + moved: mark for n, mark in marks.items() if at <= n < stop}
        if splice is None:
            break
        old = [marks.get(n) for n in range(splice.first, splice.stop)]
        if old and (last := old[-1]) and all(old):
            kept |= dict.fromkeys(range(place, place + len(splice.after)), last)
        at, moved = splice.stop, moved + splice.growth
    db.execute(delete(table).where(where))
    if kept:
        db.execute(
            insert(table),
            [
                {"session_id": session_id, "idx": n, "by": by, "at": at_}
                for n, (by, at_) in kept.items()
            ],
        )
