"""One written form for every number, spoken or written: `480000` whatever was heard or typed.

Works on folded text (see `french.fold`), so it knows nothing of case or accents. It changes text
only for matching: what it returns is never shown. Cardinals below a million are read by `text2num`,
which knows septante, huitante and nonante; millions, decimals and digit groups are joined here.
"""

import re
from decimal import Decimal

from text_to_num import alpha2digit

_UNITS = (
    "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
)
_TENS = "vingts?|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante"
_WORD = rf"(?:{_UNITS}|{_TENS}|cents?|mille)"
_ORDINAL = rf"(?:{_WORD}|(?:[a-z]{{2,9}}ieme))"
_RUN = re.compile(rf"\b{_WORD}(?:(?:[ -]| et ){_ORDINAL})*\b|\b[a-z]{{2,9}}ieme\b")

_GROUPED = re.compile(
    r"(?<![\d.,'])\d{1,3}(?:([ '.,])\d{3})(?:\1\d{3})*(?![\d'])(?! millio| mio\b| milliar| mrd)"
)
_AMOUNT = r"\b(\d{1,12}(?:[.,]\d{1,9})?|une?) "
_REST = r"(?:( et demie?)\b|(?: et)? (\d{{1,{digits}}})(?![\d.,' ]*\d| million| milliard))?"
_MILLIONS = re.compile(_AMOUNT + r"(?:millions?|mios?)\b" + _REST.format(digits=6))
_MILLIARDS = re.compile(_AMOUNT + r"(?:milliards?|mrds?)\b" + _REST.format(digits=9))
_THOUSANDS = re.compile(r"(?<![\d.,] )\b(\d{1,3}) 1000\b(?![.,]\d)")
_ORDINAL_DIGITS = re.compile(r"\b(\d+)(?:ieme|eme|ere|er|nde|nd|e)s?\b")
_FIRST = re.compile(r"\b1(?:er|ere|re)s?\b")
_PERCENT = re.compile(r"\s*(?:%|\bpour ?cents?\b)")
_HOUR = re.compile(r"\b(\d{1,2}) ?h(?: ?(\d{2}))?\b")
_COMMA = re.compile(r"(?<=\d) virgule (?=\d)")
_SMALL = {"deux": "2", "deuxieme": "2e", "deuxiemes": "2e"}
_SMALL_WORD = re.compile(r"\b(?:deux|deuxiemes?)\b")


def normal_numbers(folded: str) -> str:
    """Folded text with its numbers in digits: `un million et demi` -> `1500000`.

    `un` and `une` stay words: they are nearly always articles.
    """
    text = _FIRST.sub("premier", folded)
    text = _PERCENT.sub(" pourcent", text)
    text = _RUN.sub(_read, text)
    text = _SMALL_WORD.sub(lambda m: _SMALL[m.group()], text)
    text = _ORDINAL_DIGITS.sub(r"\1e", text)
    text = _COMMA.sub(",", text)
    text = _HOUR.sub(lambda m: f"{m[1]} heures {m[2] or ''}".strip(), text)
    text = _GROUPED.sub(lambda m: re.sub(r"\D", "", m.group()), text)
    text = _THOUSANDS.sub(r"\g<1>000", text)
    text = _MILLIONS.sub(lambda m: _scaled(m, 10**6), text)
    return _MILLIARDS.sub(lambda m: _scaled(m, 10**9), text)


def _read(match: re.Match[str]) -> str:
    # text2num wants the accent that folding removed
    accented = re.sub(r"ieme\b", "ième", match.group())
    return str(alpha2digit(accented, "fr")).replace("è", "e")


def _scaled(match: re.Match[str], unit: int) -> str:
    amount, half, rest = match.groups()
    value = unit * (1 if amount in ("un", "une") else Decimal(amount.replace(",", ".")))
    if half:
        value += unit // 2
    return str(int(value + int(rest or 0)))
