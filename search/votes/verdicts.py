"""What a clerk says of the votes that were found: confirmed, or set aside; and votes added to them.

A verdict holds for the words it was given on, known by a digest: words corrected since ask again,
and a word that is erased leaves nothing here. Times may move a little, as words are timed anew.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
)

from ingest.archive import repository
from ingest.archive import schema as t
from ingest.archive.change_log import check_session
from ingest.archive.remainder import open_part
from ingest.archive.repository import read_transcript
from ingest.transcript import Span, Transcript
from search.votes.entered import Entered, added_vote, entered_of, with_entered
from search.votes.vote import Vote

MOVED_MS = 30_000  # the same words further off are another vote: "L'amendement est refusé."

table = Table(
    "confirmed_votes",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("start_ms", Integer, primary_key=True),
    Column("said", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("entered", JSON(none_as_null=True)),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)


class Verdict(StrEnum):
    """What a clerk says of a vote."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ADDED = "added"  # by the clerk: the words do not tell it, or are not understood


_PUBLIC = (Verdict.CONFIRMED, Verdict.ADDED)


@dataclass(frozen=True)
class Judged:
    """A vote and a clerk's verdict on it; None while there is none.

    `vote` is what is told of it: with what the clerk entered, if she did.
    """

    vote: Vote
    verdict: Verdict | None = None
    by: str | None = None
    at: datetime | None = None
    kept_ms: int | None = None
    """Where the words stood when it was said: with their digest, the verdict's key."""
    kept_said: str | None = None
    entered: Entered | None = None
    is_added: bool = False


def digest(said: str) -> str:
    """What a verdict keeps of the words it was given on."""
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def judged(
    db: Connection, session_id: str, found: Sequence[Vote], transcript: Transcript | None = None
) -> tuple[Judged, ...]:
    """The votes of a session, in order of speech, each with its verdict. One verdict, one vote.

    `found` are those of the words alone; to them come those that a clerk added to `transcript`,
    which is what readers may read of the session unless it is given.
    """
    query = select(table).where(table.c.session_id == session_id)
    rows = list(db.execute(query.order_by(table.c.start_ms)))
    entered = [row for row in rows if row.verdict == Verdict.ADDED]
    added = _added(db, session_id, entered, transcript)
    given = [row for row in rows if row.verdict != Verdict.ADDED]
    left = [vote for vote in found if not any(_same_words(vote, one.vote) for one in added)]
    pairs = sorted(
        (abs(row.start_ms - vote.start_ms), at, n)
        for at, vote in enumerate(left)
        for n, row in enumerate(given)
        if row.said == digest(vote.said) and abs(row.start_ms - vote.start_ms) <= MOVED_MS
    )
    taken: dict[int, int] = {}
    for _, at, n in pairs:
        if at not in taken and n not in taken.values():
            taken[at] = n
    known = {at: given[n] for at, n in taken.items()}
    told = (
        _judged(vote, row) if (row := known.get(at)) else Judged(vote)
        for at, vote in enumerate(left)
    )
    return tuple(sorted((*told, *added), key=lambda one: one.vote.start_ms))


def _judged(vote: Vote, row: Row[Any]) -> Judged:
    entered = entered_of(row.entered) if row.entered else None
    told = with_entered(vote, entered) if entered else vote
    verdict = Verdict(row.verdict)
    return Judged(told, verdict, row.by, row.at, row.start_ms, row.said, entered)


_TIMED_ANEW_MS = 1_000  # words that are corrected are timed anew: by less than that


def _added(
    db: Connection, session_id: str, rows: Sequence[Row[Any]], transcript: Transcript | None
) -> list[Judged]:
    """Votes that a clerk added, where they stand now; words corrected since ask again.

    Where nothing is said in the transcript any more there is none.
    """
    if not rows:
        return []
    session = repository.session(db, check_session(db, session_id))
    words = transcript or open_part(read_transcript(db, session_id))
    found = []
    for row in rows:
        entered = entered_of(row.entered)
        vote = added_vote(session, words, row.start_ms, entered, _TIMED_ANEW_MS)
        if vote:
            verdict = Verdict.ADDED if digest(vote.said) == row.said else None
            kept = (row.start_ms, row.said)
            found.append(Judged(vote, verdict, row.by, row.at, *kept, entered, is_added=True))
    return found


def _same_words(one: Vote, other: Vote) -> bool:
    return (
        one.turn == other.turn
        and one.first_word <= other.last_word
        and other.first_word <= one.last_word
    )


def without_refused(judgements: Sequence[Judged]) -> Iterator[Vote]:
    """The votes that no clerk refused, marked where one confirmed them."""
    for one in judgements:
        if one.verdict is not Verdict.REFUSED:
            yield replace(one.vote, confirmed=one.verdict in _PUBLIC)


def give(
    db: Connection, one: Judged, verdict: Verdict | None, by: str, entered: Entered | None = None
) -> None:
    """Keep a verdict on a vote instead of the one it has; None takes that back.

    What was entered with the one before goes with it. A vote that was added stays one.
    """
    session_id = one.vote.session
    if one.kept_ms is not None:
        of = (table.c.session_id == session_id, table.c.said == one.kept_said)
        db.execute(delete(table).where(*of, table.c.start_ms == one.kept_ms))
    if verdict is Verdict.CONFIRMED and one.is_added:
        verdict, entered = Verdict.ADDED, entered or one.entered
    if verdict is not None:
        values = {
            "session_id": session_id,
            "start_ms": one.vote.start_ms,
            "said": digest(one.vote.said),
            "verdict": verdict,
            "entered": entered.kept() if entered else None,
            "by": by,
            "at": t.now(),
        }
        db.execute(insert(table).values(values))


def forget_near(db: Connection, session_id: str, span: Span) -> None:
    """Forget verdicts on words in a stretch or just before it: even a digest tells something."""
    about = table.c.start_ms.between(span.start_ms - MOVED_MS, span.end_ms)
    db.execute(delete(table).where(table.c.session_id == session_id, about))
