"""Some seconds of a listening file as samples, exact to the sample, whatever the file's length.

Decodes that interval only. Does not know what it is for, nor who may hear it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from ingest.errors import Corrupt

_PREROLL_MS = 400  # an Opus decoder needs 80 ms to converge, a seek may land on a page's start


Sound = Path | BinaryIO
"""A listening file: where it is, or its bytes, of which any part may be read."""


def excerpt(source: Sound, start_ms: int, end_ms: int, rate: int) -> NDArray[np.int16]:
    """Mono samples of [start_ms, end_ms) at `rate`, silence where the file ends early.

    Raises `Corrupt` when nothing of it is there.
    """
    first, last = start_ms * rate // 1000, end_ms * rate // 1000
    samples = np.zeros(last - first, dtype=np.int16)
    found = False
    for at, block in blocks(source, start_ms, rate):
        if at >= last:
            break
        low, high = max(at, first), min(at + len(block), last)
        if low < high:
            samples[low - first : high - first] = block[low - at : high - at]
            found = True
    if not found:
        raise Corrupt(f"Le son ne contient pas l'intervalle {start_ms}–{end_ms} ms.")
    return samples


def blocks(source: Sound, start_ms: int, rate: int) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Decoded blocks from a little before `start_ms` on, each with its place in samples."""
    file = str(source) if isinstance(source, Path) else source
    with av.open(file, options={"protocol_whitelist": "file"}) as container:
        stream = container.streams.audio[0]
        container.seek(max(0, start_ms - _PREROLL_MS) * 1000)
        to_mono = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for frame in container.decode(stream):
            at = round(frame.pts * frame.time_base * rate)
            frame.pts = None  # the place is ours to keep; the resampler would pad gaps
            for block in to_mono.resample(frame):
                yield at, block.to_ndarray()[0]
                at += block.samples
