"""Speech to text: samples in, words with times and confidence out.

Whisper sees only speech: silences are cut out before and put back into the words' times after, so
that it neither invents text in them nor loses its place. It reads 30 s at a time, at the same cost
however little they hold: so packs are as full as they can be, and are cut where it is quietest,
hardly ever in a word. What counts as dropped, looped or made up is `hallucinations`' to say.
"""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.asr.align import LONGEST_MS, WhisperAligner
from ingest.asr.hallucinations import doubtful, replaced, said_once, without_invented
from ingest.asr.vad import silero_share
from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.sandbox import ReportProgress
from ingest.errors import ModelUnavailable
from ingest.settings import Settings
from ingest.transcript import Span, Word, merge_spans
from ingest.weights import packaged_whisper

_PER_MS = SAMPLE_RATE // 1000  # samples
# Within the last 6 s of what Whisper reads there is a quiet moment, and packs stay full (D-032).
_SHORTEST_MS = 24_000
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
    padded = merge_spans(
        speech, gap_ms=1_200, pad_ms=200
    )  # FLEURS WER .269; .282 at 100 ms (D-031)
    chunks = tuple(
        Span(c.start_ms, min(c.end_ms, duration)) for c in padded if c.start_ms < duration
    )
    pieces = [audio[c.start_ms * _PER_MS : c.end_ms * _PER_MS] for c in chunks]
    return Joined(np.concatenate([audio[:0], *pieces]), chunks)


def packs(audio: NDArray[np.float32]) -> tuple[Span, ...]:
    """Joined speech cut into stretches of at most 30 s, in the quietest moment of the last 6."""
    duration = len(audio) // _PER_MS
    cuts = [0]
    while duration - cuts[-1] > LONGEST_MS:
        cuts.append(_quietest(audio, cuts[-1] + _SHORTEST_MS, cuts[-1] + LONGEST_MS))
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


# The C library's memory, set for models that take and give back the same large blocks (D-036).
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # malloc.h, mallopt(3)
_ALL = 2**31 - 1  # bytes, the largest int that mallopt takes: never give back


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, for good; False where the C library is not glibc.

    To be called before the model's threads start: a thread keeps the arena that it began with.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    kept = mallopt(_ARENA_MAX, 1), mallopt(_MMAP_MAX, 0), mallopt(_TRIM_THRESHOLD, _ALL)
    return all(kept)


REVISION = 2
"""Counts the ways in which words were heard: what another way heard is not gone on with."""
_PUNCTUATION = frozenset("?!:;.,…»)")
_OPENING = frozenset("«(-–—")
_SIGNS = _PUNCTUATION | _OPENING | {"\u00a0"}
_WORKERS = 4  # each holds 70 MB and more of attention for every pack of a batch
_NO_SPEECH, _IMPROBABLE = (
    0.6,
    -1.0,
)  # Whisper's own limits (section 4.5); at .64 it invented (D-033)


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
    report: ReportProgress,
    hints: str = "",
) -> Iterator[Word]:
    """Words of one window of a recording, on its time line."""
    start = window.start_ms
    local = [Span(s.start_ms - start, s.end_ms - start) for s in _inside(window, speech)]
    for word in transcriber().words(pcm.read(start, window.end_ms), local, hints) if local else ():
        report((start + word.end_ms) / pcm.duration_ms)
        yield replace(word, start_ms=start + word.start_ms, end_ms=start + word.end_ms)
    report(window.end_ms / pcm.duration_ms)


def _inside(stretch: Span, speech: Sequence[Span]) -> list[Span]:
    return [
        Span(max(s.start_ms, stretch.start_ms), min(s.end_ms, stretch.end_ms))
        for s in speech
        if s.overlap_ms(stretch.start_ms, stretch.end_ms)
    ]


class WhisperTranscriber:
    """faster-whisper: packs of speech in batches, then what seems wrong once more, by itself.

    In batches the model is much faster, and drops a sentence now and then. By itself a stretch is
    heard step by step, each where the last complete sentence ended.
    """

    def __init__(self, settings: Settings) -> None:
        from faster_whisper import WhisperModel

        packaged = settings.whisper == "packaged"
        self.name = whisper_name(settings)
        self._asked: dict[str, Any] = {
            "language": settings.language,
            "beam_size": settings.whisper_beam,
        }
        model = str(packaged_whisper(settings.cache)) if packaged else settings.whisper
        keep_freed_memory()
        processors = settings.threads or os.cpu_count() or 1
        self._workers = min(processors, _WORKERS) if settings.whisper_device == "cpu" else 1
        try:
            self._model = WhisperModel(
                model,
                device=settings.whisper_device,
                compute_type=settings.whisper_compute,
                cpu_threads=max(1, processors // self._workers),
                num_workers=self._workers,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelUnavailable(
                f"Whisper « {settings.whisper} » ({settings.whisper_device}, "
                f"{settings.whisper_compute}) ne se charge pas : {error}. Voyez VERBATIM_WHISPER."
            ) from error

    @property
    def aligner(self) -> WhisperAligner:
        """The same model, for texts that are known."""
        return WhisperAligner(self._model, self._asked["language"])

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        """Words of one window, as they are found."""
        joined = join_speech(audio, speech)
        voice = silero_share(audio)

        def hear(batch: Sequence[Span]) -> list[Word]:
            heard = zip(batch, self._at_once(joined, batch, hints), strict=True)
            found: list[Word] = []
            for pack, words in heard:
                here = _inside(joined.around(pack), speech)
                found += without_invented(self._checked(audio, here, words, hints), voice)
            return found

        pool = ThreadPoolExecutor(self._workers)  # two models of one thread outrun one of two
        try:
            for words in pool.map(hear, batches(packs(joined.audio), self._workers)):
                yield from words
        finally:
            pool.shutdown(cancel_futures=True)

    def _checked(
        self, audio: NDArray[np.float32], speech: Sequence[Span], words: Sequence[Word], hints: str
    ) -> Sequence[Word]:
        """The words of a pack, those of its doubtful stretches heard again where that is better."""
        language = self._asked["language"]
        for stretch in doubtful(words, speech, language):
            again = self._by_itself(join_speech(audio, _inside(stretch, speech)), hints)
            words = replaced(words, stretch, again, language)
        return said_once(words)

    def _at_once(self, joined: Joined, batch: Sequence[Span], hints: str) -> Iterator[list[Word]]:
        """Words of each pack of a batch."""
        from faster_whisper import BatchedInferencePipeline

        segments, _info = BatchedInferencePipeline(self._model).transcribe(
            joined.audio,
            clip_timestamps=[{"start": p.start_ms / 1000, "end": p.end_ms / 1000} for p in batch],
            batch_size=len(batch),
            word_timestamps=True,
            without_timestamps=False,  # it hears better when it must say where sentences end
            hotwords=hints or None,
            **self._asked,
        )
        for _pack, found in groupby(segments, key=attrgetter("seek")):
            yield _words([s for s in found if not _silent(s)], joined)

    def _by_itself(self, joined: Joined, hints: str) -> list[Word]:
        """Words of joined speech, heard step by step."""
        segments, _info = self._model.transcribe(
            joined.audio,
            word_timestamps=True,
            condition_on_previous_text=False,  # or one repetition loop infects all that follows
            temperature=0.0,  # what chance finds where that fails was never better, often made up
            log_prob_threshold=None,  # its sign of no speech is enough, however sure it is
            max_new_tokens=_most_tokens(joined),
            hotwords=hints or None,
            **self._asked,
        )
        return _words(segments, joined)


def _most_tokens(joined: Joined) -> int:
    """More than any voice says in that time: without it a loop goes on to the model's own limit."""
    return min(200, 40 + 10 * len(joined.audio) // SAMPLE_RATE)  # half the model is for the hints


def _silent(segment: Any) -> bool:
    """Whisper's own sign of no speech, which its batches do not use."""
    return bool(segment.no_speech_prob > _NO_SPEECH and segment.avg_logprob < _IMPROBABLE)


def _words(segments: Iterable[Any], joined: Joined) -> list[Word]:
    """Whole words with their place in the window."""
    pieces = []
    for piece in (word for segment in segments for word in segment.words or ()):
        at = joined.place(round(piece.start * 1000), round(piece.end * 1000))
        confidence = round(float(piece.probability), 3)
        pieces.append(Word(at.start_ms, at.end_ms, piece.word, confidence))
    return [word for word in join_pieces(pieces) if not set(word.text) <= _SIGNS]


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
