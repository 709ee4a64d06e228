"""The packaged reader: reads question and passage together, word by word. See docs/reader.md.

A network of twelve layers gives each sentence of a passage the log-odds that it answers. Beside
those of the figures they order the runs; all of them together say whether the question is answered
at all. It is learned by `python -m tests.train.cross_encoder`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from api.answers.reader.figures import Asked, Matrix, Measured
from api.answers.reader.learned import Reader, Scores
from ingest.weights import open_network, verify
from search.index.word_vectors import END, START, WordVectors, packaged_words
from search.query.parsed import Intent, Query

NETWORK = Path(__file__).parent / "network.onnx"
WEIGHED = Path(__file__).parent / "network.json"
MOST_QUESTION, MOST_PASSAGE = 48, 256  # pieces of words; all but 1 % of passages have fewer
_UNREAD = -6.0  # log-odds of a sentence beside the point; also the mark of one not read
# Log-odds more where reasons are asked for: what the question takes for granted must be so, too,
# and a passage that says the contrary reads like an answer (D-292).
_WHY = 0.6
_READ = 2  # passages, those with the best figures: five tell no more (D-290)


@dataclass(frozen=True, eq=False)
class Text:
    """A passage as the network reads it; `sentence` is that of each piece, -1 for none.

    `runs` are the first sentence of each run in it, and the first after it.
    """

    pieces: tuple[int, ...]
    sentence: npt.NDArray[np.int64]
    runs: tuple[tuple[int, int], ...]


def question_of(query: Query) -> str:
    """A question as it is read: a follow-up after what it follows."""
    return f"{query.sentence} {query.question}" if query.before else query.wording


def asked_pieces(question: str, words: WordVectors) -> list[int]:
    """A question as pieces of words, marked as one."""
    return [START, *words.pieces(f"query: {question}")[: MOST_QUESTION - 2], END]


def text_of(runs: Sequence[Measured], words: WordVectors) -> Text:
    """A passage from all its runs, in order: those of one sentence make it up."""
    starts = np.maximum(np.cumsum([run.sentences == 1 for run in runs]) - 1, 0)
    alone = [run for run in runs if run.sentences == 1]
    pieces, sentence = [START, *words.pieces("passage:")], [-1, -1, -1]
    before: Measured | None = None
    for n, run in enumerate(alone):
        parts = [(n, run.text)]
        if before is None or before.speaker != run.speaker or before.at >= run.at:
            parts.insert(0, (-1, f"{run.speaker} :" if run.speaker else ""))
        for of, text in parts:
            own = words.pieces(text)
            pieces, sentence = [*pieces, *own], [*sentence, *[of] * len(own)]
        before = run
    most = MOST_PASSAGE - 1
    ends = np.minimum(starts + [run.sentences for run in runs], len(alone))
    return Text(
        (*pieces[:most], END),
        np.array([*sentence[:most], -1]),
        tuple(zip(starts.tolist(), ends.tolist(), strict=True)),
    )


class OnnxNetwork:
    """The network that ships, under onnxruntime."""

    def __init__(self, words: WordVectors, sha256: str, threads: int) -> None:
        verify(NETWORK, sha256)
        self._words = words
        self._session = open_network(NETWORK, threads, whole_bytes=True)

    def __call__(self, question: Sequence[int], text: Text) -> Scores:
        """The log-odds that each sentence of a passage answers, its unread ones left out."""
        numbers = np.arange(max(text.sentence.max(), 0) + 1)
        own = (text.sentence == numbers[:, None]).astype(np.float32)
        fed = {
            "question": self._words.vectors(question),
            "passage": self._words.vectors(text.pieces),
            "sentences": own,
        }
        (odds,) = self._session.run(None, fed)
        return np.asarray(np.where(own.any(axis=1), odds, _UNREAD), np.float32)


@dataclass(frozen=True, eq=False)
class PackagedReader:
    """The best run has the log-odds that the question is answered; others are behind it.

    These log-odds are `slope` times the network's that any sentence read answers (the sum of all
    odds, D-267), and `bias`; with `share` of the calibration's margin they are enough from `least`
    on. The network is loaded with the first question.
    """

    first: Reader
    least: float
    slope: float
    bias: float
    share: float
    sha256: str
    threads: int

    @cached_property
    def words(self) -> WordVectors:
        """Pieces of words, as the network takes them."""
        return packaged_words()

    @cached_property
    def _network(self) -> OnnxNetwork:
        return OnnxNetwork(self.words, self.sha256, self.threads)

    def __call__(self, asked: Asked, runs: Sequence[Measured], rows: Matrix) -> Scores:
        """The log-odds that each run answers, shape (runs,)."""
        if not runs:
            return np.empty(0, np.float32)
        question = asked_pieces(question_of(asked.query), self.words)
        odds, ranks = self.first(asked, runs, rows), np.array([run.rank for run in runs])
        read = np.full(len(runs), _UNREAD, np.float32)
        for rank in list(dict.fromkeys(ranks[np.argsort(-odds, kind="stable")].tolist()))[:_READ]:
            (own,) = np.nonzero(ranks == rank)
            read[own] = self._of_runs(question, [runs[int(n)] for n in own])
        said: dict[str, float] = {}  # the same words said twice are as good in both places
        least = read[read > _UNREAD].min(initial=0.0)  # what was not read stands where figures say
        for run, own_odds in zip(runs, np.maximum(read, least).tolist(), strict=True):
            said[run.text] = max(own_odds, said.get(run.text, own_odds))
        order = odds + np.array([said[run.text] for run in runs], np.float32)
        alone = np.array([run.sentences == 1 for run in runs]) & (read > _UNREAD)
        whole = np.logaddexp.reduce(read[alone], initial=_UNREAD)
        return np.asarray(order - order.max() + self.slope * whole + self.bias, np.float32)

    def is_enough(self, query: Query, best: float, margin: float) -> bool:
        """Do the network and the figures' calibration together find it enough?"""
        if margin < 0 and query.intent is Intent.AMOUNT:
            return False  # another thing's amount looks like an answer to the network (D-206)
        least = self.least + (_WHY if query.intent is Intent.WHY else 0.0)
        return best + self.share * margin >= least

    def _of_runs(self, question: Sequence[int], runs: Sequence[Measured]) -> Scores:
        """The best sentence's log-odds in each run of one passage."""
        text = text_of(runs, self.words)
        sentences = self._network(question, text)
        held = (sentences[start:end] for start, end in text.runs)
        return np.array([own.max(initial=_UNREAD) for own in held], np.float32)


def packaged_reader(first: Reader, threads: int = 0) -> PackagedReader:
    """What ships with the product."""
    stored = json.loads(WEIGHED.read_text("utf-8"))
    least, slope, bias, share = (stored[name] for name in ("least", "slope", "bias", "share"))
    return PackagedReader(first, least, slope, bias, share, stored["sha256"], threads)
