"""Speech to text against the parts that it is made of: `python -m tests.bench.words --minutes 60`.

One run, one model, one recording: faster-whisper by itself, its own voice detector on; its batched
pipeline by itself; ours, detector included. Each in a process of its own, as what ours asks of the
C library would help the others too; each hears the same minutes in turn, so that whatever else the
machine does weighs on all alike.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.asr.vad import cut_windows, detect_speech
from ingest.asr.whisper import WhisperTranscriber, words_of
from ingest.audio.decode import Pcm
from ingest.audio.encode import SAMPLE_RATE
from ingest.settings import Settings
from ingest.weights import packaged_whisper
from tests.bench.sounds import Sound, Utterance, fleurs, sample_sittings, sitting
from tests.eval.error_rates import normal_words, word_errors

Hear = Callable[[Sound], str]
PIECE_MS = 10 * 60_000
_ASKED: dict[str, Any] = {"language": "fr", "beam_size": 5, "word_timestamps": True}


def sequential(settings: Settings) -> Hear:
    """The library as its documentation uses it, with its own voice detector."""
    model = _model(settings)

    def hear(sound: Sound) -> str:
        careful = {"vad_filter": True, "condition_on_previous_text": False}
        return _text(model.transcribe(sound, **_ASKED, **careful)[0])

    return hear


def batched(settings: Settings) -> Hear:
    """Its batched pipeline, likewise."""
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(_model(settings))
    return lambda sound: _text(pipeline.transcribe(sound, **_ASKED)[0])


def _model(settings: Settings) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(packaged_whisper(settings.cache)), device="cpu", compute_type="int8")


def ours(settings: Settings) -> Hear:
    """The product's detector and transcriber, in the windows that it uses."""
    transcriber = WhisperTranscriber(settings)

    def hear(sound: Sound) -> str:
        pcm = _InMemory(sound)
        speech = detect_speech(pcm, _silent)
        windows = cut_windows(speech, pcm.duration_ms, (), settings.window_minutes * 60_000)
        heard = (words_of(w, pcm, speech, lambda: transcriber, _silent) for w in windows)
        return " ".join(word.text for words in heard for word in words)

    return hear


class Apart:
    """A hearer in a process of its own."""

    def __init__(self, make: Callable[[Settings], Hear]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._process = ProcessPoolExecutor(1, spawn, _start, (make,))

    def hear(self, sound: Sound) -> tuple[str, float, float]:
        """What it heard; seconds on the clock and of processor that it took."""
        return self._process.submit(_timed, sound).result()


_hearer: list[Hear] = []


def _start(make: Callable[[Settings], Hear]) -> None:
    _hearer.append(make(Settings()))


def _timed(sound: Sound) -> tuple[str, float, float]:
    clock, work = time.perf_counter(), time.process_time()
    heard = _hearer[0](sound)
    return heard, time.perf_counter() - clock, time.process_time() - work


def measure(pieces: Iterator[Utterance]) -> dict[str, dict[str, float]]:
    """Seconds, word error rate and words of each, over all pieces."""
    hearers = {name: Apart(make) for name, make in HEARERS.items()}
    sums = {name: np.zeros(5) for name in hearers}
    for sound, text in pieces:
        for name, apart in hearers.items():
            heard, *spent = apart.hear(sound)
            errors = word_errors(text, heard)
            sums[name] += [*spent, errors.edits, errors.reference_words, len(normal_words(heard))]
        print(".", end="", file=sys.stderr, flush=True)
    first = next(iter(sums.values()))
    return {name: _row(of, first) for name, of in sums.items()}


def _row(sums: NDArray[np.float64], first: NDArray[np.float64]) -> dict[str, float]:
    seconds, work, edits, said, words = map(float, sums)
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(work, 1),
        "times_as_fast": round(float(first[0]) / seconds, 2),
        "wer": round(edits / said, 4),
        "words": words,
        "words_said": said,
    }


def recording(said: list[Utterance], minutes: float) -> Iterator[Utterance]:
    """A long session in pieces of about ten minutes: a whole hour would ask the peers for 4 GB."""
    sounds: list[Sound] = []
    texts: list[str] = []
    for sound, text in sitting(said, minutes * 60):
        sounds.append(sound)
        texts.append(text)
        if sum(map(len, sounds)) >= PIECE_MS * SAMPLE_RATE // 1000:
            yield np.concatenate(sounds), " ".join(texts)
            sounds, texts = [], []
    if sounds:
        yield np.concatenate(sounds), " ".join(texts)


def _text(segments: Any) -> str:
    return " ".join(segment.text for segment in segments)


def _silent(*_: object) -> None:
    """Progress without a display."""


class _InMemory(Pcm):
    def __init__(self, sound: Sound) -> None:
        self._samples = (sound * 32767).astype(np.int16)


HEARERS: dict[str, Callable[[Settings], Hear]] = {
    "faster-whisper": sequential,
    "faster-whisper, batched": batched,
    "ours": ours,
}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.words", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    said = sample_sittings()
    if data := os.environ.get("VERBATIM_EVAL_DATA"):
        said += fleurs(Path(data) / "asr_fleurs_fr")
    print(json.dumps(measure(recording(said, minutes)), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
