"""Speech cut into captions that can be read: two short lines, a few seconds, whole words. Pure.

Cuts where a sentence ends, else where a clause does or the speaker pauses, never between an article
and its noun where that can be helped. Knows no file format and no speaker.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from ingest.text import SENTENCE_END, fold
from ingest.transcript import Word
from search.language.stopwords import FUNCTION_WORDS

LINE = 42  # characters, as broadcasters do (EBU-TT-D, Netflix)
LONGEST_MS = 7_000
SHORTEST_MS = 1_000  # a shorter caption stays longer on screen, where there is room
_LEAST_MS = 300  # where two voices talk at once, each caption has this much at least
_FEW = 14  # characters: a caption that is no longer flickers
_PAUSE_MS, _LONG_PAUSE_MS = 300, 1_500
_CLOSES = ".?!…,;:"

# What a cut costs. A caption costs one by itself: fewer are better.
_AT_CLAUSE, _AT_PAUSE, _ELSEWHERE, _AFTER_SMALL = 1.0, 1.5, 4.0, 3.0
_FLICKERS, _LINGERS = 2.0, 4.0


@dataclass(frozen=True)
class Caption:
    """Lines shown from `start_ms` to `end_ms`, and what they belong to: the caller's number."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    of: int = 0


def captions(
    words: Sequence[Word], texts: Sequence[str], of: int = 0, lead: int = 0
) -> list[Caption]:
    """One speech as captions, in order; `texts` are its words as they are written.

    `lead` characters are kept free on the first line, for a name.
    """
    made = []
    for first, stop in _cut(words, texts, lead):
        lines = _lines(texts[first:stop], lead if first == 0 else 0)
        start_ms = words[first].start_ms
        end_ms = max(word.end_ms for word in words[first:stop])
        made.append(Caption(start_ms, min(end_ms, start_ms + LONGEST_MS), lines, of))
    return made


def _cut(words: Sequence[Word], texts: Sequence[str], lead: int) -> Iterator[tuple[int, int]]:
    """The cheapest way to cut, by dynamic programming: each caption holds some twenty words."""
    ends = list(accumulate((len(text) + 1 for text in texts), initial=0))
    best: list[tuple[float, int]] = [(0.0, 0)]
    for stop in range(1, len(words) + 1):
        after = _cost_of_cut(words, texts, stop)
        found = (float("inf"), stop - 1)
        for first in range(stop - 1, -1, -1):
            width = ends[stop] - ends[first] - 1 + (lead if first == 0 else 0)
            if stop - first > 1 and not _fits(words, texts, (first, stop), width, lead):
                break
            cost = best[first][0] + _cost(words, first, stop, width) + after
            found = min(found, (cost, first))
        best.append(found)
    cuts, stop = [], len(words)
    while stop:
        first = best[stop][1]
        cuts.append((first, stop))
        stop = first
    return reversed(cuts)


def _fits(
    words: Sequence[Word], texts: Sequence[str], run: tuple[int, int], width: int, lead: int
) -> bool:
    first, stop = run
    if words[stop - 1].end_ms - words[first].start_ms > LONGEST_MS or width > 2 * LINE + 1:
        return False
    if width <= LINE:
        return True
    above = lead - 1 if first == 0 else -1
    for text in texts[first:stop]:
        if above + 1 + len(text) > LINE:
            break
        above += 1 + len(text)
    return width - above - 1 <= LINE


def _cost_of_cut(words: Sequence[Word], texts: Sequence[str], stop: int) -> float:
    """What it costs to end a caption before word `stop`."""
    if stop == len(words) or texts[stop - 1].rstrip('»”" )').endswith(SENTENCE_END):
        return 0.0
    if texts[stop - 1][-1:] in _CLOSES:
        return _AT_CLAUSE
    small = _AFTER_SMALL if fold(texts[stop - 1]) in FUNCTION_WORDS else 0.0
    pause = words[stop].start_ms - words[stop - 1].end_ms
    return small + (_AT_PAUSE if pause >= _PAUSE_MS else _ELSEWHERE)


def _cost(words: Sequence[Word], first: int, stop: int, width: int) -> float:
    """What a caption costs by itself."""
    flickers = width < _FEW or words[stop - 1].end_ms - words[first].start_ms < SHORTEST_MS
    lingers = stop - first > 1 and (
        words[stop - 1].start_ms - words[stop - 2].end_ms >= _LONG_PAUSE_MS
        or words[first + 1].start_ms - words[first].end_ms >= _LONG_PAUSE_MS
    )
    return 1.0 + _FLICKERS * flickers + _LINGERS * lingers


def _lines(texts: Sequence[str], lead: int) -> tuple[str, ...]:
    """One line if it fits, else two, as even as can be and parted where the sense is."""
    if lead + len(" ".join(texts)) <= LINE or len(texts) == 1:
        return (" ".join(texts),)

    def uneven(at: int) -> float:
        above, below = lead + len(" ".join(texts[:at])), len(" ".join(texts[at:]))
        over = 100 * (max(above - LINE, 0) + max(below - LINE, 0))
        small = 8 if fold(texts[at - 1]) in FUNCTION_WORDS else 0
        clause = -8 if texts[at - 1][-1:] in _CLOSES else 0
        return over + abs(above - below) + small + clause

    at = min(range(1, len(texts)), key=uneven)
    return (" ".join(texts[:at]), " ".join(texts[at:]))


def apart(captions: Sequence[Caption]) -> list[Caption]:
    """By start, none over another; short ones stay on screen longer where there is room."""
    made: list[Caption] = []
    for caption in sorted(captions, key=lambda one: one.start_ms):
        start_ms = caption.start_ms
        if made and start_ms < made[-1].end_ms:
            last = made[-1]
            end_ms = max(start_ms, min(last.end_ms, last.start_ms + SHORTEST_MS))
            made[-1] = replace(last, end_ms=end_ms)
            start_ms = end_ms
        end_ms = max(caption.end_ms, start_ms + _LEAST_MS)
        made.append(replace(caption, start_ms=start_ms, end_ms=end_ms))
    return [_lengthened(one, made[n + 1 : n + 2]) for n, one in enumerate(made)]


def _lengthened(caption: Caption, following: Sequence[Caption]) -> Caption:
    end_ms = max(caption.end_ms, caption.start_ms + SHORTEST_MS)
    room = following[0].start_ms if following else end_ms
    return replace(caption, end_ms=max(caption.end_ms, min(end_ms, room)))
