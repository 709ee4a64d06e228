"""What the scores of a passage are worth together: meaning, words, and the evidence around it.

Pure: arrays in, arrays out. Debate spreads an argument over several passages, so a passage also
counts some of what its neighbours in the same session score (late evidence; its speaker and its
point of the agenda are among its words already). Scores are standardised over the candidates of one
question and added: ranks would throw away what they say. Measurements: `docs/decisions.md`.
"""

import numpy as np
import numpy.typing as npt

from search.embed import Vectors

Scores = npt.NDArray[np.float64]

NEIGHBOURS = (0.15, 0.05)  # of the scores one and two passages away, on either side
COVERING = 1.0  # how much more words count in a passage that holds all of the question's weight
PREFERRED = 1.0  # standard deviations that what the question points at without excluding is ahead
_A_WORD, _LEAST, _MOST = 0.1, 0.5, 1.4


def lexical_weight(stems: int) -> float:
    """Of standardised words against standardised meaning: the more of them, the more they tell."""
    return min(max(_A_WORD * stems, _LEAST), _MOST)


def fused(cosines: Scores, words: Scores, preferred: npt.NDArray[np.bool_], stems: int) -> Scores:
    """One score for each candidate, shape (n,), for a question of so many stems."""
    both = standardised(cosines) + lexical_weight(stems) * standardised(words)
    return both + PREFERRED * preferred


def worded(bm25: Vectors, coverage: Vectors) -> Vectors:
    """BM25, and more of it for passages that hold more of the question: not one rare word alone."""
    return bm25 * (1 + COVERING * coverage)


def with_neighbours(own: Scores, around: Scores) -> Scores:
    """Scores with some of their neighbours'; shapes (n,) and (2 * len(NEIGHBOURS), n).

    `around` has the rows before, then the rows after, at each distance; 0 where there is none.
    """
    return own + np.repeat(NEIGHBOURS, 2) @ around


def standardised(scores: Scores) -> Scores:
    """Mean 0, deviation 1; all 0 where they do not differ."""
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)
