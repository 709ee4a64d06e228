"""The names, parties, bodies, dates and objects of what is published, read from SQL and kept."""

from dataclasses import replace
from threading import Lock

from sqlalchemy import select

from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.transcript import Status
from search.index import store
from search.query.vocabulary import NO_WORDS, Vocabulary, Words, vocabulary_of


class CachedVocabulary:
    """The vocabulary of what is published now, made again when that changes. For all threads."""

    def __init__(self, published: Published, words: Words = NO_WORDS) -> None:
        self._published = published
        self._words = words
        self._lock = Lock()
        self._made: tuple[tuple[int, int], Vocabulary] | None = None

    def __call__(self) -> Vocabulary:
        """The vocabulary; one small query where nothing has changed."""
        with self._lock:
            state = self._state()
            if self._made is None or self._made[0] != state:
                made = vocabulary_of(self._published.sessions(), self._speakers())
                self._made = state, replace(made, words=self._words)
            return self._made[1]

    def _state(self) -> tuple[int, int]:
        with self._published.archive.engine.connect() as db:
            return store.counts(db).generation, self._published.count()

    def _speakers(self) -> list[str]:
        """Everybody who speaks in a published session."""
        query = (
            select(t.speakers.c.person)
            .join(t.sessions, t.sessions.c.id == t.speakers.c.session_id)
            .where(t.sessions.c.status == Status.PUBLISHED, t.speakers.c.person.is_not(None))
            .distinct()
        )
        with self._published.archive.engine.connect() as db:
            return sorted(db.execute(query).scalars())
