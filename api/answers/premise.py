"""False premises: a question that takes for granted what was decided, or said, otherwise.

« Pourquoi le conseil a-t-il refusé X ? » when X was accepted: the answer is what was said instead.
Judges by announced votes, and by figures: a resignation that a question invents is not known here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.answers.vote_sentences import told
from api.answers.worded import Worded
from ingest.text import fold
from search.facts.figures import Figure, Kind, figures, normal
from search.filters import Outcome
from search.language.stems import stems
from search.query.parsed import Intent, Query
from search.votes.amendments import KIND, amendments_in
from search.votes.lookup import AskedVote
from search.votes.vote import COMMISSION, ON_THE_OBJECT, Subject, Vote

SURE = 0.7
"""A score from which a vote may contradict a question: denying what was so is the worse error."""

_NEAR = 0.15  # votes that are nearly as like the question as the best may be the one that is meant
_AGREES = {
    Outcome.ACCEPTED: (Outcome.ACCEPTED, Outcome.EXECUTIVE),  # a petition is accepted by sending it
    Outcome.REFUSED: (Outcome.REFUSED, Outcome.FILED),  # ... and has failed when it is filed
    Outcome.COMMITTEE: (Outcome.COMMITTEE, Outcome.EXECUTIVE),  # "renvoyée" does not say where
    Outcome.POSTPONED: (Outcome.POSTPONED, Outcome.REFUSED),  # "repoussé" says either
}
_DIVIDED = ("à la majorité", "à la quasi-unanimité")


@dataclass(frozen=True)
class Contradiction:
    """What was decided instead of what a question takes for granted, as a French sentence."""

    vote: Vote
    sentence: str


_KEPT = re.compile(r"\bmaint(?:en\w+|ien\w+)\b")
_COUNTS = re.compile(
    r"\b(?:combien de (?:voix|votes|oui|non|abstentions|deputes|conseillers|membres|elus)|"
    r"decompte|score|scrutin|(?:quelle|a quelle|avec quelle) majorite|how many votes)\b"
)


def contradiction(
    asked: Outcome | None,
    found: Sequence[AskedVote],
    *,
    unanimous: bool = False,
    question: str = "",
) -> Contradiction | None:
    """What contradicts the outcome that a question takes for granted, None if nothing does.

    `unanimous`: the question also takes for granted that no voter was on the other side. Of the
    amendments that `question` names it may take for granted more: that one was kept which was
    withdrawn, or counted where nothing was.

    `found` are the votes that the question is about, best first, with enough of them to hold all
    votes on one object. One vote that agrees is enough for the premise to stand; committees'
    votes, and votes that the question is hardly about, neither agree nor contradict.
    """
    plenary = [a for a in found if a.score >= SURE and a.vote.body != COMMISSION and a.vote.noun]
    if not plenary:
        return None
    if amendments_in(question):
        votes = [a.vote for a in plenary]
        if _is_withdrawn(fold(question), votes):
            return _instead(votes[0])
        if _COUNTS.search(fold(question)) and not any(map(_has_count, votes)):
            return Contradiction(votes[0], f"Aucun décompte n'a été annoncé : {told(votes[0])}.")
    if asked is None:
        return None
    best = plenary[0]
    meant = [a.vote for a in plenary if a.score >= best.score - _NEAR]
    alike = [vote for vote in meant if _same_kind(vote.subject, best.vote.subject)]
    if any(_agrees(asked, vote, unanimous=unanimous) for vote in alike):
        return None
    return _instead(best.vote)


def _instead(vote: Vote) -> Contradiction:
    sentence = f"Ce n'est pas ce qui a été dit : {told(vote)}."
    return Contradiction(vote, Worded(sentence, "vote.instead", told=vote))


def _is_withdrawn(folded: str, votes: Sequence[Vote]) -> bool:
    """Was all that a question takes to have been kept, or counted, withdrawn instead?"""
    withdrawn = all(vote.outcome is Outcome.WITHDRAWN for vote in votes)
    return withdrawn and bool(_KEPT.search(folded) or _COUNTS.search(folded))


def _has_count(vote: Vote) -> bool:
    """Was anything said of how many, even if it cannot be?"""
    others = set(re.findall(r"\d+", vote.said)) - set(re.findall(r"\d+", vote.noun))
    return vote.counted or vote.unanimous or bool(vote.margin or others)


def undecided(query: Query, found: Sequence[AskedVote]) -> str | None:
    """What to say to a question for the vote on amendments by number on which none was kept."""
    codes = amendments_in(query.question)
    if found or not codes or query.intent is not Intent.VOTE:
        return None
    numbers = ", ".join(code.removeprefix(KIND) for code in codes)
    said = f"Aucun vote sur l'amendement n° {numbers} n'a été trouvé dans les séances publiées."
    return Worded(said, "vote.undecided", numbers=numbers)


def _same_kind(one: Subject, other: Subject) -> bool:
    return one is other or (one in ON_THE_OBJECT and other in ON_THE_OBJECT)


def _agrees(asked: Outcome, vote: Vote, *, unanimous: bool) -> bool:
    """Does a vote agree with what is taken for granted, or say too little to contradict it?"""
    if vote.outcome is Outcome.TIED:
        return True
    if vote.outcome not in _AGREES.get(asked, (asked,)):
        return False
    others = vote.yes if vote.outcome is Outcome.REFUSED else vote.no
    return not unanimous or not (others or vote.margin in _DIVIDED)


# « Pourquoi les 5 millions... ? » where 2,7 were spoken of.


_SENTENCE = re.compile(r"(?<=[.!?…]) ")
_SOUGHT = (Intent.AMOUNT, Intent.HOW_MANY)  # « sur les 44 dossiers, combien... »: the other figure


def is_otherwise(query: Query, quotes: Iterable[str], said: Iterable[str]) -> bool:
    """Does a question state a figure that nothing `said` on it holds, and the quotes another?

    Of the same kind, and of the same noun where something is counted. French alone is read.
    """
    if query.language != "fr" or query.intent in _SOUGHT:
        return False
    stated = tuple(_figures([query.topic]))
    if not stated:
        return False
    quoted, held = tuple(_figures(quotes)), tuple(_figures(said))
    return any(
        any(_is_other(one, other) for other in quoted) and not any(map(one.same, held))
        for one in stated
    )


def _figures(texts: Iterable[str]) -> Iterator[Figure]:
    for text in texts:
        for sentence in _SENTENCE.split(fold(text)):
            yield from figures(normal(sentence))


def _is_other(one: Figure, other: Figure) -> bool:
    return one.differs(other) and (one.kind is not Kind.COUNT or one.noun == other.noun)


# « Pourquoi a-t-elle voté le PACS ? » where she said « je n'ai pas voté le PACS ».

_CLAUSE = re.compile(r"(?<=[.!?…,;:]) ")
_NEGATED = re.compile(
    r"\b(?:n'|ne )(?:\S{1,30} ){1,4}(?:pas|jamais|aucune?|rien|plus|point|nullement)\b"
    r"|\bpas d[e']|\b(?:non|aucune?|jamais|contraire|faux)\b|\b(?:refus|contest|oppos)"
)
# A question that denies, doubts or blames itself may well be answered by a denial.
_DENIES = re.compile(
    r"\b(?:n'|ne |pas\b|non\b|contre\b|refus|oppos|rejet|contest|regret|reproch|critiq|denonc"
    r"|inquiet|recus)"
)


def is_denied(query: Query, quote: str) -> bool:
    """Do the best words negate what a question why takes for granted? French alone is read."""
    asked = fold(query.wording)
    if query.language != "fr" or query.intent is not Intent.WHY or _DENIES.search(asked):
        return False
    taken = frozenset(stems(query.wording)).difference(stems(" ".join(query.mentioned)))
    clauses = (clause for clause in _CLAUSE.split(quote) if _NEGATED.search(fold(clause)))
    return any(taken.intersection(stems(clause)) for clause in clauses)
