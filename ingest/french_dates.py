"""Names of days and months in French, and a date as it is written. The one place they stand."""

import re
from datetime import date

from ingest.text import fold

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
FOLDED_MONTHS = tuple(fold(month) for month in MONTHS)
_YEAR_FIRST = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2}) ?[./] ?(\d{1,2}) ?[./] ?(\d{4})")


def day(when: date) -> str:
    """A date as it is written in French: mardi 11 mars 2025."""
    return f"{WEEKDAYS[when.weekday()]} {day_of_year(when)} {when.year}"


def day_of_year(when: date) -> str:
    """A day without its year: 11 mars, 1er mai."""
    return f"{'1er' if when.day == 1 else when.day} {MONTHS[when.month - 1]}"


def day_written(text: str) -> date | None:
    """A day written 2025-03-11, 20250311, 11.03.2025 or 11/3/2025; None for anything else.

    >>> day_written("1.6.2020")
    datetime.date(2020, 6, 1)
    """
    try:
        if found := _YEAR_FIRST.fullmatch(text.strip()):
            return date(*(int(part) for part in found.groups()))
        if found := _DAY_FIRST.fullmatch(text.strip()):
            return date(*(int(part) for part in reversed(found.groups())))
    except ValueError:
        pass
    return None
