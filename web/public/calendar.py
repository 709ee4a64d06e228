"""The bodies, and the calendar of their published sessions: by month, and to subscribe to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse, Response

from api.routes import Parts
from api.routes.http import REVALIDATE, conditional
from api.views.links import session_page
from api.views.wording import year_span
from search.query.vocabulary import KnownSession, Vocabulary
from web.public.paging import Year
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
# Characters: a body's name, several times over.
Body = Annotated[str, Parameter(alias="organe", max_length=200)]


@dataclass(frozen=True)
class DayLine:
    """A session of a month."""

    page: str
    date: date
    title: str
    body: str


@dataclass(frozen=True)
class BodyLine:
    """A body, its published sessions, and the years they are of."""

    name: str
    sessions: int
    years: str
    query: str


@router.api_route("/organes", methods=READ, response_class=HTMLResponse)
def bodies(deps: Parts, site: OnSite) -> HTMLResponse:
    """The council and its committees, as far as sessions of theirs are published."""
    body = site.render("bodies.html", lines=_bodies(deps.vocabulary()))
    return HTMLResponse(body, headers=REVALIDATE)


def _bodies(vocabulary: Vocabulary) -> tuple[BodyLine, ...]:
    """Those with most sessions first."""
    years = defaultdict(list)
    for session in vocabulary.sessions:
        if session.body:
            years[session.body].append(session.date.year)
    return tuple(
        BodyLine(name, len(some), year_span(some), urlencode({"organe": name}))
        for name, some in sorted(years.items(), key=lambda line: -len(line[1]))
    )


@router.api_route("/calendrier", methods=READ, response_class=HTMLResponse)
def calendar(deps: Parts, site: OnSite, year: Year = "", body: Body = "") -> HTMLResponse:
    """The months of a year with sessions, the latest first; the last such year if none is asked."""
    vocabulary = deps.vocabulary()
    years = sorted({day.year for day in vocabulary.dates}, reverse=True)
    shown = int(year) if year else next(iter(years), 0)
    sessions = [one for one in _of_body(vocabulary, body) if one.date.year == shown]
    months = [
        (month, tuple(map(_day, some)))
        for month, some in groupby(sessions, key=lambda session: session.date.month)
    ]
    page = site.render(
        "calendar.html",
        months=months,
        years=years,
        year=shown,
        bodies=vocabulary.bodies,
        body=body,
        file=f"/calendrier.ics?{urlencode({'organe': body})}" if body else "/calendrier.ics",
    )
    return HTMLResponse(page, headers=REVALIDATE)


@router.api_route("/calendrier.ics", methods=READ)
def calendar_file(deps: Parts, site: OnSite, request: Request, body: Body = "") -> Response:
    """The same, of all years, for calendars (RFC 5545): whole days, which block no time."""
    body = " ".join(body.split())  # a line break is none in a calendar's property
    name = f"{body or site.text('calendar.title')}, {site.settings.city}"
    sessions = _of_body(deps.vocabulary(), body)
    file = _ics(sessions, name, site.settings.address or "")
    return conditional(request, file, "text/calendar; charset=utf-8")


def _of_body(vocabulary: Vocabulary, body: str) -> list[KnownSession]:
    """The sessions of a body, or of all, newest first."""
    return [session for session in vocabulary.sessions if body in ("", session.body)]


def _day(session: KnownSession) -> DayLine:
    return DayLine(session_page(session.id), session.date, session.title, session.body)


def _ics(sessions: Sequence[KnownSession], name: str, site: str) -> bytes:
    """An event a session. Its stamp is its day: the same sessions are the same file."""
    from icalendar import Calendar, Event

    file = Calendar()
    properties = {"prodid": "-//Verbatim//FR", "version": "2.0", "x-wr-calname": name}
    for key, value in properties.items():
        file.add(key, value)
    host = urlsplit(site).hostname or "verbatim"
    for session in sessions:
        event = Event()
        event.add("uid", f"{session.id}@{host}")
        event.add("dtstamp", datetime.combine(session.date, time(), UTC))
        event.add("dtstart", session.date)
        event.add("dtend", session.date + timedelta(days=1))
        event.add("summary", session.title)
        event.add("categories", [session.body] if session.body else [])
        event.add("transp", "TRANSPARENT")
        if site:
            event.add("url", site + session_page(session.id))
        file.add_component(event)
    return bytes(file.to_ical())
