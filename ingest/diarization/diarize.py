"""Who speaks when, told apart by voice; never who they are, and no voice print is kept.

Windows of speech become vectors (`embedding`), vectors become voices (`clustering`), and here
voices become stretches of the time line and, joined with words, turns. Knows nothing of names.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm
from ingest.audio.sandbox import ReportProgress
from ingest.diarization.clustering import ENERGY, cluster
from ingest.diarization.embedding import VoiceEmbedder, windows_of
from ingest.diarization.overlap import OverlapFinder, second_voices
from ingest.settings import Settings
from ingest.text import sentence_ranges
from ingest.transcript import Span, SpeakerSpan, Turn, Word, merge_spans, numbered

_OVERLAP_SHARE = 0.25  # of the time that telling voices apart takes
_PAUSE_MS = 500  # a shorter one is part of what is said (D-044)


class Diarizer(Protocol):
    """Speech to voices."""

    name: str

    def spans(
        self, pcm: Pcm, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`; of `most` voices."""


class VoiceDiarizer:
    """CAM++ embeddings of what is said between two pauses, grouped by energy distance."""

    name = "campplus-energy-distance"
    full_name = f"{name} {ENERGY:g}"
    """With the threshold: another one makes other voices, which a checkpoint must not mix."""

    def __init__(self, settings: Settings) -> None:
        self._embedder = VoiceEmbedder(settings.cache, settings.threads)
        self._overlap = OverlapFinder(settings.cache)

    def spans(
        self, pcm: Pcm, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`; of `most` voices.

        Where two speak at once a second stretch lies over the first.
        """
        heard = merge_spans(speech, _PAUSE_MS)
        windows = windows_of(heard)
        if not windows:
            return ()
        overlaps = self._overlap.find(pcm, heard, lambda done: report(_OVERLAP_SHARE * done))
        vectors = self._embedder.embed(
            pcm, windows, lambda done: report(_OVERLAP_SHARE + (1 - _OVERLAP_SHARE) * done)
        )
        labels = cluster(vectors, _numbered(windows, heard), _numbered(windows, speech), most)
        alone = join_windows(windows, labels, heard)
        return tuple(sorted([*alone, *second_voices(alone, overlaps)]))


def _numbered(windows: Sequence[Span], speech: Sequence[Span]) -> NDArray[np.int64]:
    """For each window, the number of the stretch of speech that its middle is in or before."""
    ends = [span.end_ms for span in speech]
    return np.array([bisect_left(ends, (w.start_ms + w.end_ms) // 2) for w in windows])


def join_windows(
    windows: Sequence[Span], labels: NDArray[np.int64], speech: Sequence[Span]
) -> tuple[SpeakerSpan, ...]:
    """Speaker spans from overlapping windows: voices change halfway between window centres.

    `windows` are in order of time, and each stretch of speech has at least one.
    """
    joined: list[SpeakerSpan] = []
    starts = [window.start_ms for window in windows]
    for span in speech:
        inside = range(bisect_left(starts, span.start_ms), bisect_left(starts, span.end_ms))
        centres = [(windows[n].start_ms + windows[n].end_ms) // 2 for n in inside]
        edges = [span.start_ms, *((a + b) // 2 for a, b in pairwise(centres)), span.end_ms]
        for n, (start, end) in zip(inside, pairwise(edges), strict=True):
            label = f"S{labels[n] + 1}"
            if joined and joined[-1].label == label and joined[-1].end_ms == start:
                joined[-1] = SpeakerSpan(joined[-1].start_ms, end, label)
            else:
                joined.append(SpeakerSpan(start, end, label))
    return tuple(joined)


# --- words and voices become turns. Pure: golden files test it exactly ------------------------

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
    return numbered(
        replace(turn, words=tuple(run))
        for turn in turns
        for _, run in groupby(turn.words, key=lambda word: bisect_right(ends, word.start_ms))
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
