"""When there is enough evidence to answer: a logistic function of a few comparable figures.

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

    By how much the cosine of the nearest passage is above the question's mean cosine with all
    passages; the share (0..1) of the question's weight in words that one run of sentences holds
    which could answer: it tells the kind of thing that is sought, and its passage holds the query's
    names. `foreign` is 1 for a question in another language than French, whose words tell nothing;
    its nearness counts for more.
    """

    nearness: float = 0.0
    run_words: float = 0.0
    foreign: float = 0.0
    foreign_nearness: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """Logistic regression: one weight for each of `Features`, a bias, two thresholds (0..1).

    From `threshold` on the evidence answers; from `near` on it is worth showing as what comes
    nearest, which it is then said to be.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    near: float

    def _log_odds(self, features: Features) -> float:
        values = astuple(features)
        return float(self.bias + sum(w * x for w, x in zip(self.weights, values, strict=True)))

    def probability(self, features: Features) -> float:
        """How probable it is that the evidence answers the question, 0..1."""
        return 1.0 / (1.0 + math.exp(-self._log_odds(features)))

    def margin(self, features: Features) -> float:
        """By how many log-odds the evidence is above the threshold from which it is enough."""
        return self._log_odds(features) - math.log(self.threshold / (1.0 - self.threshold))

    def is_near(self, features: Features) -> bool:
        """Is it worth showing?"""
        return self.probability(features) >= self.near


def load_calibration() -> Calibration:
    """The calibration that ships with the product."""
    stored = json.loads((Path(__file__).parent / "calibration.json").read_text("utf-8"))
    if stored["features"] != [field.name for field in fields(Features)]:
        raise Corrupt("calibration.json n'est pas de cette version : refaites l'étalonnage.")
    return Calibration(
        tuple(stored["weights"]), stored["bias"], stored["threshold"], stored["near"]
    )
