"""What the application is made of. Entry points build one `Deps`; tests build another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from api.answers.answer import Sentence, Verified, Written
from ingest.archive.blobs import Blobs
from ingest.archive.published import Published
from ingest.settings import Settings
from search.engine.retrieve import Hit
from search.filters import Facets, Filters
from search.index.passages import Passage
from search.query.parsed import Understood
from search.query.vocabulary import Vocabulary


@dataclass(frozen=True)
class Deps:
    """The parts that routes and pages use. They see published matter only.

    `find` ranks passages for a question; `browse` lists those that filters retain, from a place on;
    `facets` counts them. `write` and `rewrite` (a follow-up as a question by itself, or None) are
    None where the city has no language model.
    """

    settings: Settings
    published: Published
    blobs: Blobs
    vocabulary: Callable[[], Vocabulary]
    ask: Callable[[Understood], Verified]
    find: Callable[[Understood, int], tuple[Hit, ...]]
    browse: Callable[[Filters, int, int], tuple[Passage, ...]]
    facets: Callable[[str | None, Filters], Facets]
    write: Callable[[str, Verified], Iterator[Sentence | Written]] | None = None
    rewrite: Callable[[Understood], str | None] | None = None
