"""The pages of objects: their list, and one through all its sessions."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.records.objects import last_decisions, narrowed, object_lines, object_sheet
from api.records.turns import is_speech, speeches
from api.routes import Parts
from api.routes.http import REVALIDATE
from api.views.links import object_page
from web.public.paging import PageNumber, Words, Year, paged
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
_LINES, _SPEECHES = 40, 10  # of a page


@router.api_route("/objets", methods=READ, response_class=HTMLResponse)
def object_list(
    deps: Parts, site: OnSite, year: Year = "", words: Words = "", number: PageNumber = 1
) -> HTMLResponse:
    """Objects that were on an agenda, the latest first."""
    lines = object_lines(deps.published)
    fitting = narrowed(lines, int(year) if year else None, words)
    page = paged(fitting, number, _LINES, "/objets", annee=year, mots=words)
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
    said = [turn for turn in sheet.turns if is_speech(turn)]
    page = paged(said, number, _SPEECHES, object_page(sheet.code))
    body = site.render(
        "object.html",
        object=sheet,
        page=page,
        said=tuple(speeches(deps.published, page.items)),
        exchange={"id": "parole", "origin": str(request.base_url).rstrip("/")},
    )
    return HTMLResponse(body, headers=REVALIDATE)
