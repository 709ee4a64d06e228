"""How French text is compared and cut into sentences, wherever a stage needs it.

Pure, and true of any text: knows nothing of names, stems or the agenda. What `fold` returns is for
matching only and never shown.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Protocol

SENTENCE_END = (".", "?", "!", "…")
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ı": "i"} | dict.fromkeys("’‘ʼʹ′´`＇", "'")
)
# A fraction stands apart: compatibility forms would make "21⁄2" of "2½".
_FRACTIONS = str.maketrans({"½": " ½", "¼": " ¼", "¾": " ¾"})
_DASHES = re.compile(r"[‐‑‒–—−]")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
# Normalising orders the marks above one letter in a time that grows by their square: 64,000 took
# 7 s. Unicode's own stream-safe form (UAX 15) allows 30; no language writes five.
_HEAP_OF_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
# What no character has as its number: Python's `html` fails on more than 4,300 digits.
_NO_CHARACTER = re.compile(r"&#0*([1-9]\d{7,});?")
_ZEROS = re.compile(r"&#0+(?=\d)")


def fold(text: str) -> str:
    """Lower case, no accents, no ligatures, plain apostrophes, dashes and single spaces.

    >>> fold("L’ÉCOLE, un nœud : 1’500 000")
    "l'ecole, un noeud : 1'500 000"
    """
    plain = without_heaps(text).translate(_FRACTIONS)
    lowered = unicodedata.normalize("NFKC", plain).casefold().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFKD", lowered)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LIGATURES)
    return _SPACES.sub(" ", _DASHES.sub("-", bare)).strip()


def folded_words(text: str) -> list[str]:
    """The words of a text, folded; hyphens and apostrophes part them.

    >>> folded_words("Ève d'Arve-Koller")
    ['eve', 'd', 'arve', 'koller']
    """
    return _WORD.findall(fold(text))


def without_heaps(text: str) -> str:
    """A text without the marks of what has more than 30 in a row: it can be normalised at once."""
    return _HEAP_OF_MARKS.sub(lambda heap: "".join(filter(_is_no_mark, heap[0])), text)


def _is_no_mark(char: str) -> bool:
    return not unicodedata.category(char).startswith("M")


def unescaped(text: str) -> str:
    """A text with the characters that its HTML references stand for, however long those are.

    >>> unescaped("l&apos;&#233;cole &#99999999;")
    "l'école \ufffd"
    """
    if "&" not in text:
        return text
    return html.unescape(_NO_CHARACTER.sub("\ufffd", _ZEROS.sub("&#", text)))


def clock(at_ms: int) -> str:
    """A place on the time line: 751000 is 0:12:31."""
    seconds = at_ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class HasText(Protocol):
    """Anything with a text of its own, such as a word."""

    @property
    def text(self) -> str:
        """Its letters and punctuation."""


def sentence_ranges(words: Sequence[HasText]) -> Iterator[range]:
    """Positions of each sentence's words, in order; the last one may lack its mark.

    As the recogniser punctuates: for weighing who speaks and what is announced. What is quoted is
    cut with more care, by `search.language.sentences`.
    """
    first = 0
    for at, word in enumerate(words):
        if word.text.endswith(SENTENCE_END) or at + 1 == len(words):
            yield range(first, at + 1)
            first = at + 1
