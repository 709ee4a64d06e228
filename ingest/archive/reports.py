"""What readers report as wrong in a published session, and what the office did about it.

A report names a stretch and the revision that was read; it holds what its reader wrote, and no word
of the session. It goes with its session, and with the words that it is about. Readers see none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.errors import NotFound
from ingest.transcript import Span

table = Table(
    "reports",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("wrong", Text, nullable=False),
    Column("instead", Text, nullable=False),
    Column("email", Text),  # only until the report is settled
    Column("state", String, nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("settled_by", String),
    Column("settled_at", DateTime),
    Column("language", String, nullable=False, server_default="fr"),
)


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class ReportPlace:
    """A stretch of a session, as it stood in a revision."""

    session: str
    span: Span
    revision: int


@dataclass(frozen=True)
class Report:
    """A report. `instead` is "" where its reader did not say; times are UTC.

    `language` is that of the page on which it was written.
    """

    id: int
    place: ReportPlace
    wrong: str
    instead: str
    email: str | None
    state: ReportState
    at: datetime
    settled_by: str | None
    settled_at: datetime | None
    language: str


def add(
    db: Connection,
    place: ReportPlace,
    wrong: str,
    instead: str,
    email: str | None,
    language: str = "fr",
) -> None:
    """Keep what a reader reports."""
    db.execute(
        insert(table).values(
            session_id=place.session,
            start_ms=place.span.start_ms,
            end_ms=place.span.end_ms,
            revision=place.revision,
            wrong=wrong,
            instead=instead,
            email=email,
            state=ReportState.OPEN,
            at=t.now(),
            language=language,
        )
    )


def in_state(
    db: Connection, state: ReportState, limit: int, before: int | None = None
) -> Sequence[Report]:
    """Reports in a state, newest first; `before` a number, to go on."""
    query = select(table).where(table.c.state == state).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    return [_read(row) for row in db.execute(query)]


def count(db: Connection, state: ReportState = ReportState.OPEN) -> int:
    """How many reports are in a state."""
    query = select(func.count()).select_from(table).where(table.c.state == state)
    return int(db.execute(query).scalar_one())


def settle(db: Connection, number: int, state: ReportState, by: str) -> Report:
    """Say what became of a report; the report as it was before. Raises `NotFound`.

    Its reader's address is deleted: whoever is told is told in the same transaction.
    """
    report = _one(db, number)
    is_open = state is ReportState.OPEN
    values = {
        "state": state,
        "email": None,
        "settled_by": None if is_open else by,
        "settled_at": None if is_open else t.now(),
    }
    db.execute(update(table).where(table.c.id == number).values(values))
    audit.record(db, by, f"report.{state}", f"{report.place.session} n° {number}")
    return report


def erase(db: Connection, number: int, by: str) -> None:
    """Delete a report with all that its reader wrote. Raises `NotFound`."""
    report = _one(db, number)
    db.execute(delete(table).where(table.c.id == number))
    audit.record(db, by, "report.erase", f"{report.place.session} n° {number}")


def forget_near(db: Connection, session_id: str, near: Span) -> None:
    """Delete the reports on a stretch that is destroyed: they may say its words."""
    mine = (table.c.session_id == session_id, table.c.start_ms < near.end_ms)
    db.execute(delete(table).where(*mine, table.c.end_ms > near.start_ms))


def _one(db: Connection, number: int) -> Report:
    row = db.execute(select(table).where(table.c.id == number)).first()
    if row is None:
        raise NotFound(f"Aucun signalement n° {number} : voyez la liste.")
    return _read(row)


def _read(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        place=ReportPlace(row.session_id, Span(row.start_ms, row.end_ms), row.revision),
        wrong=row.wrong,
        instead=row.instead,
        email=row.email,
        state=ReportState(row.state),
        at=row.at,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        language=row.language,
    )
