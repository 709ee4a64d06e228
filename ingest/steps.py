"""The slow steps of the pipeline, as a city's settings have them.

Knows which models the settings name and within what limits children work. Models are loaded when
first needed. Does not know the order of the steps: `pipeline` does.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from ingest.asr.align import Aligner
from ingest.asr.probe import choose_streams
from ingest.asr.tracks import decode_tracks
from ingest.asr.vad import detect_speech
from ingest.asr.whisper import REVISION, Transcriber, WhisperTranscriber, whisper_name
from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.sandbox import ChildDied, Limits, ReportProgress, run_limited
from ingest.diarization.diarize import VoiceDiarizer
from ingest.diarization.pyannote import PyannoteDiarizer, check_installed
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import Generator, Span, SpeakerSpan

_BASE_CPU_S = 600  # to load models and open files; a decoder that spins is ended after it


class Steps:
    """Decoding, speech, words and voices. Decoding and diarization run in a child that may die."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.longest_window_ms = settings.window_minutes * 60_000
        self.hints = settings.hints
        self.numbers = settings.numbers

    @property
    def generator(self) -> Generator:
        """All that shapes a transcript."""
        settings = self._settings
        packaged = settings.diarizer == "packaged"
        return Generator(
            transcriber=whisper_name(settings),
            diarizer=VoiceDiarizer.full_name if packaged else settings.diarizer,
            version=version("verbatim-council"),
            settings={
                "words": REVISION,
                "compute": settings.whisper_compute,
                "beam": settings.whisper_beam,
                "language": settings.language,
                "device": settings.whisper_device,
                "window_minutes": settings.window_minutes,
                "hints": settings.hints,
                "numbers": settings.numbers,
            },
        )

    def check(self) -> None:
        """Raise `ModelUnavailable` at once if voices cannot be told apart with these settings."""
        if self._settings.diarizer != "packaged":
            check_installed(self._settings.diarizer)

    def decode(
        self,
        files: tuple[Path, ...],
        together: bool,
        folder: Path,
        report: ReportProgress,
        streams: tuple[int | None, ...] = (),
    ) -> Decoded:
        """Decode parts, or tracks that begin `together`, within the limits that the city sets.

        `streams` are the streams of sound to take, by file; None, or none given: the likeliest.

        Raises `BadInput` for files that are too large, too long, or that a decoder chokes on.
        """
        settings = self._settings
        for path in files:
            if path.stat().st_size > settings.max_file_gib * 2**30:
                raise BadInput(
                    f"« {path.name} » dépasse la taille permise de {settings.max_file_gib:g} Gio "
                    "(VERBATIM_MAX_FILE_GIB)."
                )
        hours = settings.max_hours * (len(files) if together else 1)
        limits = Limits(
            cpu_s=_BASE_CPU_S + int(hours * 600),  # many times what sound of this length needs
            memory_bytes=int(settings.decode_memory_gib * 2**30),
        )
        max_ms = int(settings.max_hours * 3_600_000)
        task = decode_tracks if together else decode
        try:
            decoded: Decoded = run_limited(
                _decode, task, files, streams, folder, max_ms, limits=limits, report=report
            )
        except ChildDied as death:
            names = ", ".join(f"« {path.name} »" for path in files)
            raise BadInput(
                f"{names} n'a pas pu être lu : {death}. Vérifiez le fichier ou convertissez-le."
            ) from None
        return decoded

    def detect_speech(self, pcm: Pcm, report: ReportProgress) -> tuple[Span, ...]:
        """Stretches of speech, in order."""
        return detect_speech(pcm, report)

    def transcriber(self) -> Transcriber:
        """The speech recogniser, loaded once. Raises `ModelUnavailable`."""
        return self._whisper

    def aligner(self) -> Aligner:
        """The same model, for texts that are known."""
        return self._whisper.aligner

    @cached_property
    def _whisper(self) -> WhisperTranscriber:
        return WhisperTranscriber(self._settings)

    def diarize(
        self, pcm: Path, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        """Stretches of one of `most` voices each. Raises `ChildFailed` or `ModelUnavailable`."""
        seconds = sum(span.end_ms - span.start_ms for span in speech) // 1000
        limits = Limits(cpu_s=_BASE_CPU_S + 10 * seconds)  # ten times its length: a hung child
        spans: tuple[SpeakerSpan, ...] = run_limited(
            _diarize, self._settings, pcm, tuple(speech), most, limits=limits, report=report
        )
        return spans


def _decode(
    task: Callable[..., Decoded],
    files: tuple[Path, ...],
    streams: tuple[int | None, ...],
    folder: Path,
    max_ms: int,
    report: ReportProgress,
) -> Decoded:
    return task(files, folder, max_ms, report, choose_streams(files, streams))


def _diarize(
    settings: Settings,
    pcm: Path,
    speech: tuple[Span, ...],
    most: int | None,
    report: ReportProgress,
) -> tuple[SpeakerSpan, ...]:
    packaged = settings.diarizer == "packaged"
    diarizer = VoiceDiarizer(settings) if packaged else PyannoteDiarizer(settings.diarizer)
    return diarizer.spans(Pcm(pcm), speech, report, most)
