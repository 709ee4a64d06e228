"""When there is enough evidence to answer: a logistic function of four comparable figures.

The weights are learned by `python -m tests.eval.calibrate` on questions that recordings do and do
not answer, and kept in `calibration.json` with the data they come from.
"""

import json
import math
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from ingest.errors import Corrupt


@dataclass(frozen=True)
class Features:
    """The best that was found for a question.

    Cosine of the nearest passage; shares (0..1) of the question's weight in words that one passage
    and one run of sentences hold; share (0..1) of the names asked for that are there.
    """

    passage_cosine: float = 0.0
    passage_words: float = 0.0
    run_words: float = 0.0
    names_held: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """Logistic regression: one weight for each of `Features`, a bias, a threshold (0..1)."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, features: Features) -> float:
        """How probable it is that the evidence answers the question, 0..1."""
        values = astuple(features)
        z = self.bias + sum(w * x for w, x in zip(self.weights, values, strict=True))
        return 1.0 / (1.0 + math.exp(-z))

    def answers(self, features: Features) -> bool:
        """Is it enough to answer?"""
        return self.probability(features) >= self.threshold


def load_calibration() -> Calibration:
    """The calibration that ships with the product."""
    stored = json.loads((Path(__file__).parent / "calibration.json").read_text("utf-8"))
    if stored["features"] != [field.name for field in fields(Features)]:
        raise Corrupt("calibration.json n'est pas de cette version : refaites l'étalonnage.")
    return Calibration(tuple(stored["weights"]), stored["bias"], stored["threshold"])
