"""The votes that were announced in published sessions, with the words that told them."""

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
MOST = 200


def find_votes(
    deps: Deps, filters: Filters, outcomes: tuple[Outcome, ...], limit: int
) -> tuple[VoteView, ...]:
    """Views of the votes that match, newest sitting first, at most `limit` of them."""
    view = vote_reader(deps.published)
    found: list[VoteView] = []
    for vote in votes(deps.published, filters, outcomes):
        if len(found) == limit:
            break
        if shown := view(vote):
            found.append(shown)
    return tuple(found)


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
