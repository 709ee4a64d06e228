"""Taking what is published away from readers: a whole session, or a passage, for good or not.

What answers readers goes in the very transaction that hides it: status, passages, full text,
vectors, votes. Sound, index files and the database's own pages: `api.redaction`.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, delete, select, update

from ingest.archive import audit, redactions, repository, retention
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind, check_session
from ingest.archive.checkpoints import forget_again
from ingest.archive.redactions import Redaction, RedactionReason
from ingest.archive.repository import Archive, read_transcript
from ingest.documents import agenda_store
from ingest.editing.changes import Changes, Drawn
from ingest.errors import Conflict
from ingest.intake.intake import arrivals
from ingest.jobs import queue
from ingest.redaction import held
from ingest.redaction.held import Held
from ingest.redaction.redact import Cut, RedactionRequest, cut, parted, redact
from ingest.redaction.scrub import forget_hearing
from ingest.transcript import Session, Span, Status, Transcript
from search.index import sentence_vectors, store
from search.index.store import follow
from search.votes import store as vote_store
from search.votes import verdicts


def withdraw(archive: Archive, session_id: str, by: str = audit.CONSOLE) -> None:
    """Retire a published session: nobody reads or finds it until it is published again.

    One that is not published is left as it is. Raises `NotFound`.
    """
    _hide(archive, session_id, by, "session.withdraw", Status.WITHDRAWN, (Status.PUBLISHED,))


def hold_in_camera(archive: Archive, session_id: str, by: str = audit.CONSOLE) -> None:
    """Close a whole session: it cannot be published until it is reopened. Raises `NotFound`."""
    _hide(archive, session_id, by, "session.in_camera", Status.IN_CAMERA, tuple(Status))


def reopen(archive: Archive, session_id: str, by: str = audit.CONSOLE) -> None:
    """Make a session in camera, or one that was withdrawn, a draft again.

    Raises `NotFound`, and `Conflict` for one that is published: it is withdrawn, not reopened.
    """
    if archive.session(session_id).status is Status.PUBLISHED:
        raise Conflict(f"La séance « {session_id} » est publiée : retirez-la d'abord.")
    closed = (Status.IN_CAMERA, Status.WITHDRAWN)
    _hide(archive, session_id, by, "session.reopen", Status.DRAFT, closed)


def _hide(
    archive: Archive,
    session_id: str,
    by: str,
    verb: str,
    status: Status,
    those: Collection[Status],
) -> None:
    archive.session(session_id)  # which must be there
    with archive.begin() as db:
        this = (t.sessions.c.id == session_id, t.sessions.c.status.in_(those))
        if db.execute(update(t.sessions).where(*this).values(status=status)).rowcount:
            audit.record(db, by, verb, session_id)
        queue.cancel_all(db, session_id, queue.JobKind.PUBLISH)
        forget(db, session_id)


def forget(db: Connection, session_id: str) -> None:
    """Delete all that is searched of a session."""
    store.delete_session(db, session_id)
    sentence_vectors.delete_session(db, session_id)
    vote_store.delete_session(db, session_id)


def erase_session(archive: Archive, session_id: str, by: str = audit.CONSOLE) -> int:
    """Delete a whole session and all that was made of it, for good; the id of the job that ends it.

    Its sound and the bytes left in files are that job's. Raises `NotFound`, and `Conflict` where it
    is held from erasure.
    """
    words = [word for turn in archive.transcript(session_id).turns for word in turn.words]
    with archive.begin() as db:
        retention.check_not_held(db, session_id)
        mine = store.passages.c.session_id == session_id
        left = {"passages": list(db.execute(select(store.passages.c.id).where(mine)).scalars())}
        came = arrivals.c.session_id == session_id
        left["arrivals"] = list(db.execute(select(arrivals.c.id).where(came)).scalars())
        forget_hearing(db, words)
        forget_again(db, session_id)
        forget(db, session_id)
        queue.cancel_all(db, session_id, queue.JobKind.AGAIN)
        queue.forget(db, session_id)
        db.execute(delete(arrivals).where(came))
        db.execute(delete(t.sessions).where(t.sessions.c.id == session_id))
        audit.record(db, by, "session.erase", session_id)
        return queue.add(db, queue.JobKind.CLOSE, session_id, by, left)


# --- a passage --------------------------------------------------------------------------------


def preview(archive: Archive, session: Session, asked: RedactionRequest) -> Cut:
    """What a redaction would remove now. Raises `BadInput`."""
    return cut(archive.transcript(session.id).turns, session, asked.span)


def redact_passage(archive: Archive, session_id: str, asked: RedactionRequest) -> Redaction:
    """Redact a passage of a session; its words are found nowhere from then on.

    What is left to do (sound, index, files) is written down in the same transaction, as a job.
    Raises `NotFound`, `BadInput`, and `Conflict` when its words are not those that were shown, or
    the session is held from erasure.
    """
    with archive.begin() as db:
        retention.check_not_held(db, session_id)
        session, before, found = _cut(db, session_id, asked.span)
        gone = _unsearched(db, session, found)
        verdicts.forget_near(db, session_id, found.span)
        queue.cancel_all(db, session_id, queue.JobKind.AGAIN)  # what it heard so far may be of it
        return redact(db, _changes(archive), before, found, asked, gone)


def _cut(db: Connection, session_id: str, span: Span) -> tuple[Session, Transcript, Cut]:
    """A session as it stands in a transaction, and what a stretch of it holds."""
    session = repository.session(db, check_session(db, session_id))
    before = read_transcript(db, session_id)
    return session, before, cut(before.turns, session, span)


def _unsearched(db: Connection, session: Session, found: Cut) -> tuple[str, ...]:
    """Forget what is searched of a stretch; the ids of its passages."""
    vote_store.delete_session(db, session.id)  # they are found by words said around them
    touched = [splice.first for splice in found.splices]
    return store.delete_within(db, session.id, found.span, touched)


def _changes(archive: Archive) -> Changes:
    return Changes(archive, (follow,))


# --- a passage that the office keeps ------------------------------------------------------------


def withhold(archive: Archive, session_id: str, span: Span, by: str) -> Redaction:
    """Keep a passage for the office alone: no reader finds, reads or hears it from then on.

    What is left to do (sound, index) is written down in the same transaction, as a job.
    Raises `NotFound`, and `BadInput` for a stretch that is not in the session.
    """
    with archive.begin() as db:
        return _withhold(db, archive, session_id, span, by)


def withhold_held(archive: Archive, session_id: str, by: str) -> None:
    """Withhold all that is in camera and neither redacted nor released, and has a time."""
    with archive.begin() as db:
        session = repository.session(db, check_session(db, session_id))
        for span in held.stretches(held.held(db, session)):
            _withhold(db, archive, session_id, span, by)


def withhold_anew(
    db: Connection, archive: Archive, session_id: str, before: Sequence[Held], by: str
) -> None:
    """Withhold what was in camera by the words `before` a new hearing, and is not by these.

    Of a published session, also what is in camera by these: readers have them already.
    """
    session = repository.session(db, check_session(db, session_id))
    now = held.stretches(held.held(db, session))
    gone = (span for span in held.stretches(before) if not _covers(now, span))
    for span in (*gone, *(now if session.status is Status.PUBLISHED else ())):
        _withhold(db, archive, session_id, span, by)


def _covers(spans: Sequence[Span], span: Span) -> bool:
    return any(one.start_ms <= span.start_ms and span.end_ms <= one.end_ms for one in spans)


def _withhold(db: Connection, archive: Archive, session_id: str, span: Span, by: str) -> Redaction:
    session, before, found = _cut(db, session_id, span)
    gone = _unsearched(db, session, found)
    if splices := parted(before.turns, span):  # by the machine: no undoing of a clerk's joins them
        _changes(archive).write(db, session_id, audit.MACHINE, ChangeKind.SPLIT, Drawn(splices))
    queue.add(db, queue.JobKind.CLOSE, session_id, by)
    audit.record(db, by, "session.withhold", _place(session, found.span))
    return redactions.add(db, session_id, found.span, RedactionReason.WITHHELD, by, gone)


def give_back(archive: Archive, session_id: str, number: int, by: str) -> Redaction:
    """Let readers have a withheld passage, of that number, again; it may be public from then on.

    A point of which nothing is kept any more is not called "(huis clos)" either. Raises `NotFound`
    where the office keeps no such passage.
    """
    with archive.begin() as db:
        session = repository.session(db, check_session(db, session_id))
        given = redactions.give_back(db, session_id, number)
        start_ms, end_ms = given.span.start_ms, given.span.end_ms
        closed = redactions.spans(redactions.of_session(db, session_id))
        agenda_store.unmark(db, session_id, _public_points(session, given.span, closed), by)
        session = repository.session(db, check_session(db, session_id))
        its = [
            one
            for one in held.held(db, session)
            if any(span.overlap_ms(start_ms, end_ms) for span in one.left)
            or (one.is_notice and one.between and one.between.start_ms < end_ms)
        ]
        held.release(db, session, its, by)
        queue.add(db, queue.JobKind.CLOSE, session_id, by)
        audit.record(db, by, "session.give_back", _place(session, given.span))
        return given


def _public_points(session: Session, given: Span, closed: Sequence[Span]) -> Iterator[int]:
    """The points in the agenda that a stretch is of, and of which nothing is withheld or gone."""
    for at, item in enumerate(session.agenda):
        span = held.point_span(item, session)
        if span is None or not span.overlap_ms(given.start_ms, given.end_ms):
            continue
        if not any(span.overlap_ms(one.start_ms, one.end_ms) for one in closed):
            yield at


def _place(session: Session, span: Span) -> str:
    ends = (held.clock_of(at, session) for at in (span.start_ms, span.end_ms))
    return f"{session.id}, {'–'.join(ends)}"
