"""BM25 of one passage by its definition: what `search.engine.corpus` is compared with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search.engine.bm25 import K1, B


@dataclass(frozen=True)
class Match:
    """How a passage answers to the question's words.

    `bm25` orders passages for one question; `coverage` (0..1) is the share of the question's idf
    weight that the passage contains.
    """

    bm25: float
    coverage: float


NO_MATCH = Match(0.0, 0.0)


def match(weights: Mapping[str, float], stems: Sequence[str], average: float) -> Match:
    """Score one passage, given as its stems, where passages have `average` stems."""
    times = Counter(stem for stem in stems if stem in weights)
    if not times:
        return NO_MATCH
    norm = K1 * (1 - B + B * len(stems) / average)
    bm25 = sum(weights[stem] * n * (K1 + 1) / (n + norm) for stem, n in times.items())
    return Match(bm25, sum(weights[stem] for stem in times) / sum(weights.values()))
