"""The steps of the pipeline, wired from the settings. Models are loaded when first needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from ingest.asr.align import Aligner
from ingest.asr.tracks import decode_tracks
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import REVISION, Transcriber, WhisperTranscriber, whisper_name
from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.sandbox import ChildDied, Limits, Report, run_limited
from ingest.diarization.diarize import DISTANCE, VoiceDiarizer
from ingest.diarization.pyannote import PyannoteDiarizer, check_installed
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import Generator, Span, SpeakerSpan

# What runs in a child process of its own: decoding, which is fed from outside, and telling
# voices.


_LEAST_CPU_S = 600


def decode_apart(
    settings: Settings, files: tuple[Path, ...], together: bool, folder: Path, report: Report
) -> Decoded:
    """Decode parts, or tracks that begin `together`, within the limits that the city sets.

    Raises `BadInput` for files that are too large, too long, or that a decoder chokes on.
    """
    for path in files:
        if path.stat().st_size > settings.max_file_gib * 2**30:
            raise BadInput(
                f"« {path.name} » dépasse la taille permise de {settings.max_file_gib:g} Gio "
                "(VERBATIM_MAX_FILE_GIB)."
            )
    many = len(files) if together else 1
    limits = Limits(
        cpu_s=_LEAST_CPU_S + int(settings.max_hours * 600 * many),
        memory_bytes=int(settings.decode_memory_gib * 2**30),
    )
    max_ms = int(settings.max_hours * 3_600_000)
    task = decode_tracks if together else decode
    try:
        decoded: Decoded = run_limited(task, files, folder, max_ms, limits=limits, report=report)
    except ChildDied as death:
        names = ", ".join(f"« {path.name} »" for path in files)
        raise BadInput(
            f"{names} n'a pas pu être lu : {death}. Vérifiez le fichier ou convertissez-le."
        ) from None
    return decoded


def check_diarizer(settings: Settings) -> None:
    """Raise `ModelUnavailable` at once if telling voices apart cannot work."""
    if settings.diarizer != "packaged":
        check_installed(settings.diarizer)


def diarize_apart(
    settings: Settings, pcm: Path, speech: Sequence[Span], report: Report
) -> tuple[SpeakerSpan, ...]:
    """Stretches of one voice each. Raises `ChildFailed` or `ModelUnavailable`."""
    seconds = sum(span.end_ms - span.start_ms for span in speech) // 1000
    limits = Limits(cpu_s=_LEAST_CPU_S + 10 * seconds)
    spans: tuple[SpeakerSpan, ...] = run_limited(
        _diarize, settings, pcm, tuple(speech), limits=limits, report=report
    )
    return spans


def _diarize(
    settings: Settings, pcm: Path, speech: tuple[Span, ...], report: Report
) -> tuple[SpeakerSpan, ...]:
    packaged = settings.diarizer == "packaged"
    diarizer = VoiceDiarizer(settings) if packaged else PyannoteDiarizer(settings.diarizer)
    return diarizer.spans(Pcm(pcm), speech, report)


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
