"""Cut one interval out of a session's listening file, whatever the session's length.

As a file to keep it is exact to the sample and softened at both ends; to be played, it is copied.
There is no ffmpeg binary: PyAV reads and writes, pydub fades and evens the loudness of what is in
memory. Does not know what is published, nor how many are cut at once.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from ingest.audio.excerpt import PACKET_MS, Sound, excerpt, packets
from ingest.errors import BadInput

LONGEST_CLIP_MS = 90_000  # the longest quotation, said slowly; cutting more keeps others waiting

with (
    warnings.catch_warnings()
):  # pydub warns, at import, of the ffmpeg binary it does not need here
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

# 48 kHz is Opus's own rate. 80 ms are added at each side, since words' times are a little off; more
# brings in the next word. The fades, against clicks, end within them, so no word is faded. A clip
# is brought to -20 dBFS on average, which all play at the same volume, its peaks below -1 so that
# coding does not clip them; by 18 dB at most, or a near silence would become noise. All chosen, not
# measured.
RATE = 48_000
PAD_MS = 80
_FADE_MS = 40
_LOUDNESS_DBFS = -20.0
_PEAK_DBFS = -1.0
_MAX_GAIN_DB = 18.0


@dataclass(frozen=True)
class Format:
    """A container and codec to write. `bit_rate` in bit/s."""

    container: str
    codec: str
    media_type: str
    bit_rate: int


# Bits per second of mono speech: MP3 needs about twice as many as Opus to sound the same; less is
# heard, more only takes space. Chosen, not measured.
FORMATS = {
    "opus": Format("ogg", "libopus", "audio/ogg; codecs=opus", 32_000),
    "mp3": Format("mp3", "libmp3lame", "audio/mpeg", 64_000),
}


def cut(
    source: Sound,
    start_ms: int,
    end_ms: int,
    duration_ms: int,
    extension: str,
    tags: Mapping[str, str] | None = None,
) -> bytes:
    """The interval as a file of its own, with `PAD_MS` more at each side where the session has it.

    `tags` are what players show of it (title, artist, album, date, comment).

    Raises as `samples_of` does.
    """
    samples = samples_of(source, start_ms, end_ms, duration_ms)
    return _encode(samples, FORMATS[extension], tags or {})


def samples_of(source: Sound, start_ms: int, end_ms: int, duration_ms: int) -> NDArray[np.int16]:
    """The interval at `RATE`, evened in loudness and faded, with `PAD_MS` more at each side.

    Raises `BadInput` when the interval is empty, too long or outside the session's `duration_ms`.
    """
    _check(start_ms, end_ms, duration_ms)
    padded = (max(0, start_ms - PAD_MS), min(duration_ms, end_ms + PAD_MS))
    return _soften(excerpt(source, *padded, RATE))


def copied(source: Sound, start_ms: int, end_ms: int, duration_ms: int) -> bytes:
    """The interval as the session's own Opus packets, neither decoded nor evened.

    It begins at the last packet that leaves `PAD_MS` before the interval, or with the session; what
    plays it finds the interval by that. Raises as `samples_of` does.
    """
    _check(start_ms, end_ms, duration_ms)
    begin_ms = max(0, start_ms - PAD_MS) // PACKET_MS * PACKET_MS
    return packets(source, begin_ms, min(duration_ms, end_ms + PAD_MS))


def _check(start_ms: int, end_ms: int, duration_ms: int) -> None:
    if not 0 <= start_ms < end_ms <= duration_ms:
        raise BadInput(
            f"L'intervalle {start_ms}–{end_ms} ms n'est pas dans la séance : "
            f"donnez 0 ≤ start_ms < end_ms ≤ {duration_ms}."
        )
    if end_ms - start_ms > LONGEST_CLIP_MS:
        raise BadInput(
            f"L'extrait demandé dure {(end_ms - start_ms) // 1000} s : "
            f"{LONGEST_CLIP_MS // 1000} s au plus. Demandez-en plusieurs."
        )


def _soften(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    sound = AudioSegment(samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)
    if sound.rms:
        gain = min(_LOUDNESS_DBFS - sound.dBFS, _PEAK_DBFS - sound.max_dBFS, _MAX_GAIN_DB)
        sound = sound.apply_gain(gain)
    fade = min(_FADE_MS, len(sound) // 2)
    return np.frombuffer(sound.fade_in(fade).fade_out(fade).raw_data, dtype=np.int16)


def _encode(samples: NDArray[np.int16], target: Format, tags: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=target.container) as container:
        container.metadata.update(tags)
        stream = container.add_stream(
            target.codec, rate=RATE, layout="mono", bit_rate=target.bit_rate
        )
        to_codec = av.AudioResampler(format=stream.format, layout="mono", rate=RATE)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for block in (*to_codec.resample(frame), None):
            container.mux(stream.encode(block))
    return buffer.getvalue()
