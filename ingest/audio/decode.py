"""From media files to one time line: 16 kHz samples for the models, small files for listening.

Decodes with PyAV, which carries its own codecs: no ffmpeg binary. Knows nothing of speech. Several
parts become one continuous time line; gaps in a file's own clock are filled with silence, so that
times agree with the platform's captions. Memory does not grow with the length.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from ingest.audio.encode import LINE_RATE, SAMPLE_RATE, Encoder, PcmWriter, resampled
from ingest.audio.sandbox import Report
from ingest.errors import BadInput

_FORMATS = "wav,w64,mp3,mov,mp4,m4a,matroska,webm,ogg,flac,aac,aiff"
# Containers that write their length down; from others (mp3, wav) it is only guessed.
_TRUSTED_LENGTH = ("flac", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
_SHORTEST_MS = 300  # less than that decodes from noise
_GAP_S, _BROKEN_CLOCK_S = 0.1, 3600.0
_UNREADABLE = (
    "« {name} » n'est pas un enregistrement lisible. Formats acceptés : wav, mp3, m4a, mp4, webm, "
    "mkv, ogg, opus, flac."
)


@dataclass(frozen=True)
class Decoded:
    """What decoding leaves in its folder, and the length of each part in milliseconds."""

    folder: Path
    durations_ms: tuple[int, ...]

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
            return Decoded(folder, tuple(written["durations_ms"]))
    decoded = decode_all()
    # The mark appears whole, and only once what it vouches for is on the disk.
    for path in decoded.files:
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    unfinished = mark.with_suffix(".new")
    names = [path.name for path in decoded.files]
    unfinished.write_text(json.dumps({"durations_ms": decoded.durations_ms, "files": names}))
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


def decode(files: tuple[Path, ...], folder: Path, max_ms: int, report: Report) -> Decoded:
    """Decode parts, in order, into `folder`. Reports the fraction done.

    Meant for `sandbox.run_limited`. Raises `BadInput` for what cannot be read or is too long.
    """
    total_bytes = sum(path.stat().st_size for path in files)
    durations, before = [], 0
    with Outputs(Decoded(folder, ())) as outputs:
        for path in files:
            start = outputs.position
            for line, at_byte in read_line(path):
                outputs.write(line)
                outputs.check_length(path, max_ms)
                report(min(1.0, (before + at_byte) / total_bytes))
            before += path.stat().st_size
            durations.append(duration_ms(path, start, outputs.position))
    report(1.0)
    return Decoded(folder, tuple(durations))


def duration_ms(path: Path, start: int, end: int) -> int:
    """Length of a file that lies between two positions; raises `BadInput` if it holds no sound."""
    duration = end * 1000 // LINE_RATE - start * 1000 // LINE_RATE
    if duration < _SHORTEST_MS:
        raise BadInput(_UNREADABLE.format(name=path.name))
    return duration


def read_line(path: Path) -> Iterator[tuple[NDArray[np.int16], int]]:
    """48 kHz mono samples of one file, silence in its clock's gaps, with the byte reached."""
    try:
        # Only local files of known formats: a playlist named .mp3 must not read other files.
        container = av.open(
            f"file:{path.absolute()}",
            options={"protocol_whitelist": "file", "format_whitelist": _FORMATS},
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadInput(_UNREADABLE.format(name=path.name)) from error
    with container:
        if not container.streams.audio:
            raise BadInput(f"« {path.name} » ne contient pas de piste audio.")
        resampler = AudioResampler("s16", "mono", LINE_RATE)
        position, origin = 0, (container.start_time or 0) / 1_000_000
        for frame, at_byte in _frames(container):
            for piece in _silence(_gap(frame, origin, position)):
                position += len(piece)
                yield piece, at_byte
            frame.pts = None  # the position is ours: the resampler must not fill gaps again
            for piece in resampled(resampler, frame):
                position += len(piece)
                yield piece, at_byte
        for piece in resampled(resampler, None):
            position += len(piece)
            yield piece, path.stat().st_size
        _check_whole(path, container, position)


def _check_whole(path: Path, container: Any, position: int) -> None:
    """Raise `BadInput` when a file ends well before the end that it announces itself."""
    if container.duration is None or container.format.name not in _TRUSTED_LENGTH:
        return
    announced, read = container.duration / 1_000_000, position / LINE_RATE
    if announced - read > max(_GAP_S * 20, 0.02 * announced):
        raise BadInput(
            f"« {path.name} » semble tronqué : {read:.0f} s lues sur {announced:.0f} s annoncées. "
            "Copiez-le de nouveau, ou convertissez-le pour garder ce qu'il contient."
        )


def _silence(samples: int) -> Iterator[NDArray[np.int16]]:
    for at in range(0, samples, LINE_RATE):
        yield np.zeros(min(LINE_RATE, samples - at), np.int16)


def _frames(container: Any) -> Iterator[tuple[AudioFrame, int]]:
    """Decoded frames; a damaged packet is skipped, as players do."""
    at_byte = 0
    stream = container.streams.audio[0]
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            at_byte = packet.pos or at_byte
            for frame in packet.decode():
                yield frame, at_byte
        except StopIteration:
            return
        except av.error.InvalidDataError:
            continue
        except av.error.EOFError:
            return


def _gap(frame: AudioFrame, origin: float, position: int) -> int:
    """Samples of silence owed before a frame, because its clock has run ahead of the sound."""
    if frame.time is None:
        return 0
    behind = frame.time - origin - position / LINE_RATE
    return int(behind * LINE_RATE) if _GAP_S < behind < _BROKEN_CLOCK_S else 0
