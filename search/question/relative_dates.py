"""Periods told from today: « l'année passée », « la semaine dernière », « il y a deux ans ».

Works on folded text. Pure; today is given.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from search.question.calendar_words import COUNT, SEASON, SEASONS, WEEKDAY, WEEKDAYS, number
from search.question.periods import (
    Period,
    month_period,
    months_before,
    season_period,
    week_period,
    year_period,
)

_Maker = Callable[[re.Match[str], date], Period | None]
_UNIT = r"(?P<unit>jours?|semaines?|mois|ans?|annees?)"


@dataclass(frozen=True)
class Relative:
    """A period named at [start, end) of a folded text; `since`: it opens there (depuis)."""

    start: int
    end: int
    period: Period


def relative_dates(folded: str, today: date) -> tuple[Relative, ...]:
    """Every period told from today, in order; none overlap."""
    found = sorted(_all(folded, today), key=lambda r: (r.start, -r.end))
    kept: list[Relative] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept)


def _all(folded: str, today: date) -> Iterator[Relative]:
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(folded):
            period = make(match, today)
            if period:
                yield Relative(*match.span(), period)


def _day(back: int) -> _Maker:
    return lambda _, today: Period(today - timedelta(back), today - timedelta(back))


def _week(back: int) -> _Maker:
    return lambda _, today: week_period(today - timedelta(weeks=back))


def _month(back: int) -> _Maker:
    def make(_: re.Match[str], today: date) -> Period | None:
        then = months_before(today, back)
        return month_period(then.year, then.month)

    return make


def _year(back: int) -> _Maker:
    return lambda _, today: year_period(today.year - back)


def _since_year(_: re.Match[str], today: date) -> Period:
    return Period(date(today.year, 1, 1), None)


def _before(match: re.Match[str], today: date) -> date:
    count, unit = number(match["count"]), match["unit"]
    if unit.startswith(("jour", "semaine")):
        return today - timedelta(days=count * (7 if unit.startswith("semaine") else 1))
    return months_before(today, count * (1 if unit == "mois" else 12))


def _ago(match: re.Match[str], today: date) -> Period | None:
    """« il y a deux ans » is that year, « il y a trois semaines » that week."""
    then, unit = _before(match, today), match["unit"]
    if unit.startswith("jour"):
        return Period(then, then)
    if unit.startswith("semaine"):
        return week_period(then)
    return month_period(then.year, then.month) if unit == "mois" else year_period(then.year)


def _last(match: re.Match[str], today: date) -> Period:
    return Period(_before(match, today), today)


def _since(match: re.Match[str], today: date) -> Period:
    return Period(_before(match, today), None)


def _weekday(match: re.Match[str], today: date) -> Period:
    back = (today.weekday() - WEEKDAYS.index(match["weekday"])) % 7 or 7
    return Period(today - timedelta(back), today - timedelta(back))


def _season(match: re.Match[str], today: date) -> Period | None:
    """The last one that is over; « cet été » the last one that has begun."""
    name = SEASONS[match["season"]]
    this = match.group().startswith(("ce ", "cet "))
    candidates = (season_period(today.year - back, name) for back in range(3))
    edge = "since" if this else "until"
    return next((p for p in candidates if p and getattr(p, edge) <= today), None)


_LAST, _N = r"(?:derni(?:er|ere)|passee?|precedente?|ecoulee?)s?", rf"(?P<count>{COUNT})"
_PATTERNS: tuple[tuple[re.Pattern[str], _Maker], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})(?!\w)"), make)
    for pattern, make in (
        (r"avant[- ]hier", _day(2)),
        (r"(?<!avant-)(?<!avant )hier(?: soir)?|yesterday|gestern|ayer|ontem|ieri", _day(1)),
        (r"aujourd'hui", _day(0)),
        (r"(?:durant |pendant )?cette semaine(?:-ci)?", _week(0)),
        (rf"(?:durant |pendant |dans )?la semaine {_LAST}|last week|letzte woche", _week(1)),
        (r"(?:durant |pendant )?ce mois(?:-ci)?", _month(0)),
        (rf"(?:durant |pendant |au cours d)?[lue]{{1,2}} mois {_LAST}|last month", _month(1)),
        (r"(?:durant |pendant )?cette annee", _year(0)),
        (
            rf"(?:durant |pendant )?l'an(?:nee)? {_LAST}|last year|letzte[ns]? jahr"
            r"|el ano pasado|o ano passado|no ano passado|l'anno scorso",
            _year(1),
        ),
        (r"depuis le debut de l'annee", _since_year),
        (rf"il y a (?:environ )?{_N} {_UNIT}", _ago),
        (rf"depuis (?:environ )?{_N} {_UNIT}", _since),
        (
            rf"(?:(?:au cours|durant|pendant|dans|lors) )?(?:[cl]es|des) {_N} derni(?:er|ere)s"
            rf" {_UNIT}",
            _last,
        ),
        (rf"(?P<weekday>{WEEKDAY}) {_LAST}", _weekday),
        (rf"(?:l'|au |le |en |cet |ce )(?P<season>{SEASON}) {_LAST}", _season),
        (rf"(?:cet|ce) (?P<season>{SEASON})", _season),
    )
)
