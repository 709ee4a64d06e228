"""Numbers as a recogniser heard them, put together and written one way: "100 40" is 140.

Knows the grammar of French numbers, septante with them, and what "oui", "non" and "cent" are heard
as beside a figure. Whisper writes one amount with points, commas, spaces, or its millions beside
its thousands ("deux millions sept cent mille" as "2 000 000 700 000"): one number becomes one word.
Each word keeps what was heard, for a clerk to undo; where no value can be told ("1,88 000"), the
words stand and are made unsure. Does not know the sound, nor what is counted.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Literal, Protocol

from rapidfuzz.distance import Levenshtein

from ingest.asr.name_repair import UNSURE, piece
from ingest.text import fold
from ingest.transcript import AgendaItem, Word

_UNITS = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_UNIT = rf"(?:[1-9]|{'|'.join(_UNITS)})"
_ALONE = r"(?<![\d.,] )(?<![^\s«(])"  # no group of an amount before it
_MANY = r"[a-z'-]{2,}[sx]\b"  # a plural, as far as letters tell
# What Whisper base makes of "oui" and "non" between the figures of a vote.
_YES = r"(?:ouis?|ouie|week|ou il|ou|louis|huit)"
_NO = r"(?:noms?|nons?|nos|n'ont|ont|on|ans)"
_COUNT = r"\d{1,3}|(?:vingt|trent|quarant|cinquant|soixant|septant|huitant|nonant)[es]*|dix|douze"
# "37-huit", "week-contre", "contre-trente"; not "contre-projet"
_TIED = re.compile(
    rf"(\d{{1,3}})-(huit|oui|nom|non)|(week|huit|non|oui)-(contre)|(contre)-({_COUNT})",
    re.IGNORECASE,
)
_COMMA_MS = 250  # after a comma in a list there is more: a median of 260 ms on samples and FLEURS


class NumberReading(Protocol):
    """The words that a match stands for."""

    def __call__(self, match: re.Match[str], /) -> Mapping[str, str]:
        """What to write in place of the words of a group, by the group's name."""


def _ten_and_one(match: re.Match[str]) -> dict[str, str]:
    return {"number": str(int(match["tens"]) + 1)}


def _hundred_and(match: re.Match[str]) -> dict[str, str]:
    return {"number": str(int(match["hundreds"]) + int(match["rest"]))}


def _hundreds(match: re.Match[str]) -> dict[str, str]:
    return {"number": f"{match['unit']}00"}


def _four_twenties(match: re.Match[str]) -> dict[str, str]:
    return {"number": f"8{match['unit']}"}


def _seventy(match: re.Match[str]) -> dict[str, str]:
    unit = match["unit"]
    if unit is None:
        return {"number": "70.000"}
    return {"number": str(70 + (int(unit) if unit.isdigit() else _UNITS.index(unit) + 1))}


def _millions(match: re.Match[str]) -> dict[str, str]:
    millions = "1" if match["millions"] == "un" else match["millions"]
    return {"number": f"{millions}.{match['thousands']:0>3}.000"}


def _side(match: re.Match[str]) -> dict[str, str]:
    return {"first": "oui" if match["yes"] else "non"}


def _vote(match: re.Match[str]) -> dict[str, str]:
    """One side is heard as a yes and the other as a no."""
    count = {"count": "2"} if match["count"] else {}
    second = {"versus": "contre", "second": "non" if match["yes"] else "oui"}
    return _side(match) | count | second


def _unopposed(_match: re.Match[str]) -> dict[str, str]:
    return {"first": "oui", "second": "sans"}


def _yours(_match: re.Match[str]) -> dict[str, str]:
    return {"number": "c'est"}


_RULES: tuple[tuple[re.Pattern[str], NumberReading], ...] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        # "20 et un membres", "20 et une heures"; not "40 et une abstention", nor "20 et un car"
        (
            rf"{_ALONE}(?P<number>(?P<tens>[2-6]0) et une?) "
            rf"(?=(?:oui|non|heures?|mille)\b|{_MANY})",
            _ten_and_one,
        ),
        # "100 40 places"; not "300 20", where nothing is counted
        (
            rf"{_ALONE}(?P<number>(?P<hundreds>[1-9]00),? (?P<rest>[1-9]\d?)) (?=[a-z]{{2}})",
            _hundred_and,
        ),
        # "4-24 logements", "4, 23 ans": quatre-vingt-quatre, quatre-vingt-trois
        (rf"{_ALONE}(?P<number>4(?:-|,? )2(?P<unit>[1-9]),?) (?={_MANY})", _four_twenties),
        # "9 son place", "5 cents francs": no possessive follows a figure
        (rf"{_ALONE}(?P<number>(?P<unit>[2-9]) (?:sons?|sang|cents?)) (?=[a-z]{{3}})", _hundreds),
        # "Septembre, deux membres", "par septembre 1000": where a count stands, and no date
        (
            r"(?:^|(?<=[.!?] )|(?<=\bdont )|(?<=\bpar )|(?<=\bcontre )|(?<=\bque ))"
            rf"(?P<number>sept(?:embre|emps|ente|ante)s?,? (?:1 ?000|mille|(?P<unit>{_UNIT}))) "
            rf"(?={_MANY}|sont\b)",
            _seventy,
        ),
        # "un million 795 000", "2 millions-400.000 francs": one amount
        (
            rf"{_ALONE}(?P<number>(?P<millions>un|[1-9]\d?\d?) millions?(?:-|,? (?:et )?)"
            r"(?P<thousands>[1-9]\d{0,2})[ .,']000)(?![\d.,']*\d)(?! \d{3}\b)",
            _millions,
        ),
        # "38 ont contre 29 où", "7 week contre de nom", "62, où entre 4 n'ont"
        (
            rf"\d,? (?P<first>(?P<yes>{_YES})|{_NO}),? (?P<versus>contre|entre) "
            rf"(?:\d{{1,3}}|(?P<count>de)) (?P<second>(?(yes){_NO}|{_YES}))(?![\w'-])",
            _vote,
        ),
        # "37 huit contre trente": beside a count no other word is meant
        (r"\d,? (?P<first>(?P<yes>huit|week|louis)|nos|noms),? contre\b", _side),
        # "60 ou 100 oppositions"
        (r"\d (?P<first>ou|oui),? (?P<second>100|cent) oppositions?\b", _unopposed),
        # "Monsieur Rochat, 7 à vous."
        (r"(?<=[.,] )(?P<number>7) a vous\b", _yours),
    )
)
"""What is heard, folded, and what it stands for."""


def join_numbers(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, each number that was heard in pieces as one word, and votes' words as they are.

    A word that was changed keeps what was heard in `heard`.
    """
    words = [part for word in words for part in _parted(word)]
    for pattern, reading in _RULES:
        words = _read(words, pattern, reading)
    return tuple(words)


def _parted(word: Word) -> Iterator[Word]:
    """The two words of what a recogniser ties by a hyphen: "37-huit", "contre-vingt"."""
    bare = piece(word.text)
    match = _TIED.fullmatch(bare.core)
    if not match or word.heard is not None:
        yield word
        return
    first, second = filter(None, match.groups())
    middle = (word.start_ms + word.end_ms) // 2
    yield replace(word, end_ms=middle, text=bare.opening + bare.elision + first)
    yield replace(word, start_ms=middle, text=second + bare.closing)


def _read(
    words: Sequence[Word], pattern: re.Pattern[str], reading: NumberReading
) -> Sequence[Word]:
    texts = [fold(word.text) for word in words]
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    changed: list[Word] = []
    done = 0
    for match in pattern.finditer(" ".join(texts)):
        for group, text in sorted(reading(match).items(), key=lambda item: match.start(item[0])):
            first = bisect_right(starts, match.start(group)) - 1
            after = bisect_right(starts, match.end(group) - 1)
            if first >= done and not _is_list(words[first:after]):
                changed += [*words[done:first], _written(words[first:after], text)]
                done = after
    return [*changed, *words[done:]]


def _is_list(run: Sequence[Word]) -> bool:
    """Is there a pause after a comma inside?"""
    return any(
        word.text.endswith(",") and following.start_ms - word.end_ms > _COMMA_MS
        for word, following in pairwise(run)
    )


def _written(run: Sequence[Word], text: str) -> Word:
    """One word in place of several, with the punctuation around them."""
    heard = " ".join(word.heard or word.text for word in run)
    text = piece(run[0].text).opening + text + piece(run[-1].text).closing
    if fold(text) == fold(heard):
        return run[0]
    confidence = min(word.confidence for word in run)
    return Word(run[0].start_ms, run[-1].end_ms, text, confidence, heard)


_NUMBERED = re.compile(r"(?P<letters>[^\W\d_]{1,4}-?)?(?P<number>\d{2,4})\W*")
_OBJECT = re.compile(r"(?P<letters>[^\W\d_]{1,4})[ -]?(?P<number>\d{2,4})")


def objects_expected(words: Sequence[Word], agenda: Sequence[AgendaItem]) -> tuple[Word, ...]:
    """The words, with the numbers of objects that the agenda has as it has them: "PR-127" is
    PR-187 there, if it has no PR-127 and no other PR so like it.

    Only unsure words: a council speaks of other objects too.
    """
    expected = _numbers_of_objects(agenda)
    return tuple(
        _as_expected(word, words[at - 1] if at else None, expected) for at, word in enumerate(words)
    )


def _numbers_of_objects(agenda: Sequence[AgendaItem]) -> dict[str, set[str]]:
    """The numbers of the agenda's objects, by letters ("pr") and by kind ("proposition")."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for item in agenda:
        if match := _OBJECT.fullmatch(item.object or ""):
            for kind in (match["letters"], item.title.split(" ", 1)[0]):
                numbers[fold(kind)].add(match["number"])
    return numbers


def _as_expected(word: Word, before: Word | None, expected: Mapping[str, set[str]]) -> Word:
    match = _NUMBERED.fullmatch(word.text)
    if not match or word.confidence >= UNSURE:
        return word
    kind = match["letters"] or (before.text if before else "")
    numbers = expected.get(fold(kind).strip(" -"), set())
    near = [number for number in numbers if Levenshtein.distance(number, match["number"]) == 1]
    if match["number"] in numbers or len(near) != 1:
        return word
    start, end = match.span("number")
    return replace(
        word, text=word.text[:start] + near[0] + word.text[end:], heard=word.heard or word.text
    )


Style = Literal["espace", "apostrophe"]
"""What stands between thousands: 2 400 000, as in France, or 2'400'000, as in Switzerland."""

_BETWEEN: dict[Style, str] = {"espace": "\u202f", "apostrophe": "'"}  # narrow, never broken
# A word that a number may begin with, and one that goes on with it: "2", "2.400"; "000", "000.50".
_FIRST = re.compile(r"([«(\"\u00a0]*)[1-9]\d{0,2}(?:[.,'’]\d{2,3})*")
_NEXT = re.compile(r"\d{2,3}(?:[.,'’]\d{3})*")
_CLOSING = re.compile(r"[.,;:!?…»)%\u00a0]*")
_DECIMAL = re.compile(r"\d+,\d+")  # "1,500" by itself may be one and a half
_GROUP = re.compile(r"\d+")
_TRILLION_GROUPS = 5  # "2 000 000 700 000": a council counts in millions
_UNSURE = 0.2  # confidence of what cannot be right, below every threshold of doubt (D-233)


def write_amounts(words: Sequence[Word], style: Style) -> tuple[Word, ...]:
    """The words, each number of several groups of figures written as one word in a style."""
    amounts: list[Word] = []
    at = 0
    while at < len(words):
        count, opening, closing = _run(words, at)
        run = words[at : at + count]
        amounts += _amount(run, opening, closing, style) if count else (words[at],)
        at += max(count, 1)
    return tuple(amounts)


def _run(words: Sequence[Word], at: int) -> tuple[int, str, str]:
    """How many words from here on are one number in figures, and the signs around it."""
    first = _FIRST.match(words[at].text)
    if not first:
        return 0, "", ""
    count, rest = 1, words[at].text[first.end() :]
    while not rest and at + count < len(words):
        following = _NEXT.match(words[at + count].text)
        signs = words[at + count].text[following.end() :] if following else ""
        if not following or not _CLOSING.fullmatch(signs):
            break
        count, rest = count + 1, signs
    return (count, first[1], rest) if _CLOSING.fullmatch(rest) else (0, "", "")


def _amount(words: Sequence[Word], opening: str, closing: str, style: Style) -> Sequence[Word]:
    heard = " ".join(word.text for word in words)
    number = heard.removeprefix(opening).removesuffix(closing)
    groups = _GROUP.findall(number)
    if len(groups) == 1 or _DECIMAL.fullmatch(number):
        return words
    if any(len(group) != 3 for group in groups[1:]):  # noqa: PLR2004
        if groups[-1] != "000":
            return words
        return [replace(word, confidence=min(word.confidence, _UNSURE)) for word in words]
    value = _together(groups)
    text = opening + _BETWEEN[style].join(value) + closing
    if text == heard:
        return words
    return [
        Word(
            words[0].start_ms,
            words[-1].end_ms,
            text,
            min(word.confidence for word in words),
            heard if value != groups else words[0].heard,
        )
    ]


def _together(groups: list[str]) -> list[str]:
    """The groups of a number; of millions with thousands beside them, those of their sum."""
    if len(groups) < _TRILLION_GROUPS:
        return groups
    left, right = groups[:-2], groups[-2:]
    if left[-2:] != ["000", "000"] or right[0].startswith("0"):
        return groups
    return [*left[:-2], *right]
