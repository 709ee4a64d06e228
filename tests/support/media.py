"""Files as clerks bring them, made of a sample's sound: channels, streams, pictures, damage."""

import io
import wave
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

import av
import numpy as np
from numpy.typing import NDArray

from ingest.audio.line import FileLine
from tests.support.paths import ROOT

RATE = 48_000
Samples = NDArray[np.int16]


@cache
def speech(seconds: int = 20) -> Samples:
    """The first seconds of a sample, (n,), 48 kHz."""
    pieces, length = [], 0
    for piece, _ in FileLine(
        ROOT / "samples" / "2025-03-11-piste-cyclable" / "part1.opus"
    ).pieces():
        pieces.append(piece)
        length += len(piece)
        if length >= seconds * RATE:
            break
    return np.concatenate(pieces)[: seconds * RATE]


def silence(like: Samples) -> Samples:
    """Digital silence of the same length."""
    return np.zeros_like(like)


def noise(like: Samples, decibels: float, seed: int = 0) -> Samples:
    """A microphone's hiss of the same length."""
    level = 32_768 * 10 ** (decibels / 20)
    return np.asarray(np.random.default_rng(seed).normal(0, level, len(like)), np.int16)


def short_sound(number: int = 0) -> bytes:
    """A recording as small as one can be, as a file's bytes; of each number another."""
    file = io.BytesIO()
    _write_wave(file, [noise(np.zeros(RATE // 2, np.int16), -20.0, number)[::6]], 8_000)
    return file.getvalue()


def write_channels(path: Path, channels: Sequence[Samples], rate: int = RATE) -> Path:
    """A WAV of any number of channels."""
    with path.open("wb") as file:
        _write_wave(file, channels, rate)
    return path


def _write_wave(file: IO[bytes], channels: Sequence[Samples], rate: int) -> None:
    with wave.open(file, "wb") as writer:
        writer.setnchannels(len(channels))
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(np.stack(channels, 1).astype("<i2").tobytes())


def write_streams(
    path: Path,
    streams: Sequence[Samples],
    container: str = "mp4",
    codec: str = "aac",
    picture_s: int = 0,
    rate: int = RATE,
    layout: str = "mono",
    options: dict[str, str] | None = None,
) -> Path:
    """A file of one or more streams of sound, and a picture of its own length."""
    with av.open(str(path), "w", format=container, options=options or {}) as file:
        sound: list[Any] = [file.add_stream(codec, rate=rate, layout=layout) for _ in streams]
        for stream in sound:
            stream.bit_rate = 12_200 if codec == "amr_nb" else 96_000
        picture = _picture(file) if picture_s else None
        length = max(picture_s, *(-(-len(samples) // RATE) for samples in streams))
        for second in range(length):
            for stream, samples in zip(sound, streams, strict=True):
                _write_sound(file, stream, samples, second, layout)
            if picture is not None and second < picture_s:
                _write_picture(file, picture, second)
        for stream in [*sound, *([picture] if picture else [])]:
            file.mux(stream.encode(None))
    return path


def _picture(file: Any) -> Any:
    picture = file.add_stream("mpeg4", rate=5)
    picture.width = picture.height = 64
    picture.pix_fmt = "yuv420p"
    return picture


def _write_picture(file: Any, picture: Any, second: int) -> None:
    for n in range(5):
        image = np.random.default_rng(n).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = 5 * second + n
        file.mux(picture.encode(frame))


def _write_sound(file: Any, stream: Any, samples: Samples, second: int, layout: str) -> None:
    to_rate = av.AudioResampler("s16", layout, stream.rate)
    for at in range(second * RATE, min(len(samples), (second + 1) * RATE), 960):
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, at : at + 960], "s16", "mono")
        frame.sample_rate = RATE
        frame.pts = at
        for one in to_rate.resample(frame) if stream.rate != RATE or layout != "mono" else [frame]:
            one.pts = None if one is not frame else at
            file.mux(stream.encode(one))


def overwrite(path: Path, length: int, seed: int | None = 1) -> Path:
    """The file, damaged in its middle: random bytes there, or zeros where `seed` is None."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    junk = bytes(length) if seed is None else np.random.default_rng(seed).bytes(length)
    content[middle : middle + length] = junk
    path.write_bytes(content)
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    """The file's beginning alone, as an interrupted copy leaves it."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path
