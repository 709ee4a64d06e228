"""Where there is speech, and where a long recording may be cut without cutting a word.

Speech is found once, with Silero (shipped inside faster-whisper), in blocks so that memory does not
grow with the length. Transcription, diarization and the report of unheard speech all start here;
so does the doubt whether a voice is heard at all where words were made up.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import ReportProgress
from ingest.transcript import Span, Word, merge_spans

_THRESHOLD = 0.25  # half of Silero's own: speech missed is lost for good; D-031
_BLOCK_MS = 10 * 60_000  # read at a time: 38 MB of samples, however long the recording
_FRAME = 512  # samples that Silero takes at a time
_UNHEARD_MS = 1_500  # shorter stretches are breaths, coughs and words' edges, no lost sentence


def detect_speech(pcm: Pcm, report: ReportProgress) -> tuple[Span, ...]:
    """Stretches of speech, padded by 200 ms (D-031), in order."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=_THRESHOLD,
        min_silence_duration_ms=300,
        min_speech_duration_ms=100,
        speech_pad_ms=200,
    )
    per_ms = SAMPLE_RATE // 1000
    found: list[Span] = []
    for start in range(0, pcm.duration_ms, _BLOCK_MS):
        block = pcm.read(start, start + _BLOCK_MS)
        for piece in get_speech_timestamps(block, options):
            found.append(Span(start + piece["start"] // per_ms, start + piece["end"] // per_ms))
        report(min(1.0, (start + _BLOCK_MS) / pcm.duration_ms))
    return merge_spans(found, 200)  # a block's edge may fall inside a word


def cut_windows(
    speech: Sequence[Span], duration_ms: int, parts: Sequence[int], longest_ms: int
) -> tuple[Span, ...]:
    """The time line cut into windows of at most `longest_ms`, each to be checkpointed by itself.

    Cuts fall where a part ends (`parts`: those positions), else in the middle of the longest
    silence of a window's second half, else, if the talking never stops, at the limit.
    """
    windows: list[Span] = []
    start = 0
    for end in sorted({*parts, duration_ms}):
        while end - start > longest_ms:
            cut = _best_cut(speech, start + longest_ms // 2, start + longest_ms)
            windows.append(Span(start, cut))
            start = cut
        if end > start:
            windows.append(Span(start, end))
            start = end
    return tuple(windows)


def _best_cut(speech: Sequence[Span], earliest: int, latest: int) -> int:
    """Middle of the longest silence between two moments; the later moment if there is none."""
    edges = [earliest, *(e for s in speech for e in (s.start_ms, s.end_ms)), latest]
    silences = [
        Span(max(end, earliest), min(start, latest))
        for end, start in zip([0, *edges[2::2]], [*edges[1:-1:2], latest], strict=True)
    ]
    longest = max(silences, key=lambda s: s.end_ms - s.start_ms)
    if longest.end_ms <= longest.start_ms:
        return latest
    return (longest.start_ms + longest.end_ms) // 2


def unheard(speech: Sequence[Span], words: Sequence[Word]) -> tuple[Span, ...]:
    """Stretches of speech of 1.5 s or more in which no word was recognised: to be reported."""
    heard = merge_spans((Span(w.start_ms, w.end_ms) for w in words), gap_ms=1_000, pad_ms=200)
    silent: list[Span] = []
    for span in speech:
        at = span.start_ms
        for piece in heard:
            if piece.end_ms <= at or piece.start_ms >= span.end_ms:
                continue
            silent.append(Span(at, max(at, piece.start_ms)))
            at = piece.end_ms
        silent.append(Span(at, max(at, span.end_ms)))
    return tuple(s for s in silent if s.end_ms - s.start_ms >= _UNHEARD_MS)


class VoiceShare(Protocol):
    """The share of a stretch, 0..1, in which a voice is heard."""

    def __call__(self, span: Span, /) -> float:
        """Of this stretch."""


def silero_share(audio: NDArray[np.float32]) -> VoiceShare:
    """Measures on samples, 16 kHz, (n,), with Silero. At least half a second is listened to."""

    def share(span: Span) -> float:
        from faster_whisper.vad import get_vad_model

        middle, per_ms = (span.start_ms + span.end_ms) // 2, SAMPLE_RATE // 1000
        start = max(0, min(span.start_ms, middle - 250)) * per_ms
        before = max(0, start - SAMPLE_RATE)  # the detector needs a moment to find its feet
        piece = audio[before : max(span.end_ms, middle + 250) * per_ms]
        padded = np.pad(piece, (0, _FRAME - len(piece) % _FRAME))
        likely = get_vad_model()(padded)[(start - before) // _FRAME :]
        return float(np.mean(likely >= _THRESHOLD))

    return share
