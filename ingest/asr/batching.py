"""A window's speech without its silences, in packs that a speech model takes whole.

Whisper reads 30 s at a time, at the same cost however little they hold: so packs are as full as
they can be, and are cut where it is quietest, hardly ever in a word. Times in a pack are put back
on the window's time line here. Knows nothing of words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.audio.encode import SAMPLE_RATE
from ingest.spans import merge
from ingest.transcript import Span

_PER_MS = SAMPLE_RATE // 1000  # samples
# Whisper reads 30 s; within the last 6 s there is a quiet moment, and packs stay full (D-032).
_LONGEST_MS, _SHORTEST_MS = 30_000, 24_000
_PAUSE_MS, _STEP_MS = 200, 20
_BATCH = 4  # more is hardly faster and takes memory (D-032)


@dataclass(frozen=True)
class Joined:
    """The speech of a window, silences cut out: samples, 16 kHz, (n,), and where they came from."""

    audio: NDArray[np.float32]
    chunks: tuple[Span, ...]

    def place(self, start_ms: int, end_ms: int) -> Span:
        """Where a stretch of the joined speech lies in the window.

        Edges may spill over a cut: the stretch belongs to the chunk that holds its middle.
        """
        ends = np.cumsum([c.end_ms - c.start_ms for c in self.chunks])
        index = int(np.searchsorted(ends, (start_ms + end_ms) // 2, side="right"))
        index = min(index, len(self.chunks) - 1)
        chunk = self.chunks[index]
        shift = chunk.end_ms - int(ends[index])
        start = min(max(start_ms + shift, chunk.start_ms), chunk.end_ms - 1)
        return Span(start, max(min(end_ms + shift, chunk.end_ms), start + 1))

    def around(self, pack: Span) -> Span:
        """The stretch of the window from the first moment of a pack to its last."""
        first = self.place(pack.start_ms, pack.start_ms)
        return Span(first.start_ms, self.place(pack.end_ms - 1, pack.end_ms - 1).end_ms)


def join_speech(audio: NDArray[np.float32], speech: Sequence[Span]) -> Joined:
    """The stretches of `speech` in `audio`, with the short pauses between them."""
    duration = len(audio) // _PER_MS
    chunks = tuple(
        Span(c.start_ms, min(c.end_ms, duration))
        for c in merge(speech, gap_ms=1_200, pad_ms=200)  # FLEURS WER .269; .282 at 100 ms (D-031)
        if c.start_ms < duration
    )
    pieces = [audio[c.start_ms * _PER_MS : c.end_ms * _PER_MS] for c in chunks]
    return Joined(np.concatenate([audio[:0], *pieces]), chunks)


def packs(audio: NDArray[np.float32]) -> tuple[Span, ...]:
    """Joined speech cut into stretches of at most 30 s, in the quietest moment of the last 6."""
    duration = len(audio) // _PER_MS
    cuts = [0]
    while duration - cuts[-1] > _LONGEST_MS:
        cuts.append(_quietest(audio, cuts[-1] + _SHORTEST_MS, cuts[-1] + _LONGEST_MS))
    return tuple(Span(a, b) for a, b in zip(cuts, [*cuts[1:], duration], strict=True) if a < b)


def batches(found: Sequence[Span], workers: int) -> list[Sequence[Span]]:
    """Packs in order, in batches as alike as can be, so that no worker waits long for another."""
    rounds = -(-len(found) // (_BATCH * workers))
    size = max(1, -(-len(found) // max(1, rounds * workers)))
    return [found[n : n + size] for n in range(0, len(found), size)]


def _quietest(audio: NDArray[np.float32], start_ms: int, end_ms: int) -> int:
    """Middle of the quietest fifth of a second between two moments."""
    frames = audio[start_ms * _PER_MS : end_ms * _PER_MS].reshape(-1, _STEP_MS * _PER_MS)
    power = np.convolve(np.square(frames).mean(axis=1), np.ones(_PAUSE_MS // _STEP_MS), "valid")
    return start_ms + int(power.argmin()) * _STEP_MS + _PAUSE_MS // 2
