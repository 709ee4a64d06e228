"""The parties that a question names: « les Verts », « le groupe socialiste », « PLR ».

Acronyms stand by themselves; a word that is a plain one too (verts, centre) needs its article, or
« groupe ». Whether the party's words are asked for is for `speech_acts` to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from search.language.offsets import Folded, Stretch
from search.language.parties import plain, said_forms
from search.query.speech_acts import Name, Wanted, wants_words
from search.query.vocabulary import KnownSession, Vocabulary, code_key

# Letters of a party's short form in capitals (PLR, EELV), which needs no article before it; longer
# words in capitals may be a heading, and need one. Chosen, not measured.
_LONGEST_ACRONYM = 5
_ARTICLE = (
    r"(?:(?:les|la|le|des|du|de la|de|aux|au|the|die|der|los|las|os|as|i|gli) |(?:de )?l'|d')"
)
_BODY = (
    r"(?:(?:groupes?|partis?|fractions?|bancs?|elue?s|deputee?s|conseillers|conseilleres|membres"
    r"|representante?s|collegues|magistrate?s)(?: (?:municipaux|municipales))? "
    r"(?:des |du |de la |de l'|de |d'|le |les )?)"
)
_CONTRACTED = re.compile(r"(?:des|du|de la|de l'|de|d'|aux|au)(?: |(?<='))")
_AMONG = re.compile(
    r"\b(?:chez|parmi|du cote|cote|au sein|de la part|dans les rangs) (?:d[eu]s? )?$"
)
_CAPITAL_NEEDED = frozenset({"centre"})


@dataclass(frozen=True)
class Party:
    """A party named in a question, with its article; `family` as in `search.language.parties`."""

    family: str
    name: Name
    wanted: Wanted = Wanted.NO

    @property
    def whole(self) -> Stretch:
        """Where it stands."""
        return self.name.whole


def groups_in(question: Folded, vocabulary: Vocabulary) -> tuple[Party, ...]:
    """Every party that a question names, in order; of two that overlap, the longer name."""
    found = [
        party
        for family, groups in vocabulary.by_family.items()
        for match in _pattern(groups[0]).finditer(question.text)
        if (party := _party(question, family, match))
    ]
    kept: list[Party] = []
    for party in sorted(found, key=lambda p: (p.whole.start, -p.whole.end)):
        if not kept or not kept[-1].whole.overlaps(party.whole):
            kept.append(_joined(question.text, kept, party))
    return tuple(kept)


def party_after(text: str, at: int, vocabulary: Vocabulary) -> Party | None:
    """The party right after a person's name: « Rochat (PLR) », « Rochat du PLR »."""
    for family, groups in vocabulary.by_family.items():
        found = _bearing(groups[0]).match(text, at)
        if found:
            return Party(family, Name(Stretch(*found.span())))
    return None


def party_before(text: str, at: int, vocabulary: Vocabulary) -> Party | None:
    """The party right before it: « le socialiste Rochat »."""
    for family, groups in vocabulary.by_family.items():
        found = re.search(rf"(?:\b(?:la|le|l'|les) ?)(?:{said_forms(groups[0])}) $", text[:at])
        if found:
            return Party(family, Name(Stretch(found.start(), found.end())))
    return None


@lru_cache(maxsize=500)
def _pattern(group: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:\b(?P<article>{_ARTICLE})|(?<![\w'-]))(?P<body>{_BODY})?"
        rf"(?P<form>{said_forms(group)})(?![\w-])"
    )


@lru_cache(maxsize=500)
def _bearing(group: str) -> re.Pattern[str]:
    return re.compile(
        rf",? \(?(?:(?:du|des|de la|pour le|pour les|le|la|les|elue?) |de l'|l')?{_BODY}?"
        rf"(?:{said_forms(group)})(?![\w-])\)?"
    )


def _party(question: Folded, family: str, match: re.Match[str]) -> Party | None:
    article = match["article"] or ""
    typed = question.typed(Stretch(*match.span("form")))
    acronym = len(typed) <= _LONGEST_ACRONYM and typed.isupper()
    if not (acronym or match["body"] or article) or (
        family in _CAPITAL_NEEDED and not match["body"] and not _capital(typed)
    ):
        return None
    contracted = article.strip().split(" ")[0] if _CONTRACTED.match(article) else ""
    name = Name(Stretch(*match.span()), contracted.replace("d'", "de"))
    among = _AMONG.search(question.text[: match.start()]) or re.search(
        r"\b(?:de la part|au sein|du cote) $", question.text[: match.start()]
    )
    return Party(family, name, Wanted.YES if among else wants_words(question.text, name))


def _capital(typed: str) -> bool:
    return any(word[:1].isupper() for word in typed.split()[:1])


def _joined(text: str, found: list[Party], party: Party) -> Party:
    """« Que disent les Verts et le PLR »: what is asked of the first is asked of the second."""
    if not found or party.wanted:
        return party
    if re.fullmatch(r" ?(?:,|et|ou|and|und) ", text[found[-1].whole.end : party.whole.start]):
        return Party(party.family, party.name, found[-1].wanted)
    return party


# The objects, sessions and bodies that a question names.


_NUMBER = (
    r"(?:\d{1,4}|(?:(?:un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize"
    r"|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|octante"
    r"|nonante|cents?|mille|et)(?:[ -]|\b))+)"
)
_NUMBERED = r"(?:numero |no\.? ?|n°|nº|nr\.? )?"
_LETTERS = r"(?:p\.?r\.?d\.?|p\.?r\.?|q\.?e\.?|i\.?e\.?|in|p|m|r)"
_KIND = (
    r"(?:projet de deliberation|proposition(?: de deliberation)?|petition|motion|resolution"
    r"|question ecrite|interpellation ecrite|initiative)s?"
)
_CODED = re.compile(
    rf"\b(?:{_KIND} )?{_LETTERS}[ -]{{0,3}}{_NUMBERED}"
    rf"(?:\d{{1,4}}(?!\d|[.,']\d)|(?<=[ -]){_NUMBER})"
    rf"(?:(?: |-)[a-e](?:/[a-e])*(?![\w'-]))?"
    rf"|\b{_KIND} {_NUMBERED}{_NUMBER}(?!\d|[.,']\d)"
)
_OTHER_CODE = re.compile(r"\b(?:[a-z]{1,3}[ -])?\d[\w./-]*\d\b")
_DATED_CODE = re.compile(rf"\b(?:{_KIND}|objet|affaire|geschaft) {_NUMBERED}$")  # ... 22.3974
_CREDIBLE = re.compile(rf"^(?:{_KIND}\b|(?:prd?|qe|ie|in|m|p|r)-?\d|prd? )")
_ABROAD = re.compile(r"^in \d")  # « in 2024 » in English and German

_LAST = re.compile(
    r"(?:(?:a|de|lors de|pendant|durant|dans|au cours de|during|at|in|in der) )?"
    r"(?P<which>(?:la |l'|cette |the |der )?(?:toute )?(?:avant-)?(?:derniere|last|letzten?) "
    r"(?:seance|session|reunion|sitzung|meeting))\b(?P<of> (?:du|de la|de l'|des) ?)?"
)
_BEFORE_LAST = "avant-derniere"
_IN_BODY = (
    r"(?:(?:en|a la|a l'|au|au sein d(?:e la|e l'|u)|devant (?:la|le|l')|dans la|lors d(?:e la|u)"
    r"|pendant (?:la|le)|seances? d(?:e la|e l'|u)|debats? d(?:e la|e l'|u)|chez) ?)"
)
_SENT = re.compile(
    r"\b(?:renvo\w+|transm\w+|adress\w+|soumis\w*|confi\w+|demand\w+|mandat\w+)\b[^,?]*$"
)


@dataclass(frozen=True)
class Named:
    """Values of the archive that a stretch of a question names; `key` is an object's `code_key`."""

    values: tuple[str, ...]
    stretch: Stretch
    key: str = ""


def objects_in(question: Folded, vocabulary: Vocabulary) -> Iterator[Named]:
    """Objects by code, in order. `values` is empty where no session has the code."""
    text = question.text
    ends = 0
    for match in _CODED.finditer(text):
        words = match.group().rstrip(" -")
        if words.endswith(" a") and not question.typed(Stretch(*match.span())).rstrip().endswith(
            "A"
        ):
            words = words[:-2]  # « la PR-12 a été refusée »
        key = code_key(words)
        known = vocabulary.by_code.get(key, ())
        if not key or (_ABROAD.match(words) and not known):
            continue
        if known or _CREDIBLE.match(words):
            ends = match.start() + len(words)
            yield Named(_lettered(known, words), Stretch(match.start(), ends), key)
    for match in _OTHER_CODE.finditer(text):
        known = vocabulary.by_code.get(re.sub(r"[^\w./]", "", match.group()), ())
        distinct = re.search(r"[a-z./]", match.group())
        told = "." in match.group() and _DATED_CODE.search(text[: match.start()])
        if distinct and (known or told) and match.start() >= ends:
            yield Named(known, Stretch(*match.span()), "" if known else match.group())


def _lettered(known: tuple[str, ...], words: str) -> tuple[str, ...]:
    """Of PR-1594 A and PR-1594 B the one whose letter was said, both without one."""
    letter = re.search(r"\d[ -]([a-e])$", words)
    exact = [
        code for code in known if letter and re.search(rf"\d[ -]?{letter[1]}$", code.casefold())
    ]
    return tuple(exact) or known


def last_session(question: Folded, vocabulary: Vocabulary) -> Named | None:
    """« la dernière séance », of the body named after it if there is one."""
    found = _LAST.search(question.text)
    if not found:
        return None
    sessions: tuple[KnownSession, ...] = vocabulary.sessions
    end = found.end("which")
    for body in vocabulary.bodies if found["of"] else ():
        named = re.compile(_spaced(body)).match(question.text, found.end())
        if named:
            sessions = tuple(s for s in sessions if s.body == body)
            end = named.end()
    dates = sorted({session.date for session in sessions}, reverse=True)
    place = 1 if _BEFORE_LAST in found["which"] else 0
    if place >= len(dates):
        return None
    ids = tuple(session.id for session in sessions if session.date == dates[place])
    return Named(ids, Stretch(found.start(), end))


def body_in(question: Folded, vocabulary: Vocabulary) -> Named | None:
    """The body in which something is said to have been said; `values` is empty for the only one."""
    for body in sorted(vocabulary.bodies, key=len, reverse=True):
        found = _body(body).search(question.text)
        if found and not _SENT.search(question.text[: found.start()]):
            only = len(vocabulary.bodies) == 1
            return Named(() if only else (body,), Stretch(*found.span()))
    return None


@lru_cache(maxsize=500)
def _body(body: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_IN_BODY}{_spaced(body)}\b")


def _spaced(name: str) -> str:
    return r"\W{1,2}".join(map(re.escape, plain(name).split()))
