"""A turn whose text was typed anew: which of its words were there, when the others are said.

Pure. A word that is still there keeps its place in time, also where only its case, its accents or
its punctuation were put right. A new one is put where the words that it stands for were, or between
its neighbours: a guess, until it is aligned with the sound. Knows no sound and no database.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ingest.asr.align import Aligner, PlacedWord
from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import Span, Turn, Word

LONGEST_WORD = 2_000  # characters: more is no text
LONGEST_TEXT = 200_000  # of a turn, some three hours of speech: more is a paste
TYPED = 1.0
"""The confidence of a word that a person typed; no recogniser is that sure."""
_EACH_MS = 150  # what a word needs at least, where there is room
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")  # those that French sets before « ? » part no words
_NARROW = "\u00a0\u202f"
_OPENING = frozenset("«(-–—")
_CLOSING = frozenset("?!:;.,…»)")


@dataclass(frozen=True)
class Room:
    """How far a turn may reach in time: from the end of the one before to the next one's start.

    `heard` is False without sound: places then count words, and are not guesses.
    """

    start_ms: int
    end_ms: int
    heard: bool = True


@dataclass(frozen=True)
class _Typed:
    """A word as it was typed, and the place in the turn of the word that it is, if it was there."""

    text: str
    was: int | None = None


def tokens(text: str) -> list[str]:
    """The words of a text as the transcriber writes them: « ? » belongs to the word before it.

    >>> tokens("Qui  vote ? « Moi », dit-elle.")
    ['Qui', 'vote\\xa0?', '«\\xa0Moi\\xa0»,', 'dit-elle.']
    """
    joined: list[str] = []
    for part in _SPACES.split(unicodedata.normalize("NFC", text)):
        token = part.strip(_NARROW)
        if not token:
            continue
        opened = bool(joined) and _is_sign(joined[-1]) and set(joined[-1]) <= _OPENING
        if joined and (opened or _is_sign(token, _CLOSING)):
            joined[-1] += f"\u00a0{token}"
        else:
            joined.append(token)
    if len(joined) > 1 and _is_sign(joined[-1]):
        joined[-2:] = [f"{joined[-2]}\u00a0{joined[-1]}"]
    return joined


def _is_sign(token: str, start: frozenset[str] = _OPENING | _CLOSING) -> bool:
    return token[0] in start and not any(char.isalnum() for char in token)


def retyped(turn: Turn, text: str, room: Room) -> Turn | None:
    """The turn with that text, None when nothing is left of it.

    Raises `BadInput` for what is no text.
    """
    check_text(text)
    typed = list(_placed(turn.words, tokens(text)))
    if not typed:
        return None
    return replace(turn, words=tuple(_timed(turn, typed, room)))


def check_text(text: str) -> None:
    """Raise `BadInput` for what is no text."""
    if len(text) > LONGEST_TEXT or any(len(part) > LONGEST_WORD for part in text.split()):
        raise BadInput(f"« {text[:30]}… » est trop long : est-ce bien du texte ?")
    if text != text.encode("utf-8", "replace").decode("utf-8") or "\x00" in text:
        raise BadInput("Le texte contient des signes qui ne s'écrivent pas : retirez-les.")


# --- which words are still there ---------------------------------------------------------------


def key(token: str) -> str:
    """What makes two words the same word: case, accents and punctuation do not."""
    return "".join(char for char in fold(token) if char.isalnum()) or token


def _placed(words: Sequence[Word], new: Sequence[str]) -> Iterator[_Typed]:
    """The typed words, each with the word that it was. A word of several parts stays one."""
    parts = [(at, key(part)) for at, word in enumerate(words) for part in _parts(word)]
    counts = [len(_parts(word)) for word in words]
    was: list[int | None] = [None] * len(new)
    for op in Levenshtein.opcodes([key for _, key in parts], [key(token) for token in new]):
        if op.tag == "equal":
            was[op.dest_start : op.dest_end] = [at for at, _ in parts[op.src_start : op.src_end]]
    at = 0
    while at < len(new):
        word = was[at]
        count = 1 if word is None else counts[word]
        whole = word is not None and was[at : at + count] == [word] * count
        if whole and was[at - 1 : at] != [word]:
            yield _Typed(" ".join(new[at : at + count]), word)
            at += count
        else:
            yield _Typed(new[at])
            at += 1


def _parts(word: Word) -> list[str]:
    return tokens(word.text) or [word.text]


# --- when they are said ------------------------------------------------------------------------


def _timed(turn: Turn, typed: Sequence[_Typed], room: Room) -> Iterator[Word]:
    """The words with their times: those that were there keep theirs."""
    done: list[Word] = []
    run: list[str] = []
    last = -1
    for entry in (*typed, _Typed("", len(turn.words))):
        if entry.was is None:
            run.append(entry.text)
            continue
        after = turn.words[entry.was].start_ms if entry.was < len(turn.words) else None
        gone = turn.words[last + 1 : entry.was]
        done = _filled(done, run, gone, after, turn, room)
        if entry.was < len(turn.words):
            done.append(_kept(turn.words[entry.was], entry.text))
        run, last = [], entry.was
    yield from done


def _kept(word: Word, text: str) -> Word:
    return word if text == word.text else replace(word, text=text, confidence=TYPED, heard=None)


def _filled(
    done: list[Word],
    run: Sequence[str],
    gone: Sequence[Word],
    after_ms: int | None,
    turn: Turn,
    room: Room,
) -> list[Word]:
    """What is done, and a run of new words up to the next one that was there, at `after_ms`."""
    if not run:
        return done
    if len(run) == len(gone):
        pairs = zip(run, gone, strict=True)
        return done + [_guess(text, old.start_ms, old.end_ms, room) for text, old in pairs]
    if room.heard:
        least, most = room.start_ms, room.end_ms
    else:
        least, most = turn.start_ms, turn.end_ms
    low = done[-1].end_ms if done else min(least, turn.start_ms)
    high = max(most, turn.end_ms) if after_ms is None else after_ms
    if not gone and done and (lack := _need(run, room) - (high - low)) > 0:
        before = done[-1]  # no room between them: the word before gives up some of its end
        low = max(before.start_ms + (before.end_ms - before.start_ms) // 2, low - lack)
        low = max(min(low, high), before.start_ms)
        done = [*done[:-1], replace(before, end_ms=max(before.start_ms + 1, low))]
    start, end = _within(gone, min(low, high), high, _need(run, room), after_ms is None)
    return done + list(spread(run, start, end, room))


def _need(run: Sequence[str], room: Room) -> int:
    return len(run) * (_EACH_MS if room.heard else 1)


def _within(gone: Sequence[Word], low: int, high: int, need: int, last: bool) -> tuple[int, int]:
    """Where to put a run between `low` and `high`: where what it replaces was, if there is room."""
    if gone:
        start, end = gone[0].start_ms, max(word.end_ms for word in gone)
    else:
        start, end = (low, low) if last else (high, high)
    end = min(end, max(high, start))
    if end - start < need:
        end = max(end, min(high, start + need))
        start = min(start, max(low, end - need))
    return start, max(end, start + 1)


def spread(run: Sequence[str], start_ms: int, end_ms: int, room: Room) -> Iterator[Word]:
    """Words one after the other over a stretch, each as long as it has letters."""
    total = sum(len(text) + 1 for text in run)
    seen = 0
    for text in run:
        start = start_ms + (end_ms - start_ms) * seen // total
        seen += len(text) + 1
        end = start_ms + (end_ms - start_ms) * seen // total
        yield _guess(text, min(start, end_ms - 1), max(end, min(start, end_ms - 1) + 1), room)


def _guess(text: str, start_ms: int, end_ms: int, room: Room) -> Word:
    return Word(start_ms, end_ms, text, TYPED, None, guessed=room.heard)


# The words of a turn that were typed, put where they are said. Pure but for what it listens to.


Listen = Callable[[Span], NDArray[np.float32]]
"""Samples of a stretch, 16 kHz, (n,)."""
_PIECE_MS = 26_000  # with what is listened to around it, less than a model reads at a time
# Sound read before and after the words, in ms: a little where the outer word was recognised, more
# where its time is a guess. Less cuts words off, more lets them fall on other words. Chosen, not
# measured.
_AROUND_MS, _GUESS_AROUND_MS = 300, 1_500
_LEAST_MS = 20  # between the starts of two words
_SLACK_MS = 250  # how far an alignment may go beyond a neighbour, and is moved back
_ASTRAY_MS = 600  # known words off by this much: the text is not what is said here


def retimed(turn: Turn, room: Room, listen: Listen, aligner: Aligner) -> Turn:
    """The turn with all its words in place: none is a guess any more, believed or not."""
    words = list(turn.words)
    for piece in _pieces(words):
        some = words[piece.start : piece.stop]
        if not any(word.guessed for word in some):
            continue
        heard = _listened(words, piece, room)
        places = aligner.align(listen(heard), [word.text for word in some])
        here = [PlacedWord(p.start_ms + heard.start_ms, p.end_ms + heard.start_ms) for p in places]
        if here and not _astray(some, here):
            words[piece.start : piece.stop] = _put(words, piece, here, room)
    return replace(turn, words=tuple(replace(word, guessed=False) for word in words))


def _pieces(words: Sequence[Word]) -> Iterator[range]:
    """Runs of words that are read at a time, cut at the longest pauses between known words."""
    first = 0
    while first < len(words):
        limit = words[first].start_ms + _PIECE_MS
        stop = next((n for n in range(first, len(words)) if words[n].end_ms > limit), len(words))
        stop = max(stop, first + 1)
        if stop < len(words):
            later = range(first + max(1, (stop - first) // 2), stop + 1)
            stop = max(later, key=lambda n: _pause(words, n))
        yield range(first, stop)
        first = stop


def _pause(words: Sequence[Word], at: int) -> tuple[bool, int]:
    before, after = words[at - 1], words[at]
    return not (before.guessed or after.guessed), after.start_ms - before.end_ms


def _listened(words: Sequence[Word], piece: range, room: Room) -> Span:
    """What is listened to: the words, and a little on either side that no other word claims."""
    first, last = words[piece.start], words[piece.stop - 1]
    least = words[piece.start - 1].end_ms if piece.start else room.start_ms
    most = words[piece.stop].start_ms if piece.stop < len(words) else room.end_ms
    before = _GUESS_AROUND_MS if first.guessed else _AROUND_MS
    after = _GUESS_AROUND_MS if last.guessed else _AROUND_MS
    start = min(first.start_ms, max(least, first.start_ms - before))
    return Span(max(0, start), max(last.end_ms, min(most, last.end_ms + after)))


def _astray(words: Sequence[Word], places: Sequence[PlacedWord]) -> bool:
    """Does the alignment contradict the words whose times are known?"""
    off = [
        abs(place.start_ms - word.start_ms)
        for word, place in zip(words, places, strict=True)
        if not word.guessed
    ]
    return bool(off) and median(off) > _ASTRAY_MS


@dataclass(frozen=True)
class _Bounds:
    """The starts of the known words around a run; the last one's end, and where the sound ends."""

    low: int
    high: int


def _put(
    words: Sequence[Word], piece: range, places: Sequence[PlacedWord], room: Room
) -> list[Word]:
    """The words of a piece, the guesses put where they are said, run by run."""
    made: list[Word] = []
    at = piece.start
    while at < piece.stop:
        if not words[at].guessed:
            made.append(words[at])
            at += 1
            continue
        stop = next((n for n in range(at, piece.stop) if not words[n].guessed), piece.stop)
        low = words[at - 1].start_ms + _LEAST_MS if at else room.start_ms
        high = words[stop].start_ms if stop < len(words) else max(room.end_ms, words[-1].end_ms)
        run = places[at - piece.start : stop - piece.start]
        made += _run(words[at:stop], run, _Bounds(min(low, high), high))
        at = stop
    return made


def _run(words: Sequence[Word], places: Sequence[PlacedWord], bounds: _Bounds) -> Sequence[Word]:
    """A run of guesses put where they are said; as it was, where that cannot be."""
    least, most = bounds.low - _SLACK_MS, bounds.high + _SLACK_MS
    fits = bounds.high - bounds.low >= len(words) * _LEAST_MS
    if not fits or not all(least <= place.start_ms <= most for place in places):
        return words
    starts: list[int] = []
    for n, place in enumerate(places):
        earliest = starts[-1] + _LEAST_MS if starts else bounds.low
        latest = bounds.high - (len(places) - n) * _LEAST_MS
        starts.append(max(earliest, min(place.start_ms, latest)))
    ends = [*starts[1:], bounds.high]
    return [
        replace(word, start_ms=start, end_ms=max(start + _LEAST_MS, min(place.end_ms, end)))
        for word, place, start, end in zip(words, places, starts, ends, strict=True)
    ]
