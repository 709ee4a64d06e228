"""Words and voices become turns. Pure: golden files test it exactly.

A turn is what one voice says without another coming in. No word is ever dropped: one that falls in
nobody's stretch stays, in a turn whose speaker is None.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ingest.text import sentence_ranges
from ingest.transcript import SpeakerSpan, Turn, Word

_NEAR_MS = 500  # a word this close to a voice's stretch belongs to it: recognisers' edges differ
_STRAY_WORDS = 2  # a switch of this many words inside one sentence is a slip of the diarizer


def join(words: Sequence[Word], spans: Sequence[SpeakerSpan]) -> tuple[Turn, ...]:
    """Turns in order of time, containing each of `words` exactly once."""
    ordered = sorted(words, key=lambda word: (word.start_ms, word.end_ms))
    labels = _settle(ordered, list(_labels(ordered, sorted(spans))))
    runs = groupby(zip(labels, ordered, strict=True), key=lambda pair: pair[0])
    return tuple(
        Turn(index, label, tuple(word for _, word in run))
        for index, (label, run) in enumerate(runs)
    )


def cut_at(turns: Sequence[Turn], ends: Sequence[int]) -> tuple[Turn, ...]:
    """The turns, none of which goes on beyond a part's end: the next one may be hours later."""
    pieces = [
        (turn, tuple(run))
        for turn in turns
        for _, run in groupby(turn.words, key=lambda word: bisect_right(ends, word.start_ms))
    ]
    return tuple(
        replace(turn, index=index, words=words) for index, (turn, words) in enumerate(pieces)
    )


def _labels(words: Sequence[Word], spans: Sequence[SpeakerSpan]) -> Iterator[str | None]:
    """For each word the voice it overlaps most, else the nearest one within reach.

    Spans may overlap where several speak at once: of two that hold a word whole, the one that began
    first goes on. Both are in order of start.
    """
    open_spans: list[SpeakerSpan] = []
    coming = iter(spans)
    upcoming = next(coming, None)
    for word in words:
        while upcoming and upcoming.start_ms <= word.end_ms + _NEAR_MS:
            open_spans.append(upcoming)
            upcoming = next(coming, None)
        # Later words may end sooner, never start sooner: what ended before this one is done with.
        open_spans = [s for s in open_spans if s.end_ms >= word.start_ms - _NEAR_MS]
        near = (s for s in open_spans if s.start_ms <= word.end_ms + _NEAR_MS)
        best = max(near, key=lambda span: _closeness(word, span), default=None)
        yield best.label if best else None


def _closeness(word: Word, span: SpeakerSpan) -> int:
    """Milliseconds shared, or minus the milliseconds between them."""
    return min(word.end_ms, span.end_ms) - max(word.start_ms, span.start_ms)


def _settle(words: Sequence[Word], labels: list[str | None]) -> list[str | None]:
    """Voices change where sentences do: stray words at a sentence's edges follow the rest of it."""
    settled = list(labels)
    for places in sentence_ranges(words):
        sentence = labels[places.start : places.stop]
        main = max(set(sentence), key=lambda label: (sentence.count(label), label or ""))
        for voice, run in groupby(places, key=labels.__getitem__):
            stray = list(run)
            if voice != main and len(stray) <= _STRAY_WORDS < sentence.count(main):
                settled[stray[0] : stray[-1] + 1] = [main] * len(stray)
    return settled
