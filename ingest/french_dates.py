"""Days and months in French, days and hours as people write them. The one place they stand."""

import re
from datetime import date, time

from ingest.errors import BadInput
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


def read_date(text: str) -> date:
    """A day, as a form sends it (2025-03-11) or as people write it (11.3.2025)."""
    if day := day_written(text):
        return day
    tidy = text.strip()[:40]
    shown = f"La date « {tidy} » ne se lit pas" if tidy else "La date de la séance manque"
    raise BadInput(f"{shown} : écrivez jour.mois.année, par exemple 11.3.2025.")


def read_hour(text: str) -> time:
    """An hour of the day: 17:30, 17:30:12, 17h30, 17 h."""
    try:
        return time.fromisoformat(text.strip().replace(" ", "").replace("h", ":").rstrip(":"))
    except ValueError:
        raise BadInput(f"L'heure « {text[:20]} » ne se lit pas : écrivez 17:30.") from None
