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
    return f"{WEEKDAYS[when.weekday()]} {day_of_year(when)} {when.year}"


def day_of_year(when: date) -> str:
    """A day without its year: 11 mars, 1er mai."""
    return f"{'1er' if when.day == 1 else when.day} {MONTHS[when.month - 1]}"
