"""One written form for every number, spoken or written: `480000` whatever was heard or typed.

Works on folded text (see `french.fold`), so it knows nothing of case or accents. It changes text
only for matching: what it returns is never shown. Cardinals below a million are read by `text2num`,
which knows septante, huitante and nonante; millions, decimals and digit groups are joined here.
"""

import re
from decimal import Decimal

from text_to_num import alpha2digit

from ingest.french_dates import FOLDED_MONTHS as _MONTHS

_UNITS = (
    "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
)
_TENS = "vingts?|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante"
_WORD = rf"(?:{_UNITS}|{_TENS}|cents?|mille)"
_ORDINAL = rf"(?:{_WORD}|(?:[a-z]{{2,9}}ieme))"
# of 25 words at most: text2num takes longer and longer over a longer run
_RUN = re.compile(rf"\b{_WORD}(?:(?:[ -]| et |-et-){_ORDINAL}){{0,24}}\b")
_TEN_ONE = re.compile(r"(?<!quatre[ -])\b(vingt|[a-z]+nte)[ -]un(?=e?\b)")
_RUN_OF_ORDINALS = re.compile(rf"{_RUN.pattern}|\b[a-z]{{2,9}}ieme\b")

_MONEY = r"(?:francs?|euros?|chf|dollars?|dirhams?|centimes?)"
_PERCENT = re.compile(
    rf"\s?%|\b(?:({_WORD}|demie?|\d+|quel|quelques|combien de|en) pour[ -]?cents?"
    rf"|pour-cents?|pourcents?|prozent)\b(?! (?:{_MONEY}|mille|millions?)\b)"
)
_ONE_PERCENT = re.compile(r"\bune? pourcent\b")
_HALF_PERCENT = re.compile(r"\b(?:(\d+) et |une? )demie? pourcent\b")
_COMMA = re.compile(r"\b(?:(\d+)|une?|zero) virgule (?:zero )?(?=\d)")

_GROUPED = re.compile(
    r"(?<![\d.,'])(?<![a-z]-)\d{1,3}(?:([ '.,])\d{3})(?:\1\d{3})*(?![\d'])"
    r"(?! millio| mio\b| milliar| mrd)"
)
_THOUSAND_EUROS = re.compile(r"\b(\d{1,6}(?:[.,]\d{1,3})?) ?(k|m) ?(euros?|chf|frs?)\b")
_AMOUNT = r"\b(\d{1,12}(?:[.,]\d{1,9})?|une?) "
_REST = r"(?:( et demie?)\b|(?: et)? (\d{{2,{digits}}})(?![\d.,' ]*\d| million| milliard))?"
# What follows has fewer digits than the unit has zeros: « deux millions 500000 », six; nine.
_MILLIONS = re.compile(_AMOUNT + r"(?:millions?|mios?|millionen)\b" + _REST.format(digits=6))
_MILLIARDS = re.compile(_AMOUNT + r"(?:milliards?|mrds?|milliarden?)\b" + _REST.format(digits=9))
# « un million deux » is said for 1.2 million where nothing is counted after it
_TENTHS = re.compile(rf"\b(\d{{1,3}}|une?) million(s?) ([1-9])(?= (?:{_MONEY}|de {_MONEY})\b)")
_HALF_MILLION = re.compile(r"\b(?:une? )?demie?[ -](?=million\b|milliard\b)")
_QUARTERS = {("1", "2"): "5", ("1", "4"): "25", ("3", "4"): "75"}
_OF_A_MILLION = re.compile(  # "1/2 million"; "2 ½ millions", as it is folded
    r"(?<![\d.,/⁄])(?:(\d{1,3}) )?([13])[/⁄]([24])(?= (?:millio|mio\b|milliar|mrd))"
)
_THOUSANDS = re.compile(r"(?<![\d.,] )\b(\d{1,3}) 1000\b(?![.,]\d)")
_ORDINAL_DIGITS = re.compile(r"\b(\d+)(?:ieme|eme|ere|er|nde|nd|e)s?\b")
_FIRST = re.compile(r"\b1(?:er|ere|re)s?\b")
_NUMBERED = re.compile(r"\b(?:numeros?|n°|nº|nos?|nr)\.? ?(?=\d)")
_SMALL = {"deux": "2", "deuxieme": "2e", "deuxiemes": "2e"}
_SMALL_WORD = re.compile(r"\b(?:deux|deuxiemes?)\b")
_ANY_DIGIT = re.compile(r"\d")


_SWISS_PHONE = re.compile(r"(?:\+|\b00)(?:41|33) ?(?:\(0\) ?)?(?=\d)")
_PHONE = re.compile(r"(?<![\d.,])0\d{1,2}(?:[ ./]\d{2,3}){3,4}(?![\d.]\d)\b")
_SIGNS_OF_NUMBERS = re.compile(
    rf"\d|\b(?:{_UNITS.removeprefix('un|une|')}|{_TENS}|cents?|mill|demi|zero|premier|prozent|midi|minuit"
    r"|heure|quel pour|pour-?cent)|ieme\b|%"
)


def has_numbers(folded: str) -> bool:
    """Can there be a number, an hour or an amount in a folded text? A quick look."""
    return _SIGNS_OF_NUMBERS.search(folded) is not None


def normal_numbers(folded: str) -> str:
    """Folded text with its numbers in digits: `un million et demi` -> `1500000`.

    `un` and `une` stay words: they are nearly always articles.
    """
    text = _PERCENT.sub(_percent, _FIRST.sub("premier", _telephones(folded)))
    text = (_RUN_OF_ORDINALS if "ieme" in text else _RUN).sub(_read, text)
    text = _SMALL_WORD.sub(lambda found: _SMALL[found.group()], text)
    if "pourcent" in text:
        text = _HALF_PERCENT.sub(_half, _ONE_PERCENT.sub("1 pourcent", text))
    text = _HALF_MILLION.sub("0,5 ", text)
    if "milli" not in text and not _ANY_DIGIT.search(text):
        return text
    text = _ORDINAL_DIGITS.sub(r"\1e", _NUMBERED.sub("numero ", text))
    if "virgule" in text:
        text = _COMMA.sub(_comma, text)
    text = _OF_A_MILLION.sub(_part_of_a_million, text)
    text = _GROUPED.sub(lambda found: re.sub(r"\D", "", found.group()), text)
    text = _THOUSANDS.sub(r"\g<1>000", text)
    text = _THOUSAND_EUROS.sub(_thousands, text)
    if "milli" not in text and "mio" not in text and "mrd" not in text:
        return text
    text = _TENTHS.sub(
        lambda found: f"{found[1].replace('une', '1').replace('un', '1')},{found[3]} million", text
    )
    text = _MILLIONS.sub(lambda found: _scaled(found, 10**6), text)
    return _MILLIARDS.sub(lambda found: _scaled(found, 10**9), text)


def _telephones(text: str) -> str:
    """Each telephone number as one word, before its figures are taken for thousands."""
    return _PHONE.sub(lambda found: re.sub(r"\D", "", found[0]), _SWISS_PHONE.sub("0", text))


def _read(match: re.Match[str]) -> str:
    # text2num wants the accent that folding removed, and knows neither -et- nor huitante-un
    accented = re.sub(r"ieme\b", "ième", match.group().replace("-et-", " et "))
    accented = _TEN_ONE.sub(r"\1 et un", accented)
    return str(alpha2digit(accented, "fr")).replace("è", "e")


def _percent(match: re.Match[str]) -> str:
    return f"{match[1] or ''} pourcent"


def _half(match: re.Match[str]) -> str:
    return f"{match[1] or 0},5 pourcent"


def _comma(match: re.Match[str]) -> str:
    whole = match[1] or ("0" if match[0].startswith("zero") else "1")
    return f"{whole},{'0' if match[0].endswith('zero ') else ''}"


def _part_of_a_million(match: re.Match[str]) -> str:
    quarters = _QUARTERS.get((match[2], match[3]))
    return f"{match[1] or 0},{quarters}" if quarters else match[0]


def _thousands(match: re.Match[str]) -> str:
    unit = 1000 if match[2] == "k" else 10**6
    return f"{int(unit * Decimal(match[1].replace(',', '.')))} {match[3]}"


def _scaled(match: re.Match[str], unit: int) -> str:
    amount, half, rest = match.groups()
    value = unit * (1 if amount in ("un", "une") else Decimal(amount.replace(",", ".")))
    if half:
        value += unit // 2
    return str(int(value + int(rest or 0)))


# Amounts, fractions and measures in one form each.


_NUMBER = r"\d{1,15}(?:[.,]\d{1,9})?"
_FRANC = r"(?:francs?|chf|frs?|sfr)"
_EURO = r"(?:euros?|eur)"
_FOLDED_MONEY = rf"(?:{_FRANC}|{_EURO}|usd|dollars?)"
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
    rf"\b(\d++)([.,](?:\d*[1-9])?)0++(?= (?:pourcent|{_FOLDED_MONEY})\b)"
    r"|\b(\d++)(,(?:\d*[1-9])?)0++(?![\d.,])"
)

_FRACTION = re.compile(r"(?<![\w/.,-])([1-4])/([2345])(?![\d/]|[.,-]\d)")
_PART = {"2": "demi", "3": "tiers", "4": "quarts", "5": "5e"}
_UNIT = re.compile(r"(?<=\d)(?: ?(km2|km|m2|m3|cm|kg|ha|min)\b(?!-)| ?m\b(?![.'\d]| \d|-))")
_UNIT_NAMES = {
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
    text = _SQUARE.sub(lambda found: _UNIT_NAMES[f"m{found[1]}"], text)
    return _UNIT.sub(lambda found: f" {_UNIT_NAMES[found[1]]}", text)


def _fraction(found: re.Match[str]) -> str:
    above, below = found.groups()
    if int(above) >= int(below):
        return found[0]
    return _PART[below] if above == "1" else f"{above} {_PART[below]}"


def _without_zeros(found: re.Match[str]) -> str:
    whole, rest = (found[1], found[2]) if found[1] else (found[3], found[4])
    return whole + (rest if len(rest) > 1 else "")


# Days and hours in one form each: `3mars mars 2025`, `heures 17h30`, however they were said.


_GERMAN = {
    "januar": "janvier", "februar": "fevrier", "marz": "mars", "april": "avril", "mai": "mai",
    "juni": "juin", "juli": "juillet", "august": "aout", "september": "septembre",
    "oktober": "octobre", "november": "novembre", "dezember": "decembre",
}  # fmt: skip
_DAY = r"(0?[1-9]|[12]\d|3[01])"
_SPOKEN_DAY = re.compile(rf"\b(?:{_DAY}|premier) ({'|'.join(_MONTHS)})\b")
_GERMAN_DAY = re.compile(rf"\b{_DAY}\. ?({'|'.join(_GERMAN)})\b")
_IN_FIGURES = re.compile(
    rf"(?<![\w./-]){_DAY}(?P<by>[./-]) ?(0?[1-9]|1[0-2])(?P=by) ?((?:19|20)\d\d)(?![\w/-]|\.\d)"
    r"|(?<![\w./-])(?P<y>(?:19|20)\d\d)-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])(?![\w-])"
    r"|(?<![\w./-])(?P<d2>0[1-9]|[12]\d|3[01])(?P<by2>[./])(?P<m2>0[1-9]|1[0-2])(?P=by2)(?P<y2>\d\d)"
    r"(?![\w/-]|\.\d)"
)

_NAMED = re.compile(r"\b(midi|minuit|une heure)(?= (?:et (?:demie?|quart)\b|\d\d\b(?![.,'/]\d)))")
_NAMED_AS = {"midi": "12 heures", "minuit": "0 heures", "une heure": "1 heures"}
_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_HOUR = re.compile(
    r"(?:\bheures? )?\b(\d{1,2}) ?(?:h\b|heures?\b|h(?=\d\d\b))(?:"
    r" et (?P<part>demie?|quart)\b| moins (?:le )?(?P<less>quart|[1-5]\d|[1-9])\b"
    r"| ?(?P<minutes>[0-5]\d)\b(?![.,'/]\d| (?:pourcent|francs?|oui|voix)))?"
)
# Minutes of the parts of an hour that are said as words.
_MINUTES = {"quart": 15, "demi": 30, "demie": 30}


def days_in_figures(text: str) -> str:
    """03.03.2025, 3/3/2025, 03.03.25 and 2025-03-03 as `3 mars 2025`."""
    return _IN_FIGURES.sub(_dated, text)


def normal_moments(text: str) -> str:
    """Text with each day as one word before its month, and each hour as one word."""
    text = _GERMAN_DAY.sub(lambda found: f"{found[1]} {_GERMAN[found[2]]}", text)
    text = _SPOKEN_DAY.sub(lambda found: f"{int(found[1] or 1)}{found[2]} {found[2]}", text)
    text = _NAMED.sub(lambda found: _NAMED_AS[found[1]], text)
    return _HOUR.sub(_hour, _CLOCK.sub(r"\1h\2", text))


def _dated(found: re.Match[str]) -> str:
    day = found[1] or found["d"] or found["d2"]
    month = found[3] or found["m"] or found["m2"]
    year = found[4] or found["y"] or f"20{found['y2']}"
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"


def _hour(found: re.Match[str]) -> str:
    hour, part, less = int(found[1]), found["part"], found["less"]
    minutes = _MINUTES[part] if part else int(found["minutes"] or 0)
    if less:
        hour, minutes = (hour - 1) % 24, 60 - int(_MINUTES.get(less, less))
    return f"heures {hour}h{minutes:02}" if minutes else f"heures {hour}h"
