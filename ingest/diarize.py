"""Who speaks when, told apart by voice; never who they are, and no voice print is kept.

Windows of speech become vectors (`embed_voice.py`), vectors become voices (`cluster.py`), and here
voices become stretches of the time line. Knows nothing of words, turns or names.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.audio import Pcm
from ingest.hearing.cluster import ENERGY, cluster
from ingest.hearing.embed_voice import VoiceEmbedder, windows_of
from ingest.hearing.overlap import OverlapFinder, second_voices
from ingest.hearing.speech import merge
from ingest.sandbox import Report
from ingest.settings import Settings
from ingest.transcript import Span, SpeakerSpan

DISTANCE = ENERGY
_OVERLAP_SHARE = 0.25  # of the time that telling voices apart takes
_PAUSE_MS = 500  # a shorter one is part of what is said


class Diarizer(Protocol):
    """Speech to voices."""

    name: str

    def spans(self, pcm: Pcm, speech: Sequence[Span], report: Report) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`."""


class VoiceDiarizer:
    """CAM++ embeddings of what is said between two pauses, grouped by energy distance."""

    name = "campplus-energy-distance"

    def __init__(self, settings: Settings) -> None:
        self._embedder = VoiceEmbedder(settings.cache, settings.threads)
        self._overlap = OverlapFinder(settings.cache)

    def spans(self, pcm: Pcm, speech: Sequence[Span], report: Report) -> tuple[SpeakerSpan, ...]:
        """Stretches of one voice each, in order, covering all of `speech`.

        Where two speak at once a second stretch lies over the first.
        """
        heard = merge(speech, _PAUSE_MS)
        windows = windows_of(heard)
        if not windows:
            return ()
        overlaps = self._overlap.find(pcm, heard, lambda done: report(_OVERLAP_SHARE * done))
        vectors = self._embedder.embed(
            pcm, windows, lambda done: report(_OVERLAP_SHARE + (1 - _OVERLAP_SHARE) * done)
        )
        labels = cluster(vectors, _numbered(windows, heard), _numbered(windows, speech))
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
