"""Stretches of the calendar, both ends inclusive, and how they are called in French. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from ingest.french_dates import MONTHS

# The first and last month of each season; winter ends in the next year.
_SEASONS = {"printemps": (3, 5), "été": (6, 8), "automne": (9, 11), "hiver": (12, 2)}
_DAY = timedelta(days=1)
_VOWEL = re.compile(r"[aeéo]")


@dataclass(frozen=True)
class Period:
    """From `since` until `until`; None is open on that side."""

    since: date | None
    until: date | None

    @property
    def label(self) -> str:
        """What it is called in French.

        >>> Period(date(2025, 5, 1), date(2025, 5, 31)).label
        'mai 2025'
        >>> Period(None, date(2024, 12, 31)).label
        'avant 2025'
        """
        if self.since and self.until:
            return _closed(self.since, self.until)
        if self.since:
            return f"depuis {_opening(self.since)}"
        if self.until:
            return _until(self.until)
        return "toutes les dates"

    def __contains__(self, day: date) -> bool:
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


def day_period(year: int, month: int, day: int) -> Period | None:
    """One day, None where the calendar has no such day."""
    try:
        only = date(year, month, day)
    except ValueError:
        return None
    return Period(only, only)


def month_period(year: int, month: int) -> Period | None:
    """A month."""
    if not (MINYEAR <= year <= MAXYEAR and 1 <= month <= len(MONTHS)):
        return None
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def year_period(year: int) -> Period | None:
    """A year."""
    return months_period(year, 1, len(MONTHS))


def months_period(year: int, first: int, last: int) -> Period | None:
    """From a month to another of the same year, or of the next where it comes before."""
    begins = month_period(year, first)
    ends = month_period(year + (last < first), last)
    return Period(begins.since, ends.until) if begins and ends else None


def season_period(year: int, name: str) -> Period | None:
    """Three whole months; the winter of 2024 begins in December 2024."""
    return months_period(year, *_SEASONS[name])


def week_period(day: date) -> Period:
    """The week of a day, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def months_before(day: date, count: int) -> date:
    """The same day so many months earlier, or the last one of that month."""
    total = day.year * 12 + day.month - 1 - count
    year, month = max(MINYEAR, total // 12), total % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_label(day: date) -> str:
    """A day, in French: 1er mars 2025."""
    return f"{'1er' if day.day == 1 else day.day} {_month_label(day)}"


def _month_label(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _closed(since: date, until: date) -> str:
    if since == until:
        return f"le {day_label(since)}"
    if since.day != 1 or (until.month == (until + _next(until)).month):
        first = day_label(since).removesuffix(f" {_month_label(until)}")
        return f"du {first} au {day_label(until)}"
    if (since.month, until.month) == (1, 12):
        same = since.year == until.year
        return str(since.year) if same else f"de {since.year} à {until.year}"
    if (since.year, since.month) == (until.year, until.month):
        return _month_label(since)
    first = MONTHS[since.month - 1] if since.year == until.year else _month_label(since)
    return f"{'d’' if _VOWEL.match(first) else 'de '}{first} à {_month_label(until)}"


def _next(day: date) -> timedelta:
    return _DAY if day < date.max else timedelta()


def _opening(day: date) -> str:
    """The name of the period that begins on a day."""
    if day.day != 1:
        return f"le {day_label(day)}"
    return str(day.year) if day.month == 1 else _month_label(day)


def _until(day: date) -> str:
    following = day + _next(day)
    if following.day == 1 and following != day:
        return f"avant {_opening(following)}"
    return f"jusqu’au {day_label(day)}"
