"""A vector index kept equal to what SQL says is published, in the background.

Knows when to follow and what to do when an index fails; how vectors are kept and found is the
index's own affair (`search.engine.chroma`).
"""

import hashlib
import logging
from pathlib import Path
from threading import Event, Lock, RLock, Thread

import numpy as np

from ingest.archive.repository import Archive
from search.engine.chroma import ExactIndex, IndexBusy, ShardedIndex, VectorIndex, remove_store
from search.index import store
from search.index.embed import Embedder, Vectors

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""How long a search waits for the index to catch up before it goes on with what is there."""
WATCH_S = 5.0
"""How often the index follows SQL between searches: redacted vectors leave the disk by then,
and one small query each time costs nothing."""
# Vectors read from SQL and added at once: more take memory, fewer take more queries. Chosen, not
# measured.
_AT_ONCE = 10_000


def open_index(archive: Archive, data: Path, embedder: Embedder) -> "SyncedIndex":
    """Chroma under `data/index`, followed from SQL in the background.

    While another process owns it, the exact index serves. The stores of other models, and those
    of other layouts, are removed: no process would ever drop from them what is withdrawn.
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
    """Delete all stores that no process has open: what is withdrawn must not stay in them."""
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
            generation = store.counts(db).generation
        for _ in range(2):  # work that began before the change does not take it up
            if self._generation < generation:
                self._started().join(patience_s)

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
        """Follow SQL between searches too: what is redacted has to leave the disk soon."""

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

    def _started(self) -> Thread:
        with self._starting:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._catch_up, name="index-sync", daemon=True)
                self._worker.start()
            return self._worker

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
