"""From a question to ranked passages: dense and lexical scores, fused.

Each arm proposes its best candidates; every candidate then gets both scores exactly, and the scores
(not the ranks) are added. What an index proposes is joined back to the published passages in SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.archive import Archive
from search import store
from search.embed import Embedder, Vectors
from search.french import stems
from search.lexical import NO_MATCH, LexicalIndex
from search.passages import Passage
from search.vectors import Searchable

CANDIDATES = 100  # of each arm
LONGEST_QUESTION = 1_000  # characters that are embedded: more is a paste, and slow
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

    def __init__(
        self, archive: Archive, embedder: Embedder, vectors: Searchable, lexical: LexicalIndex
    ) -> None:
        self._archive = archive
        self._embedder = embedder
        self._vectors = vectors
        self._lexical = lexical

    def weights(self, question: str) -> dict[str, float]:
        """Weight (idf) of each stem of a question: what a sentence that answers should contain."""
        return self._lexical.weights(stems(question))

    def search(self, question: str, limit: int = 20) -> tuple[Hit, ...]:
        """The best passages, best first; none for a question without a content word."""
        weights = self.weights(question)
        if not weights:
            return ()
        vector = self._embedder.queries([question[:LONGEST_QUESTION]])[0]
        proposed = self._proposed(vector, weights)
        found, cosines = self._published(vector, proposed)
        matches = self._lexical.matches(weights, list(found))
        scores = fused(cosines, [matches.get(id_, NO_MATCH).bm25 for id_ in found])
        hits = (
            Hit(passage, score, proposed[id_], cosine, matches.get(id_, NO_MATCH).coverage)
            for (id_, passage), cosine, score in zip(found.items(), cosines, scores, strict=True)
        )
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:limit])

    def _proposed(
        self, vector: Vectors, weights: Mapping[str, float]
    ) -> dict[str, tuple[str, ...]]:
        """Each arm's candidates, with the arms that proposed them."""
        arms = {
            "dense": {id_ for id_, _ in self._vectors.search(vector, CANDIDATES)},
            "lexical": set(self._lexical.search(weights, CANDIDATES)),
        }
        return {
            id_: tuple(arm for arm, ids in arms.items() if id_ in ids)
            for id_ in set().union(*arms.values())
        }

    def _published(
        self, vector: Vectors, proposed: Iterable[str]
    ) -> tuple[dict[str, Passage], list[float]]:
        """Those that are published now, and their exact cosines (0 without a comparable vector)."""
        with self._archive.engine.connect() as db:
            found = store.published(db, proposed)
            known = store.vectors(db, self._embedder.name, found)
        return found, [float(known[id_] @ vector) if id_ in known else 0.0 for id_ in found]


def fused(dense: Sequence[float], bm25: Sequence[float]) -> list[float]:
    """The sum of both scores, each standardised over the candidates of one question."""
    return list(map(float, _standardised(dense) + LEXICAL_WEIGHT * _standardised(bm25)))


def _standardised(scores: Sequence[float]) -> npt.NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    spread = values.std() if len(values) else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
