"""The ledger of work to be done: what waits, what runs, what came of it. The one truth about jobs.

Whoever takes a job holds it by a lease that its heartbeat extends; when a worker dies, the lease
runs out and another goes on. Jobs are idempotent. The queue beside it only wakes the workers.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    String,
    Table,
    Text,
    insert,
    select,
)

from ingest import tables as t

table = Table(
    "jobs",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("stage", String, nullable=False),
    Column("fraction", Float, nullable=False),
    Column("found", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String),
    Column("leased_until", DateTime),
    Column("by", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime),
)


class Kind(StrEnum):
    """What is to be done. The subject is an arrival's id for `INGEST`, else a session's."""

    INGEST = "ingest"
    ALIGN = "align"
    PUBLISH = "publish"


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def add(
    db: Connection, kind: Kind, subject: str, by: str, payload: Mapping[str, Any] | None = None
) -> int:
    """Put a job on the ledger within the caller's transaction; its id.

    One that waits already for the same, with the same payload, is not added again.
    """
    given = dict(payload or {})
    waiting = select(table.c.id, table.c.payload).where(
        table.c.kind == kind, table.c.subject == subject, table.c.state == State.QUEUED
    )
    for row in db.execute(waiting):
        if row.payload == given:
            return int(row.id)
    made = db.execute(
        insert(table).values(
            kind=kind,
            subject=subject,
            payload=given,
            state=State.QUEUED,
            stage="",
            fraction=0.0,
            found={},
            error="",
            attempts=0,
            by=by,
            created_at=datetime.now(UTC).replace(tzinfo=None),
        )
    )
    return int((made.inserted_primary_key or (0,))[0])
