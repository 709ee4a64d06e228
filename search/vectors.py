"""Nearest vectors: the seam, and the exact index that is right by construction.

Vectors are unit length, so that a dot product is a cosine. An index is disposable: SQL keeps every
vector. An id stands for its vector for ever, so adding one again changes nothing.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np

from search.embed import Vectors


class Searchable(Protocol):
    """What a search needs of an index."""

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""


class VectorIndex(Searchable, Protocol):
    """Passages' vectors by passage id. One thread changes it at a time; many may search."""

    def ids(self) -> frozenset[str]:
        """What it holds."""

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors, shape (len(ids), dimension), of ids that are not there yet."""

    def drop(self, ids: Collection[str]) -> None:
        """Forget vectors, leaving no trace of them on disk. Unknown ids do not matter."""

    def close(self) -> None:
        """Let go of files and locks. It cannot be used afterwards."""


class ExactIndex:
    """One matrix in memory: 100,000 passages are scanned in about 25 ms and weigh 150 MB."""

    def __init__(self, dimension: int) -> None:
        # One attribute, replaced whole: a search sees one state or the other.
        self._rows: tuple[tuple[str, ...], Vectors] = ((), np.empty((0, dimension), np.float32))

    def ids(self) -> frozenset[str]:
        """What it holds."""
        return frozenset(self._rows[0])

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Take in vectors of new ids."""
        known, matrix = self._rows
        new = new_rows(frozenset(known), ids)
        self._rows = (known + tuple(ids[row] for row in new), np.vstack([matrix, vectors[new]]))

    def drop(self, ids: Collection[str]) -> None:
        """Forget vectors."""
        known, matrix = self._rows
        gone = set(ids)
        kept = [row for row, id_ in enumerate(known) if id_ not in gone]
        self._rows = (tuple(known[row] for row in kept), matrix[kept])

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """The nearest ids with their cosines, nearest first."""
        ids, matrix = self._rows
        scores = matrix @ vector
        return [(ids[row], float(scores[row])) for row in top(scores, limit)]

    def close(self) -> None:
        """Nothing to let go of."""


def new_rows(known: Collection[str], ids: Sequence[str]) -> list[int]:
    """Positions in `ids` of those not known yet, each id once."""
    first = {id_: row for row, id_ in reversed(list(enumerate(ids)))}
    return [row for id_, row in sorted(first.items(), key=lambda pair: pair[1]) if id_ not in known]


def top(scores: Vectors, limit: int) -> list[int]:
    """Positions of the `limit` highest scores, highest first."""
    if limit <= 0:
        return []
    if limit < len(scores):
        some = np.argpartition(-scores, limit - 1)[:limit]
    else:
        some = np.arange(len(scores))
    return [int(row) for row in some[np.argsort(-scores[some], kind="stable")]]
