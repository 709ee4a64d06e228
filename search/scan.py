"""Nearest vectors in memory, the same for any choice of rows: a short scan, then exact cosines.

All rows are compared in `SHORT` dimensions, those in which the corpus varies most (PCA); the best
`RESCORED` are then compared in full. Measured in `docs/scale.md`. Immutable, like all that is
searched; knows nothing of passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from search.embed import Vectors
from search.postings import Mask

Halves = npt.NDArray[np.float16]
Rows = npt.NDArray[np.int64]

SHORT = 64  # dimensions of the short scan
RESCORED = 1_000  # rows compared in full
FEW = 4_096  # rows: fewer teach no basis, and are all compared in full
_SAMPLE = 20_000  # rows that a basis is learnt from


@dataclass(frozen=True, eq=False)
class Basis:
    """The directions in which `rows` vectors vary most, shape (SHORT, dimension), their mean."""

    mean: Vectors
    directions: Vectors
    rows: int

    def shortened(self, vectors: Halves) -> Vectors:
        """Vectors in the basis, shape (n, SHORT)."""
        return np.asarray((vectors.astype(np.float32) - self.mean) @ self.directions.T)


def learnt(parts: Sequence[Halves]) -> Basis:
    """The basis of some vectors, from an even sample."""
    total = sum(map(len, parts))
    step = max(1, total // _SAMPLE)
    sample = np.concatenate([part[::step] for part in parts]).astype(np.float32)
    mean = sample.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(sample - mean, rowvar=False))
    short = np.ascontiguousarray(directions[:, ::-1][:, :SHORT].T, dtype=np.float32)
    return Basis(mean, short, total)


@dataclass(frozen=True, eq=False)
class Scanned:
    """Unit vectors of some rows in half precision, and shortened once there is a basis.

    A row whose vector is nought has none, as before another model's vectors are made.
    """

    full: Halves
    short: Vectors | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.full)

    def kept(self, keep: Mask) -> "Scanned":
        """Some of the rows."""
        return Scanned(self.full[keep], None if self.short is None else self.short[keep])

    def based(self, basis: Basis | None) -> "Scanned":
        """The same rows, shortened in this basis."""
        return replace(self, short=None if basis is None else basis.shortened(self.full))


def scanned_together(parts: Sequence[Scanned], basis: Basis | None) -> Scanned:
    """The rows of all parts, in order."""
    return Scanned(np.concatenate([part.full for part in parts])).based(basis)


def cosines(parts: Sequence[Scanned], rows: Rows, vector: Vectors) -> Vectors:
    """The cosines of a vector with the rows (ascending) of all parts in order."""
    found = np.empty(len(rows), dtype=np.float32)
    at = 0
    for part in parts:
        first, last = np.searchsorted(rows, (at, at + len(part)))
        if last > first:
            found[first:last] = part.full[rows[first:last] - at].astype(np.float32) @ vector
        at += len(part)
    return found


def nearest(
    parts: Sequence[Scanned], basis: Basis | None, vector: Vectors, limit: int, mask: Mask | None
) -> Rows:
    """The rows nearest to a vector among those that the mask lets through, nearest first."""
    rows = _worth_comparing(parts, basis, vector, max(limit, RESCORED), mask)
    exact = cosines(parts, rows, vector)
    best = np.argsort(-exact, kind="stable")[:limit]
    return np.asarray(rows[best])


def _worth_comparing(
    parts: Sequence[Scanned], basis: Basis | None, vector: Vectors, count: int, mask: Mask | None
) -> Rows:
    """Ascending rows that may be the nearest."""
    total = sum(map(len, parts))
    if mask is not None and np.count_nonzero(mask) <= count:
        return np.flatnonzero(mask)
    if basis is None or total <= count:
        return np.arange(total) if mask is None else np.flatnonzero(mask)
    asked = basis.directions @ vector
    # vecdot and not @: BLAS would share so small a task among threads, and wait for them.
    scores = np.concatenate([np.vecdot(p.short, asked) for p in parts if p.short is not None])
    if mask is not None:
        scores[~mask] = -np.inf
    return best_rows(scores, count)


def best_rows(scores: Vectors, count: int) -> Rows:
    """Ascending rows of the `count` highest scores."""
    if count >= len(scores):
        return np.arange(len(scores))
    return np.sort(np.argpartition(scores, len(scores) - count)[len(scores) - count :])
