"""What the application is made of. Entry points build one `Deps`; tests build another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from api.answer import Verified
from api.written import Sentence, Written
from ingest.blobs import Blobs
from ingest.published import Published
from ingest.settings import Settings
from search.retrieve import Hit


@dataclass(frozen=True)
class Deps:
    """The parts that routes and pages use. They see published matter only.

    `write` is None where the city has no language model.
    """

    settings: Settings
    published: Published
    blobs: Blobs
    ask: Callable[[str], Verified]
    search: Callable[[str, int], tuple[Hit, ...]]
    write: Callable[[str, Verified], Iterator[Sentence | Written]] | None = None
