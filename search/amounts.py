"""Amounts, fractions and measures in one form each.

Works on folded text whose numbers are digits already (see `numerals`), and changes it for matching
only. Knows neither dates nor hours (see `moments`).
"""

import re

_NUMBER = r"\d{1,15}(?:[.,]\d{1,9})?"
_FRANC = r"(?:francs?|chf|frs?|sfr)"
_EURO = r"(?:euros?|eur)"
_MONEY = rf"(?:{_FRANC}|{_EURO}|usd|dollars?)"
# « 20000.- », « 5.-- »: how Swiss prices end
_DASHED = re.compile(rf"(?<![\d.,])({_NUMBER})[.,]-{{1,2}}(?: ?{_FRANC}\b\.?)?(?![\d-])")
_BEFORE = re.compile(
    rf"(?<!\d )(?<!\d)\b({_FRANC}|{_EURO}|usd)\.? ?({_NUMBER})\b(?! ?(?:{_EURO}|usd|dollars?)\b)"
    rf"(?: {_FRANC}\b)?"
)
_DOLLAR = re.compile(rf"\$ ?({_NUMBER})|({_NUMBER}) ?\$")
_SHORT = re.compile(rf"\b({_NUMBER}) ?(f cfa|fcfa|xof|xaf|f|frs?|dhs?|mad|eur|chf|usd)\b\.?")
_SHORT_FOR = {
    "f cfa": "francs cfa", "fcfa": "francs cfa", "xof": "francs cfa", "xaf": "francs cfa",
    "f": "francs", "fr": "francs", "frs": "francs", "chf": "francs", "eur": "euros",
    "dh": "dirhams", "dhs": "dirhams", "mad": "dirhams", "usd": "dollars",
}  # fmt: skip
_CENTS = re.compile(
    rf"\b(\d{{1,4}}) ({_FRANC}|{_EURO}) (?:et )?(\d{{2}})"
    r"(?: (?:centimes?|cents?)\b|(?=\s*(?:$|[.;:!?)]|,(?!\d)| par | de l'| l'| le | la )))"
)
_SWISS = re.compile(r"\bfrancs? suisses?\b")
_ZEROS = re.compile(
    rf"\b(\d++)([.,](?:\d*[1-9])?)0++(?= (?:pourcent|{_MONEY})\b)"
    r"|\b(\d++)(,(?:\d*[1-9])?)0++(?![\d.,])"
)

_FRACTION = re.compile(r"(?<![\w/.,-])([1-4])/([2345])(?![\d/]|[.,-]\d)")
_PART = {"2": "demi", "3": "tiers", "4": "quarts", "5": "5e"}
_UNIT = re.compile(r"(?<=\d)(?: ?(km2|km|m2|m3|cm|kg|ha|min)\b(?!-)| ?m\b(?![.'\d]| \d|-))")
_UNITS = {
    "km": "kilometres", "km2": "kilometres carres", "m2": "metres carres", "m3": "metres cubes",
    "cm": "centimetres", "kg": "kilos", "ha": "hectares", "min": "minutes", None: "metres",
}  # fmt: skip
_SQUARE = re.compile(
    r"m([23])\b(?:(?<=\bau m.)|(?<=\ble m.)|(?<=\bdu m.)|(?<=\bpar m.)|(?<=\bde m.)|(?<=\ben m.))"
)


def normal_amounts(text: str) -> str:
    """Text with each amount as number and currency, measures spelt out."""
    text = _FRACTION.sub(_fraction, text)
    text = _DASHED.sub(r"\1 francs", text)
    text = _DOLLAR.sub(lambda found: f"{found[1] or found[2]} dollars", text)
    text = _BEFORE.sub(r"\2 \1", text)
    text = _SHORT.sub(lambda found: f"{found[1]} {_SHORT_FOR[found[2]]}", text)
    text = _CENTS.sub(r"\1,\3 \2", _SWISS.sub("francs", text))
    text = _ZEROS.sub(_without_zeros, text)
    text = _SQUARE.sub(lambda found: _UNITS[f"m{found[1]}"], text)
    return _UNIT.sub(lambda found: f" {_UNITS[found[1]]}", text)


def _fraction(found: re.Match[str]) -> str:
    above, below = found.groups()
    if int(above) >= int(below):
        return found[0]
    return _PART[below] if above == "1" else f"{above} {_PART[below]}"


def _without_zeros(found: re.Match[str]) -> str:
    whole, rest = (found[1], found[2]) if found[1] else (found[3], found[4])
    return whole + (rest if len(rest) > 1 else "")
