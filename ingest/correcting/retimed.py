"""The words of a turn that were typed, put where they are said. Pure but for what it listens to.

Words that were there keep their times: they bound those that are put between them. What cannot be
is not believed: an alignment that contradicts known words, or puts a word beyond its neighbours,
leaves the guess as it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ingest.align import Aligner, Placed
from ingest.correcting.retyped import Room
from ingest.transcript import Span, Turn, Word

Listen = Callable[[Span], NDArray[np.float32]]
"""Samples of a stretch, 16 kHz, (n,)."""
_PIECE_MS = 26_000  # with what is listened to around it, less than a model reads at a time
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
        here = [Placed(p.start_ms + heard.start_ms, p.end_ms + heard.start_ms) for p in places]
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


def _astray(words: Sequence[Word], places: Sequence[Placed]) -> bool:
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


def _put(words: Sequence[Word], piece: range, places: Sequence[Placed], room: Room) -> list[Word]:
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


def _run(words: Sequence[Word], places: Sequence[Placed], bounds: _Bounds) -> Sequence[Word]:
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
