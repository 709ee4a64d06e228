"""Learn when evidence is enough to answer, on the samples' questions; write `calibration.json`.

Logistic regression with a strong prior (there are few questions), and the threshold that errs
least on both sides alike. What it reports is leave-one-out: each question judged by what the others
taught.
"""

import argparse
import json
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

import api.calibration
from api.answer import make_answer
from api.calibration import Calibration, Features
from api.evidence import Found, Support
from api.wiring import Product
from ingest.samples import sample_requests
from ingest.settings import Settings
from tests.eval.samples import SAMPLES, questions

Array = NDArray[np.float64]


def features_of(product: Product, question: str) -> Features:
    """The evidence that the product finds for a question, whatever it then decides."""
    seen: list[Features] = []
    weigher = replace(
        product.weigher, calibration=Calibration((0.0,) * len(fields(Features)), 1, 0)
    )

    def weigh(text: str, found: list[Found]) -> Support:
        support = weigher(text, found)
        seen.append(support.features)
        return support

    make_answer(question, product.published, product.search, weigh)  # type: ignore[arg-type]
    return seen[0] if seen else Features()


def fit(x: Array, y: Array) -> LogisticRegression:
    """Standardised inside: a prior must not depend on a figure's unit."""
    return LogisticRegression(C=1.0, class_weight="balanced").fit(x, y)


def left_out(x: Array, y: Array) -> Array:
    """Probability of each question when it is judged by what the others taught."""
    keep = ~np.eye(len(y), dtype=bool)
    judged = [fit(x[k], y[k]).predict_proba(x[[n]])[0, 1] for n, k in enumerate(keep)]
    return np.array(judged)


def threshold(probabilities: Array, y: Array) -> float:
    """The one at which as many questions as possible, of both kinds alike, are judged rightly."""
    candidates = np.linspace(0.2, 0.8, 61)
    balanced = [
        np.mean(probabilities[y == 1] >= c) + np.mean(probabilities[y == 0] < c) for c in candidates
    ]
    return float(np.mean(candidates[np.isclose(balanced, max(balanced))]))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for the ingested samples")
    product = Product(Settings(data=parser.parse_args().data))
    for request in sample_requests(SAMPLES):
        product.publish(product.ingest(request, lambda stage, fraction: None).id)
    asked = questions()
    raw = np.array([astuple(features_of(product, q.text)) for q in asked])
    y = np.array([1.0 if q.gold else 0.0 for q in asked])
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    x = (raw - mean) / spread
    model, judged = fit(x, y), left_out(x, y)
    cut = threshold(judged, y)
    weights = model.coef_[0] / spread
    kept = {
        "learned_on": f"{len(y)} sample questions, {int(y.sum())} of them answerable",
        "features": [field.name for field in fields(Features)],
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(float(model.intercept_[0] - weights @ mean), 4),
        "threshold": round(cut, 3),
        "left_out": {
            "answerable_refused": round(float(np.mean(judged[y == 1] < cut)), 3),
            "unanswerable_refused": round(float(np.mean(judged[y == 0] < cut)), 3),
        },
    }
    target = Path(api.calibration.__file__).parent / "calibration.json"
    target.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(target.read_text("utf-8"))
    for question, p in sorted(zip(asked, judged, strict=True), key=lambda pair: pair[1]):
        print(f"{p:.2f} {'+' if question.gold else '-'} {question.text}")


if __name__ == "__main__":
    main()
