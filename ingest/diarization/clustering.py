"""Vectors of one voice each become voices: how many there are, and which is whose. Pure.

What is said between two pauses, cut wherever average linkage on cosine distance hears another
voice, is of one voice: a run. Runs are joined wherever their *energy distance* is small: the mean
distance between the two, less the mean distances within each. What a poor room or a lively speaker
adds to all distances falls out of that difference, so that one threshold serves a noisy meeting
and a clean microphone. Runs are made by time more than by likeness, so that their scatter is
honest: groups made by likeness alone have already swallowed two voices that are close, or look
tighter than the voice is. A group of few windows is known less well: it is joined from further off.
See D-041 to D-043.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRICT = 0.45  # mean cosine distance over which windows are surely of two voices
ENERGY = 0.065  # energy distance (Székely & Rizzo, 2013) under which large groups are one voice
_PER_WINDOW = 0.75  # added to it, over the number of windows of each of the two groups
_FURTHEST = 0.17  # but from no further off than this is any group joined
_USUAL_PAIRS = 2.0  # pairs of windows that the recording's usual scatter counts for in a group
_USUAL_SCATTER = 0.35  # where no stretch is long enough to tell
_SMALLEST_VOICE = 3  # windows on end; what is shorter joins the nearest voice
_BLOCK = 3_600  # windows linked at once: memory grows with the square of it

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


def cluster(
    vectors: Vectors,
    stretches: Labels | None = None,
    phrases: Labels | None = None,
    most: int | None = None,
) -> Labels:
    """A voice number for each unit vector, shape (n,), numbered by first appearance.

    Vectors follow each other in time; `stretches` numbers the stretch of speech that each is from,
    `phrases` what is said between two pauses, however short. Where more voices than `most` are
    heard, those nearest to each other are one.
    """
    stretches = np.zeros(len(vectors), np.int64) if stretches is None else stretches
    groups = _voices(vectors, stretches, stretches if phrases is None else phrases)
    labels = np.argmax(vectors @ groups.directions.T, axis=1)
    heard = _heard_for(labels, stretches, len(groups.sizes)) >= _SMALLEST_VOICE
    if not heard.any():
        return np.zeros(len(vectors), np.int64)
    groups = groups.only(heard)
    if most is not None and len(groups.sizes) > most:
        groups = _joined(groups, most)
    return by_appearance(np.argmax(vectors @ groups.directions.T, axis=1))


def _voices(vectors: Vectors, stretches: Labels, phrases: Labels) -> "_Groups":
    """A group for each voice: runs are joined in each block, then blocks."""
    usual = _scatter(vectors, stretches)
    blocks = []
    for at in range(0, len(vectors), _BLOCK):
        here = slice(at, at + _BLOCK)
        runs = _runs(_linked(vectors[here]), phrases[here])
        blocks.append(_joined(_Groups.of(vectors[here], runs, stretches[here], usual)))
    return _joined(_Groups.all(blocks))


def _scatter(vectors: Vectors, stretches: Labels) -> float:
    """Median cosine distance between near windows of one stretch that share no sound."""
    near = [
        1
        - np.einsum("nd,nd->n", vectors[lag:], vectors[:-lag])[stretches[lag:] == stretches[:-lag]]
        for lag in (2, 3)
    ]
    distances = np.concatenate(near)
    return float(np.median(distances)) if len(distances) else _USUAL_SCATTER


def _runs(linked: Labels, phrases: Labels) -> Labels:
    """Numbers for windows on end of one linked group in one phrase.

    Of a group that is never heard for long, all windows together are one run.
    """
    changes = (np.diff(linked, prepend=-1) != 0) | (np.diff(phrases, prepend=-1) != 0)
    runs = np.cumsum(changes)
    long = np.bincount(runs)[runs] >= _SMALLEST_VOICE
    brief = ~np.isin(linked, linked[long])
    runs[brief] = linked[brief] + len(runs) + 1
    return by_appearance(runs)


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


def _linked(vectors: Vectors) -> Labels:
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(vectors, method="average", metric="cosine")
    return by_appearance(fcluster(tree, STRICT, criterion="distance"))


@dataclass
class _Groups:
    """Groups of unit vectors by what their distances follow from: sums, shape (k, d), and sizes.

    `within` is the mean cosine distance between two members that share no sound.
    """

    sums: NDArray[np.float64]
    sizes: NDArray[np.float64]
    within: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Vectors, labels: Labels, stretches: Labels, usual: float) -> "_Groups":
        """The groups that are large enough to be a voice, in a recording of `usual` scatter.

        Neighbours in a stretch overlap by half: they are closer than the voice is to itself.
        """
        sizes = np.bincount(labels).astype(np.float64)
        sums = np.zeros((len(sizes), vectors.shape[1]))
        np.add.at(sums, labels, vectors)
        at = np.flatnonzero((np.diff(labels) == 0) & (np.diff(stretches) == 0))
        close = 1 - np.einsum("nd,nd->n", vectors[at], vectors[at + 1])
        pairs = sizes * (sizes - 1) / 2 - np.bincount(labels[at], minlength=len(sizes))
        apart = (sizes**2 - (sums**2).sum(axis=1)) / 2 - np.bincount(labels[at], close, len(sizes))
        within = (apart + _USUAL_PAIRS * usual) / (pairs + _USUAL_PAIRS)
        return cls(sums, sizes, within).only(sizes >= min(_SMALLEST_VOICE, sizes.max()))

    @classmethod
    def all(cls, groups: "list[_Groups]") -> "_Groups":
        """The groups of several blocks."""
        return cls(
            np.concatenate([g.sums for g in groups]),
            np.concatenate([g.sizes for g in groups]),
            np.concatenate([g.within for g in groups]),
        )

    @property
    def directions(self) -> Vectors:
        """A unit vector for each, shape (k, d)."""
        unit: Vectors = (self.sums / np.linalg.norm(self.sums, axis=1, keepdims=True)).astype(
            np.float32
        )
        return unit

    def only(self, kept: NDArray[np.bool_]) -> "_Groups":
        """Some of the groups."""
        return _Groups(self.sums[kept], self.sizes[kept], self.within[kept])

    def apart(self, a: int) -> NDArray[np.float64]:
        """By how much each group is too far from `a` to be of its voice, shape (k,)."""
        between = 1 - self.sums @ self.sums[a] / (self.sizes * self.sizes[a])
        weighed = self.sizes * self.within
        distances = between - (weighed + weighed[a]) / (self.sizes + self.sizes[a])
        doubt = _PER_WINDOW * (1 / self.sizes + 1 / self.sizes[a])
        apart: NDArray[np.float64] = distances - np.minimum(_FURTHEST, ENERGY + doubt)
        return apart

    def join(self, a: int, b: int) -> None:
        """Let `b` go into `a`; scatter stays that of the parts."""
        self.within[a] = self.sizes[[a, b]] @ self.within[[a, b]] / self.sizes[[a, b]].sum()
        self.sums[a] += self.sums[b]
        self.sizes[a] += self.sizes[b]


def _joined(groups: _Groups, most: int | None = None) -> _Groups:
    """The groups after all joins that hold, the surest first, and until at most `most` are left."""
    apart = np.stack([groups.apart(n) for n in range(len(groups.sizes))])
    np.fill_diagonal(apart, np.inf)
    left = np.ones(len(apart), np.bool_)
    while apart.min() < 0 or (most is not None and left.sum() > most):
        a, b = divmod(int(apart.argmin()), len(apart))
        groups.join(a, b)
        left[b] = False
        apart[b] = apart[:, b] = np.inf
        apart[a] = np.where(left, groups.apart(a), np.inf)
        apart[a, a] = np.inf
        apart[:, a] = apart[a]
    return groups.only(left)
