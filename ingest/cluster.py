"""Vectors of one voice each become voices: how many there are, and which is whose. Pure.

Two passes. The first is strict and works on blocks, so that memory stays bounded: average linkage
on cosine distance. The second joins the groups that are left wherever their *energy distance* is
small: the mean distance between the two, less the mean distances within each. What a poor room or
a lively speaker adds to all distances falls out of that difference, so that one threshold serves a
noisy meeting and a clean microphone. A group of few windows is known less well: it is joined from
further off. See `docs/decisions.md`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRICT = 0.42  # mean cosine distance under which windows are surely of one voice
ENERGY = 0.11  # energy distance (Székely & Rizzo, 2013) under which large groups are one voice
_PER_WINDOW = 0.7  # added to it, over the number of windows of each of the two groups
_FURTHEST = 0.19  # but from no further off than this is any group joined
_SMALLEST_VOICE = 3  # windows on end; what is shorter joins the nearest voice
_BLOCK = 3_600  # windows linked at once: memory grows with the square of it

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


def cluster(vectors: Vectors, stretches: Labels | None = None) -> Labels:
    """A voice number for each unit vector, shape (n,), numbered by first appearance.

    Vectors follow each other in time; `stretches` numbers the stretch of speech that each is from.
    """
    voices = _joined(_Groups.of(vectors, _strict_groups(vectors)))
    labels = np.argmax(vectors @ voices.T, axis=1)
    stretches = np.zeros(len(vectors), np.int64) if stretches is None else stretches
    heard = np.flatnonzero(_heard_for(labels, stretches, len(voices)) >= _SMALLEST_VOICE)
    if len(heard) == 0:
        return np.zeros(len(vectors), np.int64)
    return by_appearance(np.argmax(vectors @ voices[heard].T, axis=1))


def _heard_for(labels: Labels, stretches: Labels, count: int) -> Labels:
    """For each of `count` voices, the most windows in a row that are its own.

    Windows that hold the end of one voice and the start of the next resemble each other, and form
    groups: never more than two in a row, and never beside a pause. So each pause counts for one.
    """
    changes = (np.diff(labels, prepend=-1) != 0) | (np.diff(stretches, prepend=-1) != 0)
    first = np.flatnonzero(changes)
    last = np.append(first[1:], len(labels)) - 1
    opens = np.diff(stretches, prepend=-1) != 0
    closes = np.append(opens[1:], True)
    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, labels[first], last - first + 1 + opens[first] + closes[last])
    return longest


def by_appearance(labels: NDArray[Any]) -> Labels:
    """The same partition, numbered 0, 1, 2... in order of first appearance."""
    _values, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def _strict_groups(vectors: Vectors) -> Labels:
    """Average linkage, a block at a time; groups of different blocks have different numbers."""
    labels: list[Labels] = []
    count = 0
    for at in range(0, len(vectors), _BLOCK):
        labels.append(_linked(vectors[at : at + _BLOCK]) + count)
        count = int(labels[-1].max()) + 1
    return np.concatenate(labels)


def _linked(vectors: Vectors) -> Labels:
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(vectors, method="average", metric="cosine")
    return by_appearance(fcluster(tree, STRICT, criterion="distance"))


@dataclass
class _Groups:
    """Groups of unit vectors by what their distances follow from: sums, shape (k, d), and sizes.

    `within` is the mean cosine distance between two different members.
    """

    sums: NDArray[np.float64]
    sizes: NDArray[np.float64]
    within: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Vectors, labels: Labels) -> "_Groups":
        """The groups that are large enough to be a voice."""
        sizes = np.bincount(labels).astype(np.float64)
        sums = np.zeros((len(sizes), vectors.shape[1]))
        np.add.at(sums, labels, vectors)
        pairs = np.maximum(1.0, sizes * (sizes - 1))
        within = 1 - ((sums**2).sum(axis=1) - sizes) / pairs
        large = sizes >= min(_SMALLEST_VOICE, sizes.max())
        return cls(sums[large], sizes[large], within[large])

    def apart(self) -> NDArray[np.float64]:
        """By how much each pair is too far apart for one voice, shape (k, k); itself: infinite."""
        between = 1 - self.sums @ self.sums.T / np.outer(self.sizes, self.sizes)
        weighed = self.sizes * self.within
        distances = between - np.add.outer(weighed, weighed) / np.add.outer(self.sizes, self.sizes)
        doubt = _PER_WINDOW * np.add.outer(1 / self.sizes, 1 / self.sizes)
        apart = distances - np.minimum(_FURTHEST, ENERGY + doubt)
        np.fill_diagonal(apart, np.inf)
        return apart

    def join(self, a: int, b: int) -> "_Groups":
        """The groups with `b` gone into `a`; scatter stays that of the parts."""
        within = self.sizes[[a, b]] @ self.within[[a, b]] / self.sizes[[a, b]].sum()
        self.sums[a] += self.sums[b]
        self.sizes[a] += self.sizes[b]
        self.within[a] = within
        kept = np.arange(len(self.sizes)) != b
        return _Groups(self.sums[kept], self.sizes[kept], self.within[kept])


def _joined(groups: _Groups) -> Vectors:
    """A unit vector for each voice, shape (k, d)."""
    while len(groups.sizes) > 1:
        apart = groups.apart()
        a, b = divmod(int(apart.argmin()), len(apart))
        if apart[a, b] >= 0:
            break
        groups = groups.join(a, b)
    voices: Vectors = (groups.sums / np.linalg.norm(groups.sums, axis=1, keepdims=True)).astype(
        np.float32
    )
    return voices
