"""The vector index on disk: Chroma, owned by one process, disposable.

What was measured of Chroma 1.5.9 shapes this file: a killed write can ruin a store, two processes
on one store corrupt it, deleted vectors stay on disk. So one process holds a lock, a store in which
a write did not finish is thrown away, and dropping builds a new store beside the old one, proves
that vectors find themselves, swaps, and unlinks. The next owner fills it again from SQL.
"""

import ctypes
import shutil
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from heapq import nlargest
from pathlib import Path
from threading import RLock
from typing import Protocol

import numpy as np
from filelock import FileLock, Timeout

from ingest.errors import OurError
from search.passage import Vectors


class VectorIndex(Protocol):
    """Passages' vectors by passage id. One thread changes it at a time; many may search."""

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""

    def ids(self) -> frozenset[str]:
        """What it holds."""

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors, shape (len(ids), dimension), of ids that are not there yet."""

    def drop(self, ids: Collection[str]) -> None:
        """Forget vectors. Unknown ids do not matter."""

    def clear(self) -> None:
        """Start again with nothing."""

    def close(self) -> None:
        """Let go of files and locks. It cannot be used afterwards."""


def new_rows(known: Collection[str], ids: Sequence[str]) -> list[int]:
    """Positions in `ids` of those not known yet, each id once."""
    first = {id_: row for row, id_ in reversed(list(enumerate(ids)))}
    return [row for id_, row in sorted(first.items(), key=lambda pair: pair[1]) if id_ not in known]


_COLLECTION = "published"
_LOCK = "owner.lock"
_M_PERTURB, _ANY_BYTE = -6, 0x5A  # of malloc.h
# Candidates weighed per vector, when it is added and when it is searched: twice Chroma's own 100.
# Fewer miss near vectors, more cost time. Chosen, not measured apart.
SETTINGS = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}}
_SAME = 1e-3  # cosine distance; float32 sums differ in their order
# Share of vectors that may miss themselves: HNSW is approximate, and one of 10,000 that stand close
# together did. What a ruined store loses is most of them.
_LOST = 1e-3


class IndexBusy(OurError):
    """Another process owns the index."""


class IndexBroken(OurError):
    """The store does not give back what was put in: make it again from SQL."""


class ChromaIndex:
    """Vectors in `folder/<store>`, where the file `folder/current` names the live store.

    Raises `IndexBusy` if another process owns the folder. What was not written to the end is
    gone: see `ids`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._swapping = RLock()
        self._owner = owned(folder)
        self._store = _open_or_renew(folder)

    def ids(self) -> frozenset[str]:
        """What it holds."""
        return frozenset(self._store.ids())

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors of new ids, and prove that each is found. Raises `IndexBroken`."""
        new = new_rows(self.ids(), ids)
        if new:
            with _unfinished(self._store.path), _wiped_memory():
                self._store.fill([ids[row] for row in new], vectors[new])

    def drop(self, ids: Collection[str]) -> None:
        """Move what remains to a new store and unlink the old one."""
        gone = set(ids)
        known, vectors = self._store.everything()
        kept = [row for row, id_ in enumerate(known) if id_ not in gone]
        if len(kept) == len(known):
            return
        with _wiped_memory():
            fresh = _Store(_new_path(self._folder))
        with _unfinished(fresh.path), _wiped_memory():
            fresh.fill([known[row] for row in kept], vectors[kept])
        self._swap(fresh)

    def clear(self) -> None:
        """Start again with an empty store."""
        self._swap(_Store(_new_path(self._folder)))

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""
        with self._swapping:
            return self._store.search(vector[None, :], limit)[0]

    def close(self) -> None:
        """Let go of the store and of the lock."""
        self._store.close()
        self._owner.release()

    def _swap(self, fresh: "_Store") -> None:
        with self._swapping:
            old, self._store = self._store, fresh
            _make_current(self._folder, fresh.path)
        old.close()
        _unlink(old.path)


class _Store:
    """One Chroma database with one collection."""

    def __init__(self, path: Path) -> None:
        import chromadb

        self.path = path
        self._client = chromadb.PersistentClient(
            str(path), chromadb.Settings(anonymized_telemetry=False)
        )
        self._collection = self._client.get_or_create_collection(
            _COLLECTION, configuration=SETTINGS, embedding_function=None
        )
        self._batch = int(self._client.get_max_batch_size())

    def ids(self) -> list[str]:
        return list(self._collection.get(include=[])["ids"])

    def is_sound(self) -> bool:
        """Can it still be read and searched?"""
        ids = self.ids()
        if len(ids) != self._collection.count():
            return False
        some = self._collection.get(ids=ids[:1], include=["embeddings"])["embeddings"]
        return not ids or _found(self.search(np.asarray(some, dtype=np.float32), 1)[0])

    def everything(self) -> tuple[list[str], Vectors]:
        found = self._collection.get(include=["embeddings"])
        return list(found["ids"]), np.asarray(found["embeddings"], dtype=np.float32)

    def fill(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Write, then prove that vectors find themselves (or their twins), but for a few.

        Raises `IndexBroken`.
        """
        lost: list[str] = []
        for rows in self._batches(len(ids)):
            self._collection.add(ids=list(ids[rows]), embeddings=vectors[rows])
        for rows in self._batches(len(ids)):
            nearest = self.search(vectors[rows], 1)
            lost += [i for i, hits in zip(ids[rows], nearest, strict=True) if not _found(hits)]
        if len(lost) > _LOST * len(ids):
            raise IndexBroken(f"{len(lost)} vecteurs ne se retrouvent pas, dont {lost[0]}.")

    def search(self, vectors: Vectors, limit: int) -> list[list[tuple[str, float]]]:
        if limit <= 0:  # Chroma gives fewer where it has fewer; to count them took longer (D-295)
            return [[] for _ in vectors]
        found = self._collection.query(
            query_embeddings=vectors, n_results=limit, include=["distances"]
        )
        return [
            [(id_, 1.0 - float(distance)) for id_, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def close(self) -> None:
        self._client.close()

    def _batches(self, count: int) -> Iterator[slice]:
        return (slice(start, start + self._batch) for start in range(0, count, self._batch))


def _found(hits: list[tuple[str, float]]) -> bool:
    return bool(hits) and hits[0][1] > 1 - _SAME


def owned(folder: Path, patience_s: float = 0) -> FileLock:
    """The folder's lock, taken; the folder is made if need be. Raises `IndexBusy`."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK, timeout=patience_s)
    try:
        lock.acquire()
    except Timeout:
        raise IndexBusy(f"L'index « {folder} » est tenu par un autre processus.") from None
    return lock


def remove_store(folder: Path) -> None:
    """Delete an index that no process will open again, unless a process still owns it."""
    with suppress(Timeout), FileLock(folder / _LOCK, timeout=0):
        shutil.rmtree(folder, ignore_errors=True)


# --- which store is live ----------------------------------------------------------------------


def _open_or_renew(folder: Path) -> _Store:
    """The live store if it opens and no write was cut short in it, else an empty one."""
    live = _live(folder)
    for path in folder.glob("store-*"):
        if path != live:
            _unlink(path)
    if live is not None:
        store = _opened(live)
        if store is not None:
            return store
        _unlink(live)
    fresh = _Store(_new_path(folder))
    _make_current(folder, fresh.path)
    return fresh


def _live(folder: Path) -> Path | None:
    current = folder / "current"
    live = folder / current.read_text().strip() if current.is_file() else None
    return live if live and live.is_dir() and not _mark(live).exists() else None


def _opened(path: Path) -> _Store | None:
    """The store, if it can still be read and searched."""
    try:
        with _wiped_memory():
            store = _Store(path)
            sound = store.is_sound()
    except Exception:  # a ruined store fails in many ways; all of them mean: make it again
        return None
    if not sound:
        store.close()
    return store if sound else None


def _unlink(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    _mark(path).unlink(missing_ok=True)


def _new_path(folder: Path) -> Path:
    return folder / f"store-{uuid.uuid4().hex[:12]}"


def _make_current(folder: Path, path: Path) -> None:
    temporary = folder / "current.new"
    temporary.write_text(path.name)
    temporary.replace(folder / "current")


@contextmanager
def _wiped_memory() -> Iterator[None]:
    """While this is open, memory is overwritten as it is handed out (glibc's allocator).

    Chroma writes the unused room of its arrays to disk as it finds it: in one of eight new stores
    that was memory in which dropped vectors had been.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) or (lambda option, value: 0)
    mallopt(_M_PERTURB, _ANY_BYTE)
    try:
        yield
    finally:
        mallopt(_M_PERTURB, 0)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".unfinished")


@contextmanager
def _unfinished(path: Path) -> Iterator[None]:
    """While this is open, the store counts as ruined: a kill leaves the mark behind."""
    _mark(path).touch()
    yield
    _mark(path).unlink()


# Chroma in parts of a bounded size: what a killed write ruins, and what a withdrawal rewrites.


_PATIENCE_S = 2.0  # `verify` reads one shard at a time; a server that owns the folder keeps it
SHARD = 50_000  # vectors: made in one or two minutes on one core


class ShardedIndex:
    """Vectors in `folder/shard-NN`. Raises `IndexBusy` if another process owns the folder."""

    def __init__(self, folder: Path, size: int = SHARD) -> None:
        self._folder = folder
        self._size = size
        self._owner = owned(folder, _PATIENCE_S)
        paths = sorted(folder.glob("shard-*")) or [folder / "shard-00"]
        self._shards = [ChromaIndex(path) for path in paths]

    def ids(self) -> frozenset[str]:
        """What it holds."""
        return frozenset[str]().union(*(shard.ids() for shard in self._shards))

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors of new ids, and prove that each is found. Raises `IndexBroken`."""
        new = new_rows(self.ids(), ids)
        while new:
            shard, room = self._roomy()
            some, new = new[:room], new[room:]
            shard.add([ids[row] for row in some], vectors[some])

    def drop(self, ids: Collection[str]) -> None:
        """Rewrite the parts that hold one of these, without them."""
        for shard in self._shards:
            shard.drop(ids)

    def clear(self) -> None:
        """Start again with nothing."""
        for shard in self._shards:
            shard.clear()

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""
        found = (hit for shard in self._shards for hit in shard.search(vector, limit))
        return nlargest(max(limit, 0), found, key=lambda hit: hit[1])

    def close(self) -> None:
        """Let go of all parts and of the lock."""
        for shard in self._shards:
            shard.close()
        self._owner.release()

    def _roomy(self) -> tuple[ChromaIndex, int]:
        """A part that is not full, and how many vectors go into it."""
        for shard in self._shards:
            room = self._size - len(shard.ids())
            if room > 0:
                return shard, room
        fresh = ChromaIndex(self._folder / f"shard-{len(self._shards):02}")
        self._shards = [*self._shards, fresh]  # a search sees the old list or the new one
        return fresh, self._size


Part = tuple[Sequence[str], Vectors]
"""Some of what an index holds: ids, and their vectors in the same order."""


def read_back(folder: Path) -> Iterator[Part]:
    """What a `ShardedIndex` left in its folder, a shard at a time. Changes nothing.

    The folder is owned while a shard is read and not while it is compared, so that a server that
    starts waits some seconds at most (`ShardedIndex`). A shard in which a write was cut short holds
    nothing, as for the next owner. Raises `IndexBusy` if a process owns the folder, and
    `IndexBroken` for a shard that cannot be read.
    """
    for path in sorted(folder.glob("shard-*")):
        lock = owned(folder)
        try:
            live = _live(path)
            store = _opened(live) if live else None
            if live and not store:
                raise IndexBroken(f"{path.name} ne se lit pas")
            part = store.everything() if store else None
            if store:
                store.close()
        finally:
            lock.release()
        if part:
            yield part
