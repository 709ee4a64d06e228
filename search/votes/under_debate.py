"""The amendment under debate when each sentence is said, from the chair's announcements.

Pure. The chair opens amendments together ("Je suis saisi de deux amendements identiques, nos 12 et
15"), gives the floor for one ("pour soutenir l'amendement n° 12"), asks for opinions, puts them to
the vote, and a result closes them. What is said in between belongs to them. A vote is told what was
open before it; search finds the speech that defends an amendment, not the line that names it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from ingest.text import fold
from ingest.transcript import Session
from search.votes.amendments import KIND, amendments_of
from search.votes.announcements import Statement, called
from search.votes.vote import Subject


class Part(StrEnum):
    """What is done with an amendment in a stretch of a debate."""

    NAMED = "named"  # the chair names it: all that is known of one that nobody defends
    DEFENCE = "defence"
    OPINION = "opinion"  # the committee's, the executive's
    DEBATE = "debate"


@dataclass(frozen=True)
class Place:
    """What is before the council at a moment: codes of `amendments` (`AM-12`), still undecided.

    `open`: an amendment is, be it named by a number or not; `identical`: they say the same.
    `defended` are those that have the floor, `heard` is whether one of them has been defended,
    `voting` whether they are put to the vote.
    """

    codes: tuple[str, ...] = ()
    open: bool = False
    identical: bool = False
    defended: tuple[str, ...] = ()
    part: Part | None = None
    heard: bool = False
    voting: bool = False


@dataclass(frozen=True)
class Stretch:
    """Turns, from one id to another, in which amendments are defended or judged."""

    codes: tuple[str, ...]
    part: Part
    first_turn: int
    last_turn: int


NOTHING = Place()
MOST_TOGETHER = 12
"""Amendments whose common debate is tied to each: a debate on a hundred is on none of them."""

_TELLS = re.compile(
    r"am[ae]nd|parole|l.avis d|[ée]coute|saisi|voix|adopt|rejet|retir|accept|refus|tomb", re.I
)
_OPENS = re.compile(
    r"\b(?:saisie?s? d|(?:passons|venons|arrivons|abordons|prenons|traitons|reprenons|en venons)"
    r"(?: \w+){0,3} (?:aux?|a l'|l'|les?|des) ?(?:\w+ ){0,2}(?:sous-)?am[ae]nd)"
)
_BALLOT = re.compile(r"\bscrutin public|demande de scrutin")
_GIVES = re.compile(
    r"\b(?:la parole (?:est|a)\b|(?:avez|prenez|donne|passe) la parole|je vous ecoute|"
    r"pour (?:soutenir|defendre|presenter)|a vous)\b"
)
_OPINION = re.compile(
    r"\bl'avis (?:de la commission|du (?:gouvernement|rapporteur|conseil|college)|de l'executif|"
    r"de la municipalite)"
)
_ASIDE = re.compile(r"\brappels? au reglement|suspension|motion d'ordre|fait personnel")
_AMENDED = re.compile(r"\bl'objet d")  # "..., qui fait l'objet d'un sous-amendement n° 12"
_NO_POINT = re.compile(r"^(?:rappels? au|suspension|reprise|demande de)")
_FALLS = re.compile(r"\b(?:tombe(?:nt)?|(?:sans|n'(?:a|ont) plus d') ?objet)\b")


def places(session: Session, statements: Sequence[Statement]) -> tuple[Place, ...]:
    """What is under debate as each sentence begins."""
    return tuple(_places(session, statements))


def _places(session: Session, statements: Sequence[Statement]) -> Iterator[Place]:
    place, point = NOTHING, ""
    for one in statements:
        title = _point(session, one.start_ms)
        if title != point and not _NO_POINT.match(title):
            place, point = NOTHING, title
        yield place
        if one.chaired is not False and _TELLS.search(one.text):
            place = _after(place, one)


def _point(session: Session, at_ms: int) -> str:
    """The point being treated, in one form however often it is taken up again."""
    item = session.agenda_item_at(at_ms)
    return fold(item.title).removesuffix("(suite)").strip() if item else ""


def _after(place: Place, one: Statement) -> Place:
    """What is under debate after something the chair says."""
    codes, normal = amendments_of(one.normal), one.normal
    decided = any(
        d.head.subject is Subject.AMENDMENT or (place.voting and not d.head.noun)
        for d in one.decisions
    )
    if decided or (_FALLS.search(normal) and codes):
        return _closed(place, codes)
    if called(one) and not _BALLOT.search(normal):
        return replace(place, voting="amend" in normal or (place.voting and "scrutin" in normal))
    if _OPENS.search(normal) and "amend" in normal and not _BALLOT.search(normal):
        identical = "identique" in normal and "dont" not in normal
        return Place(codes, open=True, identical=identical)
    return _floor(place, normal)


def _floor(place: Place, normal: str) -> Place:
    """Who has the floor on what is open, once the chair has said who speaks."""
    if _OPINION.search(normal):
        return replace(place, part=Part.OPINION if place.open else None)
    if _ASIDE.search(normal):
        return replace(place, part=None)
    if _GIVES.search(normal):
        return _given(place, amendments_of(_AMENDED.split(normal)[0]))
    return place


def _given(place: Place, codes: tuple[str, ...]) -> Place:
    if codes or (place.open and not place.heard):
        together = tuple(dict.fromkeys((*place.codes, *codes)))
        floor = codes or place.codes
        return replace(
            place, codes=together, open=True, defended=floor, part=Part.DEFENCE, heard=True
        )
    return replace(place, part=Part.DEBATE if place.open else None, defended=())


def _closed(place: Place, codes: Sequence[str]) -> Place:
    """Less those that are decided; without numbers, those that were open are."""
    left = tuple(code for code in place.codes if code not in codes) if codes else ()
    return replace(place, codes=left, open=bool(left), defended=(), part=None, voting=False)


def stretches(statements: Sequence[Statement], at: Sequence[Place]) -> tuple[Stretch, ...]:
    """The speeches on amendments, and where the chair first names each, in the order of speech."""
    named: dict[str, Stretch] = {}
    for one in statements:
        if one.chaired is not False and _TELLS.search(one.text):
            for code in amendments_of(one.normal):
                alone = Stretch((code,), Part.NAMED, one.turn.id, one.turn.id)
                named.setdefault(code, alone)
    return (*_speeches(statements, at), *named.values())


def _speeches(statements: Sequence[Statement], at: Sequence[Place]) -> Iterator[Stretch]:
    spoken = [
        (place, one.turn)
        for place, one in zip(at, statements, strict=True)
        if place.part and one.chaired is not True and one.turn.words
    ]
    for place, pairs in groupby(spoken, key=lambda pair: pair[0]):
        turns = [turn for _, turn in pairs]
        codes = place.defended if place.part is Part.DEFENCE else place.codes
        if codes and place.part and any(turn.speaker for turn in turns):
            first = next(turn for turn in turns if turn.speaker)
            yield Stretch(codes, place.part, first.id, turns[-1].id)


TIED_DEFENCE = 2
"""How often a speech that defends an amendment is found by its number, besides what it says."""


def words_by_turn(found: Sequence[Stretch], order: Mapping[int, int]) -> dict[int, str]:
    """What turns are found by besides their words, by their ids: `amendement 8 amendement 8`.

    `order` gives each turn's place. A defence counts twice: it is what is asked for.
    """
    by_place = {place: turn for turn, place in order.items()}
    words: dict[int, str] = {}
    for one in found:
        if one.part is Part.NAMED or len(one.codes) > MOST_TOGETHER:
            continue
        numbers = " ".join(f"amendement {code.removeprefix(KIND)}" for code in one.codes)
        said = f"{numbers}. {numbers}" if one.part is Part.DEFENCE else numbers
        for place in range(order[one.first_turn], order[one.last_turn] + 1):
            turn = by_place[place]
            words[turn] = f"{words[turn]}. {said}" if turn in words else said
    return words
