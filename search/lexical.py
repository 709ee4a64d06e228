"""How much a question's words weigh, and what a passage that contains some of them scores.

BM25, after Robertson and Zaragoza (2009). The words are stems (see `french`), matched exactly.
Pure: this says what the score of one passage is; `corpus` computes the same for all at once.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

K1 = 0.9
B = 0.1  # hardly any bonus for being short: announcements are, and they repeat the title
MOST_STEMS = 64  # distinct stems of one question; a ten-kilobyte paste is searched by its rarest


@dataclass(frozen=True)
class Match:
    """How a passage answers to the question's words.

    `bm25` orders passages for one question; `coverage` (0..1) is the share of the question's idf
    weight that the passage contains.
    """

    bm25: float
    coverage: float


NO_MATCH = Match(0.0, 0.0)


def idf(documents: int, containing: int) -> float:
    """Weight of a stem that `containing` of `documents` passages have; never negative."""
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))


def match(weights: Mapping[str, float], stems: Sequence[str], average: float) -> Match:
    """Score one passage, given as its stems, where passages have `average` stems."""
    times = Counter(stem for stem in stems if stem in weights)
    if not times:
        return NO_MATCH
    norm = K1 * (1 - B + B * len(stems) / average)
    bm25 = sum(weights[stem] * n * (K1 + 1) / (n + norm) for stem, n in times.items())
    return Match(bm25, sum(weights[stem] for stem in times) / sum(weights.values()))
