"""Which words answer a question, and whether they answer it at all.

Search finds passages; readers want the sentence, with enough around it to be understood. Each run
of one to three sentences is weighed by what it means and what its passage means (cosines of
embeddings), by the question's words that it holds or that its topic and speaker are named by
(weighted by rarity), and by whether it tells the kind of thing asked for (an amount, a vote, a
date). A refusal rests on the same evidence: see `calibration.py`. Weights: `docs/decisions.md`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Protocol

import numpy as np
from rapidfuzz import fuzz

from api.answers.answer_type import LIKELY, counted, telling, tells
from api.answers.calibration import Calibration, Features
from api.answers.citation import Candidate, Quote, apart
from api.answers.formulas import is_formula
from api.answers.required_names import names_in
from ingest.transcript import Turn
from search.index.embed import Embedder, Vectors
from search.index.sentence_vectors import SentenceVectors
from search.language.acronyms import NO_ACRONYMS, Acronyms
from search.language.sentences import Sentence, sentences
from search.query.parsed import Query

# D-067: a quotation of more is a paragraph; no sentence is added once it has 60 words.
MOST_SENTENCES, MOST_WORDS = 3, 60
# What a run scores: its own cosine against its passage's, its share of the query's words, the rank
# of its passage, an answer of the kind asked for, less for each word.
# More for one lets it decide alone. Chosen, not measured apart: D-067 has them all together.
_MEANING, _WORDS, _RANK, _KIND, _LENGTH = 0.5, 0.15, 0.05, 0.08, 0.0004
_CLOSE = 0.08  # a run this much weaker than the best one is still worth quoting
_FILLER = 0.65  # one that holds less than this of the best one's share of words is not
_MOST_NEAR = 3  # passages that are shown as what comes nearest: a phone's two screens
_READABLE = 70  # words: a stretch that comes near is filled up to so many, to be judged by itself
_GAP = 1  # sentences left out between two quotes of a turn: they are quoted with them

_LONG_NAME, _ALIKE = 6, 80  # letters; similarity of 100 that two spellings of one name have


@dataclass(frozen=True)
class Support:
    """The quotes that support an answer, best first, and whether they are `enough` to answer.

    `near` are the best stretches of the best passages, whole enough to be read, whether they answer
    or not; none where nothing that was found is on the query's topic.
    """

    best: tuple[Quote, ...]
    enough: bool
    features: Features
    near: tuple[Quote, ...] = ()


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


@dataclass(frozen=True)
class _Run:
    """Consecutive sentences of a turn, on one topic; `fits`: could they answer?"""

    candidate: Candidate
    quote: Quote
    cosine: float
    share: float
    held: frozenset[str]
    fits: bool = True


@dataclass(frozen=True)
class SentenceWeigher:
    """Weighs runs of sentences with the same embedder and the same French as search.

    `vectors` gives the unit vectors of a turn's sentences, shape (sentences, dimension).
    """

    embedder: Embedder
    corpus: Corpus
    vectors: SentenceVectors
    calibration: Calibration
    acronyms: Acronyms = NO_ACRONYMS

    @cached_property
    def _stems(self) -> Callable[[str], frozenset[str]]:
        """The stems of a text, as search has them. The same passages come up again and again."""
        return lru_cache(maxsize=20_000)(lambda text: frozenset(self.acronyms.stems(text)))

    def __call__(self, query: Query, candidates: Sequence[Candidate]) -> Support:
        """The runs that answer a query, and whether they do."""
        vector = self.embedder.queries([query.sentence or query.topic])[0]
        runs = list(self._runs(query, candidates, vector))
        if not runs:
            return Support((), enough=False, features=Features())
        names, noun = names_in(query), counted(query)
        runs = [replace(run, fits=self._fits(run, query, names, noun)) for run in runs]
        features = _features(query, candidates, runs, self.corpus.usual(vector))
        fitting = [run for run in runs if run.fits] or runs
        best_hit = max(run.candidate.hit.score for run in fitting)
        kind = LIKELY.get(query.intent)
        scored = [(_score(run, best_hit, kind), run) for run in runs]
        on_topic = self.calibration.is_near(features)
        best = _choose([(score, run) for score, run in scored if run in fitting])
        return Support(
            best=tuple(_telling(query, quote) for quote in best),
            enough=self.calibration.answers(features),
            features=features,
            near=tuple(_nearest(scored)) if on_topic else (),
        )

    def _fits(self, run: _Run, query: Query, names: frozenset[str], noun: frozenset[str]) -> bool:
        """Could it answer: does it tell what the query is for, where the query's names are said?"""
        if (noun and not noun & run.held and not _foreign(query)) or not tells(
            query, run.quote.text
        ):
            return False
        if not names:
            return True
        passage, title = run.candidate.hit.passage.text, run.candidate.session.title
        return _holds(names, run.held.union(self._stems(passage), self._stems(title)))

    def _runs(
        self, query: Query, candidates: Sequence[Candidate], vector: Vectors
    ) -> Iterator[_Run]:
        wanted = self.corpus.weights(query.topic)
        seen: set[tuple[str, int, int, int]] = set()
        for candidate in candidates:
            for turn in candidate.turns:
                vectors = self.vectors(candidate.session.id, turn)
                bounds = sentences(turn)
                for first, last, quote in _consecutive(candidate, turn, bounds):
                    key = (candidate.session.id, turn.id, first, last)
                    if key in seen:
                        continue
                    seen.add(key)
                    mean = vectors[first : last + 1].mean(axis=0)
                    cosine = float(mean @ vector / np.linalg.norm(mean))
                    texts = (_text(turn, sentence) for sentence in bounds[first : last + 1])
                    around = _around(candidate, turn, quote)
                    held = frozenset[str]().union(*map(self._stems, (*around, *texts)))
                    yield _Run(candidate, quote, cosine, _share(held, wanted), held)


def _text(turn: Turn, sentence: Sentence) -> str:
    return " ".join(w.text for w in turn.words[sentence.first_word : sentence.last_word + 1])


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


def _features(
    query: Query, candidates: Sequence[Candidate], runs: Sequence[_Run], usual: float
) -> Features:
    """What a refusal rests on; `usual` is the question's mean cosine with all passages."""
    foreign = _foreign(query)
    nearness = max(item.hit.dense for item in candidates) - usual
    words = max((run.share for run in runs if run.fits), default=0.0)
    return Features(
        nearness=nearness,
        run_words=0.0 if foreign else words,
        foreign=float(foreign),
        foreign_nearness=nearness * foreign,
    )


def _foreign(query: Query) -> bool:
    return query.language != "fr"


def _holds(names: frozenset[str], there: frozenset[str]) -> bool:
    """Are all names there?

    A long name may have been misheard by a letter or two; a short one, or a code, may not.
    """

    def near(name: str) -> bool:
        return len(name) >= _LONG_NAME and any(fuzz.ratio(name, s) >= _ALIKE for s in there)

    return all(name in there or near(name) for name in names)


def _share(held: frozenset[str], wanted: Mapping[str, float]) -> float:
    """Share of the question's weight that a run holds, 0..1."""
    total = sum(wanted.values())
    return sum(weight for stem, weight in wanted.items() if stem in held) / total if total else 0.0


def _score(run: _Run, best_hit: float, kind: re.Pattern[str] | None) -> float:
    hit, text = run.candidate.hit, run.quote.text
    score = _MEANING * run.cosine + (1 - _MEANING) * hit.dense + _WORDS * run.share
    score += _RANK * (hit.score - best_hit) / 4 - _LENGTH * len(text.split())
    if kind and kind.search(text):
        score += _KIND
    return score


def _choose(scored: Sequence[tuple[float, _Run]]) -> tuple[Quote, ...]:
    """The strongest run, and those close to it in score and in the question's words."""
    ranked = sorted(scored, key=lambda one: -one[0])
    best, strongest = ranked[0]
    least = _FILLER * strongest.share
    close = (run.quote for score, run in ranked if score >= best - _CLOSE and run.share >= least)
    return tuple(joined(apart(close)))


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


def _nearest(scored: Sequence[tuple[float, _Run]]) -> Iterator[Quote]:
    """A stretch around the best run of each of the best passages, best first."""
    best: dict[str, _Run] = {}
    for _, run in sorted(scored, key=lambda one: -one[0]):
        best.setdefault(run.candidate.hit.passage.id, run)
    return islice(apart(map(_readable, best.values())), _MOST_NEAR)


def _readable(run: _Run) -> Quote:
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
    return replace(
        quote,
        first_word=bounds[first].first_word,
        last_word=bounds[last].last_word,
        strong=(quote.first_word, quote.last_word),
    )
