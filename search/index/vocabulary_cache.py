"""The names, parties, bodies, dates and objects of what is published, read from SQL and kept."""

from dataclasses import replace
from threading import Lock

from ingest.archive.published import Published
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
                made = vocabulary_of(self._published.sessions(), self._published.people())
                self._made = state, replace(made, words=self._words)
            return self._made[1]

    def _state(self) -> tuple[int, int]:
        with self._published.archive.engine.connect() as db:
            return store.counts(db).generation, self._published.count()
