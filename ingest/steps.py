"""The steps of the pipeline, wired from the settings. Models are loaded when first needed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ingest.audio import Decoded, Pcm, decode
from ingest.diarize import DISTANCE, Diarizer, VoiceDiarizer
from ingest.errors import BadInput
from ingest.sandbox import Limits, Report, run_limited
from ingest.settings import Settings
from ingest.speech import detect_speech
from ingest.transcribe import Transcriber, WhisperTranscriber, whisper_name
from ingest.transcript import Generator, Span


@dataclass(frozen=True)
class Steps:
    """What the pipeline calls, in this order. `generator` names all that shapes the result."""

    decode: Callable[[tuple[Path, ...], Path, Report], Decoded]
    detect_speech: Callable[[Pcm, Report], tuple[Span, ...]]
    transcriber: Callable[[], Transcriber]
    diarizer: Callable[[], Diarizer]
    longest_window_ms: int
    generator: Generator


def wire(settings: Settings) -> Steps:
    """The real steps."""

    def decode_apart(files: tuple[Path, ...], folder: Path, report: Report) -> Decoded:
        return _decode_apart(settings, files, folder, report)

    return Steps(
        decode=decode_apart,
        detect_speech=detect_speech,
        transcriber=cache(lambda: WhisperTranscriber(settings)),
        diarizer=cache(lambda: VoiceDiarizer(settings)),
        longest_window_ms=settings.window_minutes * 60_000,
        generator=Generator(
            transcriber=whisper_name(settings),
            diarizer=VoiceDiarizer.name,
            version=version("verbatim-council"),
            settings={
                "compute": settings.whisper_compute,
                "beam": settings.whisper_beam,
                "language": settings.language,
                "device": settings.whisper_device,
                "window_minutes": settings.window_minutes,
                "voice_distance": DISTANCE,
            },
        ),
    )


def _decode_apart(
    settings: Settings, files: tuple[Path, ...], folder: Path, report: Report
) -> Decoded:
    """Decode in a child process, within the limits that the city sets."""
    for path in files:
        if path.stat().st_size > settings.max_file_gib * 2**30:
            raise BadInput(
                f"« {path.name} » dépasse la taille permise de {settings.max_file_gib:g} Gio "
                "(VERBATIM_MAX_FILE_GIB)."
            )
    limits = Limits(
        cpu_s=600 + int(settings.max_hours * 600),
        memory_bytes=int(settings.decode_memory_gib * 2**30),
    )
    names = ", ".join(f"« {path.name} »" for path in files)
    max_ms = int(settings.max_hours * 3_600_000)
    decoded: Decoded = run_limited(
        decode, files, folder, max_ms, limits=limits, report=report, what=names
    )
    return decoded
