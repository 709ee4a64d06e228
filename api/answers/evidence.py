"""Which words answer a question, and whether they answer it at all.

Search finds passages; readers want the sentence, with enough around it to be understood. Each run
of one to three sentences is weighed by what it means and what its passage means (cosines of
embeddings), by the question's words that it holds or that its topic and speaker are named by
(weighted by rarity), and by whether it tells the kind of thing asked for (an amount, a vote, a
date). A refusal rests on the same evidence: see `calibration.py`. Weights: `docs/decisions.md`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from rapidfuzz import fuzz

from api.answers.answer_type import LIKELY, counted, tells
from api.answers.calibration import Calibration, Features
from api.answers.citation import Candidate, Quote, apart
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
# of its passage, an answer of the kind asked for, less for formulas of the chair and for each word.
# More for one lets it decide alone. Chosen, not measured apart: D-067 has them all together.
_MEANING, _WORDS, _RANK, _KIND, _CHAIRING, _LENGTH = 0.5, 0.15, 0.05, 0.08, 0.10, 0.0004
_CLOSE = 0.08  # a run this much weaker than the best one is still worth quoting
_FILLER = 0.65  # one that holds less than this of the best one's share of words is not

_LONG_NAME, _ALIKE = 6, 80  # letters; similarity of 100 that two spellings of one name have

_CHAIR = re.compile(
    r"la parole est à|avez la parole|je passe la parole|c'est à vous|merci,? (monsieur|madame)"
    r"|nous passons (à|au)|nous traitons|je mets au vo",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Support:
    """The quotes that support an answer, best first: are they enough to answer, or else to show?"""

    best: tuple[Quote, ...]
    enough: bool
    features: Features
    near: bool = False


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
        return Support(
            best=_choose([(_score(run, best_hit, kind), run) for run in fitting]),
            enough=self.calibration.answers(features),
            features=features,
            near=self.calibration.is_near(features),
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
    """Runs of one to three sentences within a passage's time and one point of the agenda."""
    passage = candidate.hit.passage

    def item(sentence: Sentence) -> object:
        return candidate.session.agenda_item_at(turn.words[sentence.first_word].start_ms)

    for first, opening in enumerate(bounds):
        if not passage.start_ms <= turn.words[opening.first_word].start_ms < passage.end_ms:
            continue
        for last in range(first, min(first + MOST_SENTENCES, len(bounds))):
            closing = bounds[last]
            too_long = closing.last_word - opening.first_word >= MOST_WORDS
            if last > first and (too_long or item(closing) != item(opening)):
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
    if _CHAIR.search(text):
        score -= _CHAIRING
    return score


def _choose(scored: Sequence[tuple[float, _Run]]) -> tuple[Quote, ...]:
    """The strongest run, and those close to it in score and in the question's words."""
    ranked = sorted(scored, key=lambda one: -one[0])
    best, strongest = ranked[0]
    least = _FILLER * strongest.share
    return tuple(
        apart(run.quote for score, run in ranked if score >= best - _CLOSE and run.share >= least)
    )
