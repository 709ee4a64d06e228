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

SIZE = (1200, 630)  # pixels, as social networks show a link's picture
EDGE, _BAR = 72, 18  # pixels around the words, and of the colour at the left
INK, SOFT, PAPER = "#15191d", "#4b545d", "#ffffff"  # as in tokens.css
# Pixels, of the words' letters; smaller ones cannot be read on a phone's card.
_LARGEST, _SMALLEST, _STEP = 62, 34, 4
_HEIGHT = 330  # pixels that the words may take
_LEADING = 1.28  # from line to line, in heights of letters
_MOST = 700  # characters looked at: more never fit
_ROOM = SIZE[0] - 2 * EDGE  # pixels of a line
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
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, _BAR, SIZE[1]), fill=card.colour)
    lines, size = _fitted(card.words)
    for n, line in enumerate(lines):
        draw.text((EDGE, EDGE - 12 + n * size * _LEADING), line, INK, font(size))
    below = SIZE[1] - EDGE
    for text, colour, letters, up in (
        (card.who, card.colour, font(34, bold=True), 112),
        (card.where, SOFT, font(28), 66),
        (f"{card.city} · Verbatim", SOFT, font(24), 16),
    ):
        draw.text((EDGE, below - up), shortened(text, letters, _ROOM), colour, letters)
    return _png(image)


@lru_cache(1)
def cover(letter: str, colour: str, ink: str) -> bytes:
    """A square with a letter, for the shelves of podcast apps: 1400 pixels are Apple's least."""
    image = Image.new("RGB", (1400, 1400), colour)
    letters = font(900, bold=True)
    ImageDraw.Draw(image).text((700, 720), letter, ink, letters, anchor="mm")
    return _png(image)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.quantize(64).save(file, "PNG", optimize=True)  # flat drawings have few colours
    return file.getvalue()


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The letters of pictures, in a size."""
    path = files("fontpkg_source_serif_4") / "files" / "SourceSerif4[opsz,wght].ttf"
    letters = ImageFont.truetype(io.BytesIO(path.read_bytes()), size)
    letters.set_variation_by_axes([650 if bold else 400, min(size, 60)])  # weight, optical size
    return letters


def _fitted(words: str) -> tuple[list[str], int]:
    """The words as lines, in the largest size in which they fit; the smallest loses the rest."""
    for size in range(_LARGEST, _SMALLEST - 1, -_STEP):
        most = int(_HEIGHT / (size * _LEADING))
        lines = list(_lines(words[:_MOST], font(size)))
        if len(lines) <= most and len(words) <= _MOST:
            return lines, size
    return [*lines[: most - 1], shortened(f"{lines[most - 1]} …", font(size), _ROOM)], size


def _lines(text: str, letters: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and letters.getlength(longer) > _ROOM:
            yield line
            longer = word
        line = longer
    yield line


def shortened(text: str, letters: ImageFont.FreeTypeFont, room: float) -> str:
    """A line that fits into so many pixels, cut at a word where it must be."""
    while letters.getlength(text) > room and " " in text:
        text = text.removesuffix(" …").rpartition(" ")[0] + " …"
    return text
