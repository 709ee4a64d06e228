"""Which passages contain which stems, as arrays: an inverted index of a few thousand passages.

Immutable, so that many threads read it while another is made. Knows nothing of French or of the
database; stems are numbers here, which a `Vocabulary` gives out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32] | npt.NDArray[np.uint16]

_MOST = 255  # repeats of a stem in one passage that are counted: one byte


class Vocabulary(dict[str, int]):
    """A number for each value, given when it is first asked for with `[]`; `get` gives none out.

    One thread gives out numbers at a time; others may read.
    """

    def __missing__(self, value: str) -> int:
        self[value] = number = len(self)
        return number


@dataclass(frozen=True, eq=False)
class Postings:
    """Stem `terms[t]` is in passages `rows[starts[t] : starts[t + 1]]` (ascending), `times` each.

    `terms` is ascending; `lengths` counts all stems of each passage. `rows` are most of the memory:
    of two bytes where that is enough.
    """

    terms: Ints
    starts: Ints
    rows: Places
    times: npt.NDArray[np.uint8]
    lengths: Ints

    def __len__(self) -> int:
        """How many passages it is of."""
        return len(self.lengths)

    def of(self, term: int) -> slice:
        """Where the passages of a stem stand in `rows` and `times`."""
        at = int(np.searchsorted(self.terms, term))
        if at == len(self.terms) or self.terms[at] != term:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def found(self, terms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many passages contain each of some stems; 0 for a number that is no stem's."""
        if not len(self.terms):
            return np.zeros(len(terms), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        counts = self.starts[at + 1] - self.starts[at]
        return np.where(self.terms[at] == terms, counts, 0).astype(np.int64)

    def kept(self, keep: Mask) -> "Postings":
        """Of some of the passages only, numbered anew."""
        numbers = np.cumsum(keep, dtype=np.int32) - 1
        here = keep[self.rows]
        terms = np.repeat(self.terms, np.diff(self.starts))[here]
        return _sorted(terms, numbers[self.rows[here]], self.times[here], self.lengths[keep])


def numbered(stems: Sequence[str], vocabulary: Vocabulary) -> Ints:
    """A passage's stems as numbers."""
    return np.fromiter(map(vocabulary.__getitem__, stems), dtype=np.int32, count=len(stems))


def posted(passages: Sequence[Ints]) -> Postings:
    """The postings of passages given as their stems' numbers."""
    lengths = np.array([len(stems) for stems in passages], dtype=np.int32)
    count = max(len(passages), 1)
    pairs = np.concatenate([*passages, np.empty(0, np.int32)]).astype(np.int64) * count
    pairs += np.repeat(np.arange(len(passages)), lengths)
    pairs, times = np.unique(pairs, return_counts=True)
    terms, rows = np.divmod(pairs, count)
    return _sorted(
        terms.astype(np.int32),
        rows.astype(np.int32),
        np.minimum(times, _MOST).astype(np.uint8),
        lengths,
    )


def joined(parts: Sequence[Postings]) -> Postings:
    """One for the passages of all parts, in their order."""
    before = np.cumsum([0] + [len(part) for part in parts])
    terms = np.concatenate([np.repeat(p.terms, np.diff(p.starts)) for p in parts])
    rows = np.concatenate(
        [p.rows.astype(np.int32) + np.int32(n) for p, n in zip(parts, before, strict=False)]
    )
    order = np.argsort(terms, kind="stable")
    times = np.concatenate([part.times for part in parts])
    lengths = np.concatenate([part.lengths for part in parts])
    return _sorted(terms[order], rows[order], times[order], lengths)


def _sorted(terms: Ints, rows: Ints, times: npt.NDArray[np.uint8], lengths: Ints) -> Postings:
    """From one line for each stem of each passage, sorted by both."""
    distinct, starts = np.unique(terms, return_index=True)
    ends = np.append(starts, len(terms)).astype(np.int32)
    small = rows.astype(np.uint16) if len(lengths) <= 2**16 else rows
    return Postings(distinct, ends, small, times, lengths)


# How much a query's stems weigh, and what a passage that contains some of them scores.


# D-062: both were chosen on FREDSum. A higher K1 makes repeats of a word count more.
K1 = 0.9
B = 0.1  # hardly any bonus for being short: announcements are, and they repeat the title
MOST_STEMS = 64  # distinct stems of one question; a ten-kilobyte paste is searched by its rarest
