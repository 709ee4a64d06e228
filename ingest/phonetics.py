"""Which person of the roster a few misheard words name.

Knows how French names sound and how a speech model misspells them ("Fontané" for Fontanet, "Del
cour" for Delcourt). Does not know turns, voices or calls. Two people who fit about as well are
no match."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from ingest.text import fold
from ingest.transcript import Person

THRESHOLD = 80.0
"""Least likeness, of 100, of the words heard to a name."""
THRESHOLD_UNCAPPED = 88.0
"""The same where the first word has no capital: it is more often a plain word than a name."""
_MIN_SCORE = 66.0  # below this a person is neither matched nor counted as a rival
_NOBODY, _UNIT = 75.0, 7.0  # a likeness of 75 is as good as no name at all; each 7 more, e times
_FEW, _MANY = 10, 40  # people of one title in a small council, and in a large one
_FULL_NAME_BONUS = 8.0  # a first name and a surname that both fit are worth more than a surname
_LONGEST = 4  # words that one name is heard as, at most

_FEMININE = re.compile(
    r"\b(?:presidente|conseillere|secretaire generale|mairesse|deputee|adjointe|syndique"
    r"|echevine|directrice|rapporteuse|chanceliere)\b"
)
_MASCULINE = re.compile(
    r"\b(?:president|conseiller|depute|adjoint|syndic|echevin|directeur|rapporteur|chancelier)\b"
)
_INCLUSIVE = re.compile(r"[·./()]|-(?:e|ere|ne|trice)\b")

# Spelling to sound, in this order. Capitals are sounds that no letter has: C (ch), A I O (nasals);
# `_` is a mute ending, which keeps the consonant before it alive until the end.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ç", "ss"),
        (r"œ", "e"),
        (r"(?<=[^aeiouyéè])es?$|(?<=[aeiouyé])es?$", "_"),
        (r"(?:ets?|ez|ers?|és?|ée_?)$", "E"),
        (r"[éèêë]", "E"),
        (r"[^a-zE_]", ""),
        (r"t?sch|sh|ch(?=[aeiouyE_])", "C"),
        (r"gn", "nj"),
        (r"(?<=[aeo])ill?(?=[aeiouyE_])|(?<=[aeou])y(?=[aeiouE])", "j"),
        (r"ill(?=[aeiouyE_])", "ij"),
        (r"ien(?![aeiouynmhE_])", "iI"),
        (r"(?:ain|ein|aim|in|im|yn|ym|un|um)(?![aeiouynmhE_])", "I"),
        (r"(?:an|am|en|em)(?![aeiounmhE_])", "A"),
        (r"(?:on|om)(?![aeiounmhE_])", "O"),
        (r"eau|au", "o"),
        (r"oi|oy", "wa"),
        (r"ou", "u"),
        (r"oeu|eu|ai|ei|ay|ey|E", "e"),
        (r"ph", "f"),
        (r"gu(?=[eiy])", "G"),
        (r"g(?=[eiy])", "j"),
        (r"c(?=[eiy])|ss|z", "s"),
        (r"qu|q|c|x(?=.)", "k"),
        (r"(?<![tdpsxk])[tdpsxk]+$", ""),
        (r"h|_", ""),
        (r"y", "i"),
        (r"w", "v"),
        (r"G", "g"),
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class NameMatch:
    """A person that words name, how well (0..100), and how many words it took."""

    person: Person
    score: float
    words: int


@dataclass(frozen=True)
class Guess:
    """A person who may be meant, and how likely: with the share of strangers, all sum to 1."""

    person: str
    share: float


@lru_cache(maxsize=50_000)
def sound(text: str) -> str:
    """A rough phonetic key: spellings that a French ear cannot tell apart share it."""
    return "".join(_word_sound(word) for word in re.split(r"[\s-]+", text.lower()))


def _word_sound(word: str) -> str:
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def is_woman(person: Person, roster: Sequence[Person]) -> bool | None:
    """What the role says of a person's gender, None where it says nothing.

    A masculine role speaks only in a roster that has feminine ones: elsewhere it is generic.
    """
    role = fold(person.role)
    if _INCLUSIVE.search(role):
        return None
    if _FEMININE.search(role):
        return True
    if _MASCULINE.search(role) and any(_FEMININE.search(fold(p.role)) for p in roster):
        return False
    return None


def surnames(name: str) -> tuple[str, ...]:
    """Ways to call a person without the first name: "de Weck" and "Weck" for Simone de Weck.

    None for a name without a word.
    """
    words = name.split()
    if not words:
        return ()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if capitals and len(capitals) < len(words):
        words = ["", *capitals]
    rest = words[1:] or words
    return tuple(dict.fromkeys([" ".join(rest), rest[-1]]))


def find_people(words: Sequence[str], people: Sequence[Person]) -> tuple[NameMatch, ...]:
    """Everybody whose name may begin at the first of these words, best first."""
    fits = _fits(tuple(words[:_LONGEST]), tuple(people))
    return tuple(sorted(fits, key=lambda match: -match.score))


def guesses(words: Sequence[str], fits: Sequence[NameMatch], among: int) -> tuple[Guess, ...]:
    """How likely each of `fits` is meant by the words, where a name is expected.

    `among` is how many people were compared: the more, the likelier that one fits by chance. What
    is written small is less of a name. "Rochat" is half Julien's and half Denis's.
    """
    small = not any(word[:1].isupper() for word in words[: fits[0].words]) if fits else False
    nobody = _NOBODY + (THRESHOLD_UNCAPPED - THRESHOLD if small else 0.0)
    odds = [exp((match.score - nobody) / _UNIT) for match in fits]
    total = min(1.0, max(_FEW, among) / _MANY) + sum(odds)
    return tuple(Guess(m.person.name, odd / total) for m, odd in zip(fits, odds, strict=True))


@lru_cache(maxsize=20_000)
def _fits(words: tuple[str, ...], people: tuple[Person, ...]) -> tuple[NameMatch, ...]:
    """Each person's best match among the first one, two, ... words; hopeless ones are left out."""
    heard = [" ".join(words[:count]) for count in range(1, len(words) + 1)]
    names, full, firsts = _spellings(people)
    alike = _likeness(heard, names) + _FULL_NAME_BONUS * full
    best = np.maximum.reduceat(alike, firsts, axis=1) if people else alike
    return tuple(
        NameMatch(person, float(scores.max()), int(scores.argmax()) + 1)
        for person, scores in zip(people, best.T, strict=True)
        if len(scores) and scores.max() >= _MIN_SCORE
    )


@lru_cache(maxsize=100)
def _spellings(
    people: tuple[Person, ...],
) -> tuple[tuple[str, ...], NDArray[np.bool_], list[int]]:
    """Every person's full names, each followed by its surnames; which are full; where each begins.

    The beginnings are places in the names, one for each person.
    """
    names: list[str] = []
    full: list[bool] = []
    firsts: list[int] = []
    for person in people:
        firsts.append(len(names))
        for spelling in person.spellings:
            called = surnames(spelling)
            names += (spelling, *called)
            full += (True, *(False for _ in called))
    return tuple(names), np.array(full, dtype=bool), firsts


def _likeness(heard: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    """How alike each pair is in writing or in sound, whichever is more, 0..100.

    Shape (len(heard), len(names)); 0 where it is too little to matter.
    """
    return np.maximum(*(_ratios(key, heard, names) for key in (letters, sound)))


def _ratios(
    key: Callable[[str], str], heard: Sequence[str], names: Sequence[str]
) -> NDArray[np.float64]:
    keys = [key(text) for text in heard], [key(name) for name in names]
    least = _MIN_SCORE - _FULL_NAME_BONUS
    return np.asarray(cdist(*keys, scorer=ratio, score_cutoff=least, dtype=np.float64))


@lru_cache(maxsize=50_000)
def letters(text: str) -> str:
    """Only the letters and digits, folded: how a name is written, whatever its spaces."""
    return "".join(char for char in fold(text) if char.isalnum())
