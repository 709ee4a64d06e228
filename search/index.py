"""Publishing, and an index that follows what the database says. How to hide: `search.hiding`.

SQL is the truth: passages and the session's state change in one transaction. The vector index is
brought up to date afterwards by whichever process owns it, and may lag or be lost without harm.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Event, Lock, RLock, Thread

import numpy as np
from sqlalchemy import Connection

from ingest import audit
from ingest.archive import Archive
from ingest.errors import Conflict, UserError
from ingest.transcript import Session, Status, Transcript
from search import sentence_vectors, store, vote_store
from search.chroma import IndexBusy, remove_store
from search.embed import Embedder, Vectors
from search.passages import Passage, about, found_by, passages, topic
from search.shards import ShardedIndex
from search.vectors import ExactIndex, VectorIndex

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""How long a search waits for the index to catch up before it goes on with what is there."""

WATCH_S = 5.0
_AT_ONCE = 10_000  # vectors read from SQL


GoOn = Callable[[Connection], None]
"""Asked within the transaction that publishes; raises where somebody has stopped it meanwhile."""


def freely(_db: Connection) -> None:
    """For what nobody can stop."""


def publish(
    archive: Archive,
    session_id: str,
    embedder: Embedder,
    by: str = audit.CONSOLE,
    go_on: GoOn = freely,
) -> int:
    """Make a session searchable and readable, whole or not at all; the number of its passages.

    Doing it again takes up corrected words and new names, and else changes nothing. Raises
    `NotFound`, and `Conflict` for a sitting held in camera or changed while this was under way.
    """
    allowed = (Status.DRAFT, Status.PUBLISHED, Status.WITHDRAWN)
    return _publish(archive, session_id, embedder, allowed, by, go_on)


def refresh(archive: Archive, session_id: str, embedder: Embedder, go_on: GoOn = freely) -> int:
    """Publish again what is published, as after a correction; the number of its passages.

    A session that is not published, or not any more, stays so: nothing is done, and it is 0.
    """
    if archive.status(session_id) is not Status.PUBLISHED:
        return 0
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
) -> int:
    """Embedding takes minutes: what it was made of must still be so when it is written."""
    session, transcript = archive.session(session_id), archive.transcript(session_id)
    _check_open(session, allowed)
    made = passages(transcript, session)
    with archive.engine.connect() as db:
        known = store.of_session(db, session_id)
        vectors = _known(db, session, made, embedder)
        said = sentence_vectors.make(db, session_id, transcript.turns, embedder)
    unchanged = known == {passage.id: embedder.name for passage in made}
    votes = vote_store.readable(session, transcript)
    entries = [] if unchanged else _entries(made, vectors, transcript, session, embedder)
    with archive.begin() as db:
        go_on(db)
        if not store.open_session(db, session, transcript):
            raise Conflict(
                f"La séance « {session_id} » a changé pendant sa publication : vérifiez-la, puis"
                " publiez-la de nouveau."
            )
        if not unchanged:
            store.delete_session(db, session_id)
            store.insert_entries(db, entries, embedder.name)
        sentence_vectors.replace(db, session_id, said, embedder.name)
        vote_store.replace(db, session, votes)
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
) -> list[store.Entry]:
    """Passages with their vectors, made only where they are not known, and their stems."""
    new = [passage for passage in made if passage.id not in known]
    fresh = embedder.documents([f"{topic(p, session)}. {p.text}" for p in new])
    vectors = known | {p.id: vector for p, vector in zip(new, fresh, strict=True)}
    return [
        store.Entry(
            passage=p,
            vector=vectors[p.id],
            stems=found_by(p, transcript, session),
            about=about(p, transcript, session),
        )
        for p in made
    ]


# --- an index that follows the database -------------------------------------------------------


def open_index(archive: Archive, data: Path, embedder: Embedder) -> "SyncedIndex":
    """Chroma under `data/index`, followed from SQL in the background.

    While another process owns it, the exact index serves. The stores of other models, and those
    of other layouts, are removed: nobody would ever drop from them what is withdrawn.
    """
    folder = data / "index" / f"{hashlib.sha256(embedder.name.encode()).hexdigest()[:12]}-shards"
    remove_indexes(data, folder)
    try:
        index: VectorIndex = ShardedIndex(folder)
    except IndexBusy:
        index = ExactIndex(embedder.dimension)
    synced = SyncedIndex(archive, embedder, index)
    synced.sync(patience_s=0)
    return synced


def remove_indexes(data: Path, spared: Path | None = None) -> None:
    """Delete all stores that nobody has open: what is withdrawn must not stay in them."""
    for folder in (data / "index").glob("*/"):
        if folder != spared:
            remove_store(folder)


class SyncedIndex:
    """A vector index kept equal to the published vectors of one embedder.

    When the index under it fails it is made again, and failing that replaced by the exact one: a
    search never fails because of the index.
    """

    def __init__(self, archive: Archive, embedder: Embedder, index: VectorIndex) -> None:
        self._archive = archive
        self._embedder = embedder
        self._index = index
        self._generation = -1
        self._starting = Lock()
        self._changing = RLock()
        self._worker: Thread | None = None
        self._closing = Event()

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest passages' ids with their cosines, nearest first, as of now."""
        self.sync()
        try:
            return self._index.search(vector, limit)
        except Exception:
            log.exception("The vector index failed; it is made again.")
            self._replace()
            return self._index.search(vector, limit)

    def sync(self, patience_s: float | None = PATIENCE_S) -> None:
        """Take up what was published or withdrawn since; one small query when nothing was.

        Long work goes on in the background after `patience_s` seconds (None: wait for it).
        """
        with self._archive.engine.connect() as db:
            if store.counts(db).generation == self._generation:
                return
        with self._starting:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._catch_up, name="index-sync", daemon=True)
                self._worker.start()
        self._worker.join(patience_s)

    def nearest(self, vector: Vectors, limit: int) -> list[int] | None:
        """Keys of the nearest passages, nearest first; None while the index is not up to date."""
        self.sync(patience_s=0)
        with self._archive.engine.connect() as db:
            if store.counts(db).generation != self._generation:
                return None
            found = [id_ for id_, _ in self.search(vector, limit)]
            keys = store.keys(db, found)
        return [keys[id_] for id_ in found if id_ in keys]

    def watch(self, every_s: float = WATCH_S) -> None:
        """Follow also while nobody searches: what is closed is to leave the disk soon."""

        def follow() -> None:
            while not self._closing.wait(every_s):
                try:
                    self.sync(patience_s=None)
                except Exception:
                    log.exception("The vector index could not follow; it tries again.")

        Thread(target=follow, name="index-watch", daemon=True).start()

    def close(self) -> None:
        """Let go of the index, after the work under way."""
        self._closing.set()
        if self._worker:
            self._worker.join()
        self._index.close()

    def _catch_up(self) -> None:
        with self._changing:
            try:
                self._follow()
            except Exception:
                log.exception("The vector index could not be brought up to date; it is made again.")
                self._replace()

    def _follow(self) -> None:
        """Make the index hold exactly what the table holds; what is there already stays."""
        with self._archive.engine.connect() as db:
            generation = store.counts(db).generation
            wanted = store.ids(db, self._embedder.name)
        held = self._index.ids()
        if gone := held.difference(wanted):
            self._index.drop(gone)
        missing = [id_ for id_ in wanted if id_ not in held]
        for first in range(0, len(missing), _AT_ONCE):
            with self._archive.engine.connect() as db:
                some = missing[first : first + _AT_ONCE]
                vectors = store.vectors(db, self._embedder.name, some)
            if vectors:
                self._index.add(list(vectors), np.stack(list(vectors.values())))
        self._generation = generation

    def _replace(self) -> None:
        """A new store from SQL if there can be one, else the exact index."""
        with self._changing:
            try:
                if isinstance(self._index, ShardedIndex):
                    self._index.clear()
                self._follow()
            except Exception:
                log.exception("The vector index cannot be made; searching exactly instead.")
                self._index = ExactIndex(self._embedder.dimension)
                self._follow()
