"""Some seconds of a listening file, exact to the sample or packet, whatever the file's length.

Reads that interval only. Does not know what it is for, nor who may hear it.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from ingest.errors import Corrupt

PACKET_MS = 20
"""How much of a listening file in Opus one packet holds."""
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


def packets(source: Sound, start_ms: int, end_ms: int) -> bytes:
    """The Opus packets of [start_ms, end_ms) as they are, as a file that begins with `start_ms`.

    `start_ms` is a multiple of `PACKET_MS`; the last packet may end after `end_ms`. Nothing is
    decoded: what is heard of the first 80 ms is less exact. Raises `Corrupt` as `excerpt` does.
    """
    part, first = io.BytesIO(), None
    same = {"fflags": "+bitexact"}  # the same bytes each time: a browser asks for them by ranges
    with _opened(source) as whole, av.open(part, "w", format="ogg", options=same) as file:
        stream = whole.streams.audio[0]
        copy = file.add_stream_from_template(stream)
        whole.seek(max(0, start_ms - _PREROLL_MS) * 1000)
        for packet in whole.demux(stream):
            pts, base = packet.pts, packet.time_base
            if pts is None or base is None:
                continue
            at_ms = 1000 * float(pts * base)
            # times are those of the encoder's input, some 7 ms earlier than its output's
            if round(at_ms / PACKET_MS) * PACKET_MS < start_ms:
                continue
            if at_ms >= end_ms:
                break
            first = pts if first is None else first
            packet.pts = packet.dts = pts - first
            packet.stream = copy
            file.mux(packet)
    if first is None:
        raise Corrupt(f"Le son ne contient pas l'intervalle {start_ms}–{end_ms} ms.")
    return part.getvalue()


def blocks(source: Sound, start_ms: int, rate: int) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Decoded blocks from a little before `start_ms` on, each with its place in samples."""
    with _opened(source) as container:
        stream = container.streams.audio[0]
        container.seek(max(0, start_ms - _PREROLL_MS) * 1000)
        to_mono = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for frame in container.decode(stream):
            pts, base = frame.pts, frame.time_base
            if pts is None or base is None:
                continue
            at = round(pts * base * rate)
            frame.pts = None  # the place is ours to keep; the resampler would pad gaps
            for block in to_mono.resample(frame):
                yield at, block.to_ndarray()[0]
                at += block.samples


def _opened(source: Sound) -> InputContainer:
    file = str(source) if isinstance(source, Path) else source
    opened: InputContainer = av.open(file, options={"protocol_whitelist": "file"})
    return opened
