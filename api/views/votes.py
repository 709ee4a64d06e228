"""What a reader sees of a vote: the decision in a sentence, and the words that announced it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from api.answers.citation import announcement, check, cite, names_of
from api.answers.vote_sentences import figures, told
from api.views.answer import CitationView, citation_view
from api.views.wording import nameless
from ingest.archive.published import Published
from ingest.errors import Corrupt, NotFound
from search.votes.vote import COMMISSION, Ballots, Vote


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


def sentence_of(vote: Vote) -> str:
    """A vote in a whole sentence, marked where no clerk has confirmed it."""
    sentence = told(vote)
    if vote.body == COMMISSION:
        return f"En commission, {sentence}."
    return f"{sentence[0].upper()}{sentence[1:]}."


def vote_view(vote: Vote, citation: CitationView) -> VoteView:
    """A vote with its citation."""
    return VoteView(
        told=sentence_of(vote),
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
        committee=vote.body == COMMISSION,
        confirmed=vote.confirmed,
        citation=citation,
    )


def vote_reader(published: Published) -> Callable[[Vote], VoteView | None]:
    """Makes views of many votes, each session read once.

    A vote whose words have changed since, or whose session is withdrawn, gives None.
    """
    session_of = cache(published.session)
    names = cache(partial(names_of, published))

    @cache
    def numbers(session: str) -> dict[str, int]:
        return nameless(published.voices(session), published.speakers(session))

    def view(vote: Vote) -> VoteView | None:
        try:
            quote = announcement(vote, published)
            citation = cite(quote, names(vote.session))
            check(citation, published)
        except (NotFound, Corrupt):
            return None
        number = None if citation.speaker else numbers(vote.session).get(quote.turn.speaker or "")
        return vote_view(vote, citation_view(citation, session_of(vote.session), number))

    return view
