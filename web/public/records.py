"""The pages of objects, persons, parties, subjects: lists, and each through all sessions."""

from dataclasses import replace
from functools import cache
from typing import Annotated
from uuid import uuid5

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.records.objects import last_decisions, narrowed, object_lines, object_sheet
from api.records.people import party_sheet, person_lines, person_sheet
from api.records.topics import cited, find_topic, topic_lines, topic_sheet, topics_of, topics_with
from api.records.turns import is_speech, speeches
from api.routes import Parts
from api.routes.http import REVALIDATE
from api.views.links import object_page, party_page, person_page, topic_page
from ingest.archive.speaking import spoken_by
from search.query.vocabulary import code_key
from web.public.feeds import PASSAGES, FeedEntry, feed_id, said_feed
from web.public.paging import PageNumber, Words, Year, paged
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
_OBJECTS, _PERSONS, _SPEECHES = 40, 60, 10  # of a page
_TOPICS, _QUOTES = 60, 10  # of a page
Party = Annotated[str, Parameter(alias="parti", max_length=200)]  # characters: far more than a name


@router.api_route("/objets", methods=READ, response_class=HTMLResponse)
def object_list(
    deps: Parts, site: OnSite, year: Year = "", words: Words = "", number: PageNumber = 1
) -> HTMLResponse:
    """Objects that were on an agenda, the latest first."""
    lines = object_lines(deps.published)
    fitting = narrowed(lines, int(year) if year else None, words)
    page = paged(fitting, number, _OBJECTS, "/objets", annee=year, mots=words)
    told = last_decisions(deps.published, [line.code for line in page.items])
    shown = [replace(line, decision=told.get(line.code)) for line in page.items]
    body = site.render(
        "objects.html",
        page=replace(page, items=shown),
        years=sorted({year for line in lines for year in line.years}, reverse=True),
        year=year,
        words=words,
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/objets/{code:path}", methods=READ, response_class=HTMLResponse)
def one_object(
    code: str, deps: Parts, site: OnSite, request: Request, number: PageNumber = 1
) -> Response:
    """An object: its life line, who spoke on it, what they said."""
    sheet = object_sheet(deps.published, code)
    if code != sheet.code:
        return RedirectResponse(object_page(sheet.code), 308, REVALIDATE)
    vocabulary = deps.vocabulary()
    spelt = vocabulary.by_code.get(code_key(sheet.code), ())
    titles = [title for one, some in vocabulary.objects if one in spelt for title in some]
    said = [turn for turn in sheet.turns if is_speech(turn)]
    page = paged(said, number, _SPEECHES, object_page(sheet.code))
    body = site.render(
        "object.html",
        object=sheet,
        topics=topics_of(deps.subjects, vocabulary, titles),
        page=page,
        said=tuple(speeches(deps.published, page.items)),
        exchange={"id": "parole", "origin": str(request.base_url).rstrip("/")},
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/personnes", methods=READ, response_class=HTMLResponse)
def person_list(
    deps: Parts, site: OnSite, words: Words = "", party: Party = "", number: PageNumber = 1
) -> HTMLResponse:
    """All people on published rosters, and all named speakers, by family name."""
    vocabulary = deps.vocabulary()
    lines = person_lines(vocabulary, spoken_by(deps.published), words, party)
    body = site.render(
        "people.html",
        page=paged(lines, number, _PERSONS, "/personnes", mots=words, parti=party),
        parties=[(group, party_page(group)) for group in vocabulary.groups],
        party=party,
        words=words,
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/personnes/{called}", methods=READ, response_class=HTMLResponse)
def person(
    called: str,
    deps: Parts,
    site: OnSite,
    request: Request,
    year: Year = "",
    number: PageNumber = 1,
) -> HTMLResponse:
    """A person: offices, time spoken, objects, votes, and what they said, newest first."""
    vocabulary = deps.vocabulary()
    sheet = person_sheet(deps.published, vocabulary, called, int(year) if year else None)
    said = [turn for turn in sheet.turns if is_speech(turn)]
    page = paged(said, number, _SPEECHES, person_page(sheet.name), annee=year)
    body = site.render(
        "person.html",
        person=sheet,
        topics=topics_of(deps.subjects, vocabulary, [line.title for line in sheet.points]),
        page=page,
        said=tuple(speeches(deps.published, page.items)),
        exchange={"id": "parole", "origin": str(request.base_url).rstrip("/")},
    )
    return HTMLResponse(body, headers=REVALIDATE)


@router.api_route("/partis/{party}", methods=READ, response_class=HTMLResponse)
def one_party(party: str, deps: Parts, site: OnSite) -> HTMLResponse:
    """A party: its members, those it had, and what they moved."""
    totals = spoken_by(deps.published)
    sheet = party_sheet(deps.published, deps.vocabulary(), party, totals)
    return HTMLResponse(site.render("party.html", party=sheet), headers=REVALIDATE)


# --- subjects ---


@router.api_route("/sujets", methods=READ, response_class=HTMLResponse)
def topic_list(
    deps: Parts, site: OnSite, words: Words = "", number: PageNumber = 1
) -> HTMLResponse:
    """The subjects that agendas name and that were spoken of, the latest first."""
    lines = topics_with(topic_lines(deps.published, deps.subjects), words)
    page = paged(lines, number, _TOPICS, "/sujets", mots=words)
    return HTMLResponse(site.render("topics.html", page=page, words=words), headers=REVALIDATE)


@router.api_route("/sujets/{subject}.atom", methods=READ)
def topic_feed(subject: str, deps: Parts, site: OnSite, request: Request) -> Response:
    """The newest quotations that name a subject."""
    topic = find_topic(deps.published, deps.subjects, subject)
    sheet = topic_sheet(deps.published, deps.subjects, topic)
    session = cache(deps.published.session)
    entries = (
        FeedEntry(
            uuid5(feed_id(session(quote.session)), f"{sheet.page} {quote.turn.id}"),
            view.who.name,
            view,
            view.quote,
        )
        for quote in sheet.quotes[:PASSAGES]
        for view in cited(deps.published, topic, [quote])
    )
    return said_feed(site, request, tuple(entries), topic.name, (sheet.page, f"{sheet.page}.atom"))


@router.api_route("/sujets/{subject}", methods=READ, response_class=HTMLResponse)
def one_topic(
    subject: str, deps: Parts, site: OnSite, request: Request, number: PageNumber = 1
) -> Response:
    """A subject: its objects and decisions, who speaks of it when, and the exact words."""
    topic = find_topic(deps.published, deps.subjects, subject)
    if topic_page(subject) != f"/sujets/{subject}":
        return RedirectResponse(topic_page(topic.name), 308, REVALIDATE)
    sheet = topic_sheet(deps.published, deps.subjects, topic)
    page = paged(sheet.quotes, number, _QUOTES, sheet.page)
    body = site.render(
        "topic.html",
        sheet=sheet,
        page=page,
        said=tuple(cited(deps.published, topic, page.items)),
        exchange={"id": "parole", "origin": str(request.base_url).rstrip("/")},
    )
    return HTMLResponse(body, headers=REVALIDATE)
