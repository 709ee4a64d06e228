"""Answers kept while the archive stays as it is: the same question is not weighed twice.

Examples on the home page, shared links, reloads and offered questions ask again what was asked.
Any act that changes what readers may see moves the archive's version, and everything kept goes.
A kept answer is verified against the archive each time like a new one.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import func, select

from api.answers.answer import Answer, Verified, answer_key, verify
from api.answers.quotations import Sources, make_answer
from ingest.archive import audit
from ingest.archive.published import Published, Snapshot
from ingest.archive.repository import Archive
from search.index import store
from search.query.parsed import Query

_ANSWERS = 1_000  # some 10 kB each. Chosen, not measured


class Searched(Protocol):
    """What is searched: `search.engine.live.LiveCorpus`."""

    @property
    def generation(self) -> int:
        """Of the table of passages that was last read to the end."""


class Shelf(dict[Hashable, Any]):
    """What was made of published matter, the oldest of which goes first. For all threads."""

    def __init__(self, most: int = _ANSWERS) -> None:
        super().__init__()
        self._most = most
        self._lock = Lock()

    def __setitem__(self, key: Hashable, made: Any) -> None:
        """Keep what was made."""
        with self._lock:
            super().__setitem__(key, made)
            while len(self) > self._most:
                self.pop(next(iter(self)))


@dataclass(frozen=True)
class _State:
    """What is kept while the archive stays as it is."""

    version: tuple[int, ...]
    make: Callable[[Query], Answer]
    shelf: Shelf = field(default_factory=Shelf)

    def answer(self, query: Query) -> Answer:
        """The answer that is kept, or made now."""
        kept: Answer | None = self.shelf.get(answer_key(query))
        if kept is None:
            kept = self.shelf[answer_key(query)] = self.make(query)
        return kept


class KeptAnswers:
    """Answers queries as `make_answer` does, from what `sources` makes of published matter.

    Safe to share between threads.
    """

    def __init__(
        self, archive: Archive, corpus: Searched, sources: Callable[[Published], Sources]
    ) -> None:
        self._archive = archive
        self._corpus = corpus
        self._sources = sources
        self._lock = Lock()
        self._state: _State | None = None

    def __call__(self, query: Query) -> Verified:
        """A verified answer."""
        return verify(self._now().answer(query), Snapshot(self._archive))

    def shelf(self) -> Shelf:
        """What may be kept beside the answers for as long as they are."""
        return self._now().shelf

    def _now(self) -> _State:
        version = self._present()
        with self._lock:
            if self._state is None or self._state.version != version:
                made = partial(make_answer, sources=self._sources(Snapshot(self._archive)))
                self._state = _State(version, made)
            return self._state

    def _present(self) -> tuple[int, ...]:
        """Other with each act that is logged, each passage that comes or goes, or is searched."""
        with self._archive.engine.connect() as db:
            acts = db.execute(select(func.max(audit.table.c.id))).scalar() or 0
            return store.counts(db).generation, acts, self._corpus.generation
