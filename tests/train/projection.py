"""Learns how questions are turned (`search/engine/projection.py`) from CouncilQA-fr's train set.

`python -m tests.train.projection --archives FOLDER [--without SITTING]`, with the archives of
`tests.eval.councilqa.measure` and `VERBATIM_EVAL_DATA`. Each question is to have a larger cosine
with a passage that answers it than with all others of its sitting; what is added to a vector is
kept small, so that other cities' debates are found as before.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from search.engine import projection
from search.index import store
from search.index.embed import PACKAGED_NAME, Vectors
from tests.eval.councilqa import Question, read, speeches
from tests.eval.councilqa.measure import SITTINGS, Sitting, holds, opened

SHARPNESS = 1 / 0.03  # of the cosines, which differ little: the temperature of e5's own training
SMALL = 0.1  # weight of the matrix's squares; .1 and .3 did alike on sittings kept apart
SHARE = 0.5  # of what is learned: all of it lost 2 of 81 first places on the samples' council
STEPS, RATE = 60, 3e-3  # after 150 steps sittings kept apart were found no better


@dataclass(frozen=True)
class Debate:
    """A sitting's questions and passages as vectors; `answers`: shape (questions, passages)."""

    questions: Vectors
    passages: Vectors
    answers: npt.NDArray[np.bool_]


def learn(debates: Sequence[Debate]) -> Vectors:
    """What is added to questions, shape (dimension, dimension)."""
    import torch

    rows = [tuple(map(torch.tensor, (d.questions, d.passages, d.answers))) for d in debates]
    count = sum(len(d.questions) for d in debates)
    dimension = debates[0].questions.shape[1]
    added = torch.zeros(dimension, dimension, requires_grad=True)
    optimiser = torch.optim.Adam([added], lr=RATE)
    for _ in range(STEPS):
        loss = SMALL * (added**2).sum()
        for questions, passages, answers in rows:
            ahead = torch.nn.functional.normalize(questions + questions @ added, dim=1)
            scores = ahead @ passages.T * SHARPNESS
            right = torch.logsumexp(scores.masked_fill(~answers, -1e9), 1)
            loss = loss + (torch.logsumexp(scores, 1) - right).sum() / count
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return np.asarray(added.detach().numpy())


def debate(archives: Path, data: Path, session: str, questions: Sequence[Question]) -> Debate:
    """The questions of a sitting that have a passage, follow-ups left out: they lean on another."""
    product = opened(archives, data, session)
    sitting = Sitting(product, speeches(data, session))
    with product.archive.engine.connect() as db:
        keys = product.corpus.now().columns.keys.tolist()
        passages = store.published_rows(db, keys).values()
        vectors = store.vectors(db, PACKAGED_NAME, [passage.id for passage in passages])
    places = [sitting.passage(passage) for passage in passages]
    answers = np.array(
        [
            [holds(place, [sitting.place(gold) for gold in question.gold]) for place in places]
            for question in questions
        ]
    )
    kept = answers.any(axis=1)
    queries = map(product.parse, (question.question for question in questions))
    asked = product.embedder.queries([query.sentence or query.question for query in queries])
    found = np.stack([vectors[passage.id] for passage in passages])
    return Debate(asked[kept], found, answers[kept])


def answerable(session: str) -> Iterator[Question]:
    """A sitting's questions that stand alone and are answered in it."""
    for question in read("train"):
        if question.session == session and question.gold and not question.context:
            yield question


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.train.projection")
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=os.environ.get("VERBATIM_EVAL_DATA"))
    parser.add_argument("--without", action="append", default=[], help="sittings kept apart")
    parser.add_argument("--out", type=Path, default=Path(projection.__file__).with_suffix(".npy"))
    options = parser.parse_args()
    debates = [
        debate(options.archives, Path(options.data), session, list(answerable(session)))
        for session in SITTINGS
        if session not in options.without
    ]
    np.save(options.out, (SHARE * learn(debates)).astype(np.float16))
    print(f"{sum(len(d.questions) for d in debates)} questions: {options.out}")


if __name__ == "__main__":
    main()
