"""What the packaged reader's network learns from: a question with passages that search proposed.

Passages stand as the product hands them to the network. One that holds words of a gold place, and
no sentence that answers, is neither right nor wrong: it is left out.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from api.answers.reader.figures import figures
from api.answers.reader.learned import Scores, load_reader
from api.answers.reader.packaged import Text, asked_pieces, question_of, text_of
from search.index.word_vectors import WordVectors
from tests.train.examples import Example

Flags = npt.NDArray[np.bool_]

RIGHT = 0.5  # share of a gold that a right sentence holds, as `measure` judges
SIZE, MOST_RIGHT = 5, 2  # passages of a group; right ones among them
_LOST = 0.08  # of answerable questions, how many are asked without the passages that answer
_NEARER = 4  # ranks by which a wrong passage is drawn half as often


@dataclass(frozen=True, eq=False)
class Labelled:
    """A passage, which of its sentences answer, and which of its pieces are words of a gold.

    `odds` are the log-odds that the figures give each of its sentences.
    """

    text: Text
    sentences: Flags
    pieces: Flags
    odds: Scores

    @property
    def right(self) -> bool:
        """Does it answer?"""
        return bool(self.sentences.any())


@dataclass(frozen=True, eq=False)
class Group:
    """A question as pieces, and the passages that search proposed for it, best first."""

    question: list[int]
    passages: tuple[Labelled, ...]

    def drawn(self, rng: random.Random) -> list[Labelled]:
        """Right passages and wrong ones, anew each time; the better ones of the wrong oftener."""
        right = [one for one in self.passages if one.right]
        wrong = [one for one in self.passages if not one.pieces.any()]
        kept = rng.sample(right, min(len(right), MOST_RIGHT)) if rng.random() >= _LOST else []
        weights = [1 / (1 + n / _NEARER) for n in range(len(wrong))]
        while wrong and len(kept) < SIZE:
            at = rng.choices(range(len(wrong)), weights)[0]
            kept.append(wrong.pop(at))
            weights.pop(at)
        return kept


def groups(examples: Sequence[Example], words: WordVectors) -> Iterator[Group]:
    """Those with anything to learn: a right passage, or no right one anywhere."""
    for example in examples:
        passages = tuple(_passages(example, words))
        if any(one.right for one in passages) or (passages and not example.question.answerable):
            yield Group(asked_pieces(question_of(example.asked.query), words), passages)


def _passages(example: Example, words: WordVectors) -> Iterator[Labelled]:
    odds = load_reader()(example.asked, example.runs, figures(example.asked, example.runs))
    every = zip(example.runs, example.right, example.gold, odds, strict=True)
    for _, own in groupby(every, lambda one: one[0].rank):
        runs, right, gold, own_odds = zip(*own, strict=True)
        text = text_of(runs, words)
        alone = [n for n, run in enumerate(runs) if run.sentences == 1]
        pieces = np.zeros(len(text.pieces), np.bool_)
        for number, n in enumerate(alone):
            said = zip(runs[n].text.split(), gold[n], strict=True)
            flags = [flag for word, flag in said for _ in words.of_word(word)]
            places = np.flatnonzero(text.sentence == number)
            pieces[places] = flags[: len(places)]
        if read := alone[: text.sentence.max() + 1]:
            answers = np.array([right[n] >= RIGHT for n in read])
            yield Labelled(text, answers, pieces, np.array([own_odds[n] for n in read]))
