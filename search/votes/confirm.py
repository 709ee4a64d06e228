"""The votes of one session: as a clerk goes through them, as exports list them, kept up to date.

Extracts the votes from the words as they are now, so that a correction is judged anew. What is
published follows within the same transaction: a refused vote is in no answer from then on.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, or_, select

from ingest.archive import audit, repository
from ingest.archive import schema as t
from ingest.archive.change_log import check_session
from ingest.archive.remainder import open_part
from ingest.archive.repository import Archive, read_transcript
from ingest.errors import Conflict
from ingest.transcript import Session, Status, Transcript
from search.session_guard import unchanged
from search.votes import store
from search.votes.extract import Record, record_or_none, votes
from search.votes.verdicts import Judged, Verdict, digest, give, judged, without_refused
from search.votes.vote import Vote

_ACTS = {
    Verdict.CONFIRMED: "vote.confirm",
    Verdict.REFUSED: "vote.set_aside",
    None: "vote.take_back",
}


class Gone(Conflict):
    """The vote that a clerk judges is no longer in the words."""


@dataclass(frozen=True)
class JudgedSession:
    """A session with its words and the votes that they announce, each with its verdict."""

    session: Session
    transcript: Transcript
    votes: tuple[Judged, ...]


def judged_session(archive: Archive, session_id: str) -> JudgedSession:
    """The votes of a session as its words are now. Some seconds for a long session."""
    with archive.engine.connect() as db:
        return _read(db, session_id)


def _read(db: Connection, session_id: str) -> JudgedSession:
    session = repository.session(db, check_session(db, session_id))
    transcript = read_transcript(db, session_id)
    extracted = votes(session, open_part(transcript))
    return JudgedSession(session, transcript, judged(db, session_id, extracted))


def judge(
    archive: Archive, session_id: str, start_ms: int, said: str, verdict: Verdict | None, by: str
) -> Vote:
    """Give a verdict on the vote at `start_ms` in the words of digest `said`; None takes it back.

    Raises `NotFound`, and `Gone` where there is no such vote any more.
    """
    current = judged_session(archive, session_id)  # slow, so outside the transaction
    with archive.begin() as db:
        if not unchanged(db, current.session, current.transcript):
            current = _read(db, session_id)
        extracted = tuple(judgement.vote for judgement in current.votes)
        key = (start_ms, said)
        for judgement in judged(db, session_id, extracted):
            if (judgement.vote.start_ms, digest(judgement.vote.said)) == key:
                break
        else:
            raise Gone(
                "Les mots de ce vote ont été corrigés entre-temps : relisez-le, puis dites de "
                "nouveau ce qu'il en est."
            )
        if judgement.verdict != verdict:
            give(db, judgement, verdict, by)
            audit.record(db, by, _ACTS[verdict], session_id)
            if current.session.status is Status.PUBLISHED:
                store.replace(db, current.session, extracted)
    return judgement.vote


def votes_of_session(
    archive: Archive, session: Session, transcript: Transcript
) -> tuple[Vote, ...]:
    """The votes of one session as its words are now, less the refused ones.

    Of a published session those that are kept, which costs nothing, unless their words were
    corrected since; of a draft they are extracted.
    """
    with archive.engine.connect() as db:
        if session.status is not Status.PUBLISHED:
            return tuple(without_refused(judged(db, session.id, votes(session, transcript))))
        columns = store.table.c
        rows = select(store.table).where(columns.session_id == session.id)
        kept = [store.vote_of(row) for row in db.execute(rows.order_by(columns.position))]
    return tuple(vote for vote in kept if _is_still_said(vote, transcript))


def _is_still_said(vote: Vote, transcript: Transcript) -> bool:
    turns = transcript.between(vote.turn, vote.turn)
    run = [word for turn in turns for word in turn.words[vote.first_word : vote.last_word + 1]]
    return bool(run) and " ".join(word.text for word in run) == vote.said


class Tie(Protocol):
    """Has what is searched of a published session follow what was debated in it."""

    def __call__(
        self, db: Connection, session: Session, transcript: Transcript, read: Record
    ) -> None:
        """Called within the transaction that keeps its votes."""


def untied(db: Connection, session: Session, transcript: Transcript, read: Record) -> None:
    """For votes alone."""


def refresh(archive: Archive, tie: Tie = untied) -> int:
    """Extract the votes of published sessions that lack them, or have them by older rules.

    One small query when nothing lacks; else some ten milliseconds for a minute of debate, without
    any model. Returns the number of sessions that lacked them.
    """
    lacking = (
        select(t.sessions.c.id)
        .outerjoin(store.read, store.read.c.session_id == t.sessions.c.id)
        .where(t.sessions.c.status == Status.PUBLISHED)
        .where(or_(store.read.c.rules.is_(None), store.read.c.rules != store.CURRENT))
    )
    with archive.engine.connect() as db:
        ids = list(db.execute(lacking).scalars())
    for session_id in ids:
        session, whole = archive.session(session_id), archive.transcript(session_id)
        transcript = open_part(whole)
        read = record_or_none(session, transcript)
        with archive.begin() as db:  # a session that changes or is hidden meanwhile has its own job
            if session.status is Status.PUBLISHED and unchanged(db, session, whole):
                store.replace(db, session, read.votes if read else None)
                tie(db, session, transcript, read or Record())
    return len(ids)
