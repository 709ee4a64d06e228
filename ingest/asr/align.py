"""When the words of a known text are said: Whisper's own alignment of text and sound.

The model reads text and sound together; where it looks in the sound while it reads a word is when
that word is said (dynamic time warping over the cross-attention, as Whisper times its own words).
Knows one stretch of sound and its text; does not know turns, nor what is plausible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

LONGEST_MS = 30_000
"""What a model reads at a time."""
_FRAME_MS = 20  # of Whisper's encoder: 1,500 frames for 30 s (Radford et al., 2022)
_MOST_TOKENS = 400  # of the 448 that a model has room for
_EARLY_MS = 25
"""How early Whisper puts a word: against the onsets of fricatives, 27 ms in real voices (FLEURS)
and 20 ms in the samples' (docs/decisions.md)."""


@dataclass(frozen=True)
class PlacedWord:
    """When a word is said, from the start of the sound."""

    start_ms: int
    end_ms: int


class Aligner(Protocol):
    """A text and its sound to times."""

    def align(self, audio: NDArray[np.float32], words: Sequence[str]) -> list[PlacedWord]:
        """A place for each word, in order; none at all where the text cannot be read so.

        `audio` is 16 kHz, shape (n,), at most `LONGEST_MS`.
        """


class WhisperAligner:
    """Aligns with a faster-whisper model that is loaded already."""

    def __init__(self, model: Any, language: str) -> None:
        from faster_whisper.tokenizer import Tokenizer

        self._model = model
        multilingual = model.model.is_multilingual
        self._tokenizer = Tokenizer(
            model.hf_tokenizer, multilingual, task="transcribe", language=language
        )

    def align(self, audio: NDArray[np.float32], words: Sequence[str]) -> list[PlacedWord]:
        """A place for each word, in order; none at all where the text is too much."""
        from faster_whisper.audio import pad_or_trim

        tokens = [self._tokenizer.encode(" " + " ".join(word.split())) for word in words]
        counts = [len(some) for some in tokens]
        if not sum(counts) or sum(counts) > _MOST_TOKENS or not all(counts):
            return []
        features = self._model.feature_extractor(audio)
        frames = features.shape[-1] - 1
        (found,) = self._model.model.align(
            self._model.encode(pad_or_trim(features)),
            self._tokenizer.sot_sequence,
            [[token for some in tokens for token in some]],
            frames,
        )
        return _places(found.alignments, counts, len(audio) // 16)


def _places(
    alignments: Sequence[tuple[int, int]], counts: Sequence[int], length_ms: int
) -> list[PlacedWord]:
    """Times of words from pairs of (token, frame): a token begins where its number first occurs."""
    text, frame = (np.array(column) for column in zip(*alignments, strict=True))
    begins = frame[np.pad(np.diff(text), (1, 0), constant_values=1).astype(bool)] * _FRAME_MS
    at = np.pad(np.cumsum(counts), (1, 0))
    if len(begins) < at[-1]:
        return []
    edges = np.append(begins, length_ms)[at] + _EARLY_MS
    edges = np.minimum(edges, length_ms)
    return [PlacedWord(int(a), int(b)) for a, b in pairwise(edges)]
