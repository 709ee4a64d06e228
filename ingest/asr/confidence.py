"""How likely a word is to be the one that was said: the recogniser's own probability, corrected.

Knows the weights learned by `python -m tests.eval.confidence --fit` on speech whose words are
known, kept in `confidence.json` with what they come from. Does not know the sound. What was
learned on one recogniser says nothing of another, whose probabilities are left as they are.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ingest.errors import Corrupt
from ingest.transcript import Word

STORED = Path(__file__).parent / "confidence.json"
_REACH = 2  # words on each side that tell how hard it was to hear here
_LOWEST, _HIGHEST = 0.02, 0.995  # beyond these the recogniser's probabilities say no more


@dataclass(frozen=True)
class Calibration:
    """Logistic regression on the log-odds of a word (`own`) and of the words around it (`near`).

    `own` is positive, so that of two words in one place the likelier stays the likelier.
    """

    transcriber: str
    bias: float
    own: float
    near: float

    def probability(self, own: float, near: float) -> float:
        """The share of words with these log-odds that were said, 0..1."""
        return 1.0 / (1.0 + math.exp(-(self.bias + self.own * own + self.near * near)))


def calibrated(
    words: Sequence[Word], transcriber: str, calibration: Calibration | None = None
) -> tuple[Word, ...]:
    """The words, in order of time, each with the share of words like it that are right.

    `transcriber` is its name in `Generator`. Raises `Corrupt` if the stored weights are unusable.
    """
    learned = calibration or load_calibration()
    if learned.transcriber != transcriber:
        return tuple(words)
    return tuple(
        replace(word, confidence=round(learned.probability(own, near), 3))
        for word, (own, near) in zip(words, log_odds(words), strict=True)
    )


def log_odds(words: Sequence[Word]) -> tuple[tuple[float, float], ...]:
    """Of each word, its log-odds and the mean of those of the words around it (its own if none)."""
    odds = [_log_odds(word.confidence) for word in words]
    around = [
        odds[max(0, at - _REACH) : at] + odds[at + 1 : at + 1 + _REACH] for at in range(len(odds))
    ]
    return tuple(
        (own, sum(near) / len(near) if near else own)
        for own, near in zip(odds, around, strict=True)
    )


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _LOWEST), _HIGHEST)
    return math.log(kept / (1 - kept))


@cache
def load_calibration() -> Calibration:
    """The calibration that ships with the product."""
    stored = json.loads(STORED.read_text("utf-8"))
    learned = Calibration(stored["transcriber"], **stored["weights"])
    if learned.own <= 0:
        raise Corrupt(
            f"confidence.json donne un poids de {learned.own} à la probabilité d'un mot, il doit"
            " être positif : refaites l'étalonnage."
        )
    return learned
