"""Days and hours in one form each: `3mars mars 2025`, `heures 17h30`, however they were said.

Works on folded text whose numbers are digits already (see `numerals`), and changes it for matching
only. The day is one word, so that the third of March is no three trees; the month stays beside it.
A year that is not said is not guessed: questions' dates are read by `when`.
"""

import re

_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
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
