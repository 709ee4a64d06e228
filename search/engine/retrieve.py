"""From a question to ranked passages: dense and lexical scores, fused.

Each arm proposes its best candidates; every candidate then gets both scores exactly, and the scores
(not the ranks) are added. What an index proposes is joined back to the published passages in SQL.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ingest.archive.repository import Archive
from search.engine.bm25 import Mask
from search.engine.corpus import Corpus, empty
from search.engine.live import LiveCorpus
from search.engine.projection import turned
from search.engine.topics import Topic, Topics
from search.engine.vectors import Rows
from search.filters import EVERYTHING, Facets, Filters
from search.index import store
from search.index.embed import Embedder, Vectors
from search.language.acronyms import NO_ACRONYMS, Acronyms
from search.language.idf import idf
from search.passage import Hit, Passage
from search.query.parsed import Chip, Field, Query

# What the scores of a passage are worth together: meaning, words, and the evidence around it.


Scores = npt.NDArray[np.float64]

# D-186: fitted on debates, session by session.
LEAST, TELLING = 0.3, 1.2  # of standardised words: always, and by the share that is said at once
PREFERRED = 2.0  # standard deviations of lead for a passage that the query prefers
MEANING_AROUND = (0.05, 0.0)  # of the cosines one and two passages away, on either side
WORDS_AROUND = (0.2, 0.1)  # of the words' scores: a debate names its object now and then only
COVERING = 1.0  # how much more words count in a passage that holds all of the query's weight


def fused(
    cosines: Scores, words: Scores, coverage: Vectors, preferred: npt.NDArray[np.bool_]
) -> Scores:
    """One score for each candidate, shape (n,).

    Where no passage holds much of the query (a paraphrase, another language), words tell little.
    """
    weight = LEAST + TELLING * float(coverage.max(initial=0.0))
    return standardised(cosines) + weight * standardised(words) + PREFERRED * preferred


def worded(bm25: Vectors, coverage: Vectors) -> Vectors:
    """BM25, and more of it for passages that hold more of the question: not one rare word alone."""
    return bm25 * (1 + COVERING * coverage)


def with_neighbours(own: Scores, around: Scores, shares: Sequence[float]) -> Scores:
    """Scores with some of their neighbours'; shapes (n,) and (2 * len(shares), n).

    `around` has the rows before, then the rows after, at each distance; 0 where there is none.
    """
    return own + np.repeat(shares, 2) @ around


def standardised(scores: Scores) -> Scores:
    """Mean 0, deviation 1; all 0 where they do not differ."""
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)


CANDIDATES = 100  # of each arm
LONGEST_QUESTION = 1_000  # characters that are embedded: more is a paste, and slow
HALF = 0.5  # of a question's weight, in passages that are counted for it


class Finder(Protocol):
    """Finding published passages: `Retriever` does it, tests may fake it."""

    def find(self, query: Query, limit: int) -> tuple[Hit, ...]:
        """The passages that answer a query best, best first."""

    def browse(
        self, filters: Filters = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> tuple[Passage, ...]:
        """Passages that fit, newest session first, each session in the order of speech."""

    def facets(self, question: str | None = None, filters: Filters = EVERYTHING) -> Facets:
        """What fits, counted by each value that a search can be narrowed to."""

    def unsaid(self, text: str) -> frozenset[str]:
        """Those stems of a text by which no published passage is found."""

    def tied(self, text: str, times: int) -> frozenset[str]:
        """The ids of passages found by all stems of a text so often more than they say them."""

    @property
    def is_whole(self) -> bool:
        """Is all that is published found? Not in the moments after the start."""


class Subjects(Protocol):
    """What councils speak of, by their agendas and their words: `Retriever` knows it."""

    def topics(self, titles: Iterable[str]) -> Mapping[str, tuple[Topic, ...]]:
        """The subjects of the points with each of these titles, the most spoken of first."""

    def saying(self, stems: Sequence[str], limit: int) -> tuple[Passage, ...]:
        """Passages that hold every one of some stems, newest session first."""


class Retriever:
    """Finds published passages. Safe to share between threads."""

    def __init__(
        self,
        archive: Archive,
        embedder: Embedder,
        corpus: LiveCorpus,
        acronyms: Acronyms = NO_ACRONYMS,
    ) -> None:
        self._archive = archive
        self._embedder = embedder
        self._corpus = corpus
        self._stems = acronyms.stems
        self._topics = Topics(empty())

    def weights(self, question: str) -> dict[str, float]:
        """Weight (idf) of each stem of a question: what a sentence that answers should contain."""
        return self._corpus.now().weights(self._stems(question))

    def unsaid(self, text: str) -> frozenset[str]:
        """Those stems of a text by which no published passage is found."""
        corpus = self._corpus.now()
        nowhere = idf(len(corpus), 0)
        return frozenset(
            s for s, weight in corpus.weights(self._stems(text)).items() if weight >= nowhere
        )

    def tied(self, text: str, times: int) -> frozenset[str]:
        """The ids of passages found by all stems of a text so often more than they say them.

        What was under debate is tied to a passage by `search.index.passages.found_by`.
        """
        corpus, wanted = self._corpus.now(), self._stems(text)
        rows = corpus.rows_holding(wanted)
        for stem in wanted:  # before the rows' texts are read
            rows = rows[corpus.times(stem, rows) >= times]
        held = zip(*(corpus.times(stem, rows).tolist() for stem in wanted), strict=True)
        return frozenset(
            passage.id
            for passage, own in zip(self._published(corpus, rows), held, strict=True)
            if passage and _is_oftener(own, self._stems(passage.text), wanted, times)
        )

    @property
    def is_whole(self) -> bool:
        """Is all that is published found? Not in the moments after the start."""
        return self._corpus.is_whole

    def usual(self, vector: Vectors) -> float:
        """The mean cosine of a vector with all passages: what is no nearer than that is nothing."""
        return self._corpus.now().usual(vector)

    def find(self, query: Query, limit: int) -> tuple[Hit, ...]:
        """The passages that answer a query best, best first.

        One that is about an object and nothing else (« Que demande la M-7 ? ») is answered from
        that object's passages, where it has any.
        """
        words = query.topic or query.wording
        if query.is_about_objects_alone:
            within = replace(query.filters, objects=query.preferred.objects)
            if hits := self.search(words, limit, within, meant=query.sentence):
                return hits
        return self.search(words, limit, query.filters, preferences(query), query.sentence)

    def search(
        self,
        question: str,
        limit: int = 20,
        filters: Filters = EVERYTHING,
        preferred: Sequence[Filters] = (),
        meant: str = "",
    ) -> tuple[Hit, ...]:
        """The best passages that fit, best first; none for a question without a content word.

        What fits one of those `preferred` comes sooner; that excludes nothing. `meant` is the
        question as a sentence for the embedder, where `question` is only its words.
        """
        corpus = self._corpus.now()
        weights = corpus.weights(self._stems(question))
        if not weights or limit <= 0:
            return ()
        asked = self._embedder.queries([(meant or question)[:LONGEST_QUESTION]])[0]
        vector = turned(asked, self._embedder.name)
        mask, words = corpus.mask(filters), corpus.lexical(weights)
        by_words = worded(words.bm25, words.coverage)
        dense = corpus.nearest(vector, CANDIDATES, mask)
        lexical = corpus.best(by_words, CANDIDATES, mask)
        rows = np.union1d(dense, lexical)
        cosines = corpus.cosines(rows, vector)
        scores = fused(
            *_around(corpus, rows, cosines, by_words, vector),
            words.coverage[rows],
            _preferred(corpus, rows, preferred),
        )
        best = np.lexsort((rows, -scores))[:limit]
        shown = self._published(corpus, rows[best])
        nearness = corpus.cosines(rows[best], asked)
        return tuple(
            Hit(
                passage=passage,
                score=float(scores[n]),
                found_by=_arms(dense=rows[n] in dense, lexical=rows[n] in lexical),
                dense=float(near),
                lexical=float(words.coverage[rows[n]]),
            )
            for n, near, passage in zip(best, nearness, shown, strict=True)
            if passage
        )

    def facets(self, question: str | None = None, filters: Filters = EVERYTHING) -> Facets:
        """What fits, counted; with a question, among passages with half of its weight or more.

        A question whose words are nowhere (in another language, say) counts as none.
        """
        corpus = self._corpus.now()
        covered = corpus.lexical(corpus.weights(self._stems(question or ""))).coverage >= HALF
        return corpus.facets(filters, covered if covered.any() else None)

    def browse(
        self, filters: Filters = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> tuple[Passage, ...]:
        """Passages that fit, newest session first, each session in the order of speech."""
        corpus = self._corpus.now()
        return tuple(filter(None, self._published(corpus, corpus.browse(limit, offset, filters))))

    def topics(self, titles: Iterable[str]) -> Mapping[str, tuple[Topic, ...]]:
        """The subjects of the points with each of these titles, the most spoken of first."""
        corpus, known = self._corpus.now(), self._topics
        if known.corpus is not corpus:
            known = self._topics = Topics(corpus)
        return {title: known.of(title) for title in titles}

    def saying(self, stems: Sequence[str], limit: int) -> tuple[Passage, ...]:
        """Passages that hold every one of some stems, newest session first."""
        corpus = self._corpus.now()
        mask = np.zeros(len(corpus), dtype=np.bool_)
        mask[corpus.rows_holding(stems)] = True
        rows = corpus.newest(limit, mask=mask)
        return tuple(filter(None, self._published(corpus, rows)))

    def _published(self, corpus: Corpus, rows: Rows) -> list[Passage | None]:
        """The passages of rows as they are published now; None for one that is not any more."""
        keys = corpus.columns.keys[rows].tolist()
        with self._archive.engine.connect() as db:
            found = store.published_rows(db, keys)
        return [found.get(key) for key in keys]


def _is_oftener(
    held: Sequence[int], said: Sequence[str], wanted: Sequence[str], times: int
) -> bool:
    """Is each wanted stem held so often more than it is said?"""
    counts = Counter(said)
    return all(n - counts[stem] >= times for n, stem in zip(held, wanted, strict=True))


def _arms(**found: bool) -> tuple[str, ...]:
    return tuple(arm for arm, did in found.items() if did)


def _around(
    corpus: Corpus, rows: Rows, cosines: Vectors, worded: Vectors, vector: Vectors
) -> tuple[Scores, Scores]:
    """Meaning and words of the rows, each with what the rows around them score."""
    steps = [step for n in range(1, len(WORDS_AROUND) + 1) for step in (-n, n)]
    near = np.stack([corpus.neighbours(rows, step) for step in steps])
    there = near >= 0
    usual = float(cosines.mean()) if len(cosines) else 0.0  # cosines of nothing are not 0
    meaning = np.zeros(near.shape)
    meaning[there] = corpus.cosines(near[there], vector) - usual
    words = np.where(there, worded[near], 0.0)
    return (
        with_neighbours(cosines.astype(np.float64) - usual, meaning, MEANING_AROUND),
        with_neighbours(worded[rows].astype(np.float64), words, WORDS_AROUND),
    )


def preferences(query: Query) -> tuple[Filters, ...]:
    """What comes sooner: what the soft chips name, and what people say whom the question names.

    Nobody's words whom the reader took away.
    """
    taken = {Chip(Field.PERSON, name, name).key: name for name in query.mentioned}
    people = tuple(name for key, name in taken.items() if key not in query.removed)
    return tuple(filter(None, (query.preferred, Filters(people=people))))


def _preferred(corpus: Corpus, rows: Rows, preferred: Sequence[Filters]) -> Mask:
    """Which rows fit one of the filters."""
    either = np.zeros(len(rows), dtype=np.bool_)
    for filters in preferred:
        mask = corpus.mask(filters)
        either |= True if mask is None else mask[rows]
    return either
