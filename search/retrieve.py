"""From a question to ranked passages: dense and lexical scores, fused.

Each arm proposes its best candidates; every candidate then gets both scores exactly, and the scores
(not the ranks) are added. What an index proposes is joined back to the published passages in SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.archive import Archive
from search import store
from search.corpus import Corpus
from search.embed import Embedder
from search.filters import EVERYTHING, Facets, Filters
from search.french import stems
from search.live import LiveCorpus
from search.passages import Passage
from search.scan import Rows

CANDIDATES = 100  # of each arm
LONGEST_QUESTION = 1_000  # characters that are embedded: more is a paste, and slow
HALF = 0.5  # of a question's weight, in passages that are counted for it
LEXICAL_WEIGHT = 0.7
"""Of standardised BM25 against standardised cosine; see `docs/decisions.md`."""


@dataclass(frozen=True)
class Hit:
    """A published passage that answers to a question.

    `score` orders the hits of one question; `found_by` names the arms that found it (dense,
    lexical). `dense` is the cosine of question and passage, `lexical` the share (0..1) of the
    question's weight (idf of its stems) that the passage contains: both are comparable between
    questions, which is what a refusal is calibrated on.
    """

    passage: Passage
    score: float
    found_by: tuple[str, ...]
    dense: float
    lexical: float


class Retriever:
    """Finds published passages. Safe to share between threads."""

    def __init__(self, archive: Archive, embedder: Embedder, corpus: LiveCorpus) -> None:
        self._archive = archive
        self._embedder = embedder
        self._corpus = corpus

    def weights(self, question: str) -> dict[str, float]:
        """Weight (idf) of each stem of a question: what a sentence that answers should contain."""
        return self._corpus.now().weights(stems(question))

    def search(
        self, question: str, limit: int = 20, filters: Filters = EVERYTHING
    ) -> tuple[Hit, ...]:
        """The best passages that fit, best first; none for a question without a content word."""
        corpus = self._corpus.now()
        weights = corpus.weights(stems(question))
        if not weights or limit <= 0:
            return ()
        vector = self._embedder.queries([question[:LONGEST_QUESTION]])[0]
        mask, words = corpus.mask(filters), corpus.lexical(weights)
        dense = corpus.nearest(vector, CANDIDATES, mask)
        lexical = corpus.best(words.bm25, CANDIDATES, mask)
        rows = np.union1d(dense, lexical)
        cosines = corpus.cosines(rows, vector)
        scores = np.asarray(fused(cosines.tolist(), words.bm25[rows].tolist()))
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
        covered = corpus.lexical(corpus.weights(stems(question or ""))).coverage >= HALF
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


def fused(dense: Sequence[float], bm25: Sequence[float]) -> list[float]:
    """The sum of both scores, each standardised over the candidates of one question."""
    return list(map(float, _standardised(dense) + LEXICAL_WEIGHT * _standardised(bm25)))


def _standardised(scores: Sequence[float]) -> npt.NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    spread = values.std() if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
