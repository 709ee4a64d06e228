"""One media file as a line of samples: 48 kHz, one channel, true to the file's own clock.

Gaps in the clock become silence, so that times agree with the platform's captions. Damage is
decoded around: silence stands in its place, and where it was is told. Memory does not grow with the
length. Knows nothing of speech, nor which of several streams is wanted.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from ingest.audio.encode import LINE_RATE, SAMPLE_RATE, resampled
from ingest.audio.media import (
    WITHOUT_CLOCK,
    is_missed,
    open_media,
    sound_streams,
    truncated,
    written_length_s,
)
from ingest.audio.mix import Mixer
from ingest.errors import BadInput
from ingest.transcript import Span, merge_spans

# Clocks of containers are rounded, by less than that; one that jumps by an hour is wrong itself.
_GAP_S, _BROKEN_CLOCK_S = 0.1, 3600.0
_CLEAN_S = 0.3  # decoded without a fault for so long, it is sound again: D-212
_SUSPECT_S = 3  # in Ogg the first packets after lost ones have no time: the gap shows later
_ONE_DAMAGE_MS = 2_000  # what is damaged at two moments this near is one place to listen to
_LOST_BYTES = 500  # fewer, between two packets, are a container's own
_FRESH_AFTER = 25  # packets that do not decode on end, half a second: it is the decoder by now
_MOST_PLANES = 8  # PyAV 18 crashes on a frame of more, each in a plane of its own
_MOST_FAULTS = 1_000  # of a container on end: then there is no end of it, and no sound

Piece = tuple[NDArray[np.int16], int]
"""Samples, (n,), and the byte of the file that was reached."""


class FileLine:
    """A file's sound, read once. What was noticed on the way is there after `pieces` has ended."""

    def __init__(self, path: Path, stream: int = 0) -> None:
        self.path, self.stream = path, stream
        self.is_inverted = False
        self.stream_count = 1
        self._damage: list[Span] = []
        self._position = 0
        self._at_byte = 0

    @property
    def damaged(self) -> tuple[Span, ...]:
        """Where the file is damaged, from its start."""
        return merge_spans(sorted(self._damage), _ONE_DAMAGE_MS)

    def pieces(self) -> Iterator[Piece]:
        """The samples, in order. Raises `BadInput` for what cannot be read."""
        container = open_media(self.path)
        with container:
            streams = sound_streams(self.path, container)
            self.stream_count = len(streams)
            if self.stream >= len(streams):
                raise BadInput(
                    f"« {self.path.name} » n'a que {len(streams)} piste(s) son : la piste "
                    f"{self.stream + 1} n'existe pas."
                )
            reader = _Reader(container, streams[self.stream])
            for samples in self._line(container, reader):
                self._position += len(samples)
                yield samples, reader.at_byte
            self._check_whole(container, reader)

    def _line(self, container: Any, reader: "_Reader") -> Iterator[NDArray[np.int16]]:
        mixing = _Mixing()
        origin = (container.start_time or 0) / 1_000_000
        untimed = container.format.name in WITHOUT_CLOCK
        suspect_until = -1
        for frame, lost_s in reader.frames():
            gap_s = (lost_s or 0.0) if untimed else _gap_s(frame, origin, mixing.position)
            owed = int(gap_s * LINE_RATE) if gap_s > _GAP_S else 0
            if lost_s is not None:
                suspect_until = mixing.position + _SUSPECT_S * LINE_RATE
            if owed and mixing.position <= suspect_until:
                self._note_damage(mixing.position, owed)
            if owed:
                yield from mixing.flush()
                yield from _silence(owed)
                mixing.position += owed
            yield from mixing.add(frame)
        yield from mixing.flush()
        if (tail_s := reader.lost_s() or 0.0) > _GAP_S:  # damage that reaches the end
            self._note_damage(mixing.position, int(tail_s * LINE_RATE))
            yield from _silence(int(tail_s * LINE_RATE))
        self.is_inverted = mixing.mixer.is_inverted

    def _note_damage(self, position: int, length: int) -> None:
        ends = (position * 1000 // LINE_RATE, (position + length) * 1000 // LINE_RATE)
        self._damage.append(Span(*ends))

    def _check_whole(self, container: Any, reader: "_Reader") -> None:
        """Raise `BadInput` when the sound ends well before its end, as the file itself says."""
        announced_s, is_own = written_length_s(container, reader.stream)
        there_s = self._position / LINE_RATE
        reached_s = there_s if is_own else max(there_s, reader.reached_s)
        if announced_s is not None and is_missed(reached_s, announced_s):
            raise truncated(self.path, there_s, announced_s)


class _Reader:
    """Decodes one stream of a container, whatever is damaged in it."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container, self.stream = container, stream
        self.at_byte = 0
        self.reached_s = 0.0
        self._bytes = self._seconds = 0.0  # of the stream, decoded without a fault
        self._lost: float | None = None  # bytes, since the last frame that was good
        self._kind: tuple[int, int] | None = None
        self._codec = stream.codec_context
        self._faults = 0  # on end
        self._untimed = container.format.name in WITHOUT_CLOCK

    def frames(self) -> Iterator[tuple[AudioFrame, float | None]]:
        """Frames that decode well, each with the seconds lost before it, None where nothing was.

        After a fault none is believed until it has gone well for a while: decoders make noise of
        what they resume in the middle of.
        """
        held: list[AudioFrame] = []
        for packet in self.packets():
            frames, is_faulty = self._decoded(packet)
            if is_faulty:
                self._lost = (self._lost or 0.0) + packet.size + self._bytes_of(held)
                held = []
                continue
            held += frames
            if self._lost is not None and _length_s(held) < _CLEAN_S and packet.size:
                continue
            for frame in held:
                yield frame, self.lost_s()
            held = []

    def _decoded(self, packet: Any) -> tuple[list[AudioFrame], bool]:
        try:
            frames = self._codec.decode(packet if packet.size else None)
        except av.error.EOFError:
            return [], False
        except (av.FFmpegError, ValueError):
            self._faults += 1
            if self._faults % _FRESH_AFTER == 0:
                self._codec = _fresh(self.stream)
            return [], True
        if not all(self._is_believed(frame) for frame in frames):
            self._codec = _fresh(self.stream)
            return [], True
        self._faults = 0
        self._kind = _kind(frames[-1]) if frames else self._kind
        self._bytes += packet.size
        self._seconds += _length_s(frames)
        return frames, False

    def _is_believed(self, frame: AudioFrame) -> bool:
        """Is a frame sound, and not what a decoder makes of random bytes?"""
        if frame.is_corrupt or (frame.format.is_planar and _kind(frame)[0] > _MOST_PLANES):
            return False
        # Within a container a stream keeps its kind; MP3 of several kinds is glued, junk between.
        return self._lost is None or self._untimed or self._kind in (None, _kind(frame))

    def lost_s(self) -> float | None:
        """How long what was lost is, by its bytes; asked once."""
        if self._lost is None:
            return None
        seconds = self._lost * self._seconds / max(1.0, self._bytes)
        self._lost = None
        return seconds

    def _bytes_of(self, frames: list[AudioFrame]) -> float:
        return _length_s(frames) * self._bytes / max(self._seconds, 1e-3)

    def packets(self, is_own: bool = True) -> Iterator[Any]:
        """The stream's packets, or all unless `is_own`.

        Bytes between packets that no stream accounts for are lost ones.
        """
        accounted = 0
        for packet in self._demuxed():
            at = packet.pos if packet.pos is not None and packet.pos > 0 else accounted
            if 0 < accounted < at - _LOST_BYTES:
                self._lost = (self._lost or 0.0) + (at - accounted)
            accounted = max(accounted, at) + packet.size
            self.at_byte = max(self.at_byte, at)
            is_wanted = packet.stream.index == self.stream.index or not is_own
            if packet.pts is not None and packet.time_base is not None:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                self.reached_s = max(self.reached_s, float(end))
            if is_wanted:
                yield packet

    def _demuxed(self) -> Iterator[Any]:
        """All packets; after a fault of the container, those that follow it."""
        faults, packets = 0, self._container.demux()
        while faults < _MOST_FAULTS:
            try:
                packet = next(packets)
            except (StopIteration, av.error.EOFError):
                return
            except av.FFmpegError:
                faults, packets = faults + 1, self._container.demux()
                continue
            faults = 0
            yield packet


def read_excerpt(
    container: Any, stream: Any, mixer: Mixer, start_s: float, length_s: float
) -> NDArray[np.int16]:
    """Some seconds of a stream of an open container from about a moment on, (n,), at 16 kHz.

    Empty where nothing can be read there.
    """
    mixing = _Mixing(SAMPLE_RATE, mixer)
    pieces: list[NDArray[np.int16]] = []
    try:
        container.seek(int(start_s * 1_000_000) + (container.start_time or 0))
        for frame, _ in _Reader(container, stream).frames():
            pieces += mixing.add(frame)
            if mixing.position >= length_s * SAMPLE_RATE:
                break
    except av.FFmpegError:
        return np.zeros(0, np.int16)
    return np.concatenate([*pieces, *mixing.flush(), np.zeros(0, np.int16)])


def end_of(container: Any, stream: Any, near_s: float, is_own: bool) -> float:
    """When the last packet ends, looked for from a moment near it on; 0 where there is none.

    That of the stream, or of any where what is looked for is not the stream's own.
    """
    reader = _Reader(container, stream)
    try:
        container.seek(int(near_s * 1_000_000) + (container.start_time or 0))
    except av.FFmpegError:
        return 0.0
    ends = [reader.reached_s for packet in reader.packets(is_own) if packet.size]
    return max(ends, default=0.0) - (container.start_time or 0) / 1_000_000


class _Mixing:
    """Frames of any kind in, one channel of one rate out. A file may change its kind on the way."""

    def __init__(self, rate: int = LINE_RATE, mixer: Mixer | None = None) -> None:
        self.mixer = mixer or Mixer()
        self.position = 0
        """Samples at that rate that were put in, whether they have come out or not."""
        self._rate = rate
        self._kind: tuple[int, int] | None = None
        self._held: list[NDArray[np.float32]] = []
        self._exact = Fraction(0)
        self._resampler = AudioResampler("s16", "mono", rate)

    def add(self, frame: AudioFrame) -> Iterator[NDArray[np.int16]]:
        """Put a frame in; what comes out is a second or nothing."""
        samples, kind = planar(frame), _kind(frame)
        if kind != self._kind:
            yield from self.flush()
            self._kind, self.mixer = kind, self._next_mixer(kind)
        self._held.append(samples)
        self._exact += Fraction(samples.shape[1] * self._rate, frame.sample_rate)
        whole = int(self._exact)
        self.position, self._exact = self.position + whole, self._exact - whole
        if sum(one.shape[1] for one in self._held) >= frame.sample_rate:
            yield from self._mixed()

    def flush(self) -> Iterator[NDArray[np.int16]]:
        """What is held back, to the last sample."""
        yield from self._mixed()
        if self._kind is not None:
            yield from resampled(self._resampler, None)
            self._resampler = AudioResampler("s16", "mono", self._rate)

    def _next_mixer(self, kind: tuple[int, int]) -> Mixer:
        """Another count of channels begins anew; another rate does not."""
        return self.mixer if self._kind is None or self._kind[0] == kind[0] else Mixer()

    def _mixed(self) -> Iterator[NDArray[np.int16]]:
        if not self._held or self._kind is None:
            return
        mono = self.mixer.mix(np.concatenate(self._held, axis=1))
        self._held = []
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(mono[np.newaxis]), "fltp", "mono")
        frame.sample_rate = self._kind[1]
        frame.pts = None  # the position is ours: the resampler must not fill gaps again
        yield from resampled(self._resampler, frame)


def planar(frame: AudioFrame) -> NDArray[np.float32]:
    """A frame's samples, (channels, n), in -1..1: by hand, for any number of channels.

    PyAV 18's resampler crashes on more than eight; it also mixes them as a film's.
    """
    samples: NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    line = samples.astype(np.float32)
    if samples.dtype == np.uint8:
        return (line - np.float32(128)) / np.float32(128)
    if samples.dtype.kind == "i":
        return line / np.float32(2 ** (8 * samples.dtype.itemsize - 1))
    return np.clip(np.nan_to_num(line), -8.0, 8.0)  # of damaged floats


def _silence(samples: int) -> Iterator[NDArray[np.int16]]:
    for at in range(0, samples, LINE_RATE):
        yield np.zeros(min(LINE_RATE, samples - at), np.int16)


def _fresh(stream: Any) -> Any:
    """A decoder that remembers nothing: random bytes may have set another of channels or rate."""
    given = stream.codec_context
    codec = av.CodecContext.create(given.codec.name, "r")
    codec.extradata = given.extradata
    codec.sample_rate, codec.layout = given.sample_rate, given.layout
    return codec


def _kind(frame: AudioFrame) -> tuple[int, int]:
    """Channels and rate."""
    return frame.layout.nb_channels, frame.sample_rate


def _length_s(frames: list[AudioFrame]) -> float:
    return sum(frame.samples / frame.sample_rate for frame in frames)


def _gap_s(frame: AudioFrame, origin: float, position: int) -> float:
    """Seconds of silence owed before a frame, because its clock has run ahead of the sound."""
    if frame.time is None:
        return 0.0
    behind = float(frame.time - origin - position / LINE_RATE)
    return behind if _GAP_S < behind < _BROKEN_CLOCK_S else 0.0
