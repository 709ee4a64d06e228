"""The archive's tables, as SQLAlchemy sees them. The migrations are what creates them.

`passages` belongs to `search` and is declared there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    and_,
    func,
    insert,
    update,
)

metadata = MetaData()
SQL_MAX = 2**31 - 1  # the largest `Integer` of PostgreSQL; SQLite's is 2**63 - 1


def now() -> datetime:
    """The present as every table keeps it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def to_local(at: datetime) -> datetime:
    """A moment as it is kept (UTC, without a zone), by the clock where the server is."""
    return at.replace(tzinfo=UTC).astimezone()


def put(db: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write a row in place of the one of its key, if there is one."""
    same = (table.c[name] == value for name, value in key.items())
    if db.execute(update(table).where(*same).values(**values)).rowcount == 0:
        db.execute(insert(table).values(**key, **values))


sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("date", Date, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("generator", JSON, nullable=False),
    Column("unheard", JSON, nullable=False),
    Column("text_sha256", String, unique=True),  # of what was imported without sound
    Column("text_words", Integer),
    Column("created_at", DateTime, nullable=False, server_default=func.now()),
    Column("reviewed_by", String),  # the name that readers are shown
    Column("reviewed_at", DateTime),
    Column("next_turn", Integer, nullable=False),  # id of the next turn that a change makes
    Column("most_voices", Integer),  # no more people speak than that, as a clerk said
    Column("sound_erased_at", DateTime),  # by a rule of retention
)

recordings = Table(
    "recordings",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String, nullable=False, unique=True),
    Column("offset_ms", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("starts_at", Time),
)

people = Table(
    "people",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("also", Text, nullable=False, server_default=""),
)

agenda_items = Table(
    "agenda_items",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("number", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("object", String),
    Column("start_ms", Integer),
    Column("until_ms", Integer),  # another point, without a time, may begin here
    Column("confirmed", Boolean, nullable=False, server_default="0"),  # by a person
)

checked = Table(  # turns that a person has read while listening
    "checked",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)

speakers = Table(
    "speakers",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("label", String, primary_key=True),
    Column("person", Text),
    Column("evidence", String, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

review = Table(
    "review",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("doubt", String, nullable=False),
    Column("reason", Text, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Integer, primary_key=True),  # lasting, within the session
    Column("idx", Integer, nullable=False),  # the place, which edits move
    Column("revision", Integer, nullable=False),
    Column("speaker", String),
    Column("words", JSON, nullable=False),  # [[start_ms, end_ms, text, confidence, heard], ...]
    Column("language", String),
    Index("turns_by_place", "session_id", "idx"),
)

is_checked = and_(checked.c.session_id == turns.c.session_id, checked.c.turn == turns.c.id)
"""What joins a turn and its mark: one that a new transcription replaced keeps its own, which counts
for nothing until the turn comes back."""


def of_turn() -> ForeignKeyConstraint:
    """A row of a table that goes when its turn (`session_id`, `turn`) goes, or is changed."""
    return ForeignKeyConstraint(
        ["session_id", "turn"], ["turns.session_id", "turns.id"], ondelete="CASCADE"
    )


checkpoints = Table(
    "checkpoints",
    metadata,
    Column("job", String, primary_key=True),  # hash of the recordings and of what shapes the result
    Column("stage", String, primary_key=True),
    Column("window", Integer, primary_key=True),
    Column("result", LargeBinary, nullable=False),
    Column("done_at", DateTime, nullable=False, server_default=func.now()),
)
