"""A model of nothing but words, for tests of publishing and finding: no weights, no download."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ingest.archive.repository import Archive
from ingest.transcript import AgendaItem
from search.engine.retrieve import Retriever
from search.language.stems import tokens
from search.passage import Vectors
from tests.conftest import small_session

PISTE = "Le crédit demandé est de deux millions quatre cent mille francs."
BRUIT = "Les terrasses font du bruit la nuit et personne ne dort dans la vieille ville."
CRECHE = "La crèche accueillera soixante enfants dès septembre."


class WordEmbedder:
    """Texts are near when they share words: each word adds its own direction."""

    dimension = 64

    def __init__(self, name: str = "words") -> None:
        self.name = name
        self.embedded: list[str] = []

    def documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self.queries(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self._vector(one) for one in texts])

    def _vector(self, one: str) -> Vectors:
        total = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in tokens(one):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


class Interrupted(WordEmbedder):
    """Something else happens, once, while the passages are embedded."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    def documents(self, texts: Sequence[str]) -> Vectors:
        while self._meanwhile:
            self._meanwhile.pop()()
        return super().documents(texts)


def keep(archive: Archive, session_id: str, *texts: str, item: AgendaItem | None = None) -> None:
    session, transcript = small_session(session_id, texts)
    archive.save(replace(session, agenda=(item,)) if item else session, transcript)


def found(retriever: Retriever, question: str) -> list[str]:
    return [hit.passage.session for hit in retriever.search(question)]
