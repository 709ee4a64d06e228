"""From a question to ranked passages: dense and lexical scores, fused.

Each arm proposes its best candidates; every candidate then gets both scores exactly, and the scores
(not the ranks) are added. What an index proposes is joined back to the published passages in SQL.
"""

from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ingest.archive.repository import Archive
from search.engine.bm25 import Mask
from search.engine.corpus import Corpus
from search.engine.live import LiveCorpus
from search.engine.vectors import Rows
from search.filters import EVERYTHING, Facets, Filters
from search.index import store
from search.index.embed import Embedder, Vectors
from search.language.acronyms import NO_ACRONYMS, Acronyms
from search.passage import Hit, Passage
from search.query.parsed import Query

# What the scores of a passage are worth together: meaning, words, and the evidence around it.


Scores = npt.NDArray[np.float64]

NEIGHBOURS = (0.15, 0.05)  # of the scores one and two passages away, on either side
COVERING = 1.0  # how much more words count in a passage that holds all of the query's weight
PREFERRED = 1.0  # standard deviations of lead for a passage that the query's soft filters name
_A_WORD, _LEAST, _MOST = 0.1, 0.5, 1.4  # D-062: the words' weight for each stem, and its bounds


def lexical_weight(stems: int) -> float:
    """Of standardised words against standardised meaning: the more of them, the more they tell."""
    return min(max(_A_WORD * stems, _LEAST), _MOST)


def fused(cosines: Scores, words: Scores, preferred: npt.NDArray[np.bool_], stems: int) -> Scores:
    """One score for each candidate, shape (n,), for a question of so many stems."""
    both = standardised(cosines) + lexical_weight(stems) * standardised(words)
    return both + PREFERRED * preferred


def worded(bm25: Vectors, coverage: Vectors) -> Vectors:
    """BM25, and more of it for passages that hold more of the question: not one rare word alone."""
    return bm25 * (1 + COVERING * coverage)


def with_neighbours(own: Scores, around: Scores) -> Scores:
    """Scores with some of their neighbours'; shapes (n,) and (2 * len(NEIGHBOURS), n).

    `around` has the rows before, then the rows after, at each distance; 0 where there is none.
    """
    return own + np.repeat(NEIGHBOURS, 2) @ around


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

    def weights(self, question: str) -> dict[str, float]:
        """Weight (idf) of each stem of a question: what a sentence that answers should contain."""
        return self._corpus.now().weights(self._stems(question))

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
        return self.search(words, limit, query.filters, query.preferred, query.sentence)

    def search(
        self,
        question: str,
        limit: int = 20,
        filters: Filters = EVERYTHING,
        preferred: Filters = EVERYTHING,
        meant: str = "",
    ) -> tuple[Hit, ...]:
        """The best passages that fit, best first; none for a question without a content word.

        What is `preferred` comes sooner and excludes nothing. `meant` is the question as a sentence
        for the embedder, where `question` is only its words.
        """
        corpus = self._corpus.now()
        weights = corpus.weights(self._stems(question))
        if not weights or limit <= 0:
            return ()
        vector = self._embedder.queries([(meant or question)[:LONGEST_QUESTION]])[0]
        mask, words = corpus.mask(filters), corpus.lexical(weights)
        by_words = worded(words.bm25, words.coverage)
        dense = corpus.nearest(vector, CANDIDATES, mask)
        lexical = corpus.best(by_words, CANDIDATES, mask)
        rows = np.union1d(dense, lexical)
        cosines = corpus.cosines(rows, vector)
        scores = fused(
            *_around(corpus, rows, cosines, by_words, vector),
            _preferred(corpus, rows, preferred),
            len(weights),
        )
        best = np.lexsort((rows, -scores))[:limit]
        shown = self._published(corpus, rows[best])
        return tuple(
            Hit(
                passage=passage,
                score=float(scores[n]),
                found_by=_arms(dense=rows[n] in dense, lexical=rows[n] in lexical),
                dense=float(cosines[n]),
                lexical=float(words.coverage[rows[n]]),
            )
            for n, passage in zip(best, shown, strict=True)
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

    def _published(self, corpus: Corpus, rows: Rows) -> list[Passage | None]:
        """The passages of rows as they are published now; None for one that is not any more."""
        keys = corpus.columns.keys[rows].tolist()
        with self._archive.engine.connect() as db:
            found = store.published_rows(db, keys)
        return [found.get(key) for key in keys]


def _arms(**found: bool) -> tuple[str, ...]:
    return tuple(arm for arm, did in found.items() if did)


def _around(
    corpus: Corpus, rows: Rows, cosines: Vectors, worded: Vectors, vector: Vectors
) -> tuple[Scores, Scores]:
    """Meaning and words of the rows, each with what the rows around them score."""
    steps = [step for n in range(1, len(NEIGHBOURS) + 1) for step in (-n, n)]
    near = np.stack([corpus.neighbours(rows, step) for step in steps])
    there = near >= 0
    usual = float(cosines.mean()) if len(cosines) else 0.0  # cosines of nothing are not 0
    meaning = np.zeros(near.shape)
    meaning[there] = corpus.cosines(near[there], vector) - usual
    words = np.where(there, worded[near], 0.0)
    return (
        with_neighbours(cosines.astype(np.float64) - usual, meaning),
        with_neighbours(worded[rows].astype(np.float64), words),
    )


def _preferred(corpus: Corpus, rows: Rows, preferred: Filters) -> Mask:
    mask = corpus.mask(preferred) if preferred else None
    return np.zeros(len(rows), dtype=np.bool_) if mask is None else mask[rows]
