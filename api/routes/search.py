"""Ranked passages for a few words, without an answer."""

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter

from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.allowance import use_allowance
from api.routes.ask import FromAddress, clean_question
from api.routes.http import kept_by_nobody
from api.views.answer import PassageView, passage_view, voice_numbers
from ingest.errors import NotFound
from search.filters import Facets, Filters
from search.passage import Hit
from search.query.parsed import Query
from search.query.url import filters_from

router = APIRouter(tags=["recherche"])


def find(deps: Deps, query: Query, limit: int) -> tuple[PassageView, ...]:
    """Passages of published sessions; whatever the index returns is joined back to the archive."""
    return tuple(_views(deps, deps.finder.find(query, limit)))


def browse(deps: Deps, filters: Filters, limit: int, offset: int) -> tuple[PassageView, ...]:
    """Passages that filters retain, from a place on."""
    found = deps.finder.browse(filters, limit, offset)
    return tuple(_views(deps, [Hit(passage, 0.0, (), 0.0, 0.0) for passage in found]))


def _views(deps: Deps, hits: Iterable[Hit]) -> Iterator[PassageView]:
    session, speakers = cache(deps.published.session), cache(deps.published.speakers)
    numbers = cache(partial(voice_numbers, deps.published))
    for hit in hits:
        passage = hit.passage
        try:
            turns = deps.published.turns(passage.session, passage.first_turn, passage.last_turn)
            voices = (speakers(passage.session), numbers(passage.session))
            yield passage_view(hit, session(passage.session), turns, *voices)
        except NotFound:  # redacted or hidden since it was indexed
            continue


@router.get(
    "/search",
    responses=documented(422, 429),
    dependencies=[Depends(kept_by_nobody), Depends(use_allowance)],
)
def search(
    deps: Parts, query: FromAddress, limit: Annotated[int, Parameter(ge=1, le=50)] = 10
) -> tuple[PassageView, ...]:
    """Passages that speak of `q`, best first, within the filters that the address names."""
    return find(deps, query, limit)


@router.get("/passages", responses=documented(422), dependencies=[Depends(kept_by_nobody)])
def passages(
    deps: Parts,
    request: Request,
    limit: Annotated[int, Parameter(ge=1, le=50)] = 10,
    offset: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
) -> tuple[PassageView, ...]:
    """What the filters alone retain, newest session first, each in the order of speech."""
    filters = filters_from(request.query_params.multi_items())
    return browse(deps, filters, limit, offset)


@router.get("/facets", responses=documented(422), dependencies=[Depends(kept_by_nobody)])
def facets(deps: Parts, request: Request, q: str = "") -> Facets:
    """How many passages there are for each value that a question can be narrowed to."""
    question = clean_question(q) if q.strip() else None
    return deps.finder.facets(question, filters_from(request.query_params.multi_items()))
