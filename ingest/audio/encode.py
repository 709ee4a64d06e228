"""One 48 kHz time line in, files out: samples for the models, sound for ears.

Writes with PyAV, piece by piece: memory does not grow with the length.
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # what Whisper, Silero, CAM++ and pyannote were all trained on
LINE_RATE = 48_000  # rate of the time line that everything else is derived from
# Effort that halves the time of encoding speech at these rates, which no ear hears.
_EFFORT = {"libopus": {"compression_level": "5"}, "libmp3lame": {"compression_level": "7"}}


class PcmWriter:
    """Writes mono 48 kHz samples as the 16 kHz file that `Pcm` reads."""

    def __init__(self, target: Path) -> None:
        self.path = target
        self._position = 0
        self._file = target.open("wb")
        self._to_16k = AudioResampler("s16", "mono", SAMPLE_RATE)

    def write(self, line: NDArray[np.int16]) -> None:
        """Append samples, shape (n,), 48 kHz."""
        frame = frame_of(line, LINE_RATE, self._position)
        self._position += len(line)
        for piece in resampled(self._to_16k, frame):
            self._file.write(piece.tobytes())

    def close(self) -> None:
        """Write what the resampler holds; the file is as long as the line, to the millisecond."""
        for piece in resampled(self._to_16k, None):
            self._file.write(piece.tobytes())
        self._file.close()
        length = self._position * 1000 // LINE_RATE * SAMPLE_RATE // 1000 * 2
        os.truncate(self.path, length)  # rates round differently


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
        frame = frame_of(line, LINE_RATE, self._position)
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


def resampled(resampler: AudioResampler, frame: AudioFrame | None) -> Iterator[NDArray[np.int16]]:
    """What comes out for one frame, shape (n,) each; for None, what was held back."""
    for out in resampler.resample(frame):
        yield out.to_ndarray()[0]
