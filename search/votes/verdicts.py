"""What a clerk says of the votes that were found: confirmed, or set aside.

A verdict holds for the words it was given on, known by a digest: words corrected since ask again,
and a word that is erased leaves nothing here. Times may move a little, as words are timed anew.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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
from ingest.transcript import Span
from search.votes.vote import Vote

_MOVED_MS = 30_000  # the same words further off are another vote: "L'amendement est refusé."

table = Table(
    "confirmed_votes",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("start_ms", Integer, primary_key=True),
    Column("said", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)


class Verdict(StrEnum):
    """What a clerk says of a vote."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Judged:
    """A vote and a clerk's verdict on it; None while there is none."""

    vote: Vote
    verdict: Verdict | None = None
    by: str | None = None
    at: datetime | None = None
    kept_ms: int | None = None
    """Where the words stood when it was said: with the digest, the verdict's key."""


def digest(said: str) -> str:
    """What a verdict keeps of the words it was given on."""
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def judged(db: Connection, session_id: str, found: Sequence[Vote]) -> tuple[Judged, ...]:
    """The votes of a session, in their order, each with its verdict. One verdict, one vote."""
    query = select(table).where(table.c.session_id == session_id)
    given = list(db.execute(query.order_by(table.c.start_ms)))
    pairs = sorted(
        (abs(row.start_ms - vote.start_ms), at, n)
        for at, vote in enumerate(found)
        for n, row in enumerate(given)
        if row.said == digest(vote.said) and abs(row.start_ms - vote.start_ms) <= _MOVED_MS
    )
    taken: dict[int, int] = {}
    for _, at, n in pairs:
        if at not in taken and n not in taken.values():
            taken[at] = n
    known = {at: given[n] for at, n in taken.items()}
    return tuple(
        Judged(vote, Verdict(row.verdict), row.by, row.at, row.start_ms)
        if (row := known.get(at))
        else Judged(vote)
        for at, vote in enumerate(found)
    )


def without_refused(judgements: Sequence[Judged]) -> Iterator[Vote]:
    """The votes that no clerk refused, marked where one confirmed them."""
    for one in judgements:
        if one.verdict is not Verdict.REFUSED:
            yield replace(one.vote, confirmed=one.verdict is Verdict.CONFIRMED)


def give(db: Connection, one: Judged, verdict: Verdict | None, by: str) -> None:
    """Keep a verdict on a vote instead of the one it has; None takes that back."""
    key = {"session_id": one.vote.session, "said": digest(one.vote.said)}
    if one.kept_ms is not None:
        of = (table.c.session_id == key["session_id"], table.c.said == key["said"])
        db.execute(delete(table).where(*of, table.c.start_ms == one.kept_ms))
    if verdict is not None:
        now = t.now()
        values = {"start_ms": one.vote.start_ms, "verdict": verdict, "by": by, "at": now}
        db.execute(insert(table).values(key | values))


def forget_near(db: Connection, session_id: str, span: Span) -> None:
    """Forget verdicts on words in a stretch or just before it: even a digest tells something."""
    about = table.c.start_ms.between(span.start_ms - _MOVED_MS, span.end_ms)
    db.execute(delete(table).where(table.c.session_id == session_id, about))
