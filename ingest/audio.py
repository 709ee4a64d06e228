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
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from ingest.errors import BadInput
from ingest.sandbox import Report

SAMPLE_RATE = 16_000
_LINE_RATE = 48_000  # rate of the time line that everything else is derived from
_FORMATS = "wav,w64,mp3,mov,mp4,m4a,matroska,webm,ogg,flac,aac,aiff"
# Effort that halves the time of encoding speech at these rates, which nobody hears.
_EFFORT = {"libopus": {"compression_level": "5"}, "libmp3lame": {"compression_level": "7"}}
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

    @property
    def complete(self) -> bool:
        """Are all the files there?"""
        return all(path.is_file() for path in (self.pcm, self.opus, self.mp3))


def decode_once(folder: Path, decode_all: Callable[[], Decoded]) -> Decoded:
    """What `decode_all` leaves in `folder`, without doing it again if it is there, whole."""
    mark = folder / "decoded.json"
    with suppress(FileNotFoundError, ValueError):  # no mark, or one that a crash left unreadable
        decoded = Decoded(folder, tuple(json.loads(mark.read_text())))
        if decoded.complete:
            return decoded
    decoded = decode_all()
    # The mark appears whole, and only once what it vouches for is on the disk.
    for path in (decoded.pcm, decoded.opus, decoded.mp3):
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    unfinished = mark.with_suffix(".new")
    unfinished.write_text(json.dumps(decoded.durations_ms))
    unfinished.replace(mark)
    return decoded


class Pcm:
    """Random access to decoded samples; only what is read enters memory."""

    def __init__(self, path: Path) -> None:
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


def decode(files: tuple[Path, ...], folder: Path, max_ms: int, report: Report) -> Decoded:
    """Decode parts, in order, into `folder`. Reports the fraction done.

    Meant for `sandbox.run_limited`. Raises `BadInput` for what cannot be read or is too long.
    """
    total_bytes = sum(path.stat().st_size for path in files)
    durations, before = [], 0
    with _Outputs(Decoded(folder, ())) as outputs:
        for path in files:
            start = outputs.position
            for line, at_byte in _line(path):
                outputs.write(line)
                if outputs.position > max_ms * _LINE_RATE // 1000:
                    raise BadInput(
                        f"« {path.name} » est trop long : la limite est de "
                        f"{max_ms / 3_600_000:g} h (VERBATIM_MAX_HOURS)."
                    )
                report(min(1.0, (before + at_byte) / total_bytes))
            before += path.stat().st_size
            durations.append(_ms(outputs.position) - _ms(start))
            if durations[-1] < _SHORTEST_MS:
                raise BadInput(_UNREADABLE.format(name=path.name))
    report(1.0)
    decoded = Decoded(folder, tuple(durations))
    os.truncate(decoded.pcm, sum(durations) * SAMPLE_RATE // 1000 * 2)  # rates round differently
    return decoded


def _ms(position: int) -> int:
    return position * 1000 // _LINE_RATE


def _line(path: Path) -> Iterator[tuple[NDArray[np.int16], int]]:
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
        resampler = AudioResampler("s16", "mono", _LINE_RATE)
        position, origin = 0, (container.start_time or 0) / 1_000_000
        for frame, at_byte in _frames(container):
            for piece in _silence(_gap(frame, origin, position)):
                position += len(piece)
                yield piece, at_byte
            frame.pts = None  # the position is ours: the resampler must not fill gaps again
            for piece in _resampled(resampler, frame):
                position += len(piece)
                yield piece, at_byte
        for piece in _resampled(resampler, None):
            position += len(piece)
            yield piece, path.stat().st_size
        _check_whole(path, container, position)


def _check_whole(path: Path, container: Any, position: int) -> None:
    """Raise `BadInput` when a file ends well before the end that it announces itself."""
    if container.duration is None or container.format.name not in _TRUSTED_LENGTH:
        return
    announced, read = container.duration / 1_000_000, position / _LINE_RATE
    if announced - read > max(_GAP_S * 20, 0.02 * announced):
        raise BadInput(
            f"« {path.name} » semble tronqué : {read:.0f} s lues sur {announced:.0f} s annoncées. "
            "Copiez-le de nouveau, ou convertissez-le pour garder ce qu'il contient."
        )


def _silence(samples: int) -> Iterator[NDArray[np.int16]]:
    for at in range(0, samples, _LINE_RATE):
        yield np.zeros(min(_LINE_RATE, samples - at), np.int16)


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
    behind = frame.time - origin - position / _LINE_RATE
    return int(behind * _LINE_RATE) if _GAP_S < behind < _BROKEN_CLOCK_S else 0


def _resampled(resampler: AudioResampler, frame: AudioFrame | None) -> Iterator[NDArray[np.int16]]:
    for out in resampler.resample(frame):
        yield out.to_ndarray()[0]


class _Outputs:
    """The three files that decoding writes, fed with one 48 kHz time line."""

    def __init__(self, files: Decoded) -> None:
        self.position = 0
        self._pcm = files.pcm.open("wb")
        self._to_16k = AudioResampler("s16", "mono", SAMPLE_RATE)
        self._encoders = (
            Encoder(files.opus, "ogg", "libopus", 48_000, 24_000),
            Encoder(files.mp3, "mp3", "libmp3lame", 24_000, 32_000),
        )

    def __enter__(self) -> "_Outputs":
        return self

    def __exit__(self, *_error: object) -> None:
        for piece in _resampled(self._to_16k, None):
            self._pcm.write(piece.tobytes())
        self._pcm.close()
        for encoder in self._encoders:
            encoder.close()

    def write(self, line: NDArray[np.int16]) -> None:
        if not len(line):
            return
        frame = frame_of(line, _LINE_RATE, self.position)
        for piece in _resampled(self._to_16k, frame):
            self._pcm.write(piece.tobytes())
        for encoder in self._encoders:
            encoder.write(line)
        self.position += len(line)


class Encoder:
    """Writes mono 48 kHz samples as one compressed file."""

    def __init__(
        self, target: Path | Any, container: str, codec: str, rate: int, bit_rate: int
    ) -> None:
        self._file = av.open(target, "w", format=container)
        stream: Any = self._file.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = bit_rate
        stream.options = _EFFORT.get(codec, {})
        self._stream = stream
        self._resampler = AudioResampler(stream.format.name, "mono", rate)
        self._position = 0

    def write(self, line: NDArray[np.int16]) -> None:
        """Append samples, shape (n,), 48 kHz."""
        frame = frame_of(line, _LINE_RATE, self._position)
        self._position += len(line)
        self._mux(frame)

    def close(self) -> None:
        """Flush what the codec still holds and finish the file."""
        self._mux(None)
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def _mux(self, frame: AudioFrame | None) -> None:
        for out in self._resampler.resample(frame):
            self._file.mux(self._stream.encode(out))


def frame_of(samples: NDArray[np.int16], rate: int, position: int) -> AudioFrame:
    """A mono PyAV frame that starts at a sample position."""
    frame = AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = rate
    frame.pts = position
    frame.time_base = Fraction(1, rate)
    return frame
