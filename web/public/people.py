"""The pages of persons and parties: the list of all, and each through all sessions."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse

from api.records.people import party_sheet, person_lines, person_sheet
from api.records.turns import is_speech, speeches
from api.routes import Parts
from api.routes.http import REVALIDATE
from api.views.links import party_page, person_page
from ingest.archive.speaking import spoken_by
from web.public.paging import PageNumber, Words, Year, paged
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
_LINES, _SPEECHES = 60, 10  # of a page
Party = Annotated[str, Parameter(alias="parti", max_length=200)]  # characters: far more than a name


@router.api_route("/personnes", methods=READ, response_class=HTMLResponse)
def person_list(
    deps: Parts, site: OnSite, words: Words = "", party: Party = "", number: PageNumber = 1
) -> HTMLResponse:
    """All people on published rosters, and all named speakers, by family name."""
    vocabulary = deps.vocabulary()
    lines = person_lines(vocabulary, spoken_by(deps.published), words, party)
    body = site.render(
        "people.html",
        page=paged(lines, number, _LINES, "/personnes", mots=words, parti=party),
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
    sheet = person_sheet(deps.published, deps.vocabulary(), called, int(year) if year else None)
    said = [turn for turn in sheet.turns if is_speech(turn)]
    page = paged(said, number, _SPEECHES, person_page(sheet.name), annee=year)
    body = site.render(
        "person.html",
        person=sheet,
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
