"""What the application is made of. Entry points build one `Deps`; tests build another."""

from collections.abc import Callable
from dataclasses import dataclass

from api.answer import Verified
from ingest.blobs import Blobs
from ingest.published import Published
from ingest.settings import Settings
from search.retrieve import Hit


@dataclass(frozen=True)
class Deps:
    """The parts that routes and pages use. They see published matter only."""

    settings: Settings
    published: Published
    blobs: Blobs
    ask: Callable[[str], Verified]
    search: Callable[[str, int], tuple[Hit, ...]]
