"""Numbers in figures, written one way in a city: "2.400.000" and "2 000 000 700 000" as 2 700 000.

Whisper writes the same amount with points, commas, spaces, or its millions beside its thousands
("deux millions sept cent mille" as "2 000 000 700 000"). One number becomes one word. Where the
value changes, what was heard is kept; where no value can be told ("1,88 000"), the words stand and
are made unsure. Knows nothing of what is counted.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ingest.transcript import Word

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


def written(words: Sequence[Word], style: Style) -> tuple[Word, ...]:
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
