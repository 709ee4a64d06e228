"""What the reader learns from: CouncilQA's train questions, asked of archives of their sittings.

Each question gives a row of figures for every run of sentences in the passages that the product
weighs, and how much of an answer each run is. Kept in one .npz a sitting: figures take minutes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from api.answers.citation import Candidate, Quote
from api.answers.quotations import _WEIGHED, _candidates, _Reading
from api.answers.reader.figures import Asked, Measured
from api.product import Product
from search.query.parsed import Query
from tests.eval.councilqa import Question, read, speeches
from tests.eval.councilqa.measure import Sitting, Words, asked

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Example:
    """A question, what is measured of its runs, and how much of an answer each is, 0..1.

    `gold` says of each word of each run whether it is one of a gold place.
    """

    question: Question
    asked: Asked
    runs: tuple[Measured, ...]
    right: Scores
    gold: tuple[tuple[bool, ...], ...]


def rightness(quoted: Words, golds: Sequence[Words]) -> float:
    """The share of a gold that a quotation holds, or of the quotation that is gold."""
    first, last = quoted
    best = 0.0
    for start, end in golds:
        shared = min(last, end) - max(first, start) + 1
        best = max(best, shared / (end - start + 1), shared / (last - first + 1))
    return best


def held(quote: Quote, sitting: Sitting, golds: Sequence[Words]) -> tuple[bool, ...]:
    """Which of its words are those of a gold."""
    words = quote.turn.words[quote.first_word : quote.last_word + 1]
    places = [sitting.at(quote.turn.id, word.start_ms) for word in words]
    return tuple(any(a <= place <= b for a, b in golds) for place in places)


def candidates(product: Product, query: Query) -> list[Candidate]:
    """The passages whose sentences the product weighs."""
    reading = _Reading(product.published)
    return list(islice(_candidates(query, product.sources(product.published), reading), _WEIGHED))


def examples(product: Product, data: Path, session: str) -> Iterator[Example]:
    """The train questions of a sitting, asked of its archive."""
    sitting = Sitting(product, speeches(data, session))
    for question in read("train"):
        if question.session == session:
            query = asked(product, question)
            ready, runs = product.weigher.measured(query, candidates(product, query))
            golds = [sitting.place(place) for place in question.gold]
            shares = [rightness(sitting.quoted(run.quote), golds) for run in runs]
            gold = tuple(held(run.quote, sitting, golds) for run in runs)
            measured = tuple(run.measured for run in runs)
            yield Example(question, ready, measured, np.array(shares, np.float32), gold)
