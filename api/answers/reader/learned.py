"""How much each run of sentences looks like an answer: a weighted sum of its figures.

The weights are learned by `python -m tests.train.reader` on questions of which a third is not
answered by the debate they are put to, and kept in `weights.json`. See docs/reader.md.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from api.answers.reader.figures import NAMES, Asked, Matrix, Measured
from ingest.errors import Corrupt
from search.query.parsed import Query

Scores = npt.NDArray[np.float32]

FILE = Path(__file__).parent / "weights.json"


class Reader(Protocol):
    """Reads runs beside a question: `PackagedReader` does."""

    def __call__(self, asked: Asked, runs: Sequence[Measured], rows: Matrix, /) -> Scores:
        """The log-odds that each run answers, shape (runs,); `rows` are their figures."""

    def is_enough(self, query: Query, best: float, margin: float) -> bool:
        """Is the best run enough to answer? `margin` is that of the calibration of the figures."""


@dataclass(frozen=True, eq=False)
class LearnedReader:
    """Logistic regression over figures. Doubts of the best run, below `least`, are a veto."""

    weights: Scores
    bias: float
    least: float

    def __call__(self, asked: Asked, runs: Sequence[Measured], rows: Matrix) -> Scores:
        """The log-odds that each run answers, shape (runs,)."""
        return np.asarray(rows @ self.weights + self.bias, np.float32)

    def is_enough(self, query: Query, best: float, margin: float) -> bool:
        """Is the calibration sure, and the best run not doubted?"""
        return margin >= 0 and best >= self.least


@cache
def load_reader() -> LearnedReader:
    """What ships with the product. Raises `Corrupt` if it was learned on other figures."""
    stored = json.loads(FILE.read_text("utf-8"))
    if list(stored["weights"]) != list(NAMES):
        raise Corrupt("weights.json n'est pas de cette version : refaites l'apprentissage.")
    weights = np.array(list(stored["weights"].values()), np.float32)
    return LearnedReader(weights, stored["bias"], stored["least"])
