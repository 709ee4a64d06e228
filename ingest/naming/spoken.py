"""Turns as a stream of words to be matched: folded, without punctuation, titles recognised.

Knows how a small model breaks words ("Ma dame", "qu'elle") and which are titles. Does not know
phrases or names: `calls` and `introductions` look for those.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.text import SENTENCE_END, fold
from ingest.transcript import Turn, Word

_WOMAN, _MAN = re.compile(r"a?madam\w?|a?madem\w?|mme"), re.compile(r"m[eo]n?s+ieur|mr")
_STOPS = (".", ",", "!", "?", ";", ":", "…")
_HALVES = ("m", "ma"), ("dame", "adame")


@dataclass(frozen=True)
class Spoken:
    """A word, or one of the two in "qu'elle", as heard and folded.

    `turn` is the position of its turn. `stops`: punctuation closes it; `ends`: it is the last of
    its sentence. `woman` is what it says as a title, None where it is none.
    """

    text: str
    heard: str
    turn: int
    start_ms: int
    end_ms: int
    stops: bool
    ends: bool
    woman: bool | None = None


def spoken(turns: Sequence[Turn]) -> list[Spoken]:
    """All words of the turns, in order."""
    stream: list[Spoken] = []
    for place, turn in enumerate(turns):
        for word in turn.words:
            for piece in _pieces(place, word):
                first, second = _HALVES
                if piece.text in second and stream and stream[-1].text in first:
                    start_ms = stream.pop().start_ms
                    stream.append(_spoken("madame", piece.heard, place, word, start_ms))
                else:
                    stream.append(piece)
    return stream


def joined(words: Sequence[Spoken]) -> str:
    """The folded words, one space apart."""
    return " ".join(word.text for word in words)


def _pieces(place: int, word: Word) -> Iterator[Spoken]:
    pieces = _cut(word.text)
    for at, (text, heard) in enumerate(pieces):
        last = at + 1 == len(pieces)
        yield _spoken(text, heard, place, word, word.start_ms, last=last)


def _spoken(
    text: str, heard: str, place: int, word: Word, start_ms: int, *, last: bool = True
) -> Spoken:
    """A piece of a word; the point of "M." closes nothing."""
    stops = last and text != "m" and word.text.endswith(_STOPS)
    ends = stops and word.text.endswith(SENTENCE_END)
    return Spoken(text, heard, place, start_ms, word.end_ms, stops, ends, _title(text, heard))


@lru_cache(maxsize=50_000)
def _cut(word: str) -> tuple[tuple[str, str], ...]:
    """What a word is made of, folded and as heard."""
    return tuple((fold(piece), piece) for piece in re.findall(r"[^\W_]+", word))


@lru_cache(maxsize=50_000)
def _title(text: str, heard: str) -> bool | None:
    """True for Madame, False for Monsieur; a small m is the one of "je m'appelle"."""
    if _WOMAN.fullmatch(text):
        return True
    return False if _MAN.fullmatch(text) or heard == "M" else None
