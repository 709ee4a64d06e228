"""What runs in a child process of its own: decoding, which is fed from outside, and telling voices.

Each function is called in the parent and does its work in the child. Memory that the work took is
given back when it ends: no voice embedding outlives it.
"""

from collections.abc import Sequence
from pathlib import Path

from ingest.audio import Decoded, Pcm, decode
from ingest.diarize import VoiceDiarizer
from ingest.errors import BadInput
from ingest.hearing.pyannote import PyannoteDiarizer, check_installed
from ingest.sandbox import ChildDied, Limits, Report, run_limited
from ingest.settings import Settings
from ingest.tracks import decode_tracks
from ingest.transcript import Span, SpeakerSpan

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
