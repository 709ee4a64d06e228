"""How loud a recording is, five times a second: what is drawn of it for those who correct it.

One byte a value, 0 to `LEVELS` - 1, compressed: some 20 kB for three hours. Knows neither words nor
who may see it; where it is kept, it is the office's (`NAME`), of the whole sound.
"""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.audio.encode import SAMPLE_RATE
from ingest.audio.excerpt import Sound, blocks

NAME = "waveform.gz"
PER_S = 5  # a syllable's length: silence between words shows, and three hours weigh 20 kB (D-262)
LEVELS = 12  # one every four pixels of the picture; 16 would weigh a quarter more
_FLOOR_DB = -54.0  # quieter than the quietest speech: drawn as silence
_RATE = 8_000  # enough for how loud speech is, and half of the work
_FULL = 32_768.0  # a 16-bit sample at its loudest
_SILENT = 1e-12  # in the place of no power at all, which has no logarithm


def of_file(source: Sound) -> bytes:
    """The waveform of a listening file; 20 s of a processor for three hours."""
    return _packed((block for _, block in blocks(source, 0, _RATE)), _RATE)


def of_pcm(source: Path) -> bytes:
    """The same of samples as `ingest.audio.decode` leaves them."""
    samples: NDArray[np.int16] = np.memmap(source, dtype="<i2", mode="r")
    minute = 60 * SAMPLE_RATE
    return _packed(
        (samples[at : at + minute] for at in range(0, len(samples), minute)), SAMPLE_RATE
    )


def _packed(samples: Iterable[NDArray[np.int16]], rate: int) -> bytes:
    return gzip.compress(b"".join(_levels(samples, rate // PER_S)), mtime=0)


def _levels(samples: Iterable[NDArray[np.int16]], size: int) -> Iterator[bytes]:
    """The level of each `size` samples: their effective value, in equal steps of decibels."""
    rest = np.zeros(0, np.float32)
    for block in samples:
        rest = np.concatenate((rest, block.astype(np.float32) / _FULL))
        whole = len(rest) // size * size
        yield _level(rest[:whole].reshape(-1, size))
        rest = rest[whole:]
    if len(rest) > size // 2:
        yield _level(rest.reshape(1, -1))


def _level(samples: NDArray[np.float32]) -> bytes:
    """The level of each row."""
    decibels = 10 * np.log10(np.maximum(np.square(samples).mean(axis=1), _SILENT))
    steps = np.rint((decibels / -_FLOOR_DB + 1) * LEVELS)
    return bytes(np.clip(steps, 0, LEVELS - 1).astype(np.uint8))
