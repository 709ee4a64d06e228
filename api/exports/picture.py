"""Words as a picture, for the cards that other sites and messengers show of a link; a podcast's.

A card has 1200 by 630 pixels, which is what Open Graph's readers expect. Pillow draws, in Source
Serif (D-239, D-240). Knows nothing of what is public: it is given the words.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
_EDGE, _BAR = 72, 18  # pixels around the words, and of the colour at the left
_INK, _SOFT, _PAPER = "#15191d", "#4b545d", "#ffffff"  # as in tokens.css
_LARGEST, _SMALLEST, _STEP = (
    62,
    34,
    4,
)  # of the words; smaller ones cannot be read on a phone's card
_HEIGHT = 330  # pixels that the words may take
_LEADING = 1.28
_MOST = 700  # characters looked at: more never fit
_KEPT = 64  # pictures, of some 40 kB


@dataclass(frozen=True)
class Card:
    """What a picture says: words, who said them, where and when, in whose name."""

    words: str
    who: str
    where: str
    city: str
    colour: str


@lru_cache(_KEPT)
def picture(card: Card) -> bytes:
    """A card as PNG; words that do not fit end in an ellipsis."""
    image = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, _BAR, SIZE[1]), fill=card.colour)
    lines, size = _fitted(card.words)
    for n, line in enumerate(lines):
        draw.text((_EDGE, _EDGE - 12 + n * size * _LEADING), line, _INK, _font(size))
    below = SIZE[1] - _EDGE
    for text, colour, font, up in (
        (card.who, card.colour, _font(34, bold=True), 112),
        (card.where, _SOFT, _font(28), 66),
        (f"{card.city} · Verbatim", _SOFT, _font(24), 16),
    ):
        draw.text((_EDGE, below - up), _shortened(text, font), colour, font)
    file = io.BytesIO()
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(1)
def cover(letter: str, colour: str, ink: str) -> bytes:
    """A square with a letter, for the shelves of podcast apps: 1400 pixels are Apple's least."""
    image = Image.new("RGB", (1400, 1400), colour)
    font = _font(900, bold=True)
    ImageDraw.Draw(image).text((700, 720), letter, ink, font, anchor="mm")
    file = io.BytesIO()
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    path = files("fontpkg_source_serif_4") / "files" / "SourceSerif4[opsz,wght].ttf"
    font = ImageFont.truetype(io.BytesIO(path.read_bytes()), size)
    font.set_variation_by_axes([650 if bold else 400, min(size, 60)])  # weight, optical size
    return font


def _fitted(words: str) -> tuple[list[str], int]:
    """The words as lines, in the largest size in which they fit; the smallest loses the rest."""
    for size in range(_LARGEST, _SMALLEST - 1, -_STEP):
        most = int(_HEIGHT / (size * _LEADING))
        lines = list(_lines(words[:_MOST], _font(size)))
        if len(lines) <= most and len(words) <= _MOST:
            return lines, size
    return [*lines[: most - 1], _shortened(f"{lines[most - 1]} …", _font(size))], size


def _width() -> int:
    return SIZE[0] - 2 * _EDGE


def _lines(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > _width():
            yield line
            longer = word
        line = longer
    yield line


def _shortened(text: str, font: ImageFont.FreeTypeFont) -> str:
    """A line that fits, cut at a word where it must be."""
    while font.getlength(text) > _width() and " " in text:
        text = text.removesuffix(" …").rpartition(" ")[0] + " …"
    return text
