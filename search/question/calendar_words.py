"""The words of the calendar as patterns over folded text: days, months, seasons, years.

Figures or spoken, French first; the months of the other languages too, which are only trusted
beside a year. Pure.
"""

from collections.abc import Iterable

_UNITS = (
    *("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_SWISS = {70: ("septante",), 80: ("huitante", "octante", "quatre-vingts"), 90: ("nonante",)}
_FRENCH = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
_OTHERS = (
    "january januar enero janeiro gennaio",
    "february februar febrero fevereiro febbraio",
    "march marz maerz marzo marco",
    "april abril aprile",
    "may mayo maio maggio",
    "june juni junio junho giugno",
    "july juli julio julho luglio",
    "august agosto",
    "september septiembre setembro settembre",
    "october oktober octubre outubro ottobre",
    "november noviembre novembro novembre",
    "december dezember diciembre dezembro dicembre",
)
_SHORT = {"janv": 1, "fevr": 2, "sept": 9, "oct": 10, "nov": 11, "dec": 12}

FRENCH_MONTHS = {name: at for at, name in enumerate(_FRENCH, 1)}
MONTHS = (
    {name: at for at, names in enumerate(_OTHERS, 1) for name in names.split()}
    | {f"{name}.": at for name, at in _SHORT.items()}
    | FRENCH_MONTHS
)
SEASONS = {"printemps": "printemps", "ete": "été", "automne": "automne", "hiver": "hiver"}
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def _below_hundred() -> dict[str, int]:
    """Every number from 1 to 99 as it is said, folded, its words one space apart."""
    said = {word.replace("-", " "): at for at, word in enumerate(_UNITS, 1)}
    units = dict(list(said.items())[:9])
    tens = {word: at for at, word in _TENS.items()}
    tens |= {word: at for at, words in _SWISS.items() for word in words}
    for word, ten in list(tens.items()):
        plain = word.replace("-", " ")
        said[plain] = ten
        for unit, value in units.items():
            said[f"{plain} {unit}"] = said[f"{plain} et {unit}"] = ten + value
    teens = [(word, at) for word, at in list(said.items()) if 9 < at < 20]  # noqa: PLR2004
    for spoken, ten in (("soixante", 60), ("quatre vingt", 80)):
        for word, value in [*teens, *(units.items() if ten == 80 else ())]:  # noqa: PLR2004
            said[f"{spoken} {word}"] = said[f"{spoken} et {word}"] = ten + value
    return said


_SAID = _below_hundred()
_DAYS = {word: at for word, at in _SAID.items() if at <= 31} | {"premier": 1, "1er": 1}  # noqa: PLR2004
_CENTURIES = {"deux mille": 2000, "mille neuf cent": 1900, "dix neuf cent": 1900}


def _any(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(word.replace(".", r"\.?").replace(" ", "[ -]") for word in longest_first)


DAY = rf"(?:\d{{1,2}}|{_any(_DAYS)})"
MONTH = rf"(?:{_any(MONTHS)})"
SEASON = rf"(?:{_any(SEASONS)})"
WEEKDAY = rf"(?:{_any(WEEKDAYS)})"
YEAR = rf"(?:(?:19|20)\d\d|(?:{_any(_CENTURIES)})(?:[ -](?:et[ -])?(?:{_any(_SAID)}))?)"
COUNT = rf"(?:\d{{1,2}}|une|{_any(word for word, at in _SAID.items() if at <= 24)})"  # noqa: PLR2004


def number(text: str) -> int:
    """A day, or a count, in figures or words."""
    words = text.replace("-", " ")
    return 1 if words == "une" else _DAYS.get(words) or _SAID.get(words) or int(words)


def month_number(text: str) -> int:
    """The number of a month's name."""
    return MONTHS.get(text) or MONTHS[f"{text.rstrip('.')}."]


def year_number(text: str) -> int:
    """A year, in figures or words."""
    if text.isdigit():
        return int(text)
    words = text.replace("-", " ")
    start = next(start for start in _CENTURIES if words.startswith(start))
    rest = words[len(start) :].strip().removeprefix("et ")
    return _CENTURIES[start] + (_SAID[rest] if rest else 0)
