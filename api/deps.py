"""What the application is made of. Entry points build one `Deps`; tests build another."""

from collections.abc import Hashable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from api.answers.answer import Verified
from api.answers.citation import Sentence, Written
from api.readers.alerts import AlertBox
from api.readers.reports import ReportBox
from ingest.archive.blobs import Blobs
from ingest.archive.published import Published
from ingest.settings import Settings
from search.engine.retrieve import Finder, Subjects
from search.index.vocabulary_cache import CachedVocabulary
from search.query.parsed import Query


class Answerer(Protocol):
    """Answers queries: `Product.ask` does."""

    def __call__(self, query: Query, /) -> Verified:
        """A verified answer, which may be a refusal."""


class Keeper(Protocol):
    """Keeps what is made of published matter while that stays as it is: `KeptAnswers.shelf`."""

    def __call__(self) -> MutableMapping[Hashable, Any]:
        """What is kept now. What is put there after the archive has changed is of no use."""


class Version(Protocol):
    """Tells whether what is published may have changed."""

    def __call__(self) -> Hashable | None:
        """Another after each change, at no cost; None where it is not known."""


class MachineWriter(Protocol):
    """A city's language model, where it has one: `api.llm.writer.Writer`."""

    def write(self, question: str, verified: Verified, /) -> Iterator[Sentence | Written]:
        """Each sentence about an answer once it is checked, then how it went."""

    def rewrite(self, query: Query, /) -> str | None:
        """A follow-up as a question by itself; None where it is none, or cannot be trusted."""


def unknown() -> None:
    """No version is known: nothing is kept."""


@dataclass(frozen=True)
class Deps:
    """The parts that routes and pages use. They see published matter only.

    `writer` is None where the city has no language model. By default nothing is kept.
    """

    settings: Settings
    published: Published
    blobs: Blobs
    vocabulary: CachedVocabulary
    ask: Answerer
    finder: Finder
    subjects: Subjects
    writer: MachineWriter | None = None
    kept: Keeper = dict
    version: Version = unknown

    @property
    def reports(self) -> ReportBox:
        """Takes what readers report as wrong."""
        return ReportBox(self.published.archive)

    @property
    def alerts(self) -> AlertBox:
        """Takes what readers want to be told of by mail."""
        return AlertBox(self.published.archive, self.settings)
