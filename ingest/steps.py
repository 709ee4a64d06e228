"""The steps of the pipeline, wired from the settings. Models are loaded when first needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from ingest.align import Aligner
from ingest.apart import check_diarizer, decode_apart, diarize_apart
from ingest.audio import Decoded, Pcm
from ingest.diarize import DISTANCE, VoiceDiarizer
from ingest.hearing.speech import detect_speech
from ingest.sandbox import Report
from ingest.settings import Settings
from ingest.transcribe import REVISION, Transcriber, WhisperTranscriber, whisper_name
from ingest.transcript import Generator, Span, SpeakerSpan


@dataclass(frozen=True)
class Steps:
    """What the pipeline calls, in this order. `generator` names all that shapes the result.

    `check` raises `ModelUnavailable` if voices cannot be told apart with these settings; `hints` is
    whether the transcriber is told the words to expect.
    """

    decode: Callable[[tuple[Path, ...], bool, Path, Report], Decoded]
    detect_speech: Callable[[Pcm, Report], tuple[Span, ...]]
    transcriber: Callable[[], Transcriber]
    aligner: Callable[[], Aligner]
    check: Callable[[], None]
    diarize: Callable[[Path, Sequence[Span], Report], tuple[SpeakerSpan, ...]]
    longest_window_ms: int
    hints: bool
    generator: Generator


def wire(settings: Settings) -> Steps:
    """The real steps."""

    packaged = settings.diarizer == "packaged"
    transcriber = cache(lambda: WhisperTranscriber(settings))
    return Steps(
        decode=partial(decode_apart, settings),
        detect_speech=detect_speech,
        transcriber=transcriber,
        aligner=cache(lambda: transcriber().aligner),
        check=partial(check_diarizer, settings),
        diarize=partial(diarize_apart, settings),
        longest_window_ms=settings.window_minutes * 60_000,
        hints=settings.hints,
        generator=Generator(
            transcriber=whisper_name(settings),
            diarizer=f"{VoiceDiarizer.name} {DISTANCE:g}" if packaged else settings.diarizer,
            version=version("verbatim-council"),
            settings={
                "words": REVISION,
                "compute": settings.whisper_compute,
                "beam": settings.whisper_beam,
                "language": settings.language,
                "device": settings.whisper_device,
                "window_minutes": settings.window_minutes,
                "hints": settings.hints,
            },
        ),
    )
