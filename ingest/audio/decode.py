"""From media files to one time line: 16 kHz samples for the models, small files for listening.

Decodes with PyAV, which carries its own codecs: no ffmpeg binary. Several parts become one
continuous time line. Knows nothing of speech, nor of containers (`line`). Memory does not grow with
the length.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.encode import LINE_RATE, SAMPLE_RATE, Encoder, PcmWriter
from ingest.audio.line import FileLine
from ingest.audio.media import other_kind
from ingest.audio.sandbox import ReportProgress
from ingest.errors import BadInput
from ingest.transcript import Span

SHORTEST_MS = 300  # less than that decodes from noise
_TOO_SHORT = "« {name} » ne contient que {seconds} s de son : est-ce le bon fichier ?"
_NOTHING = "« {name} » ne contient aucun son lisible : copiez-le de nouveau, ou convertissez-le."
_STREAMS = "« {name} » a {count} pistes son : la piste {number} est prise."
_INVERTED = (
    "« {name} » : un canal est l'inverse de l'autre, et leur somme s'annulerait ; un seul sens a "
    "été gardé."
)
_DAMAGED = "« {name} » est abîmé par endroits : du silence y tient lieu de son."


@dataclass(frozen=True)
class Decoded:
    """What decoding leaves in its folder, and the length of each part in milliseconds.

    `damaged` are the stretches of the line in whose place silence stands; `notes` say what was odd
    about a file, in French.
    """

    folder: Path
    durations_ms: tuple[int, ...]
    damaged: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def pcm(self) -> Path:
        """Little-endian 16-bit samples, 16 kHz, mono."""
        return self.folder / "audio.pcm"

    @property
    def opus(self) -> Path:
        """For listening: Ogg Opus, 24 kbit/s mono."""
        return self.folder / "listen.opus"

    @property
    def mp3(self) -> Path:
        """For players without Opus: 32 kbit/s mono."""
        return self.folder / "listen.mp3"

    def track(self, number: int) -> Path:
        """Samples of one participant's track, numbered from 0; like `pcm`, which is their sum."""
        return self.folder / f"track-{number}.pcm"

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is there."""
        return (self.pcm, self.opus, self.mp3, *self.folder.glob("track-*.pcm"))


def decode_once(folder: Path, decode_all: Callable[[], Decoded]) -> Decoded:
    """What `decode_all` leaves in `folder`, without doing it again if it is there, whole."""
    mark = folder / "decoded.json"
    # There may be no mark, or one that a crash left unreadable.
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        written = json.loads(mark.read_text())
        if all((folder / name).is_file() for name in written["files"]):
            damaged = tuple(Span(*edges) for edges in written["damaged"])
            notes = tuple(written["notes"])
            return Decoded(folder, tuple(written["durations_ms"]), damaged, notes)
    decoded = decode_all()
    # The mark appears whole, and only once what it vouches for is on the disk.
    for path in decoded.files:
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    unfinished = mark.with_suffix(".new")
    written = {
        "durations_ms": decoded.durations_ms,
        "files": [path.name for path in decoded.files],
        "damaged": [astuple(span) for span in decoded.damaged],
        "notes": decoded.notes,
    }
    unfinished.write_text(json.dumps(written))
    unfinished.replace(mark)
    return decoded


class Pcm:
    """Random access to decoded samples; only what is read enters memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._samples: NDArray[np.int16] = np.memmap(path, dtype="<i2", mode="r")

    @property
    def duration_ms(self) -> int:
        """Length of the time line."""
        return len(self._samples) * 1000 // SAMPLE_RATE

    def read(self, start_ms: int, end_ms: int) -> NDArray[np.float32]:
        """Samples of a stretch, shape (n,), in -1..1."""
        per_ms = SAMPLE_RATE // 1000
        piece = self._samples[max(0, start_ms) * per_ms : end_ms * per_ms]
        return piece.astype(np.float32) / 32768.0


class Outputs:
    """The three files that decoding writes, fed with one 48 kHz time line."""

    def __init__(self, files: Decoded) -> None:
        self.position = 0
        self._writers = (
            PcmWriter(files.pcm),
            Encoder(files.opus, "ogg", "libopus", 48_000, 24_000),
            Encoder(files.mp3, "mp3", "libmp3lame", 24_000, 32_000),
        )

    def __enter__(self) -> "Outputs":
        return self

    def __exit__(self, *_error: object) -> None:
        for writer in self._writers:
            writer.close()

    def write(self, line: NDArray[np.int16]) -> None:
        """Append samples, shape (n,), 48 kHz."""
        if len(line):
            for writer in self._writers:
                writer.write(line)
            self.position += len(line)

    def check_length(self, path: Path, max_ms: int) -> None:
        """Raise `BadInput` once the line is longer than allowed; `path` made it so."""
        if self.position > max_ms * LINE_RATE // 1000:
            raise BadInput(
                f"« {path.name} » est trop long : la limite est de "
                f"{max_ms / 3_600_000:g} h (VERBATIM_MAX_HOURS)."
            )


def decode(
    files: tuple[Path, ...],
    folder: Path,
    max_ms: int,
    report: ReportProgress,
    streams: Sequence[int] = (),
) -> Decoded:
    """Decode parts, in order, into `folder`; of each the stream of that place, else the first.

    Meant for `sandbox.run_limited`. Reports the fraction done. Raises `BadInput` for what cannot
    be read or is too long.
    """
    total_bytes = sum(path.stat().st_size for path in files)
    durations: list[int] = []
    damaged: list[Span] = []
    notes: list[str] = []
    before = 0
    with Outputs(Decoded(folder, ())) as outputs:
        for line in lines_of(files, streams):
            start = outputs.position
            for samples, at_byte in line.pieces():
                outputs.write(samples)
                outputs.check_length(line.path, max_ms)
                report(min(1.0, (before + at_byte) / total_bytes))
            before += line.path.stat().st_size
            durations.append(duration_ms(line.path, start, outputs.position))
            damaged += moved(line.damaged, start * 1000 // LINE_RATE)
            notes += notes_on(line)
    report(1.0)
    return Decoded(folder, tuple(durations), tuple(damaged), tuple(notes))


def lines_of(files: Sequence[Path], streams: Sequence[int]) -> list[FileLine]:
    """The files as lines, each with its stream, or the first where none is given."""
    given = [*streams, *[0] * len(files)]
    return [FileLine(path, stream) for path, stream in zip(files, given, strict=False)]


def moved(spans: Iterable[Span], by_ms: int) -> list[Span]:
    """The spans, later by as much."""
    return [Span(span.start_ms + by_ms, span.end_ms + by_ms) for span in spans]


def notes_on(line: FileLine) -> list[str]:
    """What was odd about a file that was read."""
    notes = [_STREAMS] if line.stream_count > 1 else []
    notes += [_INVERTED] if line.is_inverted else []
    notes += [_DAMAGED] if line.damaged else []
    given = {"count": line.stream_count, "number": line.stream + 1}
    return [note.format(name=line.path.name, **given) for note in notes]


def duration_ms(path: Path, start: int, end: int) -> int:
    """Length of a file that lies between two positions; raises `BadInput` if it holds no sound."""
    duration = end * 1000 // LINE_RATE - start * 1000 // LINE_RATE
    if duration < SHORTEST_MS:
        raise BadInput(too_short(path, duration))
    return duration


def too_short(path: Path, length_ms: int) -> str:
    """What is wrong with a file of so little sound: a text may decode as some of it, by chance."""
    if other := other_kind(path):
        return other
    seconds = f"{length_ms / 1000:.1f}".replace(".", ",")
    return (_TOO_SHORT if length_ms else _NOTHING).format(name=path.name, seconds=seconds)
