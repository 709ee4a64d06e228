"""An excerpt as a video for networks that take no sound alone: words as captions over a waveform.

MP4 with H.264 and AAC, 1280 by 720. Frames are drawn by Pillow and written by PyAV, five a second:
only the captions and the played part of the waveform move. Knows nothing of what is public.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from api.exports.captions import Caption
from api.exports.picture import EDGE, INK, PAPER, SOFT, Card, font, shortened

SIZE = (1280, 720)  # pixels, as players call 720p
_FRAMES_A_SECOND = 5  # the played part moves smoothly enough; more only take time
_WAVE = (EDGE, 90, SIZE[0] - EDGE, 250)  # left, top, right, bottom
_BARS, _GAP = 140, 2  # of the waveform; pixels between them
# Pixels: the first caption's top below the wave, from line to line, the letters' height.
_CAPTION_AT, _LEADING, _LETTERS = 330, 74, 52
_QUALITY = "26"  # x264's constant rate factor: flat drawings stay sharp, 90 s stay below 3 MB


@dataclass(frozen=True)
class SoundSamples:
    """Mono samples at a rate, and the moment of the session at which they begin."""

    samples: NDArray[np.int16]
    rate: int
    start_ms: int


def video(card: Card, captions: Sequence[Caption], sound: SoundSamples) -> bytes:
    """The sound with its captions, as MP4. The words of `card` itself are not shown."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        container.metadata.update({"title": card.words, "artist": card.who})
        pictures = container.add_stream("libx264", rate=_FRAMES_A_SECOND)
        pictures.width, pictures.height = SIZE
        pictures.pix_fmt = "yuv420p"
        pictures.options = {"preset": "veryfast", "crf": _QUALITY, "tune": "stillimage"}
        pictures.codec_context.thread_count = 1  # other readers need the other processors
        voice = container.add_stream("aac", rate=sound.rate, layout="mono", bit_rate=96_000)
        for image in _frames(card, captions, sound):
            container.mux(pictures.encode(av.VideoFrame.from_image(image)))
        container.mux(pictures.encode(None))
        samples = sound.samples.astype(np.float32).reshape(1, -1) / 32768
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = sound.rate, 0
        for block in (frame, None):
            container.mux(voice.encode(block))
    return file.getvalue()


def _frames(card: Card, captions: Sequence[Caption], sound: SoundSamples) -> Iterator[Image.Image]:
    wave = _waveform(sound.samples)
    still, played = (_background(card, wave, colour) for colour in (SOFT, card.colour))
    seconds = len(sound.samples) / sound.rate
    left, _, right, bottom = _WAVE
    for n in range(max(1, round(seconds * _FRAMES_A_SECOND))):
        at_s = n / _FRAMES_A_SECOND
        image = still.copy()
        here = left + round((right - left) * at_s / seconds)
        image.paste(played.crop((0, 0, here, bottom)))
        _write(image, captions, sound.start_ms + round(1000 * at_s))
        yield image


def _waveform(samples: NDArray[np.int16]) -> list[float]:
    """How loud each of `_BARS` equal stretches is, the loudest 1."""
    parts = np.array_split(samples.astype(np.float32), _BARS)
    loud = np.array([np.sqrt(np.mean(part**2)) if len(part) else 0.0 for part in parts])
    return list(loud / max(float(loud.max()), 1.0))


def _background(card: Card, wave: Sequence[float], colour: str) -> Image.Image:
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 18, SIZE[1]), fill=card.colour)
    left, top, right, bottom = _WAVE
    width, middle = (right - left) / len(wave), (top + bottom) / 2
    for n, loud in enumerate(wave):
        half = max(2.0, loud * (bottom - top) / 2)
        x = left + n * width
        draw.rectangle((x, middle - half, x + width - _GAP, middle + half), fill=colour)
    room = SIZE[0] - 2 * EDGE
    for y, text, ink, letters in (
        (SIZE[1] - 172, card.who, card.colour, font(36, bold=True)),
        (SIZE[1] - 122, card.where, SOFT, font(30)),
        (SIZE[1] - 72, f"{card.city} · Verbatim", SOFT, font(26)),
    ):
        draw.text((EDGE, y), shortened(text, letters, room), ink, letters)
    return image


def _write(image: Image.Image, captions: Sequence[Caption], at_ms: int) -> None:
    lines = next((c.lines for c in captions if c.start_ms <= at_ms < c.end_ms), ())
    draw = ImageDraw.Draw(image)
    for n, line in enumerate(lines):
        draw.text((EDGE, _CAPTION_AT + n * _LEADING), line, INK, font(_LETTERS))
