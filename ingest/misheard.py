"""How like two words are by ear and by eye, and a heard word's parts.

What repairing names and terms stands on. Knows French spelling and elision; knows no person, no
roster and no confidence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ingest.heard_names import sound
from ingest.text import SENTENCE_END, fold

_WORD = re.compile(
    r"(?P<opening>\W*)(?P<elision>(?:(?:[dlsnjmtc]|qu|jusqu|lorsqu|puisqu)['’])?)"
    r"(?P<core>.*?)(?P<closing>\W*)",
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
