"""The objects, sittings and bodies that a question names.

Objects by their codes, however they are said; « la dernière séance », « la séance du 11 mars »; a
body where something is said in it: « renvoyé à la commission des finances » happened elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from search.folded import Folded, Stretch
from search.parties import plain
from search.vocabulary import Sitting, Vocabulary, code_key

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


def last_sitting(question: Folded, vocabulary: Vocabulary) -> Named | None:
    """« la dernière séance », of the body named after it if there is one."""
    found = _LAST.search(question.text)
    if not found:
        return None
    sessions: tuple[Sitting, ...] = vocabulary.sessions
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
