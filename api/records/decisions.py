"""A decision as lists show it: in a sentence of ours, with the way to the words that told it."""

from dataclasses import dataclass

from api.views.links import moment_page, object_page, person_page
from api.views.votes import sentence_of
from ingest.french_dates import day
from search.votes.register import Decision


@dataclass(frozen=True)
class DecisionLine:
    """A decision. `told` is a sentence of ours, `page` has the words. A mover may be no person."""

    told: str
    date: str
    day: str
    object: str | None
    object_page: str
    item: str
    mover: str | None
    mover_page: str
    page: str


def decision_line_of(decision: Decision) -> DecisionLine:
    """A decision for a list."""
    vote = decision.vote
    return DecisionLine(
        told=sentence_of(vote),
        date=decision.date.isoformat(),
        day=day(decision.date),
        object=vote.object,
        object_page=object_page(vote.object or ""),
        item=vote.item,
        mover=vote.mover,
        mover_page="" if decision.party is None else person_page(vote.mover or ""),
        page=moment_page(vote.session, vote.start_ms, vote.end_ms, vote.revision),
    )
