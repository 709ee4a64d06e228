"""Which person of the roster a few misheard words name.

Knows how French names sound and how a speech model misspells them ("Fontané" for Fontanet, "Del
cour" for Delcourt). Does not know turns, voices or calls. Two people who fit about as well are
nobody: a name is given only when it is alone.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from ingest.transcript import Person

THRESHOLD = 80.0
"""Least likeness, of 100, of the words heard to a name."""
THRESHOLD_UNCAPPED = 88.0
"""The same where the first word has no capital: it is more often a plain word than a name."""
MARGIN = 8.0
"""How much better than the next person the named one must fit."""
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
        (r"[tdpsxk]+$", ""),
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


def fold(text: str) -> str:
    """Lower case, no accents, ligatures opened: what two spellings of a word share."""
    opened = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    parts = unicodedata.normalize("NFD", opened)
    return "".join(char for char in parts if not unicodedata.combining(char))


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
    """Ways to call a person without the first name: "de Weck" and "Weck" for Simone de Weck."""
    words = name.split()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if capitals and len(capitals) < len(words):
        words = ["", *capitals]
    rest = words[1:] or words
    return tuple(dict.fromkeys([" ".join(rest), rest[-1]]))


def find_person(words: Sequence[str], people: Sequence[Person]) -> NameMatch | None:
    """The one person whose name begins at the first of these words, as heard, or None."""
    fits = sorted(
        (match for person in people if (match := _best(words, person))),
        key=lambda match: -match.score,
    )
    capital = bool(words) and words[0][:1].isupper()
    if not fits or fits[0].score < (THRESHOLD if capital else THRESHOLD_UNCAPPED):
        return None
    if len(fits) > 1 and fits[0].score - fits[1].score < MARGIN:
        return None
    return fits[0]


def likeness(heard: str, name: str) -> float:
    """How alike two spellings are in writing or in sound, whichever is more, 0..100."""
    return max(ratio(_letters(heard), _letters(name)), ratio(sound(heard), sound(name)))


def _best(words: Sequence[str], person: Person) -> NameMatch | None:
    fits = []
    for count in range(1, min(_LONGEST, len(words)) + 1):
        heard = " ".join(words[:count])
        full = likeness(heard, person.name) + _FULL_NAME_BONUS
        alone = max(likeness(heard, surname) for surname in surnames(person.name))
        fits.append(NameMatch(person, max(full, alone), count))
    return max(fits, key=lambda match: match.score, default=None)


@lru_cache(maxsize=50_000)
def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())
