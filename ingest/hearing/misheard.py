"""How like two words are by ear and by eye, and what of the words heard may be one name.

What repairing names and terms stands on. Knows French spelling and elision; knows no person and no
term.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz.distance import Levenshtein

from ingest.naming.heard_names import sound
from ingest.text import SENTENCE_END, fold
from ingest.transcript import Word

_WORD = re.compile(
    r"(?P<opening>\W*)(?P<elision>(?:(?:[dlsnjmtc]|qu|jusqu|lorsqu|puisqu)['’])?)"
    r"(?P<core>(?:.*\w)?)(?P<closing>\W*)",
    re.IGNORECASE | re.DOTALL,
)
_STOPS = (*SENTENCE_END, ",", ";", ":", ")", "»")
_NEAR_BY_EAR, _NEAR_BY_EYE = 5, 7  # letters of the shortest name of which so much may be wrong


@dataclass(frozen=True)
class Piece:
    """A word taken apart: « (d'Fontané), » has an opening, an elision, a core and a closing."""

    opening: str
    elision: str
    core: str
    closing: str

    @property
    def stops(self) -> bool:
        """Punctuation closes it; that of "M." does not."""
        return self.closing.strip().endswith(_STOPS) and fold(self.core) != "m"

    @property
    def ends_sentence(self) -> bool:
        """A sentence ends with it."""
        return self.stops and self.closing.strip().endswith(SENTENCE_END)

    @property
    def capital(self) -> bool:
        """It is written as names are."""
        return self.core[:1].isupper()


@dataclass(frozen=True)
class Likeness:
    """Edits between what was heard and a name of `length` letters, in sounds and in letters."""

    sounds: int
    letters: int
    length: int

    @property
    def same(self) -> bool:
        """They sound alike, or differ in accents alone."""
        alike = self.sounds == 0 and self.letters <= max(3, self.length // 2)
        return alike or self.letters == 0

    @property
    def near(self) -> bool:
        """One may be the other, where a name is expected."""
        by_ear = self.sounds <= 1 and self.letters <= 3 and self.length >= _NEAR_BY_EAR  # noqa: PLR2004
        by_eye = self.sounds <= 2 and self.letters <= 2 and self.length >= _NEAR_BY_EYE  # noqa: PLR2004
        return self.same or by_ear or by_eye

    @property
    def remote(self) -> bool:
        """One may still be the other, where something else already tells whose name it is."""
        some = self.sounds <= 2 and self.letters <= 3 and self.length >= _NEAR_BY_EAR + 1  # noqa: PLR2004
        return self.near or some

    @property
    def cost(self) -> int:
        """How unlike they are: a sound weighs as much as two letters."""
        return 2 * self.sounds + self.letters


@lru_cache(maxsize=50_000)
def piece(text: str) -> Piece:
    """The parts of a word as a transcript holds it."""
    match = _WORD.fullmatch(text)
    return Piece(*match.groups()) if match else Piece("", "", text, "")


@lru_cache(maxsize=50_000)
def letters(text: str) -> str:
    """Folded letters and digits alone."""
    return "".join(char for char in fold(text) if char.isalnum())


@lru_cache(maxsize=200_000)
def likeness(heard: str, name: str) -> Likeness:
    """How like a name is to what was heard; each may be several words."""
    spelt = letters(name)
    return Likeness(
        Levenshtein.distance(sound(heard), sound(name)),
        Levenshtein.distance(letters(heard), spelt),
        len(spelt),
    )


@dataclass(frozen=True)
class WordsHeard:
    """The words, each beside its pieces."""

    words: Sequence[Word]

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of each word."""
        return tuple(piece(word.text) for word in self.words)

    def unsure(self, at: int, count: int, limit: float) -> bool:
        """Is one of these words likely enough to be another?"""
        return any(word.confidence < limit for word in self.words[at : at + count])

    def runs(self, at: int, longest: int) -> Iterator[int]:
        """How many words may be one name: punctuation ends it."""
        for count in range(1, min(longest, len(self.words) - at) + 1):
            yield count
            if self.pieces[at + count - 1].stops:
                return

    def is_first_name(self, at: int) -> bool:
        """Does another word in capitals follow?"""
        following = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
        return bool(following and following.capital and not self.pieces[at].stops)

    def text(self, at: int, count: int) -> str:
        """The words without what opens the first one and what closes the last one."""
        first, last = self.pieces[at], self.pieces[at + count - 1]
        inner = " ".join(word.text for word in self.words[at : at + count])
        return inner[len(first.opening) : len(inner) - len(last.closing)]

    def spellings(self, at: int, longest: int) -> Iterator[tuple[str, int, str]]:
        """What may be a name from here on: its text, its count of words, the elision before it."""
        for count in self.runs(at, longest):
            text, elision = self.text(at, count), self.pieces[at].elision
            yield text, count, ""
            if elision:
                yield text.removeprefix(elision), count, elision

    def around(self, at: int, count: int, text: str) -> str:
        """A text in place of the words, with the punctuation that was around them."""
        return self.pieces[at].opening + text + self.pieces[at + count - 1].closing
