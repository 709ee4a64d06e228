"""Which words answer a question, and whether they answer it at all.

Search finds passages; people want the sentence, with enough around it to be understood. Each run of
one to three sentences is measured beside the question (`reader/figures.py`), and a reader says
which is likeliest to answer (`reader/learned.py`). A refusal rests on `calibration.py`, and on the
reader's doubt of the best run.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Protocol

import numpy as np

from api.answers.amendment_content import asked_for, is_call
from api.answers.answer_type import counted, names_in, telling
from api.answers.calibration import Calibration, Features
from api.answers.citation import Candidate, Quote, apart
from api.answers.formulas import is_formula
from api.answers.reader.figures import NAMES, Asked, Matrix, Measured, figures
from api.answers.reader.learned import Reader, Scores
from api.answers.reader.word_meanings import WordMeanings
from ingest.transcript import Turn
from search.index.embed import Embedder, Vectors
from search.index.sentence_vectors import SentenceVectors
from search.language.acronyms import NO_ACRONYMS, Acronyms
from search.language.sentences import Sentence, sentences
from search.language.stems import stems
from search.query.parsed import Intent, Query

# D-067: a quotation of more is a paragraph; no sentence is added once it has 60 words.
MOST_SENTENCES, MOST_WORDS = 3, 60
_CLOSE = 0.7  # log-odds: a second quotation is half as likely to answer as the best one, or more
_MOST_NEAR = 3  # passages that are shown as what comes nearest: a phone's two screens
_READABLE = 70  # words: a stretch that comes near is filled up to so many, to be judged by itself
_GAP = 1  # sentences left out between two quotes of a turn: they are quoted with them
_BESIDE = 6.0  # log-odds: more than lie between the runs of one question
_OF_FACTS = (Intent.AMOUNT, Intent.HOW_MANY, Intent.WHEN)
# Of a question in another language: D-286.
_COMPARED = 8  # runs whose words are compared with its words
_SAID_BONUS = 2.0  # log-odds of a run that says all of it above one that says nothing of it
_SAID_LEAST, _SAID_AMOUNT = 0.25, 0.35  # share of it that an answer says, and one of an amount
_SAID_LESS = 0.02  # by which an amount's words may say less of it than another amount's
_SAID_NEAR = 0.2  # share that something says, for anything to be near


@dataclass(frozen=True)
class Support:
    """The quotes that support an answer, best first, and whether they are `enough` to answer.

    `margin` is how far the figures alone are beyond what is enough, in log-odds. `near` are the
    best stretches of the best passages, whole enough to be read, whether they answer or not; none
    where nothing that was found is on the query's topic.
    """

    best: tuple[Quote, ...]
    enough: bool
    features: Features
    near: tuple[Quote, ...] = ()
    margin: float = -math.inf
    spoken_of: bool = True


class Weigher(Protocol):
    """Weighs what was found: `SentenceWeigher` does."""

    def __call__(self, query: Query, candidates: Sequence[Candidate], /) -> Support:
        """The words that answer a query, and whether they do."""


class Corpus(Protocol):
    """What weighing needs to know of all passages: `Retriever` tells it."""

    def weights(self, question: str) -> Mapping[str, float]:
        """Weight (idf) of each stem of a text."""

    def usual(self, vector: Vectors) -> float:
        """The mean cosine of a vector with all passages."""


@dataclass(frozen=True, eq=False)
class Run:
    """Consecutive sentences of a turn, on one topic, and what figures are taken of."""

    candidate: Candidate
    quote: Quote
    measured: Measured


@dataclass(frozen=True)
class SentenceWeigher:
    """Weighs runs of sentences with the same embedder and the same French as search.

    `vectors` gives the unit vectors of turns' sentences, shape (sentences, dimension).
    """

    embedder: Embedder
    corpus: Corpus
    vectors: SentenceVectors
    reader: Reader
    calibration: Calibration
    acronyms: Acronyms = NO_ACRONYMS

    @cached_property
    def _stems(self) -> Callable[[str], frozenset[str]]:
        """The stems of a text, as search has them. The same passages come up again and again."""
        return lru_cache(maxsize=20_000)(lambda text: frozenset(self.acronyms.stems(text)))

    @cached_property
    def _meanings(self) -> WordMeanings:
        """Compares words of two languages."""
        return WordMeanings(self.embedder)

    def __call__(self, query: Query, candidates: Sequence[Candidate]) -> Support:
        """The runs that answer a query, and whether they do."""
        asked, runs = self.measured(query, candidates)
        if not runs:
            return Support((), enough=False, features=Features())
        measured = [run.measured for run in runs]
        rows = figures(asked, measured)
        read = self.reader(asked, measured, rows)
        features = features_of(rows)
        margin = self.calibration.margin(features)
        said = self._said(query, runs, read, rows)
        scores = read + (_SAID_BONUS * said if query.language != "fr" else 0.0)
        if query.intent in _OF_FACTS:  # who asks the same does not tell
            scores = scores - _BESIDE * rows[:, _ASKS]
        if asked_for(query):
            scores = scores - _BESIDE * np.array([is_call(one.text) for one in measured])
        order = np.argsort(-scores, kind="stable").tolist()
        fitting = [n for n in order if rows[n, _FITS]] or order  # what tells no amount is no cost
        ranked = [(float(scores[n]), runs[n]) for n in fitting]
        enough = self.reader.is_enough(query, float(read.max()), margin)
        if query.intent is Intent.HOW_MANY and margin < 0:
            enough = enough and _is_of_same(asked, measured[fitting[0]])
        is_near = self.calibration.is_near(features) and said.max() >= _SAID_NEAR
        return Support(
            best=tuple(_telling(query, quote) for quote in _choose(ranked)),
            enough=enough and _is_on_topic(query, float(said[fitting[0]]), float(said.max())),
            features=features,
            near=tuple(_nearest(runs[n] for n in order)) if is_near else (),
            margin=margin,
            spoken_of=bool(said.max() >= _SAID_LEAST),
        )

    def _said(self, query: Query, runs: Sequence[Run], read: Scores, rows: Matrix) -> Scores:
        """How much of a question in another language each of the best runs says; 1 in French."""
        if query.language == "fr":
            return np.ones(len(runs), np.float32)
        order = np.lexsort((-read, -rows[:, _FITS]))[:_COMPARED].tolist()
        texts = (". ".join((runs[n].quote.text, *_around_run(runs[n]))) for n in order)
        shares = np.zeros(len(runs), np.float32)
        shares[order] = self._meanings.shares(query.topic or query.wording, list(texts))
        return shares

    def measured(self, query: Query, candidates: Sequence[Candidate]) -> tuple[Asked, list[Run]]:
        """The question and every run of sentences in the candidates, ready for figures."""
        vector = self.embedder.queries([query.sentence or query.topic])[0]
        asked = Asked(
            query=query,
            wanted=self.corpus.weights(query.topic),
            names=names_in(query),
            noun=counted(query),
            usual=self.corpus.usual(vector),
        )
        best = max((candidate.hit.score for candidate in candidates), default=0.0)
        runs: dict[tuple[str, int, int, int], Run] = {}
        said = self.vectors([(one.session.id, turn) for one in candidates for turn in one.turns])
        for rank, candidate in enumerate(candidates):
            for turn in candidate.turns:
                vectors = said[candidate.session.id, turn.id]
                for run in self._of_turn(candidate, turn, vectors, vector, rank, best):
                    quote = run.quote
                    place = (quote.session, turn.id, quote.first_word, quote.last_word)
                    runs.setdefault(place, run)
        return asked, list(runs.values())

    def _of_turn(
        self,
        candidate: Candidate,
        turn: Turn,
        vectors: Vectors,
        vector: Vectors,
        rank: int,
        best: float,
    ) -> Iterator[Run]:
        """The runs of a turn, with its `vectors`, within a candidate, the hit of this `rank`."""
        bounds = sentences(turn)
        cosines = vectors @ vector
        said = [self._stems(_text(turn, sentence)) for sentence in bounds]
        passage = self._stems(f"{candidate.session.title} {candidate.hit.passage.text}")
        none = frozenset[str]()
        for first, last, quote in _consecutive(candidate, turn, bounds):
            mean = vectors[first : last + 1].mean(axis=0)
            measured = Measured(
                text=quote.text,
                stems=none.union(*said[first : last + 1]),
                around=none.union(*map(self._stems, _around(candidate, turn, quote))),
                beside=none.union(*said[max(first - 2, 0) : first], *said[last + 1 : last + 3]),
                passage=passage,
                cosine=float(mean @ vector / (np.linalg.norm(mean) or 1.0)),
                best_sentence=float(cosines[first : last + 1].max()),
                before=float(cosines[max(first - 1, 0)]),
                after=float(cosines[min(last + 1, len(bounds) - 1)]),
                dense=candidate.hit.dense,
                rank=rank,
                behind=best - candidate.hit.score,
                sentences=last - first + 1,
                at=first,
                turn_words=len(turn.words),
                speaker=candidate.names.get(turn.speaker or "") or "",
            )
            yield Run(candidate, quote, measured)


def _text(turn: Turn, sentence: Sentence) -> str:
    return turn.said(sentence.first_word, sentence.last_word)


def _consecutive(
    candidate: Candidate, turn: Turn, bounds: Sequence[Sentence]
) -> Iterator[tuple[int, int, Quote]]:
    """Runs of one to three sentences within a passage's time and one point, without formulas."""
    passage = candidate.hit.passage

    def item(sentence: Sentence) -> object:
        return candidate.session.agenda_item_at(turn.words[sentence.first_word].start_ms)

    formulas = [is_formula(_text(turn, sentence)) for sentence in bounds]
    for first, opening in enumerate(bounds):
        start_ms = turn.words[opening.first_word].start_ms
        if formulas[first] or not passage.start_ms <= start_ms < passage.end_ms:
            continue
        for last in range(first, min(first + MOST_SENTENCES, len(bounds))):
            closing = bounds[last]
            too_long = closing.last_word - opening.first_word >= MOST_WORDS
            if last > first and (too_long or formulas[last] or item(closing) != item(opening)):
                break
            quote = Quote(candidate.session.id, turn, opening.first_word, closing.last_word)
            yield first, last, quote


def _around(candidate: Candidate, turn: Turn, quote: Quote) -> tuple[str, str]:
    """What names a quote without being said in it: its topic and its speaker."""
    item = candidate.session.agenda_item_at(turn.words[quote.first_word].start_ms)
    topic = f"{item.title} {item.object or ''}" if item else ""
    return topic, candidate.names.get(turn.speaker or "") or ""


def _around_run(run: Run) -> tuple[str, str]:
    return _around(run.candidate, run.quote.turn, run.quote)


def _is_on_topic(query: Query, said: float, most: float) -> bool:
    """Does the best run say enough of a question, `most` being what any run says of it?

    Another thing's amount looks like an answer (D-206).
    """
    if query.intent is Intent.AMOUNT:
        return said >= max(_SAID_AMOUNT, most - _SAID_LESS)
    return said >= _SAID_LEAST


def _is_of_same(asked: Asked, run: Measured) -> bool:
    """Does a run that tells a number say more of a question in French than what is counted?

    « Combien d'arbres seront abattus ? » is not answered by trees that are planted.
    """
    beside = asked.wanted.keys() - asked.noun - frozenset(stems(" ".join(asked.query.mentioned)))
    return asked.query.language != "fr" or not beside or bool(run.stems & beside)


_NEAREST, _SHARE, _FITS, _FOREIGN, _ASKS = (
    NAMES.index(name) for name in ("nearest", "share", "fits", "foreign", "asks")
)


def features_of(rows: Matrix) -> Features:
    """What a refusal rests on, of the figures of all runs."""
    nearness, foreign = float(rows[0, _NEAREST]), float(rows[0, _FOREIGN])
    words = float((rows[:, _SHARE] * rows[:, _FITS]).max())
    return Features(nearness, 0.0 if foreign else words, foreign, nearness * foreign)


def _choose(ranked: Sequence[tuple[float, Run]]) -> tuple[Quote, ...]:
    """The likeliest run, and those nearly as likely, apart."""
    least = ranked[0][0] - _CLOSE
    return tuple(joined(apart(run.quote for score, run in ranked if score >= least)))


def _telling(query: Query, quote: Quote) -> Quote:
    """A quote with the words that tell what the query is for, where their form shows it."""
    words = quote.turn.words[quote.first_word : quote.last_word + 1]
    found = telling(query, [word.text for word in words])
    if found is None:
        return quote
    first, last = (quote.first_word + n for n in found)
    return replace(quote, strong=(first, last))


def joined(quotes: Iterable[Quote]) -> list[Quote]:
    """Quotes, those of one turn made one where no more than a sentence is left out between them."""
    kept: list[Quote] = []
    for quote in quotes:
        for n, other in enumerate(kept):
            if whole := _together(other, quote):
                kept[n] = whole
                break
        else:
            kept.append(quote)
    return kept


def _together(one: Quote, other: Quote) -> Quote | None:
    """Two quotes of a turn with the words between them; None for those that stand too far apart."""
    if (one.session, one.turn.id) != (other.session, other.turn.id):
        return None
    first, last = sorted((one, other), key=lambda quote: quote.first_word)
    between = [s for s in sentences(one.turn) if first.last_word < s.first_word < last.first_word]
    if len(between) > _GAP or any(is_formula(_text(one.turn, s)) for s in between):
        return None
    return replace(one, first_word=first.first_word, last_word=max(first.last_word, last.last_word))


def _nearest(ranked: Iterable[Run]) -> Iterator[Quote]:
    """A stretch around the best run of each of the best passages, best first."""
    best: dict[str, Run] = {}
    for run in ranked:
        best.setdefault(run.candidate.hit.passage.id, run)
    return islice(apart(map(_readable, best.values())), _MOST_NEAR)


def _readable(run: Run) -> Quote:
    """A run with the sentences around it, on its point of the agenda, up to what reads well."""
    turn, quote = run.quote.turn, run.quote
    bounds = sentences(turn)
    first = next(n for n, s in enumerate(bounds) if s.first_word == quote.first_word)
    last = next(n for n, s in enumerate(bounds) if s.last_word == quote.last_word)

    def fits(n: int) -> bool:
        """May this sentence be added?"""
        if not 0 <= n < len(bounds):
            return False
        there, here = bounds[n], bounds[first]
        ends = sorted((there.first_word, there.last_word, here.first_word, bounds[last].last_word))
        item = run.candidate.session.agenda_item_at
        return (
            ends[-1] - ends[0] < _READABLE
            and not is_formula(_text(turn, there))
            and item(turn.words[there.first_word].start_ms)
            == item(turn.words[here.first_word].start_ms)
        )

    while fits(last + 1) or fits(first - 1):
        first, last = (first, last + 1) if fits(last + 1) else (first - 1, last)
    return replace(quote, first_word=bounds[first].first_word, last_word=bounds[last].last_word)
