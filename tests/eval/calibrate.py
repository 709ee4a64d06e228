"""Learn when evidence is enough to answer; write `calibration.json` with the data it comes from.

Learned on the samples' questions, some of them translated, and on PIAF: each of its questions with
the paragraph that answers it, and without. Logistic regression; each set weighs the same. What it
reports on the samples is leave-one-out; `tests.eval` measures on questions that teach nothing.
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import api.answers.calibration
from api.answers.calibration import Calibration, Features
from api.answers.citation import Candidate
from api.answers.evidence import Support
from api.answers.quotations import make_answer
from api.product import Product
from ingest.samples import sample_requests
from ingest.settings import Settings
from ingest.text_import.importer import TextRequest, import_texts
from search.engine.retrieve import Retriever
from search.filters import EVERYTHING, Facets, Filters
from search.passage import Hit, Passage
from search.query.parsed import Query
from tests.eval.answers import lines
from tests.eval.samples import SAMPLES, questions

Array = NDArray[np.float64]
_PIAF_QUESTIONS = 450
_DAY = "2020-01-01"
NEAR_UNANSWERABLE = 0.5  # share of unanswerable questions that may be shown what comes nearest


@dataclass(frozen=True)
class Example:
    """A question that was asked, the evidence found for it, and whether it answers."""

    of: str
    question: str
    features: Features
    answerable: bool


@dataclass(frozen=True)
class _Given:
    """Finds these passages, whatever the query; all else is the product's."""

    retriever: Retriever
    hits: tuple[Hit, ...]

    def find(self, query: Query, limit: int) -> tuple[Hit, ...]:
        return self.hits[:limit]

    def browse(
        self, filters: Filters = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> tuple[Passage, ...]:
        return self.retriever.browse(filters, limit, offset)

    @property
    def is_whole(self) -> bool:
        return True

    def unsaid(self, text: str) -> frozenset[str]:
        """Everything is said somewhere."""
        return frozenset()

    def tied(self, text: str, times: int) -> frozenset[str]:
        """Nothing is tied to what it does not say."""
        return frozenset()

    def facets(self, question: str | None = None, filters: Filters = EVERYTHING) -> Facets:
        return self.retriever.facets(question, filters)


def weighed(product: Product, asked: Query, hits: tuple[Hit, ...] | None) -> Features | None:
    """The evidence for a question, among all passages or these; None if none is looked for."""
    seen: list[Features] = []
    open_to_all = Calibration((0.0,) * len(fields(Features)), 1.0, 0.0, 0.0)
    weigher = replace(product.weigher, calibration=open_to_all)

    def weigh(question: Query, candidates: list[Candidate]) -> Support:
        support = weigher(question, candidates)
        seen.append(support.features)
        return support

    sources = replace(product.sources(product.published), weigh=weigh)  # type: ignore[arg-type]
    if hits is not None:
        sources = replace(sources, finder=_Given(product.retriever, hits))
    make_answer(asked, sources)
    return seen[0] if seen else None


def of_samples(product: Product) -> Iterator[Example]:
    """The samples' questions, then those that are translated."""
    answerable = {question.id: bool(question.gold) for question in questions()}
    asked = [("samples", q.id, q.text) for q in questions()]
    asked += [("translated", line["of"], line["question"]) for line in lines("translated.jsonl")]
    for of, id_, text in asked:
        features = weighed(product, product.parse(text), None)
        if features:
            yield Example(of, text, features, answerable[id_])


def of_piaf(product: Product, data: Path) -> Iterator[Example]:
    """Each question with the paragraph that answers it among what is found, and without."""
    asked = list(_piaf_questions(json.loads(data.read_text("utf-8"))["data"]))
    random.Random(1).shuffle(asked)
    for text, session, turn in asked[:_PIAF_QUESTIONS]:
        understood = product.parse(text)
        hits = product.retriever.find(understood, 40)
        without = tuple(hit for hit in hits if not _holds(hit, session, turn))
        for some, answerable in ((hits, True), (without, False)):
            if answerable and not any(_holds(hit, session, turn) for hit in islice(hits, 8)):
                continue  # not found is not unanswerable, and teaches nothing
            features = weighed(product, understood, some)
            if features:
                yield Example("piaf", text, features, answerable)


def _holds(hit: Hit, session: str, turn: int) -> bool:
    passage = hit.passage
    return passage.session == session and passage.first_turn <= turn <= passage.last_turn


def _piaf_questions(
    articles: list[dict[str, list[dict[str, list[dict[str, str]]]]]],
) -> Iterator[tuple[str, str, int]]:
    for number, article in enumerate(articles):
        for turn, paragraph in enumerate(article["paragraphs"]):
            for asked in paragraph["qas"]:
                yield asked["question"], f"{_DAY}-a{number:03}", turn


def import_piaf(product: Product, data: Path, scratch: Path) -> None:
    """An article as a session, a paragraph as a turn."""
    speeches = scratch / "piaf.jsonl"
    with speeches.open("w", encoding="utf-8") as out:
        for number, article in enumerate(json.loads(data.read_text("utf-8"))["data"]):
            for paragraph in article["paragraphs"]:
                said = {
                    "session": f"{_DAY}-a{number:03}",
                    "date": _DAY,
                    "session_title": article["title"],
                    "text": " ".join(paragraph["context"].split()),
                }
                out.write(json.dumps(said, ensure_ascii=False) + "\n")
    for found in import_texts(TextRequest((speeches,), titled=str), product.archive):
        product.publish(found.session.id)


# --- learning -----------------------------------------------------------------------------------


def fit(x: Array, y: Array, weights: Array) -> Pipeline:
    """Standardised inside: a prior must not depend on a figure's unit."""
    model = LogisticRegression(C=1.0, class_weight="balanced")
    made = make_pipeline(StandardScaler(), model)
    made.fit(x, y, logisticregression__sample_weight=weights)
    return made


def evenly(of: list[str]) -> Array:
    """A weight for each example, so that each set weighs the same."""
    counts = {name: of.count(name) for name in set(of)}
    return np.array([len(of) / len(counts) / counts[name] for name in of])


def threshold(p: Array, y: Array, weights: Array) -> float:
    """The one at which as large a share of the answerable is lost as of the others is answered."""

    def worse(cut: float) -> float:
        lost = np.average(p[y == 1] < cut, weights=weights[y == 1])
        let_through = np.average(p[y == 0] >= cut, weights=weights[y == 0])
        return float(max(lost, let_through))

    cuts: list[float] = np.linspace(0.2, 0.8, 121).tolist()
    return min(cuts, key=worse)


def learned(examples: list[Example]) -> dict[str, object]:
    """What `calibration.json` holds."""
    x = np.array([astuple(example.features) for example in examples])
    y = np.array([float(example.answerable) for example in examples])
    of = [example.of for example in examples]
    weights = evenly(of)
    model = fit(x, y, weights)
    scaler, regression = model[0], model[-1]
    own = regression.coef_[0] / scaler.scale_
    p = model.predict_proba(x)[:, 1]
    cut = threshold(p, y, weights)
    near = float(np.quantile(p[y == 0], 1 - NEAR_UNANSWERABLE))
    sets = {name: (np.array(of) == name) for name in dict.fromkeys(of)}
    return {
        "learned_on": {name: [int(s.sum()), int(y[s].sum())] for name, s in sets.items()},
        "features": [field.name for field in fields(Features)],
        "weights": [round(float(w), 4) for w in own],
        "bias": round(float(regression.intercept_[0] - own @ scaler.mean_), 4),
        "threshold": round(cut, 3),
        "near": round(min(near, cut), 3),
        "on_what_it_learned": {
            name: {
                "answerable_refused": round(float(np.mean(p[s & (y == 1)] < cut)), 3),
                "unanswerable_refused": round(float(np.mean(p[s & (y == 0)] < cut)), 3),
            }
            for name, s in sets.items()
        },
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.calibrate", description=__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="folder for their archive")
    parser.add_argument("--piaf", type=Path, required=True, help="folder for its archive")
    parser.add_argument("--piaf-data", type=Path, required=True, help="piaf_dev.json")
    asked = parser.parse_args()
    product = Product(Settings(data=asked.samples))
    for request in sample_requests(SAMPLES):
        product.publish(product.ingest(request, lambda stage, fraction: None).id)
    encyclopedia = Product(Settings(data=asked.piaf))
    import_piaf(encyclopedia, asked.piaf_data, asked.piaf)
    examples = [*of_samples(product), *of_piaf(encyclopedia, asked.piaf_data)]
    target = Path(api.answers.calibration.__file__).parent / "calibration.json"
    target.write_text(json.dumps(learned(examples), indent=1) + "\n", "utf-8")
    print(target.read_text("utf-8"))


if __name__ == "__main__":
    main()
