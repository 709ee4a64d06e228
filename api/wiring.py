"""Builds the product from its settings: the one place where implementations are chosen.

Commands take what they need from a `Product`; models and indexes are loaded when first used.
"""

import os
from functools import cached_property

from api.answer import Verified, answer
from api.deps import Deps
from api.evidence import SentenceWeigher
from ingest.archive import Archive, open_archive
from ingest.blobs import DirectoryBlobs
from ingest.published import Published
from ingest.settings import Settings
from search.embed import Embedder, SentenceTransformerEmbedder
from search.lexical import Fts5Index
from search.retrieve import Hit, Retriever


class Product:
    """One data directory, opened."""

    def __init__(self, settings: Settings) -> None:
        # Nothing leaves the city's machine: no telemetry, whatever a library's default is.
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        self.settings = settings

    @cached_property
    def archive(self) -> Archive:
        """The truth."""
        return open_archive(self.settings.database_url)

    @cached_property
    def published(self) -> Published:
        """What readers may see of it."""
        return Published(self.archive)

    @cached_property
    def blobs(self) -> DirectoryBlobs:
        """Media files."""
        return DirectoryBlobs(self.settings.data / "media")

    @cached_property
    def embedder(self) -> Embedder:
        """Texts to vectors."""
        return SentenceTransformerEmbedder(self.settings.embedder)

    @cached_property
    def retriever(self) -> Retriever:
        """Questions to passages."""
        return Retriever(self.archive)

    @cached_property
    def weigher(self) -> SentenceWeigher:
        """Passages to the sentences that answer."""
        return SentenceWeigher(self.embedder, self.retriever.weights)

    def search(self, question: str, limit: int) -> tuple[Hit, ...]:
        """Published passages, best first."""
        return self.retriever.search(question, limit)

    def ask(self, question: str) -> Verified:
        """A verified answer."""
        return answer(question, self.published, self.search, self.weigher)

    def deps(self) -> Deps:
        """What the server needs."""
        return Deps(self.settings, self.published, self.blobs, self.ask, self.search)
