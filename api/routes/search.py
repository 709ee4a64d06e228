"""Ranked passages for a few words, without an answer."""

from functools import cache, partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.ask import asked_of, clean_question, voice_numbers
from api.routes.caching import kept_by_nobody
from api.views import PassageView, passage_view
from ingest.errors import NotFound
from search.understood import Understood

router = APIRouter(tags=["recherche"])


def find(deps: Deps, asked: Understood, limit: int) -> tuple[PassageView, ...]:
    """Passages of published sessions; whatever the index returns is joined back to the archive."""
    session, speakers = cache(deps.published.session), cache(deps.published.speakers)
    numbers = cache(partial(voice_numbers, deps.published))
    found = []
    for hit in deps.find(asked, limit):
        passage = hit.passage
        try:
            turns = deps.published.turns(passage.session, passage.first_turn, passage.last_turn)
            voices = (speakers(passage.session), numbers(passage.session))
            view = passage_view(hit, session(passage.session), turns, *voices)
        except NotFound:  # closed since it was indexed
            continue
        found.append(view)
    return tuple(found)


@router.get("/search", responses=documented(422), dependencies=[Depends(kept_by_nobody)])
def search(
    deps: Parts,
    q: Annotated[str, Query(examples=["piste cyclable"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> tuple[PassageView, ...]:
    """Passages that speak of `q`, best first."""
    return find(deps, asked_of(deps, clean_question(q)), limit)
