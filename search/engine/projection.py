"""A question's vector turned towards what answers it: a matrix learned from questions and debates.

The packaged embedder was made for documents of the web, where a question shares more words with
its answer than one on a debate does. Only questions are turned: the passages' vectors stay as they
are. `tests/train/projection.py` learns it (D-185). Knows nothing of passages.
"""

from functools import cache
from pathlib import Path

import numpy as np

from search.index.embed import PACKAGED_NAME
from search.passage import Vectors

_LEARNED = Path(__file__).parent / "projection.npy"


def turned(vector: Vectors, embedder: str) -> Vectors:
    """A question's unit vector, turned; as it is for an embedder that nothing was learned for."""
    if embedder != PACKAGED_NAME:
        return vector
    ahead = vector + vector @ _learned()
    return np.asarray(ahead / np.linalg.norm(ahead), dtype=np.float32)


@cache
def _learned() -> Vectors:
    """What is added, shape (dimension, dimension)."""
    return np.asarray(np.load(_LEARNED), dtype=np.float32)
