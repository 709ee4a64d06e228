"""Speech to text: samples in, words with times and confidence out.

Whisper sees only speech: silences are cut out before and put back into the words' times after, so
that it neither invents text in them nor loses its place. No stretch is longer than a window.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.audio import SAMPLE_RATE, Pcm
from ingest.errors import ModelUnavailable
from ingest.models import packaged_whisper
from ingest.settings import Settings
from ingest.speech import merge
from ingest.transcript import Span, Word

_PUNCTUATION = frozenset("?!:;.,…»)")
_OPENING = frozenset("«(-–—")


class Transcriber(Protocol):
    """Samples to words."""

    name: str

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        """Words of one window, as they are found; times are relative to `audio` (16 kHz, (n,)).

        `speech` is where to listen, relative to `audio` as well. `hints` are words that are likely
        there, such as names, separated by commas.
        """


def whisper_name(settings: Settings) -> str:
    """The model that `settings` choose, as it is recorded with what it heard."""
    return "whisper-base" if settings.whisper == "packaged" else settings.whisper


def words_of(
    window: Span,
    pcm: Pcm,
    speech: Sequence[Span],
    transcriber: Callable[[], Transcriber],
    report: Callable[[float], None],
) -> Iterator[Word]:
    """Words of one window of a recording, on its time line."""
    inside = [
        Span(max(s.start_ms, window.start_ms), min(s.end_ms, window.end_ms))
        for s in speech
        if s.overlap_ms(window.start_ms, window.end_ms)
    ]
    start = window.start_ms
    local = [Span(s.start_ms - start, s.end_ms - start) for s in inside]
    for word in transcriber().words(pcm.read(start, window.end_ms), local) if local else ():
        report((start + word.end_ms) / pcm.duration_ms)
        yield replace(word, start_ms=start + word.start_ms, end_ms=start + word.end_ms)
    report(window.end_ms / pcm.duration_ms)


class WhisperTranscriber:
    """faster-whisper, sequential: each 30 s starts where the last complete sentence ended."""

    def __init__(self, settings: Settings) -> None:
        from faster_whisper import WhisperModel

        packaged = settings.whisper == "packaged"
        self.name = whisper_name(settings)
        self._language, self._beam = settings.language, settings.whisper_beam
        model = str(packaged_whisper(settings.cache)) if packaged else settings.whisper
        try:
            self._model = WhisperModel(
                model,
                device=settings.whisper_device,
                compute_type=settings.whisper_compute,
                cpu_threads=settings.threads,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelUnavailable(
                f"Whisper « {settings.whisper} » ({settings.whisper_device}, "
                f"{settings.whisper_compute}) ne se charge pas : {error}. Voyez VERBATIM_WHISPER."
            ) from error

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        """Words of one window, as they are found."""
        chunks = merge(speech, gap_ms=1_200, pad_ms=200)
        if not chunks:
            return
        per_ms = SAMPLE_RATE // 1000
        clips = [audio[c.start_ms * per_ms : c.end_ms * per_ms] for c in chunks]
        segments, _info = self._model.transcribe(
            np.concatenate(clips),
            language=self._language,
            beam_size=self._beam,
            word_timestamps=True,
            condition_on_previous_text=False,  # or one repetition loop infects all that follows
            temperature=(0.0, 0.2, 0.4, 0.6),
            hotwords=hints or None,
        )
        place = _Placer(chunks, len(audio) // per_ms)
        held: list[Word] = []  # a segment may begin with the sign that ends the one before
        for segment in segments:
            heard = [place(word) for word in segment.words or ()]
            words = join_pieces([*held, *heard])
            yield from words[:-1]
            held = [replace(word, text=f" {word.text}") for word in words[-1:]]
        yield from join_pieces(held)


class _Placer:
    """Puts the cut-out silences back: from times in joined speech to times in the window."""

    def __init__(self, chunks: Sequence[Span], duration_ms: int) -> None:
        self._chunks = [Span(c.start_ms, min(c.end_ms, duration_ms)) for c in chunks]
        lengths = [c.end_ms - c.start_ms for c in self._chunks]
        self._joined_ends = np.cumsum(lengths)

    def __call__(self, word: Any) -> Word:
        start, end = round(word.start * 1000), round(word.end * 1000)
        index = int(np.searchsorted(self._joined_ends, (start + end) // 2, side="right"))
        chunk = self._chunks[min(index, len(self._chunks) - 1)]
        shift = chunk.end_ms - int(self._joined_ends[min(index, len(self._chunks) - 1)])
        # A word's edges may spill over the cut: it belongs to the chunk that holds its middle.
        start = min(max(start + shift, chunk.start_ms), chunk.end_ms - 1)
        end = max(min(end + shift, chunk.end_ms), start + 1)
        return Word(start, end, word.word, round(float(word.probability), 3))


def join_pieces(pieces: Sequence[Word]) -> list[Word]:
    """Whole words from the pieces of one segment, each with or without the space before it.

    Whisper tells « l' » and « école » apart, « peut » and « -on », and sets « ? » by itself: French
    writes them as one word. The joined word is as sure as its least sure piece.
    """
    words: list[Word] = []
    for piece in pieces:
        text = piece.text.strip()
        if not text:
            continue
        sign, opened = set(text) <= _PUNCTUATION, bool(words) and set(words[-1].text) <= _OPENING
        if words and (sign or opened or not piece.text.startswith(" ")):
            space = "\u00a0" if piece.text.startswith(" ") else ""  # « ? » keeps its space
            words[-1] = _joined(words[-1], piece, space + text)
        else:
            words.append(replace(piece, text=text))
    return words


def _joined(word: Word, piece: Word, text: str) -> Word:
    return Word(
        word.start_ms,
        max(word.end_ms, piece.end_ms),
        word.text + text,
        min(word.confidence, piece.confidence),
    )
