"""What a reader sees of a vote: the decision in a sentence, and the words that announced it."""

from collections.abc import Callable
from dataclasses import dataclass

from api.answers.citation import announcement
from api.answers.vote_sentences import figures, told
from api.catalogue import Catalogue
from api.views.answer import CitationView, quote_reader
from api.views.links import moment_page, object_page, person_page
from ingest.archive.published import Published
from ingest.errors import Corrupt, NotFound
from ingest.french_dates import day
from search.filters import Outcome
from search.votes.register import Decision
from search.votes.vote import Ballots, Vote


@dataclass(frozen=True)
class VoteView:
    """A vote that was announced. `told` is written by us from it, `citation` is what was said.

    `outcome` is one of accepted, refused, committee, executive, filed, withdrawn, postponed, tied;
    `committee` tells that a committee voted so, and its reporter said it. Figures that were not
    said are null; `unsure`: those that were said cannot be relied upon. `confirmed` tells that a
    clerk has checked it: until then `told` says so. `ballots` are names by side, of a nominal vote.
    """

    told: str
    figures: str
    subject: str
    noun: str
    object: str | None
    item: str
    mover: str | None
    outcome: str
    destination: str
    yes: int | None
    no: int | None
    abstentions: int | None
    unanimous: bool
    unsure: bool
    margin: str
    ballots: Ballots
    committee: bool
    confirmed: bool
    citation: CitationView


@dataclass(frozen=True)
class DecisionLine:
    """A decision. `told` is a sentence of ours, `page` has the words. A mover may be no person."""

    vote: Vote
    told: str
    date: str
    day: str
    object: str | None
    object_page: str
    item: str
    mover: str | None
    mover_page: str
    page: str


def _sentence(vote: Vote) -> str:
    """A vote in a whole sentence, marked where no clerk has confirmed it."""
    sentence = told(vote)
    if vote.committee:
        return f"En commission, {sentence}."
    return f"{sentence[0].upper()}{sentence[1:]}."


def vote_view(vote: Vote, citation: CitationView) -> VoteView:
    """A vote with its citation."""
    return VoteView(
        told=_sentence(vote),
        figures=figures(vote),
        subject=vote.subject.value,
        noun=vote.noun,
        object=vote.object,
        item=vote.item,
        mover=vote.mover,
        outcome=vote.outcome.value,
        destination=vote.destination,
        yes=vote.yes,
        no=vote.no,
        abstentions=vote.abstentions,
        unanimous=vote.unanimous,
        unsure=vote.unsure,
        margin=vote.margin,
        ballots=vote.ballots,
        committee=vote.committee,
        confirmed=vote.confirmed,
        citation=citation,
    )


def vote_reader(published: Published) -> Callable[[Vote], VoteView | None]:
    """Makes views of many votes, each session read once.

    A vote whose words have changed since, or whose session is withdrawn, gives None.
    """
    quoted = quote_reader(published)

    def view(vote: Vote) -> VoteView | None:
        try:
            return vote_view(vote, quoted(announcement(vote, published)))
        except (NotFound, Corrupt):
            return None

    return view


def decision_line_of(decision: Decision) -> DecisionLine:
    """A decision for a list."""
    vote = decision.vote
    return DecisionLine(
        vote=vote,
        told=_sentence(vote),
        date=decision.date.isoformat(),
        day=day(decision.date),
        object=vote.object,
        object_page=object_page(vote.object or ""),
        item=vote.item,
        mover=vote.mover,
        mover_page="" if decision.party is None else person_page(vote.mover or ""),
        page=moment_page(vote.session, vote.start_ms, vote.end_ms, vote.revision),
    )


def decided(vote: Vote | VoteView, text: Catalogue) -> str:
    """A vote in a language other than French: `Rejected: 42 no, 31 yes (to be confirmed)`.

    Says nothing of what was decided on: those are words of the record, in its language.
    """
    sides = [
        text(f"vote.{side}", n=count)
        for side, count in (("yes", vote.yes), ("no", vote.no))
        if count is not None
    ]
    if vote.outcome == Outcome.REFUSED:
        sides.reverse()
    if vote.abstentions:
        sides.append(text.count("vote.abstentions", vote.abstentions))
    margin = text("vote.unanimous") if vote.unanimous else ""
    figures = text("vote.unsure") if vote.unsure else ", ".join(sides) or margin
    outcome = text(f"votes.outcome.{vote.outcome}" if vote.noun else "vote.announced")
    of = f" ({text('vote.committee')})" if vote.committee else ""
    to_confirm = "" if vote.confirmed else f" ({text('vote.open')})"
    return f"{outcome}{of}{f': {figures}' if figures else ''}{to_confirm}"
