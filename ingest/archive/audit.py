"""Who did what, and when: a log that is only ever added to. Holds no word of any session.

The table refuses changes and deletions itself (triggers), whatever code asks for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, DateTime, Integer, String, Table, insert, select

from ingest.archive import schema as t

CONSOLE = "console"
"""The actor on the command line: any account that can read the data directory."""
MACHINE = "machine"
"""The actor without a request: the worker, by itself."""

table = Table(
    "audit",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("what", String, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One line. `who` is a login, `action` a verb of ours (session.publish), `what` an id."""

    id: int
    at: datetime
    who: str
    action: str
    what: str


def record(db: Connection, who: str, action: str, what: str) -> None:
    """Add a line within the caller's transaction: what is undone there was never done."""
    now = t.now()
    db.execute(insert(table).values(at=now, who=who, action=action, what=what))


def newest(db: Connection, limit: int = 200, before: int | None = None) -> Sequence[Entry]:
    """Lines, newest first; `before` an id, to go on."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    return [Entry(row.id, row.at, row.who, row.action, row.what) for row in db.execute(query)]
