"""The votes of one session: as a clerk goes through them, as exports list them, kept up to date.

Extracts the votes from the words as they are now, so that a correction is judged anew. What is
published follows within the same transaction: a refused vote is in no answer from then on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, or_, select

from ingest.archive import audit, repository
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind, check_session, revision, since
from ingest.archive.remainder import open_part
from ingest.archive.repository import Archive, read_transcript
from ingest.errors import BadInput, Conflict
from ingest.transcript import Session, Status, Transcript
from search.session_guard import unchanged
from search.votes import store
from search.votes.entered import Entered, added_vote
from search.votes.extract import SessionRecord, record_or_none, votes
from search.votes.verdicts import (
    MOVED_MS,
    Judged,
    Verdict,
    digest,
    give,
    judged,
    without_refused,
)
from search.votes.vote import Vote

_ACTS = {
    Verdict.CONFIRMED: "vote.confirm",
    Verdict.REFUSED: "vote.set_aside",
    Verdict.ADDED: "vote.add",
    None: "vote.take_back",
}


_TYPED_MS = 2_000  # a clock is typed to the second, as it is read off the player


class Gone(Conflict):
    """The vote that a clerk judges is no longer in the words."""


@dataclass(frozen=True)
class JudgedSession:
    """A session with its words and the votes that they announce, each with its verdict.

    `found` are those of the words alone, as they are understood; `revision` is that of the words.
    """

    session: Session
    transcript: Transcript
    votes: tuple[Judged, ...]
    found: tuple[Vote, ...]
    revision: int


@dataclass(frozen=True)
class Seen:
    """A vote as a clerk saw it on a page: where it began, the digest of its words, the revision.

    `others` are the digests of all votes of that page: what bears one of them is another vote.
    """

    start_ms: int
    said: str
    revision: int | None = None
    others: frozenset[str] = frozenset()


def judged_session(archive: Archive, session_id: str) -> JudgedSession:
    """The votes of a session as its words are now. Some seconds for a long session."""
    with archive.engine.connect() as db:
        return read_judged(db, session_id)


def read_judged(db: Connection, session_id: str) -> JudgedSession:
    """The same, within a transaction."""
    session = repository.session(db, check_session(db, session_id))
    transcript, now = read_transcript(db, session_id), revision(db, session_id)
    found = votes(session, open_part(transcript))
    return JudgedSession(session, transcript, judged(db, session_id, found), found, now)


def held_votes(archive: Archive, read: JudgedSession) -> tuple[Judged, ...]:
    """The votes in what is withheld: as the words that the office keeps tell them, or as added.

    For the office alone, to be read: nothing confirms them. Some seconds where anything is held.
    """
    public = {turn.id for turn in open_part(read.transcript).turns}
    if len(public) == len(read.transcript.turns):
        return ()
    found = votes(read.session, read.transcript)
    with archive.engine.connect() as db:
        given = judged(db, read.session.id, found, read.transcript)
    return tuple(one for one in given if one.vote.turn not in public)


@contextmanager
def _current(
    archive: Archive, session_id: str, read: JudgedSession | None = None
) -> Iterator[tuple[Connection, JudgedSession]]:
    """A writing transaction, and the session as it stands in it, read before unless it changed."""
    current = read or judged_session(archive, session_id)  # slow: outside the transaction
    with archive.begin() as db:
        if not unchanged(db, current.session, current.transcript):
            current = read_judged(db, session_id)
        yield db, current


def judge(
    archive: Archive,
    session_id: str,
    seen: Seen,
    verdict: Verdict | None,
    by: str,
    entered: Entered | None = None,
    read: JudgedSession | None = None,
) -> Vote:
    """Give a verdict on a vote, with what the clerk enters of it; None takes that back.

    `read` spares reading the session once more, where it was read a moment ago. A vote whose words
    the clerk herself corrected since she saw it is meant as it is now. Raises `NotFound`, and
    `Gone` where there is no such vote any more.
    """
    with _current(archive, session_id, read) as (db, current):
        one = _meant(db, current, judged(db, session_id, current.found), seen, by)
        if one.verdict != verdict or entered != one.entered:
            give(db, one, verdict, by, entered)
            audit.record(db, by, _ACTS[verdict], session_id)
            _publish(db, current)
    return one.vote


def judge_all(archive: Archive, session_id: str, seen: Sequence[Seen], by: str) -> int:
    """Confirm the votes of a page that have no verdict, but those whose figures are to be checked.

    Returns how many. What is no longer as it was seen is left.
    """
    keys = {(one.start_ms, one.said) for one in seen}
    with _current(archive, session_id) as (db, current):
        wanted = [
            one
            for one in judged(db, session_id, current.found)
            if one.verdict is None and not one.vote.unsure and _key(one) in keys
        ]
        for one in wanted:
            give(db, one, Verdict.CONFIRMED, by)
            audit.record(db, by, _ACTS[Verdict.CONFIRMED], session_id)
        if wanted:
            _publish(db, current)
    return len(wanted)


def add(archive: Archive, session_id: str, start_ms: int, entered: Entered, by: str) -> Vote:
    """Add a vote at the sentence that is said at a moment. Raises `BadInput` without a word."""
    with _current(archive, session_id) as (db, current):
        readable = open_part(current.transcript)
        vote = added_vote(current.session, readable, start_ms, entered, _TYPED_MS)
        if vote is None:
            raise BadInput(
                "Aucun mot public n'est dit à ce moment : un vote s'ajoute là où il est annoncé."
            )
        give(db, Judged(vote, is_added=True), Verdict.ADDED, by, entered)
        audit.record(db, by, _ACTS[Verdict.ADDED], session_id)
        _publish(db, current)
    return vote


def _publish(db: Connection, current: JudgedSession) -> None:
    if current.session.status is Status.PUBLISHED:
        store.replace(db, current.session, current.found)


def _key(one: Judged) -> tuple[int, str]:
    return one.vote.start_ms, digest(one.vote.said)


def _meant(
    db: Connection, current: JudgedSession, known: Sequence[Judged], seen: Seen, by: str
) -> Judged:
    """The vote that was seen, or the one its words became by the clerk's own correction."""
    for one in known:
        if _key(one) == (seen.start_ms, seen.said):
            return one
    own = _corrected_by(db, current, seen, by)
    near = [
        one
        for one in known
        if one.vote.turn in own
        and abs(one.vote.start_ms - seen.start_ms) <= MOVED_MS
        and digest(one.vote.said) not in seen.others
    ]
    if len(near) != 1:
        raise Gone(
            "Les mots de ce vote ont été corrigés entre-temps : relisez-le, puis dites de "
            "nouveau ce qu'il en est."
        )
    return near[0]


def _corrected_by(db: Connection, current: JudgedSession, seen: Seen, by: str) -> frozenset[int]:
    """Turns that this clerk alone changed since a page was made."""
    changes = since(db, current.session.id, seen.revision) if seen.revision else ()
    authors: dict[int, set[str]] = {}
    for change in changes:
        for splice in change.splices if change.kind is not ChangeKind.ALIGN else ():
            for turn in (*splice.before, *splice.after):
                authors.setdefault(turn.id, set()).add(change.author)
    return frozenset(turn for turn, who in authors.items() if who == {by})


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
        self, db: Connection, session: Session, transcript: Transcript, read: SessionRecord
    ) -> None:
        """Called within the transaction that keeps its votes."""


def untied(db: Connection, session: Session, transcript: Transcript, read: SessionRecord) -> None:
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
                tie(db, session, transcript, read or SessionRecord())
    return len(ids)
