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
_MILLIONS = re.compile(_AMOUNT + r"(?:millions?|mios?|millionen)\b" + _REST.format(digits=6))
_MILLIARDS = re.compile(_AMOUNT + r"(?:milliards?|mrds?|milliarden?)\b" + _REST.format(digits=9))
# « un million deux » is said for 1.2 million where nothing is counted after it
_TENTHS = re.compile(rf"\b(\d{{1,3}}|une?) million(s?) ([1-9])(?= (?:{_MONEY}|de {_MONEY})\b)")
_HALF_MILLION = re.compile(r"\b(?:une? )?demie?[ -](?=million\b|milliard\b)")
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


def _thousands(match: re.Match[str]) -> str:
    unit = 1000 if match[2] == "k" else 10**6
    return f"{int(unit * Decimal(match[1].replace(',', '.')))} {match[3]}"


def _scaled(match: re.Match[str], unit: int) -> str:
    amount, half, rest = match.groups()
    value = unit * (1 if amount in ("un", "une") else Decimal(amount.replace(",", ".")))
    if half:
        value += unit // 2
    return str(int(value + int(rest or 0)))
