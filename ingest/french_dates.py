"""Names of days and months in French, and a date as it is written. The one place they stand."""

from datetime import date

from ingest.text import fold

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
FOLDED_MONTHS = tuple(fold(month) for month in MONTHS)


def day(when: date) -> str:
    """A date as it is written in French: mardi 11 mars 2025."""
    number = "1er" if when.day == 1 else str(when.day)
    return f"{WEEKDAYS[when.weekday()]} {number} {MONTHS[when.month - 1]} {when.year}"
