"""Learn which run of sentences answers a question; write `weights.json` with what it learned on.

    python -m tests.train.reader --archives FOLDER --examples FOLDER

Asks CouncilQA's train questions of an archive of each sitting (`tests.eval.councilqa.measure` makes
them; minutes), keeps what was measured in the second folder, then fits a logistic
regression. What it reports is cross-validated by sitting; the held-out fifth is not read.
"""

import argparse
import json
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from api.answers.calibration import load_calibration
from api.answers.evidence import features_of
from api.answers.reader.figures import NAMES, Matrix, figures
from api.answers.reader.learned import FILE
from api.product import Product
from ingest.settings import Settings
from tests.eval.councilqa.measure import SITTINGS
from tests.train.examples import Example, examples

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_RIGHT = 0.5  # share of a gold that a right run holds, as `measure` judges
_EVERY = 4  # of the runs that do not answer, one in so many is learned from: they are 98 %
_STRENGTH = 0.1  # C of the regression; chosen, not measured apart
# Log-odds. By this veto the answerable lose none of their right answers in cross-validation, and
# the unanswerable an eighth of theirs; higher ones cost the samples right answers (D-181).
LEAST = -2.3


@dataclass(frozen=True, eq=False)
class Set:
    """Examples as one matrix; `of` is the example of each row, `sitting` the sitting of each."""

    examples: tuple[Example, ...]
    rows: Matrix
    right: Flags
    of: npt.NDArray[np.int64]

    @property
    def sitting(self) -> npt.NDArray[np.str_]:
        """The sitting of each example."""
        return np.array([example.question.session for example in self.examples])

    @property
    def answerable(self) -> Flags:
        """Can each example's question be answered?"""
        return np.array([example.question.answerable for example in self.examples])


def together(some: Sequence[Example]) -> Set:
    """One matrix of all examples."""
    rows = [figures(example.asked, example.runs) for example in some]
    return Set(
        tuple(some),
        np.vstack(rows),
        np.concatenate([example.right >= _RIGHT for example in some]),
        np.repeat(np.arange(len(some)), [len(own) for own in rows]),
    )


def fitted(data: Set, keep: Flags) -> tuple[Numbers, float]:
    """Weights and bias of a logistic regression over the rows of some examples."""
    drawn = np.random.default_rng(1).random(len(data.rows)) < 1 / _EVERY
    rows = keep[data.of] & (data.right | drawn)
    scaler, model = StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=300)
    model.fit(scaler.fit_transform(data.rows[rows]), data.right[rows])
    weights = model.coef_[0] / scaler.scale_
    # drawing some of the runs that do not answer made the others likelier
    bias = float(model.intercept_[0] - weights @ scaler.mean_) - float(np.log(_EVERY))
    return weights, bias


def out_of_sitting(data: Set) -> Numbers:
    """The log-odds of each run, by weights that saw nothing of its sitting."""
    scores = np.zeros(len(data.rows))
    for sitting in np.unique(data.sitting):
        own = data.sitting == sitting
        weights, bias = fitted(data, ~own)
        rows = own[data.of]
        scores[rows] = data.rows[rows] @ weights + bias
    return scores


def best_runs(data: Set, scores: Numbers) -> tuple[Numbers, Flags]:
    """The log-odds of each example's best run, very low where it has none; is the run right?"""
    best, right = np.full(len(data.examples), -20.0), np.zeros(len(data.examples), np.bool_)
    order = np.lexsort((-scores, data.of))
    first = np.unique(data.of[order], return_index=True)
    best[first[0]], right[first[0]] = scores[order][first[1]], data.right[order][first[1]]
    return best, right


def enough(data: Set) -> Flags:
    """Which examples the calibration that ships would answer."""
    calibration = load_calibration()
    starts = np.unique(data.of, return_index=True)
    flags = np.zeros(len(data.examples), np.bool_)
    for n, rows in zip(starts[0], np.split(data.rows, starts[1][1:]), strict=True):
        flags[n] = calibration.margin(features_of(rows)) >= 0
    return flags


def report(data: Set, best: Numbers, right: Flags, shown: Flags) -> dict[str, object]:
    """How well the examples are answered; `shown`: which of them would be given an answer."""
    able, kinds = data.answerable, np.array([e.question.kind for e in data.examples])
    french = np.array([e.question.language == "fr" for e in data.examples])
    there = np.zeros(len(able), np.bool_)
    there[data.of[data.right]] = True

    def share(flags: Flags) -> float:
        return round(float(flags.mean()), 3)

    def auc(some: Flags) -> float:
        return round(float(roc_auc_score(able[some], best[some])), 3)

    p = 1 / (1 + np.exp(-best))
    bins = np.minimum((p * 10).astype(int), 9)
    return {
        "auc_answerable": auc(np.ones_like(able)),
        "auc_by_kind": {str(k): auc(able | (kinds == k)) for k in np.unique(kinds[~able])},
        "right_among_runs": share(there[able]),
        "right_first": share(right[able]),
        "right_first_where_there": share(right[able & there]),
        "right_first_in_other_languages": share(right[able & ~french]),
        "answered_right_first": share((right & shown)[able]),
        "answerable_answered": share(shown[able]),
        "unanswerable_answered": share(shown[~able]),
        "reliability": [
            [int((bins == n).sum()), round(float(p[bins == n].mean()), 3), share(right[bins == n])]
            for n in np.unique(bins)
        ],
    }


def learned(data: Set) -> dict[str, object]:
    """What `weights.json` holds."""
    weights, bias = fitted(data, np.ones(len(data.examples), np.bool_))
    best, right = best_runs(data, out_of_sitting(data))
    return {
        "learned_on": {str(s): int((data.sitting == s).sum()) for s in np.unique(data.sitting)},
        "runs": [len(data.rows), int(data.right.sum())],
        "cross_validated_by_sitting": report(data, best, right, enough(data) & (best >= LEAST)),
        "least": LEAST,
        "bias": round(bias, 5),
        "weights": {n: float(f"{w:.5g}") for n, w in zip(NAMES, weights, strict=True)},
    }


def kept(folder: Path, archives: Path, data: Path, sitting: str) -> list[Example]:
    """A sitting's examples, measured now if they were not yet."""
    path = folder / f"{sitting}.pkl"
    if not path.exists():
        product = Product(Settings(data=archives / sitting))
        found = list(examples(product, data, sitting))
        path.write_bytes(pickle.dumps(found))
    own: list[Example] = pickle.loads(path.read_bytes())
    return own


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.train.reader", description=__doc__)
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=os.environ.get("VERBATIM_EVAL_DATA"))
    parser.add_argument("--session", action="append", help="these alone; may be repeated")
    options = parser.parse_args()
    options.examples.mkdir(parents=True, exist_ok=True)
    some = [
        example
        for sitting in options.session or SITTINGS
        for example in kept(options.examples, options.archives, Path(options.data), sitting)
    ]
    found = learned(together(some))
    FILE.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found["cross_validated_by_sitting"], indent=1))


if __name__ == "__main__":
    main()
