"""Ranked passages for a few words, without an answer."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.ask import clean_question
from api.routes.caching import PRIVATE
from api.views import PassageView, passage_view

router = APIRouter(tags=["recherche"])


def find(deps: Deps, query: str, limit: int) -> tuple[PassageView, ...]:
    """Passages of published sessions; whatever the index returns is joined back to the archive."""
    published = {session.id: session for session in deps.published.sessions()}
    transcript = cache(deps.published.transcript)
    hits = (hit for hit in deps.search(query, limit) if hit.passage.session in published)
    return tuple(
        passage_view(hit, published[hit.passage.session], transcript(hit.passage.session))
        for hit in hits
    )


@router.get("/search", responses=documented(422))
def search(
    deps: Parts,
    response: Response,
    q: Annotated[str, Query(examples=["piste cyclable"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> tuple[PassageView, ...]:
    """Passages that speak of `q`, best first."""
    response.headers.update(PRIVATE)
    return find(deps, clean_question(q), limit)
