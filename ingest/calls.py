"""What is said of who speaks: the floor given, a speaker thanked, the chair addressed.

Knows the phrases of a French-speaking council and finds them in turns, however the names in them
were misheard. Does not know which voice answers a call: that is `names`' to weigh.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from ingest.heard_names import find_person, is_woman, sound
from ingest.text import fold
from ingest.transcript import Person, Turn

_TITLES = {"madame": True, "mme": True, "monsieur": False, "mr": False, "m": False}
_ROLE_WORDS = re.compile(
    r"(?:le|la|l|vice|president|presidente|conseille\w*|administrati\w*|municipa\w*|maire|mairesse"
    r"|depute\w*|adjoint\w*|rapporteu\w*|syndi\w*|echevin\w*|magistrat\w*|collegue|cher|chere)"
)
_CHAIR = re.compile(r"\b(?:vice )?president\w*")
_FLOOR_IS_FOR = re.compile(r"\bparole (?:[a-z]+ )?(?:est|et|ait|a|au|aux|revient|de|d)\b")
_NOT_GIVEN = re.compile(r"\b(?:pas|de|coup\w*|retir\w*|demand\w*|pris|prendre) (?:la )?parole\b")
_YIELDS = re.compile(r"\b(?:je |nous |on )?(?:passe|donne|cede|laisse|rend)\w* (?:la )?parole\b")
_FLOOR_IS_YOURS = re.compile(
    r"\b(?:vous )?(?:avez|ave|a) (?:de nouveau |maintenant |donc )?(?:la )?parole\b"
    r"|\bc est a (?:vous|toi|elle|lui)\b|\ba vous la parole\b|^(?:a vous|allez y)\b"
    r"|\bje vous (?:ecoute|en prie|laisse|donne|passe|cede)\b"
    r"|\b(?:souhait|desir)\w* |\bdemande (?:la parole|a (?:repondre|intervenir))\b"
)
_HEARD_AS_YOURS = tuple(sound(f) for f in ("vousavezlaparole", "cestavous", "avouslaparole"))
_SOUNDS_ALIKE = 76.0
_MERCI = re.compile(r"\b(?:merci|remerci\w+)\b")
_REACH_BEFORE, _REACH_AFTER = 7, 8  # words between a name and the phrase that belongs to it
_NAME_WORDS = 4
_STOPS = (".", ",", "!", "?", ";", ":", "…")
_ROLE_SCORE = 85.0  # a role that one person alone has names that person about as surely


class Act(Enum):
    """What a mention of a person does."""

    GIVES = "gives the floor"
    BARE = "is all that is said before another voice"
    THANKS = "thanks, as a turn begins"
    ADDRESSES_CHAIR = "speaks to the chair"
    MENTIONS = "speaks of the person"


@dataclass(frozen=True)
class Mention:
    """A person spoken of or to. `person` is None for the chair, whoever that is.

    `turn` is the position of the turn among those given, `score` is 0..100, `woman` is what the
    title said.
    """

    act: Act
    turn: int
    start_ms: int
    end_ms: int
    person: str | None
    woman: bool
    score: float


@dataclass(frozen=True)
class _Token:
    """A word as heard and folded; `turn` is the position of its turn."""

    text: str
    heard: str
    turn: int
    start_ms: int
    end_ms: int
    stops: bool
    """Punctuation closes it."""


@dataclass(frozen=True)
class _Who:
    """Who words name, how surely, and how many words that took; the chair has no name."""

    person: str | None
    score: float
    words: int


def find_mentions(turns: Sequence[Turn], roster: Sequence[Person]) -> tuple[Mention, ...]:
    """Every mention of a person of the roster under a title, in the order of the turns.

    A phrase may reach over the border of two turns: diarization cuts a second early or late.
    """
    genders = {person.name: is_woman(person, roster) for person in roster}
    tokens = [token for place, turn in enumerate(turns) for token in _tokens(place, turn)]
    starts = [at for at, token in enumerate(tokens) if token.text in _TITLES]
    mentions = []
    for before, at, after in zip([-1, *starts], starts, [*starts[1:], len(tokens)], strict=False):
        woman = _TITLES[tokens[at].text]
        people = [person for person in roster if genders[person.name] in (None, woman)]
        if who := _who(tokens[at + 1 : after], people):
            mentions.append(_mention(tokens, before, at, after, who))
    return tuple(mentions)


def _tokens(place: int, turn: Turn) -> Iterator[_Token]:
    for word in turn.words:
        for text, heard, stops in _pieces(word.text):
            yield _Token(text, heard, place, word.start_ms, word.end_ms, stops)


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> tuple[tuple[str, str, bool], ...]:
    """What a word is made of: each piece folded, as heard, and whether punctuation closes it."""
    heard = re.findall(r"[^\W_]+", word)
    folded = [fold(piece) for piece in heard]
    closed = word.endswith(_STOPS) and folded[-1:] != ["m"]
    stops = [*[False] * (len(heard) - 1), closed]
    return tuple(zip(folded, heard, stops, strict=False))


def _mention(tokens: list[_Token], before: int, at: int, after: int, who: _Who) -> Mention:
    """Judge the title at `at`, given where the titles before and after it stand."""
    end = at + 1 + who.words
    head = _joined(tokens[max(before + 1, at - _REACH_BEFORE) : at])
    tail = _joined(tokens[end : min(after, end + _REACH_AFTER)])
    title, last = tokens[at], tokens[end - 1]
    bare = _opens_sentence(tokens, at) and _closes_turn(tokens, end - 1) and last.turn == title.turn
    act = _act(head, tail, who.person, bare=bare)
    woman = _TITLES[title.text]
    return Mention(act, title.turn, title.start_ms, last.end_ms, who.person, woman, who.score)


def _opens_sentence(tokens: Sequence[_Token], at: int) -> bool:
    """Nothing leads up to the title but, at most, the "à" of a phrase that was misheard."""
    before = tokens[at - 1] if at else None
    return before is None or before.stops or before.text == "a" or before.turn != tokens[at].turn


def _closes_turn(tokens: Sequence[_Token], at: int) -> bool:
    return at + 1 >= len(tokens) or tokens[at + 1].turn != tokens[at].turn


def _who(tokens: Sequence[_Token], people: Sequence[Person]) -> _Who | None:
    """A name beats a role: "Monsieur le conseiller administratif Delcourt" is Delcourt."""
    roles = 0
    while roles < len(tokens) and _ROLE_WORDS.fullmatch(tokens[roles].text):
        roles += 1
    if named := find_person(_until_stop(tokens[roles:]), people):
        return _Who(named.person.name, named.score, roles + named.words)
    role = _joined(tokens[:roles])
    if _CHAIR.search(role):
        return _Who(None, 100.0, roles)
    alone = [person for person in people if role and _has_role(person, role)]
    return _Who(alone[0].name, _ROLE_SCORE, roles) if len(alone) == 1 else None


def _until_stop(tokens: Sequence[_Token]) -> list[str]:
    words = []
    for token in tokens[:_NAME_WORDS]:
        words.append(token.heard)
        if token.stops:
            break
    return words


def _has_role(person: Person, role: str) -> bool:
    """Do the words of a form of address all belong to a person's role ("conseiller")?"""
    theirs = [word[:7] for word in re.findall(r"[a-z]+", fold(person.role))]
    asked = [word[:7] for word in role.split() if word not in ("le", "la", "l", "cher", "chere")]
    return bool(asked) and all(word in theirs for word in asked)


def _act(head: str, tail: str, person: str | None, *, bare: bool) -> Act:
    if person is None:
        return Act.ADDRESSES_CHAIR
    given = (_FLOOR_IS_FOR.search(head) or _YIELDS.search(head)) and not _NOT_GIVEN.search(head)
    if given or _FLOOR_IS_YOURS.search(tail) or _sounds_like_floor(tail):
        return Act.GIVES
    if _MERCI.search(head):
        return Act.THANKS
    return Act.BARE if bare else Act.MENTIONS


def _sounds_like_floor(tail: str) -> bool:
    """ "vous avez l'appareil", "cet avou": the phrase, as a small model spells it."""
    if re.search(r"\bpas\b", tail):
        return False
    heard = sound(tail.replace(" ", ""))
    return any(
        ratio(phrase, heard[: len(phrase) + more]) >= _SOUNDS_ALIKE
        for phrase in _HEARD_AS_YOURS
        for more in (-1, 0, 1)
    )


def _joined(tokens: Sequence[_Token]) -> str:
    return " ".join(token.text for token in tokens)
