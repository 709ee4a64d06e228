"""The city's colour, turned into the few tones that stay readable on light and dark paper.

Pure. A tone keeps the colour's hue and saturation; only its lightness changes. Contrast is that of
WCAG 2.2 (relative luminance), and text reaches AA, 4.5 to 1.
"""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import lru_cache

AA, AA_SHAPES = 4.5, 3.0  # WCAG 1.4.3 for text, 1.4.11 for the edges of controls
_STEPS = 40  # of lightness: the eye tells no finer ones apart
_SRGB_KNEE = 0.04045  # below it, sRGB is linear (IEC 61966-2-1)


@dataclass(frozen=True)
class Paper:
    """What the colour is seen on, as in tokens.css: the page, and the bars and notices on it."""

    page: str
    surface: str


LIGHT, DARK = Paper("#ffffff", "#f3f4f6"), Paper("#14171a", "#1e2327")


@dataclass(frozen=True)
class Tones:
    """`fill` is for surfaces, `on_fill` for text on them, `ink` for coloured text on paper."""

    fill: str
    on_fill: str
    ink: str


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(64)  # a site asks for each language, and with each excerpt: 2 ms
def tones(colour: str, paper: Paper) -> Tones:
    """The tones of a city's colour. Ink that is readable on the surface is so on the page."""
    ink = _readable(colour, paper.surface, AA)
    fill = _readable(colour, paper.page, AA_SHAPES)
    on_fill = max("#ffffff", "#101214", key=lambda text: contrast(text, fill))
    return Tones(fill, on_fill, ink)


def theme_css(colour: str) -> str:
    """The stylesheet that carries the city's colour (the CSP forbids inline style)."""
    light, dark = tones(colour, LIGHT), tones(colour, DARK)
    return f":root {{{_properties(light)}}}\n@media screen and (prefers-color-scheme: dark) " + (
        f"{{ :root {{{_properties(dark)}}} }}\n"
    )


def monogram_svg(city: str, colour: str) -> str:
    """A square with the city's initial, for the tab and for cities without a logo file."""
    fill = tones(colour, LIGHT)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true">'
        f'<rect width="32" height="32" fill="{fill.fill}"/>'
        '<text x="16" y="23" font-family="sans-serif" font-weight="700" font-size="19" '
        f'text-anchor="middle" fill="{fill.on_fill}">{initial(city)}</text></svg>'
    )


def initial(city: str) -> str:
    """First letter of a city's own name: R for Ville de Rivemont."""
    return next((w[0] for w in reversed(city.split()) if w[0].isalpha()), "V").upper()


def _properties(tones: Tones) -> str:
    return f" --accent: {tones.fill}; --on-accent: {tones.on_fill}; --accent-ink: {tones.ink}; "


def _readable(colour: str, paper: str, ratio: float) -> str:
    """The colour, darkened or lightened until it stands out from the paper."""
    hue, lightness, saturation = rgb_to_hls(*_channels(colour))
    pole = 0.0 if contrast(paper, "#000000") > contrast(paper, "#ffffff") else 1.0
    shades = (
        _hex(hls_to_rgb(hue, lightness + (pole - lightness) * step / _STEPS, saturation))
        for step in range(_STEPS + 1)
    )
    return next(shade for shade in shades if contrast(shade, paper) >= ratio)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    """A channel of sRGB as light (IEC 61966-2-1)."""
    return channel / 12.92 if channel <= _SRGB_KNEE else ((channel + 0.055) / 1.055) ** 2.4
