"""A decision as lists show it: in a sentence of ours, with the way to the words that told it."""

from dataclasses import dataclass

from api.answers.vote_sentences import decision_line
from api.views.links import moment_page, object_page, person_page
from api.views.votes import sentence_of
from ingest.french_dates import day
from search.votes.register import Decision


@dataclass(frozen=True)
class DecisionLine:
    """A decision. `told` is a sentence, `line` less: the result alone; `page` has its words."""

    told: str
    line: str
    date: str
    day: str
    session_title: str
    body: str
    object: str | None
    object_page: str
    item: str
    mover: str | None
    mover_page: str
    party: str
    page: str


def decision_line_of(decision: Decision) -> DecisionLine:
    """A decision for a list."""
    vote = decision.vote
    return DecisionLine(
        told=sentence_of(vote),
        line=decision_line(vote),
        date=decision.date.isoformat(),
        day=day(decision.date),
        session_title=decision.title,
        body=vote.body,
        object=vote.object,
        object_page=object_page(vote.object or ""),
        item=vote.item,
        mover=vote.mover,
        mover_page=person_page(vote.mover or "") if decision.party else "",
        party=decision.party,
        page=moment_page(vote.session, vote.start_ms, vote.end_ms, vote.revision),
    )
