"""False premises: a question that takes for granted what was decided otherwise.

« Pourquoi le conseil a-t-il refusé X ? » when X was accepted: the answer is what was said instead.
Judges by announced votes alone: a resignation or a price that a question invents is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.answers.vote_sentences import told
from search.filters import Outcome
from search.votes.lookup import AskedVote
from search.votes.vote import COMMISSION, Subject, Vote

SURE = 0.7
"""A score from which a vote may contradict a question: denying what was so is the worse error."""

_NEAR = 0.15  # votes that are nearly as like the question as the best may be the one that is meant
_AGREES = {
    Outcome.ACCEPTED: (Outcome.ACCEPTED, Outcome.EXECUTIVE),  # a petition is accepted by sending it
    Outcome.REFUSED: (Outcome.REFUSED, Outcome.FILED),  # ... and has failed when it is filed
    Outcome.COMMITTEE: (Outcome.COMMITTEE, Outcome.EXECUTIVE),  # "renvoyée" does not say where
}
_DIVIDED = ("à la majorité", "à la quasi-unanimité")
_ON_THE_OBJECT = (
    Subject.OBJECT, Subject.ENTRY, Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING,
)  # fmt: skip


@dataclass(frozen=True)
class Contradiction:
    """What was decided instead of what a question takes for granted, as a French sentence."""

    vote: Vote
    sentence: str


def contradiction(
    asked: Outcome | None, found: Sequence[AskedVote], *, unanimous: bool = False
) -> Contradiction | None:
    """What contradicts the outcome that a question takes for granted, None if nothing does.

    `unanimous`: the question also takes for granted that no voter was on the other side.

    `found` are the votes that the question is about, best first, with enough of them to hold all
    votes on one object. One vote that agrees is enough for the premise to stand; committees'
    votes, and votes that the question is hardly about, neither agree nor contradict.
    """
    plenary = [a for a in found if a.score >= SURE and a.vote.body != COMMISSION and a.vote.noun]
    if asked is None or not plenary:
        return None
    best = plenary[0]
    meant = [a.vote for a in plenary if a.score >= best.score - _NEAR]
    alike = [vote for vote in meant if _same_kind(vote.subject, best.vote.subject)]
    if any(_agrees(asked, vote, unanimous=unanimous) for vote in alike):
        return None
    return Contradiction(best.vote, f"Ce n'est pas ce qui a été dit : {told(best.vote)}.")


def _same_kind(one: Subject, other: Subject) -> bool:
    return one is other or (one in _ON_THE_OBJECT and other in _ON_THE_OBJECT)


def _agrees(asked: Outcome, vote: Vote, *, unanimous: bool) -> bool:
    """Does a vote agree with what is taken for granted, or say too little to contradict it?"""
    if vote.outcome is Outcome.TIED:
        return True
    if vote.outcome not in _AGREES.get(asked, (asked,)):
        return False
    others = vote.yes if vote.outcome is Outcome.REFUSED else vote.no
    return not unanimous or not (others or vote.margin in _DIVIDED)
