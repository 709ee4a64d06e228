"""Chroma in parts of a bounded size: what a killed write ruins, and what a withdrawal rewrites.

A rebuild that was killed goes on from the parts that were finished. Each part is a `ChromaIndex`,
which verifies what it writes and swaps what it rewrites while searches go on.
"""

from collections.abc import Collection, Sequence
from heapq import nlargest
from pathlib import Path

from search.chroma import ChromaIndex, owned
from search.embed import Vectors
from search.vectors import new_rows

SHARD = 50_000  # vectors: made in one or two minutes on one core


class ShardedIndex:
    """Vectors in `folder/shard-NN`. Raises `IndexBusy` if another process owns the folder."""

    def __init__(self, folder: Path, size: int = SHARD) -> None:
        self._folder = folder
        self._size = size
        self._owner = owned(folder)
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
