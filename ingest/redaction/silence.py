"""Listening files in which a stretch is silence: new files, made beside the old ones.

The Opus file is mended packet by packet: those of the stretch are replaced by an encoder's own
silence, all others are the very bytes that were there, so nothing is encoded twice however often
this is done. MP3 frames lend bits to those that follow, so that file is encoded anew from the Opus
file. Each is proved before it is handed out. Knows nothing of words, nor of where files are kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from ingest.audio.encode import LINE_RATE, Encoder, frame_of
from ingest.audio.excerpt import PACKET_MS, excerpt
from ingest.errors import Corrupt
from ingest.transcript import Span

BEFORE_MS, AFTER_MS = 150, 150
"""More than the stretch falls silent: recognised words start and end a little early or late."""

# How much sound is checked at a time, so that a redaction of hours never fills the memory; samples
# a millisecond.
_PIECE_MS = 60_000
_PER_MS = LINE_RATE // 1000
_QUIET = 2  # of 32768: what a decoder may leave of the sound before, while it fades
_SETTLED_MS = 100  # a decoder has let go of what came before the silence by then


def padded(spans: Sequence[Span]) -> tuple[Span, ...]:
    """What falls silent for these stretches."""
    return tuple(Span(max(0, s.start_ms - BEFORE_MS), s.end_ms + AFTER_MS) for s in spans)


def silence_opus(source: Path, target: Path, spans: Sequence[Span]) -> None:
    """Write `target`: the Ogg Opus file `source`, silent in `spans`. Raises `Corrupt`.

    Packets that share time with a span are replaced whole.
    """
    silent = _silent_packet()
    with _opened(source) as old, av.open(str(target), "w", format="ogg") as new:
        stream = old.streams.audio[0]
        copied = new.add_stream_from_template(stream)
        for packet in _packets(old):
            kept = _quiet(packet, silent) if _is_in(packet, spans) else packet
            kept.stream = copied
            new.mux(kept)
    _prove_packets(source, target, spans)
    _prove_silence(target, spans)


def mp3_of(source: Path, target: Path, spans: Sequence[Span]) -> None:
    """Write `target`: the sound of the Opus file `source` as MP3. Raises `Corrupt`."""
    encoder = Encoder(target, "mp3", "libmp3lame", 24_000, 32_000)
    for samples in _decoded(source):
        encoder.write(samples)
    encoder.close()
    _prove_silence(target, spans)


# --- packets ----------------------------------------------------------------------------------


def _opened(path: Path) -> Any:
    return av.open(str(path), options={"protocol_whitelist": "file"})


def _packets(container: Any) -> Iterator[Any]:
    stream = container.streams.audio[0]
    return (packet for packet in container.demux(stream) if packet.size)


def _is_in(packet: Any, spans: Sequence[Span]) -> bool:
    start_ms = float(packet.pts * packet.time_base) * 1000
    return any(start_ms < s.end_ms and start_ms + PACKET_MS > s.start_ms for s in spans)


def _quiet(packet: Any, silent: bytes) -> Any:
    """Silence in the place of a packet."""
    made: Any = av.Packet(silent)
    for name in ("pts", "dts", "duration", "time_base"):
        setattr(made, name, getattr(packet, name))
    return made


def _silent_packet() -> bytes:
    """What the encoder of the listening files writes for 20 ms of nothing."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.rate, encoder.layout, encoder.format = LINE_RATE, "mono", "s16"
    encoder.bit_rate = 24_000
    encoder.open()
    packets = encoder.encode(frame_of(np.zeros(PACKET_MS * _PER_MS, np.int16), LINE_RATE, 0))
    return bytes((packets or encoder.encode(None))[0])


def _prove_packets(source: Path, target: Path, spans: Sequence[Span]) -> None:
    """Packet by packet: silence where it must be, else what was there, at the same place."""
    silent = _silent_packet()
    with _opened(source) as old, _opened(target) as new:
        pairs = zip(_packets(old), _packets(new), strict=True)
        try:
            for before, after in pairs:
                wanted = silent if _is_in(before, spans) else bytes(before)
                if (before.pts, wanted) != (after.pts, bytes(after)):
                    raise Corrupt(f"{target.name} diffère de {source.name} à {before.pts}.")
        except ValueError:
            raise Corrupt(f"{target.name} n'a pas la longueur de {source.name}.") from None


# --- samples ----------------------------------------------------------------------------------


def _decoded(path: Path) -> Iterator[NDArray[np.int16]]:
    """All samples, mono, 48 kHz, in blocks."""
    with _opened(path) as container:
        to_mono = av.AudioResampler("s16", "mono", LINE_RATE)
        for frame in container.decode(container.streams.audio[0]):
            frame.pts = None
            for block in to_mono.resample(frame):
                yield block.to_ndarray()[0]
        for block in to_mono.resample(None):
            yield block.to_ndarray()[0]


def loudest(path: Path, spans: Sequence[Span]) -> int:
    """The loudest sample inside the stretches, once what came before has faded: 0 to 32768."""
    inner = [Span(s.start_ms + _SETTLED_MS, s.end_ms) for s in spans]
    # Places in an MP3 file are only known by decoding all that is before them.
    pieces = _sought(path, inner) if path.suffix == ".opus" else _met(path, inner)
    return max((int(np.abs(p.astype(np.int32)).max()) for p in pieces if len(p)), default=0)


def _sought(path: Path, spans: Sequence[Span]) -> Iterator[NDArray[np.int16]]:
    for span in spans:
        for at in range(span.start_ms, span.end_ms, _PIECE_MS):
            with suppress(Corrupt):  # it is behind the file's end: nothing is heard there
                yield excerpt(path, at, min(at + _PIECE_MS, span.end_ms), LINE_RATE)


def _met(path: Path, spans: Sequence[Span]) -> Iterator[NDArray[np.int16]]:
    at = 0
    for samples in _decoded(path):
        for span in spans:
            low = max(span.start_ms * _PER_MS - at, 0)
            yield samples[low : max(low, span.end_ms * _PER_MS - at)]
        at += len(samples)


def _prove_silence(path: Path, spans: Sequence[Span]) -> None:
    inner = [Span(s.start_ms, s.end_ms - _SETTLED_MS) for s in spans]
    if (most := loudest(path, inner)) > _QUIET:
        raise Corrupt(f"{path.name} n'est pas silencieux là où il doit l'être ({most}).")
