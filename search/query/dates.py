"""Dates and periods in words: « le onze mars », « en mai », « depuis 2023 », « l'année passée ».

Works on folded text (`ingest.text.fold`), typed with or without accents, in figures or spoken. A
day or a month without its year takes the newest one in which there was a session. Knows nothing of
what a date is there for: « le chantier de septembre » is read as well (see `dated`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, auto

from ingest.french_dates import FOLDED_MONTHS, WEEKDAYS
from search.query.periods import (
    Period,
    day_period,
    month_period,
    months_before,
    season_period,
    week_period,
    year_period,
)

__all__ = ["Lead", "When", "dates_in"]

# The words of the calendar as patterns over folded text: days, months, seasons, years.


_UNITS = (
    *("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
# Number words of the tens: of France, then those of Switzerland and of their variants.
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_SWISS = {70: ("septante",), 80: ("huitante", "octante", "quatre-vingts"), 90: ("nonante",)}
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
# Months as they are shortened, by number.
_SHORT = {"janv": 1, "fevr": 2, "sept": 9, "oct": 10, "nov": 11, "dec": 12}

FRENCH_MONTHS = {name: at for at, name in enumerate(FOLDED_MONTHS, 1)}
MONTHS = (
    {name: at for at, names in enumerate(_OTHERS, 1) for name in names.split()}
    | {f"{name}.": at for name, at in _SHORT.items()}
    | FRENCH_MONTHS
)
SEASONS = {"printemps": "printemps", "ete": "été", "automne": "automne", "hiver": "hiver"}


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
# The beginnings of years that are written in words.
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


# Periods relative to today: « l'année passée », « la semaine dernière », « il y a deux ans ».


_Maker = Callable[[re.Match[str], date], Period | None]
_UNIT = r"(?P<unit>jours?|semaines?|mois|ans?|annees?)"


@dataclass(frozen=True)
class Relative:
    """A period named at [start, end) of a folded text; `since`: it opens there (depuis)."""

    start: int
    end: int
    period: Period


def relative_dates(folded: str, today: date) -> tuple[Relative, ...]:
    """Every period relative to today, in order; none overlap."""
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


def _year_back(back: int) -> _Maker:
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
# Each way to name a period from today, folded, beside what makes the period; numbers count days,
# weeks, months or years back.
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
        (r"(?:durant |pendant )?cette annee", _year_back(0)),
        (
            rf"(?:durant |pendant )?l'an(?:nee)? {_LAST}|last year|letzte[ns]? jahr"
            r"|el ano pasado|o ano passado|no ano passado|l'anno scorso",
            _year_back(1),
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


# Years before the newest session in which a date without a year may be: an older session needs its
# year in the query. Chosen, not measured.
_YEARS_BACK = 40
_MOST = 20  # dates that are read in one text


class Lead(Enum):
    """How a date is attached to what comes before it."""

    NONE = auto()
    IN = auto()  # en mai, le 11 mars, durant l'été
    OF = auto()  # la séance du 11 mars, l'essai de novembre
    SINCE = auto()  # depuis, à partir de
    AFTER = auto()
    BEFORE = auto()  # avant
    THROUGH = auto()  # jusqu'en
    BETWEEN = auto()  # entre mars et mai


@dataclass(frozen=True)
class When:
    """A period that a text names at [start, end), with the words that attach it."""

    start: int
    end: int
    period: Period
    lead: Lead


@dataclass(frozen=True)
class _Point:
    """A date in the text before its year is settled; `of_year` makes its period."""

    start: int
    end: int
    of_year: Callable[[int], Period | None]
    year: int | None = None
    sure: bool = True  # no other language's word for something else


_POINT = re.compile(
    r"\b(?P<iso>\d{4}-\d\d?-\d\d?)\b"
    r"|\b(?P<nd>\d\d?)(?P<sep>[./])(?P<nm>\d\d?)(?:(?P=sep)(?P<ny>(?:19|20)?\d\d)\b|(?![\d./%]))"
    rf"|(?:\b{WEEKDAY} )?\b(?P<day>{DAY})\.? (?:(?:du mois )?de |d'|of )?(?P<dm>{MONTH})"
    rf"(?:,? (?:de l'annee |de |of )?(?P<dy>{YEAR}))?(?!\w)"
    rf"|\b(?P<month>{MONTH})(?: (?:de l'annee |de |of )?(?P<my>{YEAR}))?(?!\w)"
    rf"|\b(?P<season>{SEASON}) (?:de l'annee |de )?(?P<sy>{YEAR})(?!\w)"
    rf"|(?:(?<=\bl')|(?<=\ble )|(?<=\bau )|(?<=\ben ))(?P<bare>{SEASON})(?!\w)"
    rf"|\b(?P<year>{YEAR})(?![\w%]|[.,']\d)"
)
_THE = (
    r"(?:l'annee |l'an |les |le |la |l'|the |mois de |mois d'|annee |an |fin |debut |mi-|mi "
    r"|milieu )"
)
_LEADS = (
    (Lead.BETWEEN, r"entre|between|zwischen|tra"),
    (Lead.SINCE, r"depuis|a (?:partir|compter) d[eu]|des|since|seit|desde|dal|from|ab"),
    (Lead.AFTER, r"apres|after|nach|despues de|depois de|dopo"),
    (Lead.BEFORE, r"avant|before|vor|antes de|prima del?"),
    (Lead.THROUGH, r"jusqu'(?:en|aux?|a)|until|bis|hasta|ate"),
    (
        Lead.IN,
        r"(?:dans le courant|au cours|lors|courant) d[eu]|en|aux?|a|dans|durant|pendant|courant"
        r"|cet|cette|in|im|on|am|em|no|na|nel|nell'|ce|le|l'|fin|debut|mi-?|milieu",
    ),
    (Lead.OF, r"de|du|d'|of|von|vom|del|do|der|dell'"),
)
_OPENS = r"(?:^|(?<=[^\w']))"
_LEAD = tuple(
    (lead, re.compile(rf"{_OPENS}(?:{words})(?:(?<=['-]) ?| ){_THE}{{0,3}}$"))
    for lead, words in _LEADS
)
_GAP = re.compile(
    rf" ?(?:et|a|aux?|jusqu'(?:a|aux?|en)|-|and|und|to|bis|y|e|ate|al) ?(?:en )?{_THE}{{0,2}}"
)
_RANGE = re.compile(
    rf"{_OPENS}(?:entre|de|du|d'|depuis|between|from|zwischen|von|vom|tra|dal) ?{_THE}{{0,2}}$"
)
_FIRST_DAY = re.compile(
    rf"{_OPENS}(?:entre|du|de|from|vom)(?: le)? (?P<day>{DAY}) (?:et le|et|au|a|bis) $"
)
_BEFORE_A_DATE = 60  # characters before a date in which its preposition stands


def dates_in(folded: str, today: date, days: Sequence[date] = ()) -> tuple[When, ...]:
    """Every period that a folded text names, in order. `days` are those of the sessions."""
    past = sorted((day for day in days if day <= today), reverse=True)
    told = [_attached(folded, r.start, r.end, r.period) for r in relative_dates(folded, today)]
    told = [replace(w, lead=Lead.IN) if w.lead is Lead.NONE else w for w in told]
    points = [
        p for p in _points(folded) if not any(p.start < w.end and w.start < p.end for w in told)
    ]
    found = _joined(folded, points[:_MOST], past or [today])
    return tuple(sorted((*found, *told), key=lambda when: when.start))


def _joined(text: str, points: list[_Point], past: Sequence[date]) -> list[When]:
    """The points, two of them as one where they are the ends of a period."""
    found: list[When] = []
    at = 0
    while at < len(points):
        pair = _range(text, points[at], points[at + 1], past) if at + 1 < len(points) else None
        one = pair or _one(text, points[at], past)
        at += 2 if pair else 1
        if one is None:
            continue
        if (
            found
            and one.lead is Lead.NONE
            and re.fullmatch(r" et ", text[found[-1].end : one.start])
        ):
            one = replace(one, lead=found[-1].lead)  # « en 2023 et 2024 »
        found.append(one)
    return found


# --- the points ---------------------------------------------------------------------------------


def _points(text: str) -> Iterator[_Point]:
    for match in _POINT.finditer(text):
        point = _point(match, text)
        if point:
            yield point


def _point(match: re.Match[str], text: str) -> _Point | None:
    start, end = match.span()
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return _Point(start, end, _of_day(month, day), year)
    if match["nd"]:
        return _numeric(match, text)
    if match["day"]:
        month = month_number(match["dm"])
        of_year = _of_day(month, number(match["day"]))
        return _Point(start, end, of_year, _year(match["dy"]))
    if match["month"]:
        month = month_number(match["month"])
        sure = match["month"] in FRENCH_MONTHS or match["my"] is not None
        return _Point(start, end, lambda y: month_period(y, month), _year(match["my"]), sure)
    if name := match["season"] or match["bare"]:
        of_year = lambda y: season_period(y, SEASONS[name])  # noqa: E731
        return _Point(start, end, of_year, _year(match["sy"]))
    return _Point(start, end, year_period, _year(match["year"]))


def _numeric(match: re.Match[str], text: str) -> _Point | None:
    """11.03.2025, 11/3; without a year only after an article: 2.5 is a number."""
    day, month, year = int(match["nd"]), int(match["nm"]), match["ny"]
    article = re.search(
        r"(?:^|[^\w'])(?:le|du|au) $", text[max(0, match.start() - 5) : match.start()]
    )
    if not year and not article:
        return None
    full = int(year) + (2000 if len(year) == 2 else 0) if year else None  # noqa: PLR2004
    return _Point(match.start(), match.end(), _of_day(month, day), full)


def _of_day(month: int, day: int) -> Callable[[int], Period | None]:
    return lambda year: day_period(year, month, day)


def _year(text: str | None) -> int | None:
    return year_number(text) if text else None


# --- from points to periods ---------------------------------------------------------------------


def _one(text: str, point: _Point, past: Sequence[date]) -> When | None:
    when = _settled(text, point, past)
    if when is None or (not point.sure and when.lead is not Lead.IN):
        return None
    first_day = _FIRST_DAY.search(text[max(0, point.start - _BEFORE_A_DATE) : point.start])
    if first_day and when.period.since and when.period.since == when.period.until:
        begins = day_period(
            when.period.since.year, when.period.since.month, number(first_day["day"])
        )
        if begins and begins.since and begins.since < when.period.since:
            start = point.start - len(first_day.group())
            return When(start, point.end, Period(begins.since, when.period.until), Lead.BETWEEN)
    return when


def _settled(text: str, point: _Point, past: Sequence[date]) -> When | None:
    lead, start = _lead(text, point.start)
    period = _newest(point, past, open_end=lead in (Lead.SINCE, Lead.AFTER))
    return _opened(When(start, point.end, period, lead)) if period else None


def _attached(text: str, start: int, end: int, period: Period) -> When:
    lead, first = _lead(text, start)
    return _opened(When(first, end, period, lead))


def _opened(when: When) -> When:
    """The period with the side open that its preposition opens."""
    since, until = when.period.since, when.period.until
    day = timedelta(days=1)
    if when.lead is Lead.SINCE:
        return replace(when, period=Period(since, None))
    if when.lead is Lead.AFTER and until and until < date.max:
        return replace(when, period=Period(until + day, None))
    if when.lead is Lead.BEFORE and since and since > date.min:
        return replace(when, period=Period(None, since - day))
    if when.lead is Lead.THROUGH:
        return replace(when, period=Period(None, until))
    return when


def _newest(point: _Point, past: Sequence[date], *, open_end: bool) -> Period | None:
    """A point's period: of its own year, or of the newest one with a session, or of the last."""
    if point.year is not None:
        return point.of_year(point.year)
    years = range(past[0].year, past[0].year - _YEARS_BACK, -1)
    periods = [p for year in years if year > 0 and (p := point.of_year(year))]
    begun = [p for p in periods if p.since and p.since <= past[0]]
    if open_end:
        return begun[0] if begun else None
    return next((p for p in begun if any(day in p for day in past)), begun[0] if begun else None)


def _range(text: str, first: _Point, last: _Point, past: Sequence[date]) -> When | None:
    """« entre mars et mai 2025 », « de 2023 à 2024 »: one period."""
    before = _RANGE.search(text[max(0, first.start - _BEFORE_A_DATE) : first.start])
    if not before or not _GAP.fullmatch(text[first.end : last.start]):
        return None
    ends = _newest(last, past, open_end=False)
    if not ends or not ends.since or not ends.until:
        return None
    begins = first.of_year(first.year if first.year is not None else ends.since.year)
    if begins and begins.since and begins.since > ends.until and first.year is None:
        begins = first.of_year(ends.since.year - 1)
    if not begins or not begins.since or begins.since > ends.until:
        return None
    start = first.start - len(before.group())
    return When(start, last.end, Period(begins.since, ends.until), Lead.BETWEEN)


def _lead(text: str, at: int) -> tuple[Lead, int]:
    """What attaches a date that starts at `at`, and where those words begin."""
    before = text[max(0, at - _BEFORE_A_DATE) : at]
    matches = [(len(m.group()), lead) for lead, p in _LEAD if (m := p.search(before))]
    longest, lead = max(matches, key=lambda match: match[0], default=(0, Lead.NONE))
    return lead, at - longest
