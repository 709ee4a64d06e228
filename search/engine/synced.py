"""A vector index kept equal to what SQL says is published, in the background.

Knows when to follow and what to do when an index fails; how vectors are kept and found is the
index's own affair (`search.engine.chroma`, `search.engine.chroma_server`). While it does not hold
what is published, it finds nothing, and vectors are compared in memory.
"""

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from urllib.parse import urlsplit

import numpy as np

from ingest.archive.repository import Archive
from search.engine.chroma import (
    IndexBusy,
    Part,
    ShardedIndex,
    VectorIndex,
    read_back,
    remove_store,
)
from search.engine.chroma_server import ServerIndex
from search.index import store
from search.passage import Embedder, Vectors

log = logging.getLogger(__name__)

WATCH_S = 5.0
"""How often the index follows SQL between searches: redacted vectors leave the disk by then,
and one small query each time costs nothing."""
# Vectors read from SQL and added at once: more take memory, fewer take more queries. Chosen, not
# measured.
_AT_ONCE = 10_000
_REST_S = 60.0
"""How long an index that could not be made is left alone, such as a server that is away."""
EMBEDDED, OFF = "embedded", "off"


def open_index(
    archive: Archive, data: Path, embedder: Embedder, where: str = EMBEDDED
) -> "SyncedIndex | None":
    """Chroma under `data/index` or at a server's address, followed from SQL in the background.

    None while another process owns the one on disk. The stores of other models, and those
    of other layouts, are removed: no process would ever drop from them what is withdrawn.
    """
    index: VectorIndex
    if where == EMBEDDED:
        folder = _folder(data, embedder)
        remove_indexes(data, folder)
        try:
            index = ShardedIndex(folder)
        except IndexBusy:
            return None
    else:
        remove_indexes(data)
        index = _server(embedder, where)
    synced = SyncedIndex(archive, embedder, index)
    synced.sync(patience_s=0)
    return synced


def held(data: Path, embedder: Embedder, where: str) -> Iterator[Part] | None:
    """What Chroma holds now, to be compared; None where there is no store, or none yet.

    Being read it raises `IndexBusy` and `IndexBroken`; of a server, what Chroma's client does.
    """
    if where == OFF:
        return None
    if where != EMBEDDED:
        return _read_and_closed(_server(embedder, where))
    folder = _folder(data, embedder)
    return read_back(folder) if folder.is_dir() else None


def _read_and_closed(server: ServerIndex) -> Iterator[Part]:
    try:
        yield from server.read_back()
    finally:
        server.close()


def _folder(data: Path, embedder: Embedder) -> Path:
    return data / "index" / f"{_model(embedder)}-shards"


def _server(embedder: Embedder, where: str) -> ServerIndex:
    # The end of the address, if it has one, is this archive's own: a server may serve others.
    owner = urlsplit(where).path.strip("/")
    return ServerIndex(where, "-".join(filter(None, (owner, "published", _model(embedder)))))


def _model(embedder: Embedder) -> str:
    return hashlib.sha256(embedder.name.encode()).hexdigest()[:12]


def remove_indexes(data: Path, spared: Path | None = None) -> None:
    """Delete all stores that no process has open: what is withdrawn must not stay in them."""
    for folder in (data / "index").glob("*/"):
        if folder != spared:
            remove_store(folder)


def has_stores(data: Path) -> bool:
    """Is there any store on disk?"""
    return any((data / "index").glob("*/"))


class SyncedIndex:
    """A vector index kept equal to the published vectors of one embedder.

    When the index under it fails it is made again; no search fails or waits because of it.
    """

    def __init__(self, archive: Archive, embedder: Embedder, index: VectorIndex) -> None:
        self._archive = archive
        self._embedder = embedder
        self._index = index
        self._generation = -1
        self._has_failed = False
        self._rests_until = 0.0
        self._starting = Lock()
        self._worker: Thread | None = None
        self._closing = Event()

    def sync(self, patience_s: float | None) -> bool:
        """Take up what was published or withdrawn since; one small query when nothing was.

        Long work goes on in the background after `patience_s` seconds (None: wait for it): False
        if the index does not hold all of it yet.
        """
        with self._archive.engine.connect() as db:
            generation = store.counts(db).generation
        for _ in range(2):  # work that began before the change does not take it up
            if self._generation < generation and monotonic() >= self._rests_until:
                self._started().join(patience_s)
        return self._generation == generation

    def nearest(self, vector: Vectors, limit: int) -> list[int] | None:
        """Keys of the nearest passages, nearest first; None while the index is not up to date."""
        if not self.sync(patience_s=0):
            return None
        try:
            found = [id_ for id_, _ in self._index.search(vector, limit)]
        except Exception:
            log.exception("The vector index failed; it is made again.")
            self._has_failed, self._generation = True, -1
            return None
        with self._archive.engine.connect() as db:
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
        """Follow SQL; failing that, make the index anew, and failing that, leave it for a while."""
        if not self._has_failed:
            try:
                return self._follow()
            except Exception:
                log.exception("The vector index could not be brought up to date; it is made again.")
        try:
            self._index.clear()
            self._follow()
            self._has_failed = False
        except Exception:
            log.exception("The vector index cannot be made: vectors are compared in memory.")
            self._rests_until = monotonic() + _REST_S

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
