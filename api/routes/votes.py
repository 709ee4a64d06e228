"""The votes that were announced in published sessions, with the words that announced them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.http import REVALIDATE
from api.views.votes import VoteView, vote_reader
from search.filters import Filters, Outcome
from search.votes.store import votes

router = APIRouter(tags=["votes"])
MOST = 200  # votes of one answer: several long sessions'


def find_votes(
    deps: Deps, filters: Filters, outcomes: tuple[Outcome, ...], limit: int
) -> tuple[VoteView, ...]:
    """Views of the votes that match, newest session first, at most `limit` of them."""
    view = vote_reader(deps.published)
    views: list[VoteView] = []
    for vote in votes(deps.published, filters, outcomes):
        if len(views) == limit:
            break
        if shown := view(vote):
            views.append(shown)
    return tuple(views)


@router.get("/votes", responses=documented(422))
def list_votes(
    deps: Parts,
    response: Response,
    session: Annotated[tuple[str, ...], Query(examples=["2025-03-11-piste-cyclable"])] = (),
    object: Annotated[tuple[str, ...], Query(examples=["PR-12"])] = (),
    outcome: Annotated[tuple[Outcome, ...], Query()] = (),
    mover: Annotated[tuple[str, ...], Query(examples=["Julien Rochat"])] = (),
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> tuple[VoteView, ...]:
    """Votes and decisions announced by the chair; values of one parameter are alternatives."""
    response.headers.update(REVALIDATE)
    filters = Filters(people=mover, sessions=session, objects=object, since=since, until=until)
    return find_votes(deps, filters, outcome, limit)
