"""Words that a speech model made up where nobody speaks: captions of films, above all.

Judged by evidence: whether a detector of voices hears one there, and how sure the recogniser was.
That a text is a well-known caption only makes the evidence asked of it stronger: it may be said.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.encode import SAMPLE_RATE
from ingest.text import fold
from ingest.transcript import Span, Word

VoiceShare = Callable[[Span], float]
"""The share of a stretch, 0..1, in which a voice is heard."""

_UNSURE, _VOICELESS = 0.5, 0.1  # short words that are really said are surer, or louder
_CLEAR_VOICE = 0.5  # asked of a known caption, and of words that have no time to be said
_SHORTEST_MS = 20  # a sentence found in a chord has all its words at one moment
_RUN_GAP_MS = 1_000
_CAPTIONS = (
    "sous-titr",
    "amara.org",
    "merci d'avoir regarde",
    "abonnez-vous",
    "n'oubliez pas de vous abonner",
    "radio-canada",
)
_FRAME, _VOICE = 512, 0.25


def without_invented(words: Sequence[Word], voice: VoiceShare) -> tuple[Word, ...]:
    """The words less the runs of them that nobody said."""
    return tuple(word for run in _runs(words) if not _invented(run, voice) for word in run)


def _invented(run: Sequence[Word], voice: VoiceShare) -> bool:
    unsure = sum(word.confidence for word in run) < _UNSURE * len(run)
    caption = any(c in fold(" ".join(word.text for word in run)) for c in _CAPTIONS)
    crowded = 2 * sum(w.end_ms - w.start_ms < _SHORTEST_MS for w in run) > len(run)
    if not unsure and not caption and not crowded:
        return False
    heard = voice(Span(run[0].start_ms, run[-1].end_ms))
    return heard < (_CLEAR_VOICE if caption or crowded else _VOICELESS)


def _runs(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Words between which there is less than a second."""
    seams = [
        n for n, (a, b) in enumerate(pairwise(words), 1) if b.start_ms - a.end_ms > _RUN_GAP_MS
    ]
    for start, end in pairwise([0, *seams, len(words)]):
        if start < end:
            yield words[start:end]


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
        return float(np.mean(likely >= _VOICE))

    return share
