"""Passages to look through without a question: what filters alone retain, newest session first."""

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.routes import Parts
from api.routes.http import PRIVATE
from api.routes.search import browse
from api.views.answer import ChipView, asked_view
from search.filters import Filters
from search.query.parsed import Query
from search.query.url import filter_params, filters_from
from search.query.vocabulary import Vocabulary
from web.public.filter_panel import panel_of
from web.public.paging import PageNumber, part_of
from web.site import READ, OnSite

router = APIRouter(include_in_schema=False)
PER_PAGE = 10  # passages: three screens of a phone


@router.api_route("/parcourir", methods=READ, response_class=HTMLResponse)
def browse_page(
    deps: Parts, site: OnSite, request: Request, number: PageNumber = 1
) -> HTMLResponse:
    """A page of passages, with the filters that retain them and those that may be added."""
    filters = filters_from(request.query_params.multi_items())
    facets, vocabulary = deps.finder.facets(None, filters), deps.vocabulary()
    passages = browse(deps, filters, PER_PAGE, (number - 1) * PER_PAGE)
    params = filter_params(filters)
    body = site.render(
        "browse.html",
        page=part_of(passages, facets.passages, number, PER_PAGE, "/parcourir", params),
        chips=_chips(filters, vocabulary),
        panel=panel_of(facets, vocabulary, filters),
        kept=filter_params(replace(filters, since=None, until=None)),
        filters=filters,
        feed=urlencode(params),
        origin=str(request.base_url).rstrip("/"),
    )
    return HTMLResponse(body, headers=PRIVATE)


def _chips(filters: Filters, vocabulary: Vocabulary) -> tuple[ChipView, ...]:
    chips = asked_view(Query("", "", explicit=filters), vocabulary).chips
    return tuple(
        replace(chip, without=chip.without.removeprefix("q=").removeprefix("&")) for chip in chips
    )
