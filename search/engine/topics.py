"""Subjects: what agendas name and councils speak of, in their own words. No list of ours.

A title's phrases are candidates: runs of its words with no function word between them, which in
French are a noun with what stands beside it. Those that most passages of the point repeat, more
than one person having said them, are its subjects. Knows nothing of pages.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from search.engine.corpus import Corpus
from search.engine.vectors import Rows
from search.language.codes import TYPES
from search.language.idf import idf
from search.language.stems import stems

# A council speaks of a subject: a chair's announcement and one echo of it are not enough.
_LEAST_PASSAGES, _LEAST_PEOPLE = 2, 2
_MOST_OF_A_POINT = 2  # subjects: « extinction nocturne de l'éclairage public » has two
_CLOSE = 0.5  # of the best one's weight: below, the second is beside the point
_LONGEST_PHRASE = 4  # words: a longer run is a heading without function words, which nobody says
_SHORTEST = 4  # letters of a subject of one word: shorter ones are acronyms or leftovers

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu)['’](?=\w)", re.IGNORECASE)
_CODE = re.compile(rf"(?:{'|'.join(TYPES)})\d{{1,4}}")  # as `stems` writes an object's
_DIVIDED = re.compile(r"[^\w\s'’\-]")  # between two words: they are of two phrases


@dataclass(frozen=True)
class Topic:
    """A subject: as a title spells it, and what its words are matched by."""

    name: str
    stems: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Are its words said in a text, one after the other, function words aside?"""
        return self.is_among(tuple(stems(text)))

    def is_among(self, said: tuple[str, ...]) -> bool:
        """Are they, in a text given as its stems?"""
        length = len(self.stems)
        return any(said[at : at + length] == self.stems for at in range(len(said) - length + 1))


@lru_cache(maxsize=20_000)  # of the archive's titles, which repeat
def phrases(title: str) -> tuple[Topic, ...]:
    """What a title may be about, in its order.

    >>> [phrase.name for phrase in phrases("Motion M-14 : extinction de l'éclairage public")]
    ['extinction', 'éclairage public']
    """
    runs = [run for run in _runs(title) if 0 < len(run) <= _LONGEST_PHRASE and not _is_name(run)]
    found = (Topic(" ".join(run), tuple(stems(" ".join(run)))) for run in runs)
    return tuple(dict.fromkeys(one for one in found if len(one.name) >= _SHORTEST))


def _runs(title: str) -> Iterator[list[str]]:
    run: list[str] = []
    before, is_counted = 0, False
    for match in _WORD.finditer(title):
        elided = _ELIDED.match(match[0])
        word = match[0][elided.end() :] if elided else match[0]
        content = "".join(stems(word))
        if elided or not content or _DIVIDED.search(title[before : match.start()]):
            yield run
            run, is_counted = [], False
        if _CODE.fullmatch(content):
            run = []  # « Motion M-14 »: what kind of object it is
        elif any(map(str.isdigit, content)):
            yield run
            run, is_counted = [], True  # « vingt-trois heures »: how many, of no subject
        elif content and not is_counted:
            # A title begins with a capital, which is not the word's own.
            run.append(word[0].lower() + word[1:] if match.start() == 0 else word)
        before = match.end()
    yield run


def _is_name(run: Sequence[str]) -> bool:
    """Places and people are found by their own names; they are no subjects."""
    return all(word[0].isupper() for word in run)


def _is_close(phrase: Topic, share: float) -> bool:
    """Is a phrase a second subject? A word alone is what is done with the first: "rénovation"."""
    return share >= _CLOSE and len(phrase.stems) > 1


class Topics:
    """The subjects of the points of one state of the corpus. What is counted once is kept."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._known: dict[str, tuple[Topic, ...]] = {}

    def of(self, title: str) -> tuple[Topic, ...]:
        """The subjects of the points with that title, the most spoken of first."""
        if title not in self._known:
            self._known[title] = tuple(self._spoken_of(title))
        return self._known[title]

    def _spoken_of(self, title: str) -> Iterator[Topic]:
        here = self._under(title)
        if len(here) < _LEAST_PASSAGES:
            return
        weights = dict[Topic, float]()
        for phrase in phrases(title):
            times = np.min([self.corpus.times(stem, here) for stem in phrase.stems], axis=0)
            rows = here[times > 0]
            if len(rows) >= _LEAST_PASSAGES and len(self._people(rows)) >= _LEAST_PEOPLE:
                rarest = int(self.corpus.passages_with(phrase.stems).min())
                rarity = idf(len(self.corpus), rarest)
                weights[phrase] = int(times.sum()) * rarity * len(phrase.stems)
        best = sorted(weights, key=lambda phrase: -weights[phrase])
        for phrase in best[:_MOST_OF_A_POINT]:
            if phrase == best[0] or _is_close(phrase, weights[phrase] / weights[best[0]]):
                yield phrase

    def _under(self, title: str) -> Rows:
        number = self.corpus.columns.values.of["items"].get(title, -1)
        return self._rows_of_items.get(number, np.zeros(0, dtype=np.int64))

    @cached_property
    def _rows_of_items(self) -> Mapping[int, Rows]:
        items = self.corpus.columns.one["items"]
        order = np.argsort(items, kind="stable")
        numbers, starts = np.unique(items[order], return_index=True)
        return dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True))

    def _people(self, rows: Rows) -> set[int]:
        return {person for row in rows.tolist() for person in self._people_of_rows.get(row, ())}

    @cached_property
    def _people_of_rows(self) -> Mapping[int, list[int]]:
        people = defaultdict(list)
        pairs = self.corpus.columns.many["people"]
        for row, person in zip(pairs.rows.tolist(), pairs.values.tolist(), strict=True):
            people[row].append(person)
        return people
