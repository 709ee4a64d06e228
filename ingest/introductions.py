"""Speakers who say their own name: "Marc Delcourt, pour le groupe socialiste", "Je m'appelle ...".

Knows the phrases and where they stand: near the beginning of what somebody says, with no title.
Only a first name and a surname together count. Does not know voices: whose it is `clues` weighs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from ingest.heard_names import Guess, NameMatch, guesses, letters, sound
from ingest.text import fold
from ingest.transcript import Person, Turn, Word

_WITHIN_WORDS = 16  # "Merci, Madame la présidente, Mesdames et Messieurs, chers collègues," is 9
_LONGEST = 5  # words that a name is heard as
_SAYS_I = re.compile(r"\b(?:je (?:suis|m appelle|me nomme|me presente)|mon nom est|ici)$")
_FOR_WHOM = re.compile(
    r"(?:pour (?:le|la|les|l|mon|notre)|au nom d\w*|(?:du |le )?groupp?e|(?:du )?parti"
    r"|depute\w*|conseill\w*|rapporteu\w*|membre d\w*|presidente? d\w*)\b"
)
_SAYS = re.compile(rf"{_SAYS_I.pattern[:-1]}\b|\b{_FOR_WHOM.pattern}")
_OPENS_AFTER = (".", ",", "!", "?", ";", ":", "…")
_TITLES = ("madame", "monsieur", "m", "mme", "dame")
_LEAST = 70.0


@dataclass(frozen=True)
class Introduction:
    """Who somebody says to be. `turn` is the position of the turn that is the speaker's own."""

    turn: int
    start_ms: int
    guesses: tuple[Guess, ...]
    heard: str
    """The name as it was heard, folded."""


@dataclass(frozen=True)
class _Piece:
    """A word without its punctuation, or half of "qu'elle"; `turn` is the position of its turn."""

    text: str
    heard: str
    turn: int
    start_ms: int
    stops: bool


def find_introductions(turns: Sequence[Turn], roster: Sequence[Person]) -> tuple[Introduction, ...]:
    """Every introduction, one a turn, in order.

    The name may hang on the end of the turn before its own: diarization cuts a second late.
    """
    people = [person for person in roster if len(person.name.split()) > 1]
    heads = ((place, list(_head(turns, place))) for place in range(len(turns)))
    found = (_first(head, place, people) for place, head in heads if _SAYS.search(_joined(head)))
    return tuple(introduction for introduction in found if introduction)


def _head(turns: Sequence[Turn], place: int) -> Iterator[_Piece]:
    """The first words of a turn, after the last ones of the turn before."""
    if place:
        for word in turns[place - 1].words[-_LONGEST:]:
            yield from _pieces(place - 1, word)
    for word in turns[place].words[:_WITHIN_WORDS]:
        yield from _pieces(place, word)


def _pieces(place: int, word: Word) -> Iterator[_Piece]:
    for heard, folded, stops in _cut(word.text):
        yield _Piece(folded, heard, place, word.start_ms, stops)


@lru_cache(maxsize=50_000)
def _cut(word: str) -> tuple[tuple[str, str, bool], ...]:
    """What a word is made of: each piece as heard and folded, and whether punctuation closes it."""
    heard = re.findall(r"[^\W_]+", word)
    last = len(heard) - 1
    return tuple(
        (piece, fold(piece), at == last and word.endswith(_OPENS_AFTER))
        for at, piece in enumerate(heard)
    )


def _first(pieces: list[_Piece], place: int, people: Sequence[Person]) -> Introduction | None:
    for at, first in enumerate(pieces):
        ends = range(at + 1, min(at + _LONGEST, len(pieces)) + 1)
        names = (pieces[at:end] for end in ends if _own_turn(pieces, at, end) == place)
        fits = [(name, _full_names(name, people)) for name in names]
        name, best = max(fits, key=lambda fit: fit[1][0].score if fit[1] else 0, default=([], []))
        if best:
            heard = [piece.heard for piece in name]
            told = guesses(heard, best, len(people))
            return Introduction(place, first.start_ms, told, _joined(name))
    return None


def _own_turn(pieces: Sequence[_Piece], at: int, end: int) -> int | None:
    """Whose turn it is if these words are where a speaker's own name stands."""
    if pieces[at].text in _TITLES:
        return None
    if _SAYS_I.search(_joined(pieces[max(0, at - 3) : at])):
        return pieces[end - 1].turn
    opens = at == 0 or pieces[at - 1].stops or pieces[at - 1].turn != pieces[at].turn
    if not opens or end >= len(pieces):
        return None
    return pieces[end].turn if _FOR_WHOM.match(_joined(pieces[end : end + 3])) else None


def _full_names(name: Sequence[_Piece], people: Sequence[Person]) -> list[NameMatch]:
    """People whose first name and surname together read or sound like all of the words."""
    heard = " ".join(piece.heard for piece in name)
    likeness = ((max(ratio(k(heard), k(p.name)) for k in (letters, sound)), p) for p in people)
    fits = [NameMatch(p, score, len(name)) for score, p in likeness if score >= _LEAST]
    return sorted(fits, key=lambda match: -match.score)


def _joined(pieces: Sequence[_Piece]) -> str:
    return " ".join(piece.text for piece in pieces)
