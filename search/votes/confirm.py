"""The votes of one sitting as a clerk goes through them, in whatever state it is.

Looks for the votes in the words as they are now, so that a correction is judged anew. What is
published follows within the same transaction: a vote set aside is answered by nobody from then on.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from ingest.archive import audit, repository
from ingest.archive.change_log import check_session
from ingest.archive.repository import Archive, read_transcript
from ingest.errors import Conflict
from ingest.transcript import Session, Status, Transcript
from search.session_guard import unchanged
from search.votes.extract import Vote, votes
from search.votes.store import replace
from search.votes.verdicts import Judged, Verdict, digest, give, judged

_ACTS = {
    Verdict.CONFIRMED: "vote.confirm",
    Verdict.REFUSED: "vote.set_aside",
    None: "vote.take_back",
}


class Gone(Conflict):
    """The vote that somebody judges is no longer in the words."""


@dataclass(frozen=True)
class Found:
    """A sitting with its words and the votes they tell, each with its verdict."""

    session: Session
    transcript: Transcript
    votes: tuple[Judged, ...]


def found(archive: Archive, session_id: str) -> Found:
    """The votes of a session as its words tell them now. Some seconds for a long sitting."""
    with archive.engine.connect() as db:
        return _found(db, session_id)


def _found(db: Connection, session_id: str) -> Found:
    session = repository.session(db, check_session(db, session_id))
    transcript = read_transcript(db, session_id)
    return Found(session, transcript, judged(db, session_id, votes(session, transcript)))


def judge(
    archive: Archive, session_id: str, start_ms: int, said: str, verdict: Verdict | None, by: str
) -> Vote:
    """Give a verdict on the vote at `start_ms` in the words of digest `said`; None takes it back.

    Raises `NotFound`, and `Gone` where there is no such vote any more.
    """
    now = found(archive, session_id)  # which takes long: nobody else waits for it
    with archive.begin() as db:
        if not unchanged(db, now.session, now.transcript):
            now = _found(db, session_id)
        told = tuple(one.vote for one in now.votes)
        fresh = judged(db, session_id, told)
        one = next(
            (j for j in fresh if (j.vote.start_ms, digest(j.vote.said)) == (start_ms, said)), None
        )
        if one is None:
            raise Gone(
                "Les mots de ce vote ont été corrigés entre-temps : relisez-le, puis dites de "
                "nouveau ce qu'il en est."
            )
        if one.verdict == verdict:
            return one.vote
        give(db, one, verdict, by)
        audit.record(db, by, _ACTS[verdict], session_id)
        if now.session.status is Status.PUBLISHED:
            replace(db, now.session, told)
    return one.vote
