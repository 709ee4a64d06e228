"""Nearest vectors in memory, by exact cosines, the same for any choice of rows.

Vectors are kept in half precision and compared in single, some thousand at a time. Measured in
`docs/scale.md`. Immutable, like all that is searched; knows nothing of passages.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from search.engine.bm25 import Mask
from search.passage import Vectors

Halves = npt.NDArray[np.float16]  # shape (rows, dimension)
Rows = npt.NDArray[np.int64]

_AT_ONCE = 512  # rows made single: 0.8 MB of them stay in a core's own cache
# NumPy makes halves single one by one: that was nine tenths of comparing. Moved to where a single
# has them, 23 bits of fraction in place of 10, the bits of a half stand for 2**-112 of its value.
_MOVED, _SCALE = 13, np.float32(2.0**112)
_SIGN_AND_VALUE = 0x8FFFE000  # without the copies of the sign between them
_SAME = 2e-3  # how far from 1 a unit vector's product with itself may be, in half precision


def find_themselves(vectors: Halves) -> Mask:
    """Which rows are unit vectors, so that each is the nearest to itself, or a twin of it is."""
    lengths = np.empty(len(vectors), dtype=np.float32)
    for first in range(0, len(vectors), _AT_ONCE):
        some = vectors[first : first + _AT_ONCE].astype(np.float32)
        lengths[first : first + _AT_ONCE] = np.einsum("rd,rd->r", some, some)
    return np.asarray(abs(lengths - 1) < _SAME)


def cosines(parts: Sequence[Halves], rows: Rows, vector: Vectors) -> Vectors:
    """The cosines of a vector with the rows (ascending) of all parts in order."""
    found = np.empty(len(rows), dtype=np.float32)
    bits = np.empty((_AT_ONCE, len(vector)), dtype=np.int32)
    at = 0
    for part in parts:
        first, last = np.searchsorted(rows, (at, at + len(part))).tolist()
        for start in range(first, last, _AT_ONCE):
            here = slice(start, min(start + _AT_ONCE, last))
            found[here] = _single(part[rows[here] - at], bits) @ vector
        at += len(part)
    return found


def _single(halves: Halves, bits: npt.NDArray[np.int32]) -> Vectors:
    """Finite halves as singles, the very same numbers, made in the memory of `bits`."""
    own = bits[: len(halves)]
    own[...] = halves.view(np.int16)
    moved = own.view(np.uint32)
    np.left_shift(moved, _MOVED, out=moved)
    np.bitwise_and(moved, _SIGN_AND_VALUE, out=moved)
    singles = own.view(np.float32)
    return np.multiply(singles, _SCALE, out=singles)


def nearest(parts: Sequence[Halves], vector: Vectors, limit: int, mask: Mask | None) -> Rows:
    """The rows nearest to a vector among those that the mask lets through, nearest first."""
    rows = np.arange(sum(map(len, parts))) if mask is None else np.flatnonzero(mask)
    exact = cosines(parts, rows, vector)
    best = best_rows(exact, max(limit, 0))
    return np.asarray(rows[best[np.argsort(-exact[best], kind="stable")]])


def best_rows(scores: Vectors, count: int) -> Rows:
    """Ascending rows of the `count` highest scores."""
    if count >= len(scores):
        return np.arange(len(scores))
    return np.sort(np.argpartition(scores, len(scores) - count)[len(scores) - count :])
