"""How likely a word is to be the one that was said, from the recogniser's own probability.

In two steps: the probability corrected, by which names are repaired; then, once words stand as they
will be read, all that they show (`word_signs`). Knows the weights learned by `python -m
tests.eval.confidence --fit` and `tests.eval.doubts --fit` on speech whose words are known, kept in
`confidence.json` with what they come from. Does not know the sound. What was learned on one
recogniser says nothing of another, whose probabilities are left as they are.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ingest.asr.word_signs import SIGNS, Expected, odds_of, signs
from ingest.errors import Corrupt
from ingest.transcript import Word

STORED = Path(__file__).parent / "confidence.json"
_REACH = 2  # words on each side that tell how hard it was to hear here
_HELD = 0.2  # so low stands what a rule doubted: it stays so whatever it shows (D-214, D-233)


@dataclass(frozen=True)
class ConfidenceCalibration:
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
    words: Sequence[Word], transcriber: str, calibration: ConfidenceCalibration | None = None
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
    odds = [odds_of(word.confidence) for word in words]
    around = [
        odds[max(0, at - _REACH) : at] + odds[at + 1 : at + 1 + _REACH] for at in range(len(odds))
    ]
    return tuple(
        (own, sum(near) / len(near) if near else own)
        for own, near in zip(odds, around, strict=True)
    )


@dataclass(frozen=True)
class Weighing:
    """Logistic regression on all that a word shows: `weights` by sign, positive where right."""

    transcriber: str
    bias: float
    weights: Mapping[str, float]


def weighed(
    words: Sequence[Word], transcriber: str, expected: Expected, weighing: Weighing | None = None
) -> tuple[Word, ...]:
    """The words as they will be read, each with the share of words that show the same and are
    right; before, they have what `calibrated` gave them.

    Raises `Corrupt` if the stored weights are unusable.
    """
    learned = weighing or load_weighing()
    if learned.transcriber != transcriber:
        return tuple(words)
    sums = signs(words, expected) @ [learned.weights[sign] for sign in SIGNS] + learned.bias
    shares = (round(1.0 / (1.0 + math.exp(-odds)), 3) for odds in sums)
    return tuple(
        replace(word, confidence=min(share, word.confidence) if word.confidence <= _HELD else share)
        for word, share in zip(words, shares, strict=True)
    )


@cache
def load_calibration() -> ConfidenceCalibration:
    """The calibration that ships with the product."""
    stored = json.loads(STORED.read_text("utf-8"))
    learned = ConfidenceCalibration(stored["transcriber"], **stored["weights"])
    if learned.own <= 0:
        raise Corrupt(
            f"confidence.json donne un poids de {learned.own} à la probabilité d'un mot, il doit"
            " être positif : refaites l'étalonnage."
        )
    return learned


@cache
def load_weighing() -> Weighing:
    """The weighing that ships with the product."""
    stored = json.loads(STORED.read_text("utf-8"))
    learned = Weighing(stored["transcriber"], **stored["signs"])
    if set(learned.weights) != set(SIGNS) or learned.weights["own"] <= 0:
        raise Corrupt(
            "confidence.json ne pèse pas les mêmes signes que word_signs.py, ou pas la probabilité"
            " d'un mot : refaites l'étalonnage."
        )
    return learned
