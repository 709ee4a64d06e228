"""Builds the product from its settings: the one place where implementations are chosen.

Commands and the server take what they need from a `Product`; models and indexes are loaded when
first used.
"""

from functools import cached_property

from api.answer import Verified, answer
from api.calibration import load_calibration
from api.deps import Deps
from api.evidence import SentenceWeigher
from api.writer import Writer, endpoint
from ingest import pipeline
from ingest.archive import Archive, open_archive
from ingest.blobs import DirectoryBlobs
from ingest.hear import Progress
from ingest.published import Published
from ingest.request import Request
from ingest.settings import Settings
from ingest.steps import Steps, wire
from ingest.transcript import Session, Speaker, Status
from search.embed import Embedder, SentenceTransformerEmbedder
from search.filters import EVERYTHING, Filters
from search.index import publish, withdraw
from search.live import LiveCorpus, open_corpus
from search.retrieve import Hit, Retriever
from search.sentence_vectors import SentenceVectors


class Product:
    """One data directory, opened."""

    def __init__(self, settings: Settings) -> None:
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
    def steps(self) -> Steps:
        """The models that hear."""
        return wire(self.settings)

    @cached_property
    def embedder(self) -> Embedder:
        """Texts to vectors."""
        return SentenceTransformerEmbedder(self.settings.embedder, self.settings.threads)

    @cached_property
    def corpus(self) -> LiveCorpus:
        """What is published, in memory."""
        return open_corpus(self.archive, self.embedder)

    @cached_property
    def retriever(self) -> Retriever:
        """Questions to passages."""
        return Retriever(self.archive, self.embedder, self.corpus)

    @cached_property
    def weigher(self) -> SentenceWeigher:
        """Passages to the sentences that answer."""
        vectors = SentenceVectors(self.archive, self.embedder)
        return SentenceWeigher(self.embedder, self.retriever.weights, vectors, load_calibration())

    def ingest(self, request: Request, progress: Progress) -> Session:
        """Keep a session as a draft; one that is kept already is returned as it is."""
        work = self.settings.data / "work"
        return pipeline.ingest(request, self.archive, self.blobs, self.steps, work, progress)

    def publish(self, session_id: str) -> Session:
        """Let readers see and find a session."""
        publish(self.archive, session_id, self.embedder)
        return self.archive.session(session_id)

    def name(self, session_id: str, label: str, person: str | None) -> Speaker:
        """Say who a voice is; what readers see of a published session follows at once."""
        speaker = self.archive.name_speaker(session_id, label, person)
        if self.archive.status(session_id) is Status.PUBLISHED:
            self.publish(session_id)
        return speaker

    def withdraw(self, session_id: str) -> Session:
        """Hide a session from readers again."""
        withdraw(self.archive, session_id)
        return self.archive.session(session_id)

    def search(self, question: str, limit: int, filters: Filters = EVERYTHING) -> tuple[Hit, ...]:
        """Published passages that fit, best first."""
        return self.retriever.search(question, limit, filters)

    def ask(self, question: str) -> Verified:
        """A verified answer."""
        return answer(question, self.published, self.search, self.weigher)

    def warm(self) -> None:
        """Load what answering needs, so that no reader waits for it, nor two load it at once."""
        self.ask("Réchauffement des modèles")

    def deps(self) -> Deps:
        """What the server needs."""
        llm = endpoint(self.settings)
        write = Writer(llm, self.published) if llm else None
        return Deps(self.settings, self.published, self.blobs, self.ask, self.search, write)
