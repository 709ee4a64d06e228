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
SIZE, MOST_RIGHT = 4, 2  # passages of a group; right ones among them
# Of answerable questions, how many are asked without the passages that answer, and how many of
# those passages without their sentences that do: what is left is as near as a wrong one can be.
_LOST, _CUT = 0.06, 0.12
_NEARER = 3  # ranks by which a wrong passage is drawn half as often


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

    def cut(self) -> "Labelled | None":
        """The passage without its sentences that answer or hold words of a gold; None for none."""
        of = self.text.sentence
        gone = {*np.flatnonzero(self.sentences).tolist(), *of[self.pieces & (of >= 0)].tolist()}
        left = [n for n in np.unique(of[of >= 0]).tolist() if n not in gone]
        if not left:
            return None
        keep = ~np.isin(of, list(gone))
        number = {n: at for at, n in enumerate(left)} | {-1: -1}
        sentence = np.array([number[n] for n in of[keep].tolist()])
        pieces = tuple(np.array(self.text.pieces)[keep].tolist())
        text = Text(pieces, sentence, ())
        return Labelled(
            text, np.zeros(len(left), np.bool_), np.zeros(len(pieces), np.bool_), self.odds[left]
        )


@dataclass(frozen=True, eq=False)
class Group:
    """A question as pieces, and the passages that search proposed for it, best first."""

    question: list[int]
    passages: tuple[Labelled, ...]

    def drawn(self, rng: random.Random) -> list[Labelled]:
        """Right passages and wrong ones, anew each time; the better ones of the wrong oftener."""
        right = [one for one in self.passages if one.right]
        wrong = [one for one in self.passages if not one.pieces.any()]
        most, chance = rng.randint(1, MOST_RIGHT), rng.random()
        kept = rng.sample(right, min(len(right), most)) if chance >= _LOST else []
        if _LOST <= chance < _LOST + _CUT:
            kept = [rest for one in kept if (rest := one.cut())]
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
