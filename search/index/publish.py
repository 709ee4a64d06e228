"""Publishing: passages, vectors and votes of a session, written with its new status.

How to hide a session: `search.index.withdraw`.

SQL is the truth: passages and the session's state change in one transaction. The vector index is
brought up to date afterwards by whichever process owns it, and may lag or be lost without harm.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.remainder import open_part
from ingest.archive.repository import Archive, has_words
from ingest.documents.agenda_store import bound, unplaced
from ingest.documents.in_camera import is_marked
from ingest.errors import Conflict, UserError
from ingest.jobs import queue
from ingest.redaction import held
from ingest.transcript import AgendaItem, Session, Status, Transcript
from search.index import sentence_vectors, store
from search.index.passages import about, found_by, passages, topic
from search.index.withdraw import withhold_held
from search.passage import Embedder, Passage, Vectors
from search.session_guard import unchanged
from search.votes import store as vote_store
from search.votes.extract import SessionRecord, record_or_none
from search.votes.under_debate import words_by_turn

GoOn = Callable[[Connection], None]
"""Asked within the transaction that publishes; raises where somebody has stopped it meanwhile."""

MayOpen = Callable[[Connection, Session], None]
"""Asked before and within that transaction where readers get to see more than they did; raises."""


WORDLESS = "wordless"
"""In the payload of a `PUBLISH` of a session without a word, where a person has said yes to it."""


class NoWords(Conflict):
    """No word was heard in it: most often the recording, or the stream taken of it, is at fault."""


def freely(_db: Connection) -> None:
    """For what nobody can stop."""


def publish(
    archive: Archive,
    session_id: str,
    embedder: Embedder,
    by: str = audit.CONSOLE,
    go_on: GoOn = freely,
    wordless: bool = False,
    without_times: bool = True,
) -> int:
    """Make a session searchable and readable, whole or not at all; the number of its passages.

    Doing it again takes up corrected words and new names, and else changes nothing. What is in
    camera and neither redacted nor released is withheld: the office alone has it. Raises
    `NotFound`, and `Conflict` for a session held in camera or changed while this was under way;
    `HeldBack` while a point that is in camera has no time; `Unplaced` while another has none,
    unless it may be published `without_times`; `NoWords` for a draft without a word, unless it is
    meant to be published `wordless`.
    """
    allowed = (Status.DRAFT, Status.PUBLISHED, Status.WITHDRAWN)
    session = archive.session(session_id)
    _check_open(session, allowed)
    with archive.engine.connect() as db:
        if hidden := [one for one in held.held(db, session) if one.between]:
            raise held.HeldBack(session, hidden)
        if not without_times:
            check_placed(db, session)
        check_words(db, session, wordless)
    withhold_held(archive, session_id, by)
    return _publish(archive, session_id, embedder, allowed, by, go_on, held.check)


def check_words(db: Connection, session: Session, wordless: bool) -> None:
    """Raise `NoWords` for what readers do not see yet, and in which nothing was heard."""
    if wordless or session.status is Status.PUBLISHED or has_words(db, session.id):
        return
    raise NoWords(
        f"Aucun mot n'a été entendu dans la séance « {session.id} » : écoutez-la, et apportez un"
        " autre enregistrement si la parole y manque. Elle n'est publiée sans texte que si vous le"
        " confirmez."
    )


class Unplaced(Conflict):
    """A session whose agenda has points without a time: what is said after may be of them."""

    def __init__(self, points: Sequence[AgendaItem]) -> None:
        named = ", ".join(f"« {item.number} {item.title} »".replace("«  ", "« ") for item in points)
        super().__init__(
            f"Sans temps dans la séance : {named}. Placez ces points, dites qu'ils n'ont pas été"
            " abordés, ou publiez sans eux : ce qui peut en faire partie n'aura pas de point."
        )


def check_placed(db: Connection, session: Session) -> None:
    """Raise `Unplaced` if points of a session that is not published yet have no time.

    `HeldBack` reports those that are in camera.
    """
    missing = [item for item in unplaced(db, session.id) if not is_marked(item.title)]
    if missing and session.status is not Status.PUBLISHED:
        raise Unplaced(missing)


def order(
    archive: Archive,
    session_id: str,
    public: Collection[str],
    by: str,
    wordless: bool = False,
    *,
    without_times: bool,
    at: datetime | None = None,
) -> int:
    """Have a session published by a worker, now or `at` a moment (UTC); the id of the job.

    What was ordered for a moment before is done no more.
    `public` are the seals of what is in camera and may be public. Raises `NotFound`, `Conflict` for
    a session in camera, `HeldBack` where a point has neither a time nor its seal among these,
    `NoWords` for a draft without a word unless it is meant to be `wordless`, and `Unplaced` where
    other points have no time, unless it may be published `without_times`.
    """
    session = archive.session(session_id)
    if session.status is Status.IN_CAMERA:
        raise Conflict("Cette séance est à huis clos : remettez-la d'abord en brouillon.")
    with archive.begin() as db:
        some = held.held(db, session)
        if hidden := [one for one in some if one.between and one.seal not in public]:
            raise held.HeldBack(session, hidden)
        if not without_times:
            check_placed(db, session)
        check_words(db, session, wordless)
        held.release(db, session, [one for one in some if one.seal in public], by)
        payload: dict[str, object] = {queue.OPEN: True}
        payload |= {WORDLESS: True} if wordless else {}
        last = queue.newest(db, session_id, queue.JobKind.PUBLISH)
        if last and last.payload.get(queue.AT):
            queue.cancel(db, last.id)
        if at:
            audit.record(db, by, "session.schedule", session_id)
            payload[queue.AT] = at.isoformat()
        return queue.add(db, queue.JobKind.PUBLISH, session_id, by, payload, at)


def refresh(archive: Archive, session_id: str, embedder: Embedder, go_on: GoOn = freely) -> int:
    """Publish again what is published, as after a correction; the number of its passages.

    What is in camera by the correction is withheld. A session that is not published, or not any
    more, stays so: nothing is done, and it is 0.
    """
    if archive.status(session_id) is not Status.PUBLISHED:
        return 0
    withhold_held(archive, session_id, audit.MACHINE)
    return _taken_up(archive, session_id, embedder, go_on)


def reindex(archive: Archive, embedder: Embedder) -> int:
    """Publish every published session again, as after a change of model; the number of passages.

    One that is closed meanwhile stays closed. Raises `Conflict` for one whose words are corrected
    meanwhile; doing it again goes on from there.
    """
    published = archive.sessions((Status.PUBLISHED,))
    return sum(_taken_up(archive, session.id, embedder) for session in published)


def _taken_up(archive: Archive, session_id: str, embedder: Embedder, go_on: GoOn = freely) -> int:
    try:
        return _publish(archive, session_id, embedder, (Status.PUBLISHED,), go_on=go_on)
    except UserError:
        if archive.status(session_id) is Status.PUBLISHED:
            raise
        return 0


def _publish(
    archive: Archive,
    session_id: str,
    embedder: Embedder,
    allowed: Collection[Status],
    by: str = audit.MACHINE,
    go_on: GoOn = freely,
    may_open: MayOpen = lambda _db, _session: None,
) -> int:
    """Embedding takes minutes: what it was made of must still be so when it is written."""
    with archive.begin() as db:
        bound(db, session_id)
    session, whole = archive.session(session_id), archive.transcript(session_id)
    _check_open(session, allowed)
    transcript = open_part(whole)
    made = passages(transcript, session)
    with archive.engine.connect() as db:
        may_open(db, session)
        known = store.of_session(db, session_id)
        vectors = _known(db, session, made, embedder)
        said = sentence_vectors.make(db, session_id, transcript.turns, embedder)
    up_to_date = known == {passage.id: embedder.name for passage in made}
    read = record_or_none(session, transcript)
    debated = words_by_turn(read.debated if read else (), transcript.places)
    entries = [] if up_to_date else _entries(made, vectors, transcript, session, embedder, debated)
    with archive.begin() as db:
        go_on(db)
        if not unchanged(db, session, whole):
            raise Conflict(
                f"La séance « {session_id} » a changé pendant sa publication : vérifiez-la, puis"
                " publiez-la de nouveau."
            )
        may_open(db, session)
        this = t.sessions.c.id == session_id
        db.execute(update(t.sessions).where(this).values(status=Status.PUBLISHED))
        if not up_to_date:
            store.delete_session(db, session_id)
            store.insert_entries(db, entries, embedder.name)
        sentence_vectors.replace(db, session_id, said, embedder.name)
        vote_store.replace(db, session, read.votes if read else None)
        if session.status is not Status.PUBLISHED:
            audit.record(db, by, "session.publish", session_id)
    return len(made)


def _known(
    db: Connection, session: Session, made: Sequence[Passage], embedder: Embedder
) -> dict[str, Vectors]:
    """Vectors that are kept: by the passage's id, or by its words where only their place moved."""
    vectors = store.vectors(db, embedder.name, [passage.id for passage in made])
    same_words = store.vectors_by_words(db, embedder.name, session.id)
    for passage in made:
        item = session.agenda_item_at(passage.start_ms)
        if item and passage.id not in vectors:
            words = (item.title, item.object or "", passage.text)
            vectors |= {passage.id: same_words[words]} if words in same_words else {}
    return vectors


def _check_open(session: Session, allowed: Collection[Status]) -> None:
    if session.status is Status.IN_CAMERA:
        raise Conflict(f"La séance « {session.id} » est à huis clos : elle ne peut être publiée.")
    if session.status not in allowed:
        raise Conflict(f"La séance « {session.id} » n'est plus publiée.")


def _entries(
    made: Sequence[Passage],
    known: dict[str, Vectors],
    transcript: Transcript,
    session: Session,
    embedder: Embedder,
    debated: Mapping[int, str],
) -> list[store.PassageEntry]:
    """Passages with their vectors, made only where they are not known, and their stems."""
    new = [passage for passage in made if passage.id not in known]
    fresh = embedder.documents([f"{topic(p, session)}. {p.text}" for p in new])
    vectors = known | {p.id: vector for p, vector in zip(new, fresh, strict=True)}
    return [
        store.PassageEntry(
            passage=p,
            vector=vectors[p.id],
            stems=found_by(p, transcript, session, debated),
            about=about(p, transcript, session),
        )
        for p in made
    ]


def tie(db: Connection, session: Session, transcript: Transcript, read: SessionRecord) -> None:
    """Have the passages that are kept be found by the amendments debated in them.

    For sessions that an older release published: nothing else of a passage changes.
    """
    debated = words_by_turn(read.debated, transcript.places)
    if not debated:
        return
    for passage in store.passages_of(db, session.id):
        store.keep_stems(db, passage.id, found_by(passage, transcript, session, debated))
