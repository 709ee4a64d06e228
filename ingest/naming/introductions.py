"""Speakers who say their own name: "Marc Delcourt, pour le groupe socialiste", "Je m'appelle ...".

Knows the phrases and where they stand: near the beginning of what somebody says, with no title.
Only a first name and a surname together count. Does not know voices: whose it is `clues` weighs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from ingest.naming.heard_names import Guess, NameMatch, guesses, letters, sound
from ingest.naming.spoken import Spoken, joined, spoken
from ingest.transcript import Person, Turn

_WITHIN_WORDS = 16  # "Merci, Madame la présidente, Mesdames et Messieurs, chers collègues," is 9
_LONGEST = 5  # words that a name is heard as
_SAYS_I = re.compile(r"\b(?:je (?:suis|m appelle|me nomme|me presente)|mon nom est|ici)$")
_FOR_WHOM = re.compile(
    r"(?:pour (?:le|la|les|l|mon|notre)|au nom d\w*|(?:du |le )?groupp?e|(?:du )?parti"
    r"|depute\w*|conseill\w*|rapporteu\w*|membre d\w*|presidente? d\w*)\b"
)
_SAYS = re.compile(rf"{_SAYS_I.pattern[:-1]}\b|\b{_FOR_WHOM.pattern}")
_LEAST = 70.0


@dataclass(frozen=True)
class Introduction:
    """Who somebody says to be. `turn` is the position of the turn that is the speaker's own."""

    turn: int
    start_ms: int
    guesses: tuple[Guess, ...]
    heard: str
    """The name as it was heard, folded."""


def find_introductions(turns: Sequence[Turn], roster: Sequence[Person]) -> tuple[Introduction, ...]:
    """Every introduction, one a turn, in order.

    The name may hang on the end of the turn before its own: diarization cuts a second late.
    """
    people = [person for person in roster if len(person.name.split()) > 1]
    stream = spoken(turns)
    heads = ((word.turn, _head(stream, at)) for at, word in enumerate(stream) if _opens(stream, at))
    found = (_first(head, place, people) for place, head in heads if _SAYS.search(joined(head)))
    return tuple(introduction for introduction in found if introduction)


def _opens(stream: Sequence[Spoken], at: int) -> bool:
    return at == 0 or stream[at - 1].turn != stream[at].turn


def _head(stream: Sequence[Spoken], at: int) -> list[Spoken]:
    """The first words of a turn, after the last ones of the turn before."""
    place = stream[at].turn
    before = (word for word in stream[max(0, at - _LONGEST) : at] if word.turn == place - 1)
    return [*before, *(w for w in stream[at : at + _WITHIN_WORDS] if w.turn == place)]


def _first(pieces: list[Spoken], place: int, people: Sequence[Person]) -> Introduction | None:
    for at, first in enumerate(pieces):
        ends = range(at + 1, min(at + _LONGEST, len(pieces)) + 1)
        names = (pieces[at:end] for end in ends if _own_turn(pieces, at, end) == place)
        fits = [(name, _full_names(name, people)) for name in names]
        name, best = max(fits, key=lambda fit: fit[1][0].score if fit[1] else 0, default=([], []))
        if best:
            heard = [piece.heard for piece in name]
            told = guesses(heard, best, len(people))
            return Introduction(place, first.start_ms, told, joined(name))
    return None


def _own_turn(pieces: Sequence[Spoken], at: int, end: int) -> int | None:
    """Whose turn it is if these words are where a speaker's own name stands."""
    if pieces[at].woman is not None:
        return None
    if _SAYS_I.search(joined(pieces[max(0, at - 3) : at])):
        return pieces[end - 1].turn
    opens = at == 0 or pieces[at - 1].stops or pieces[at - 1].turn != pieces[at].turn
    if not opens or end >= len(pieces):
        return None
    return pieces[end].turn if _FOR_WHOM.match(joined(pieces[end : end + 3])) else None


def _full_names(name: Sequence[Spoken], people: Sequence[Person]) -> list[NameMatch]:
    """People whose first name and surname together read or sound like all of the words."""
    heard = " ".join(piece.heard for piece in name)
    likeness = ((max(ratio(k(heard), k(p.name)) for k in (letters, sound)), p) for p in people)
    fits = [NameMatch(p, score, len(name)) for score, p in likeness if score >= _LEAST]
    return sorted(fits, key=lambda match: -match.score)
