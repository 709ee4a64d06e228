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
from search.retrieve import Hit

router = APIRouter(tags=["recherche"])


def find(deps: Deps, query: str, limit: int) -> tuple[PassageView, ...]:
    """Passages of published sessions; whatever the index returns is joined back to the archive."""
    open_sessions = {session.id: session for session in deps.published.sessions()}
    speakers = cache(deps.published.speakers)

    def view(hit: Hit) -> PassageView:
        passage = hit.passage
        turns = deps.published.turns(passage.session, passage.first_turn, passage.last_turn)
        return passage_view(hit, open_sessions[passage.session], turns, speakers(passage.session))

    hits = deps.search(query, limit)
    return tuple(view(hit) for hit in hits if hit.passage.session in open_sessions)


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
