"""The corpus in memory, kept equal to what the database says, while readers go on.

Everything in it can be read again from SQL. What is withdrawn goes before the next search is
answered; what is published comes within moments, a session at a time, nothing else being read.
"""

import ctypes
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Lock, Thread

import numpy as np
from sqlalchemy import Connection

from ingest.archive.repository import Archive
from ingest.database.engine import Commits
from search.engine.bm25 import Ints, numbered, posted
from search.engine.corpus import SEGMENT, Block, Corpus, Segment, empty
from search.engine.facets import columns
from search.engine.synced import SyncedIndex
from search.engine.vectors import Halves, find_themselves
from search.index import store
from search.index.store import IndexedSession
from search.language.acronyms import NO_ACRONYMS, Acronyms
from search.passage import About, Embedder

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""How long a search waits for what was just published before it goes on without it."""
_FIRST = 8_192  # passages: those of the newest year or two are searched after a second


class LiveCorpus:
    """The passages of an archive's published sessions, with vectors of one embedder."""

    def __init__(
        self,
        archive: Archive,
        embedder: Embedder,
        acronyms: Acronyms = NO_ACRONYMS,
    ) -> None:
        self._archive = archive
        self._embedder = embedder
        self._acronyms = acronyms
        self._corpus = empty()
        self._commits = Commits(archive.engine.url)
        self._seen: tuple[int | None, Corpus | None] = None, None
        self._changing = Lock()  # held while one state is replaced by the next
        self._starting = Lock()
        self._worker: Thread | None = None

    def consult(self, index: SyncedIndex) -> None:
        """Ask an index for the nearest passages, from now on, where nothing narrows a search."""
        with self._changing:
            self._corpus = replace(self._corpus, elsewhere=index.nearest)

    @property
    def is_whole(self) -> bool:
        """Has all that is published been read once, since the start?"""
        return self._corpus.generation >= 0

    @property
    def generation(self) -> int:
        """Of the table that was last read to the end; see `store.Counts`."""
        return self._corpus.generation

    def now(self, patience_s: float | None = PATIENCE_S) -> Corpus:
        """The present state; a small query after each commit, and none between two of them.

        After `patience_s` seconds (None: wait for all) what is still being read is left out; at
        once, after the start. What was withdrawn is never in it.
        """
        commits, corpus = self._commits(), self._corpus
        if commits is not None and self._seen == (commits, corpus):
            return corpus
        if patience_s is not None and self._worker is not None and not self.is_whole:
            patience_s = 0
        with self._archive.engine.connect() as db:
            generation = store.counts(db).generation
        for _ in range(2):  # a reading that began before the change does not show it
            if self._corpus.generation < generation:
                self._started().join(patience_s)
        corpus = self._corpus
        if corpus.generation < generation:
            return self._without_closed()
        if commits is not None:
            self._seen = commits, corpus
        return corpus

    def start(self, patience_s: float | None) -> None:
        """Begin to read, the newest sessions first, and wait so long for it (None: to the end)."""
        self._started().join(patience_s)

    def _started(self) -> Thread:
        with self._starting:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._follow, name="corpus", daemon=True)
                self._worker.start()
            return self._worker

    def _without_closed(self) -> Corpus:
        with self._archive.engine.connect() as db:
            return self._kept(store.held(db))

    def _follow(self) -> None:
        """Take up all that was published and withdrawn, as of one moment."""
        try:
            with self._archive.engine.connect() as db:
                generation = store.counts(db).generation
                open_now = store.held(db)
                known = self._kept(open_now).columns.sessions
                new = [held for id_, held in open_now.items() if id_ not in known]
                for some in _batches(new):
                    block = self._read(db, some)
                    with self._changing:
                        self._corpus = self._corpus.plus(block)
            if not self.is_whole:
                _give_back()
            with self._changing:
                self._corpus = replace(self._corpus, generation=generation)
        except Exception:
            log.exception("What is published could not be read again; the next search tries.")

    def _kept(self, open_now: dict[str, IndexedSession]) -> Corpus:
        """Leave out what is closed now, or published anew."""
        with self._changing:
            known = self._corpus.columns.sessions
            gone = [id_ for id_, held in known.items() if open_now.get(id_) != held]
            if gone:
                self._corpus = self._corpus.without(gone)
            return self._corpus

    def _read(self, db: Connection, sessions: Sequence[IndexedSession]) -> Block:
        """Whole sessions from the database. Only the worker gives out numbers for values."""
        keys: list[int] = []
        about: list[tuple[str, About]] = []
        stems: list[Ints] = []
        vectors: list[Halves] = []
        none = np.zeros(self._embedder.dimension, dtype=np.float16)
        # Row by row: the text of all would take several times the memory of what is made of it.
        with np.errstate(over="ignore"):  # of a ruined vector, which is left out below
            for row in store.whole(db, [held.id for held in sessions], self._embedder):
                keys.append(row.key)
                about.append((row.session, row.about))
                stems.append(numbered(self._stems(row), self._corpus.vocabulary))
                vectors.append(none if row.vector is None else row.vector.astype(np.float16))
        return Block(
            columns(self._corpus.columns.values, sessions, keys, about),
            Segment(posted(stems), _verified(np.array(vectors).reshape(-1, len(none)))),
        )

    def _stems(self, row: store.PassageRow) -> Sequence[str]:
        stems = row.stems.split()
        return [*stems, *self._acronyms.besides(stems)] if self._acronyms.known else stems


def _verified(vectors: Halves) -> Halves:
    """Vectors that find themselves. One that does not is left out: words still find its passage."""
    lost = vectors.any(axis=1) & ~find_themselves(vectors)
    if lost.any():
        log.error("%d vectors do not find themselves: publish their sessions again.", lost.sum())
        vectors[lost] = 0
    return vectors


def open_corpus(
    archive: Archive, embedder: Embedder, acronyms: Acronyms = NO_ACRONYMS
) -> LiveCorpus:
    """The corpus of an archive, read to the end."""
    corpus = LiveCorpus(archive, embedder, acronyms)
    corpus.now(patience_s=None)
    return corpus


def _give_back() -> None:
    """Have what reading everything took given back to the system: 80 MiB of 300,000 passages."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) or (lambda kept: 0)  # glibc's alone
    trim(0)


def _batches(sessions: Sequence[IndexedSession]) -> Iterator[list[IndexedSession]]:
    """The newest sessions first, a few and then as many at a time as a segment holds.

    Each batch is in order, and holds one session at least.
    """
    batch: list[IndexedSession] = []
    most = min(_FIRST, SEGMENT) if sum(held.passages for held in sessions) > SEGMENT else SEGMENT
    for held in reversed(sessions):
        if batch and sum(one.passages for one in batch) + held.passages > most:
            yield batch[::-1]
            batch, most = [], SEGMENT
        batch.append(held)
    if batch:
        yield batch[::-1]
