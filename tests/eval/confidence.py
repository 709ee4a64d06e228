"""Is a word that the product is sure of right? Show tables; with `--fit`, learn the weights anew.

    VERBATIM_EVAL_DATA=... python -m tests.eval.confidence --fit

Logistic regression in which the samples and the real voices weigh the same, however many words each
has. The held-out table judges each kind by what the other alone taught. What all that a word shows
adds is learned by `doubts`.
"""

import argparse
import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from ingest.asr.confidence import (
    STORED,
    ConfidenceCalibration,
    calibrated,
    load_calibration,
    log_odds,
)
from ingest.asr.whisper import whisper_name
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Word
from tests.eval.error_rates import normal_words
from tests.eval.recordings import Known, groups, heard_once, real_voices, recordings

BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
SURE = 0.9
GOAL = 0.95
Array = NDArray[np.float64]
_FIGURES = re.compile(r"\W*\d[\d.,']*\W*")


def rightly_heard(words: Sequence[Word], said: str) -> list[bool]:
    """Whether each word was said where it stands, by the alignment with the fewest edits.

    Numbers are compared as numbers: « 2.300 » is right for "deux mille trois cents", and each of
    the words of « 300 000 » is right if the number is.
    """
    tokens, owners = _owned(words)
    right = np.zeros(len(words), dtype=bool)
    right[[at for owner in owners for at in owner]] = True
    for edit in Levenshtein.opcodes(_normal(said), tokens):
        if edit.tag != "equal":
            for owner in owners[edit.dest_start : edit.dest_end]:
                right[owner] = False
    return [bool(flag) for flag in right]


def errors_at(words: Sequence[Word], said: str) -> list[int]:
    """The place among the words of each edit that WER counts; of a lacking word, where it lacks."""
    tokens, owners = _owned(words)
    edits = Levenshtein.editops(_normal(said), tokens)
    return [owners[min(edit.dest_pos, len(owners) - 1)][0] for edit in edits]


def _owned(words: Sequence[Word]) -> tuple[list[str], list[list[int]]]:
    """What the words are compared by, and of each the places of the words that it comes of."""
    tokens: list[str] = []
    owners: list[list[int]] = []
    for run in _numbers_together(words):
        parts = _normal(" ".join(words[at].text for at in run))
        tokens += parts
        owners += [run] * len(parts)
    return tokens, owners


def _numbers_together(words: Sequence[Word]) -> list[list[int]]:
    """Positions of the words, those of one number in figures together."""
    runs: list[list[int]] = []
    for at, word in enumerate(words):
        goes_on = runs and words[at - 1].text[-1:].isdigit() and _FIGURES.fullmatch(word.text)
        if goes_on and _FIGURES.fullmatch(words[at - 1].text):
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _normal(text: str) -> list[str]:
    joined = re.sub(r"(?<=\d)[.,'\s](?=\d{3}\b)", "", text)
    spoken = re.sub(r"(\d+) ?h ?(\d+)", r"\1 heures \2", joined).replace("%", " pour cent")
    return normal_words(spoken.replace("1er", "premier").replace("M. ", "Monsieur "))


def fit(sets: Sequence[tuple[Array, Array]], transcriber: str) -> ConfidenceCalibration:
    """Weights from sets of (log-odds (n, 2), right or not (n,)), each set weighing the same."""
    from sklearn.linear_model import LogisticRegression

    x = np.concatenate([odds for odds, _ in sets])
    y = np.concatenate([right for _, right in sets])
    weight = np.concatenate([np.full(len(right), len(y) / len(right)) for _, right in sets])
    model = LogisticRegression(C=1.0).fit(x, y, sample_weight=weight / len(sets))
    own, near = (round(float(w), 4) for w in model.coef_[0])
    return ConfidenceCalibration(transcriber, round(float(model.intercept_[0]), 4), own, near)


def evidence(known: Sequence[Known], heard: dict[str, list[Word]]) -> tuple[Array, Array]:
    """What there is to learn from: the words' log-odds (n, 2), and whether they are right (n,)."""
    odds = [pair for one in known for pair in log_odds(heard[one.id])]
    right = [flag for one in known for flag in rightly_heard(heard[one.id], one.said)]
    return np.array(odds), np.array(right, dtype=np.float64)


def reliability(confidence: Array, right: Array) -> list[tuple[str, int, float, float]]:
    """For each bin: its name, its words, their mean confidence and the share that is right.

    The last one is all the words of which the product is sure.
    """
    rows = []
    bounds = [*pairwise(BINS), (SURE, 1.0)]
    for low, high in bounds:
        inside = (confidence >= low) & ((confidence < high) | (high == 1.0))
        name = f"{low:.2f}-{high:.2f}"
        if inside.any():
            values = float(confidence[inside].mean()), float(right[inside].mean())
            rows.append((name, int(inside.sum()), *values))
    return rows


def show(title: str, confidence: Array, right: Array) -> float:
    """Print one table; returns the share of sure words that are right."""
    table = Table("confidence", "words", "mean", "right", title=title, box=None)
    rows = reliability(confidence, right)
    for name, count, mean, share in rows:
        table.add_row(name, str(count), f"{mean:.3f}", f"{share:.3f}")
    error = sum(abs(mean - share) * count for _, count, mean, share in rows[:-1]) / len(right)
    Console().print(table)
    brier = float(np.mean((confidence - right) ** 2))
    print(f"  calibration error {error:.3f}, Brier {brier:.4f}, {len(right)} words\n")
    return rows[-1][3]


def tables(known: list[Known], heard: dict[str, list[Word]], name: str) -> list[float]:
    """Print every table; returns the share of sure words that are right in each kind."""
    sets = {group: evidence(chosen, heard) for group, chosen in groups(known)}
    reached = []
    for group, chosen in groups(known):
        right = sets[group][1]
        show(f"{group}: as the recogniser says", _confidences(chosen, heard), right)
        if others := [taught for other, taught in sets.items() if other != group]:
            apart = _corrected(heard, name, fit(others, name))
            show(f"{group}: by what the others taught", _confidences(chosen, apart), right)
        kept = _corrected(heard, name, load_calibration())
        reached.append(show(f"{group}: corrected", _confidences(chosen, kept), right))
    return reached


def _corrected(
    heard: dict[str, list[Word]], name: str, learned: ConfidenceCalibration
) -> dict[str, list[Word]]:
    return {one: list(calibrated(words, name, learned)) for one, words in heard.items()}


def _confidences(known: Sequence[Known], heard: dict[str, list[Word]]) -> Array:
    return np.array([word.confidence for one in known for word in heard[one.id]])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.confidence", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="learn the weights and keep them")
    parser.add_argument("--words", type=Path, help="keep what was heard in this JSON file")
    options = parser.parse_args()
    known = recordings(real_voices())
    settings = Settings()
    heard = heard_once(options.words, known, Steps(settings).transcriber)
    name = whisper_name(settings)
    if options.fit:
        sets = {group: evidence(chosen, heard) for group, chosen in groups(known)}
        _keep(fit(list(sets.values()), name), sets)
    return 0 if min(tables(known, heard, name)) >= GOAL else 1


def _keep(learned: ConfidenceCalibration, sets: dict[str, tuple[Array, Array]]) -> None:
    counts = "; ".join(
        f"{group}: {len(y)} words, {np.mean(y):.3f} right" for group, (_, y) in sets.items()
    )
    weights = {"bias": learned.bias, "own": learned.own, "near": learned.near}
    told = {"transcriber": learned.transcriber, "learned_on": counts, "weights": weights}
    stored = json.loads(STORED.read_text("utf-8")) | told
    STORED.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")
    load_calibration.cache_clear()


if __name__ == "__main__":
    raise SystemExit(main())
