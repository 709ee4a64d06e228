"""A phrase, looked for in bytes however it may be written, whatever is between its words. Pure.

Case and accents do not count. Letters may be UTF-8, Latin-1, UTF-16, JSON's, a page's or an
address's escapes; between words may be punctuation, tags, or what a transcript's rows hold (times,
confidence, the word as it was heard). A word within a longer word is not found.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from ingest.errors import BadInput
from ingest.text import fold

LONGEST = 400
"""Characters of a phrase at most."""

_MOST_BETWEEN = 160  # signs between two words, each a sign that is no letter or one of these:
_HIDDEN = re.compile(rb"\"[^\"]{0,60}\"\]|<[^<>]{0,120}>|\\{1,8}[nrt]|null|true|false")
_LETTER, _LETTER_OR_DIGIT = re.compile(rb"[a-z]"), re.compile(rb"[a-z0-9]")
_SPACE, _BEYOND_ASCII = 0x20, 0x80
_JSON = re.compile(rb"(?<!\\)\\++u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(rb"%([0-9a-fA-F]{2})")
_ENTITY = re.compile(rb"&(?:[a-zA-Z]{2,8}|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});")


@dataclass(frozen=True)
class Pattern:
    """A phrase to look for. `reach`: how many bytes it may take up."""

    words: tuple[str, ...]
    reach: int

    def is_said(self, text: str) -> bool:
        """Does a text say it, word for word?"""
        return f" {' '.join(self.words)} " in f" {' '.join(words_of(text))} "

    def is_in(self, folded: bytes) -> bool:
        """Is the phrase in one of some bytes' `readings`?"""
        first, *others = words = [word.encode() for word in self.words]
        if not all(word in folded for word in words):
            return False  # most bytes hold none: that is seen at once
        return any(
            _begins(folded[max(0, at - 2) : at]) and _goes_on(folded, at + len(first), others)
            for at in _places(folded, first)
        )


def _places(folded: bytes, word: bytes) -> Iterator[int]:
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + 1)


def _begins(before: bytes) -> bool:
    """Does a word begin after these two bytes? A letter alone may be a length in a database."""
    alone = len(before) > 1 and not _SPACE <= before[0] < _BEYOND_ASCII
    return alone or not before[-1:].isalnum()


def _goes_on(folded: bytes, end: int, words: Sequence[bytes]) -> bool:
    """Do these words follow, one after the other, on one that ends there?"""
    ends = {end}
    for word in words:
        between = _between(folded, ends)
        ends = {at + len(word) for at in between if folded.startswith(word, at)}
    return any(not _LETTER_OR_DIGIT.match(folded, at) for at in ends)


def _between(folded: bytes, ends: set[int]) -> set[int]:
    """Where the next word may begin: each place once, however many ways lead to it.

    Signs may be read in several ways (a tag, or its signs one by one): a regular expression would
    try them all, twice as many for each tag.
    """
    fewest = dict.fromkeys(ends, 0)
    places, reached = sorted(ends), set[int]()
    while places:
        at = heappop(places)
        taken = fewest[at] + 1
        for after in _steps(folded, at) if taken <= _MOST_BETWEEN else ():
            reached.add(after)
            if after not in fewest:
                heappush(places, after)
            fewest[after] = min(taken, fewest.get(after, taken))
    return reached


def _steps(folded: bytes, at: int) -> Iterator[int]:
    """Where one sign between words ends."""
    if at < len(folded) and not _LETTER.match(folded, at):
        yield at + 1
    if hidden := _HIDDEN.match(folded, at):
        yield hidden.end()


def pattern(phrase: str) -> Pattern:
    """What to look for. Raises `BadInput` for a phrase without a word, or a very long one."""
    words = words_of(phrase)
    if not words or len(phrase) > LONGEST or not all(word.isascii() for word in words):
        raise BadInput(
            f"« {phrase[:40]} » ne peut être cherché : donnez, en alphabet latin, un mot ou plus, "
            f"{LONGEST} signes au plus."
        )
    return Pattern(words, 12 * len(phrase) + 200 * len(words))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded; an apostrophe parts two."""
    return tuple(re.findall(r"[^\W_]+", fold(text)))


def any_in(content: bytes, patterns: Sequence[Pattern]) -> bool:
    """Is one of these phrases in some bytes?"""
    return any(pattern.is_in(one) for one in readings(content) for pattern in patterns)


# --- bytes as plain small letters -------------------------------------------------------------


def readings(content: bytes) -> Iterator[bytes]:
    """Some bytes as small letters without accents, in every way they can be read."""
    yield _narrow(_unescaped(content))
    yield content.translate(_LATIN)
    for first in (0, 1):
        yield from _wide(np.frombuffer(content, np.uint8)[first:])


def _plain(code: int) -> bytes:
    """A character as small letters, or a space where it is none."""
    try:
        letters = fold(chr(code)).encode("ascii", "ignore")
    except ValueError:
        return b" "
    return letters if letters.isalnum() else b" "


def _table(first: int) -> list[bytes]:
    return [_plain(first + n) for n in range(64)]


_SMALL = bytes(n + 32 if 65 <= n <= 90 else n for n in range(256))  # noqa: PLR2004
_LATIN = bytes(
    n if n < 192 else (_plain(n) if len(_plain(n)) == 1 else b" ")[0]  # noqa: PLR2004
    for n in _SMALL
)
_LEADS = {0xC3: _table(0xC0), 0xC4: _table(0x100), 0xC5: _table(0x140)}  # of two bytes in UTF-8
_ACCENTS = (0xCC, 0xCD)  # what these lead is put over the letter before


def _unescaped(content: bytes) -> bytes:
    """Characters in place of their escapes. Most bytes hold none: that is seen at once."""
    if b"\\u" in content:
        content = _JSON.sub(_character, content)
    if b"%C" in content or b"%c" in content:
        content = _ADDRESS.sub(lambda one: bytes([int(one[1], 16)]), content)
    if b"&" in content:
        content = _ENTITY.sub(lambda one: html.unescape(one[0].decode()).encode(), content)
    return content


def _character(escape: re.Match[bytes]) -> bytes:
    return chr(int(escape[1], 16)).encode("utf-8", "replace")


def _narrow(content: bytes) -> bytes:
    """UTF-8: two bytes of an accented letter become the one of the letter, or two of a ligature."""
    small = np.frombuffer(content.translate(_SMALL), np.uint8).copy()
    kept = np.ones(len(small), bool)
    for lead, letters in _LEADS.items():
        places = np.flatnonzero(small[:-1] == lead)
        places = places[(small[places + 1] & 0xC0) == 0x80]  # noqa: PLR2004
        follows = small[places + 1] & 0x3F
        first = np.frombuffer(b"".join(letter[:1] for letter in letters), np.uint8)
        second = np.frombuffer(b"".join(letter[1:2] or b"\0" for letter in letters), np.uint8)
        small[places], small[places + 1] = first[follows], second[follows]
        kept[places[second[follows] == 0] + 1] = False
    for lead in _ACCENTS:
        places = np.flatnonzero(small[:-1] == lead)
        kept[places] = kept[places + 1] = False
    return small[kept].tobytes()


def _wide(content: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> Iterator[bytes]:
    """UTF-16, either order, from here on. What is not Latin-1 parts words, but for `œ`."""
    pairs = content[: len(content) // 2 * 2].reshape(-1, 2)
    for high, low in ((pairs[:, 1], pairs[:, 0]), (pairs[:, 0], pairs[:, 1])):
        if np.count_nonzero(high == 0) < len(high) / 1000:
            continue  # no text of ours is written so
        two = np.zeros((len(low), 2), np.uint8)
        two[:, 0] = np.where(high == 0, low, 0x20)
        ligature = (high == 1) & ((low == 0x52) | (low == 0x53))  # noqa: PLR2004
        two[ligature] = (ord("o"), ord("e"))
        yield two[two != 0].tobytes().translate(_LATIN)
