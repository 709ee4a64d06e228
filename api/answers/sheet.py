"""The sheet of an object: when it was debated, what it asks for, what was decided on it.

An object's code alone is a councillor's first question. What it asks for is told by who opens the
debate on it; the chair's own lines, which only name it, are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.answers.citation import Quote
from api.answers.formulas import is_formula
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.text import fold
from ingest.transcript import AgendaItem, Session, Turn
from search.engine.retrieve import Finder
from search.filters import Filters
from search.language.sentences import sentences
from search.votes.lookup import Decisions
from search.votes.vote import COMMISSION, ON_THE_OBJECT, Vote

_PASSAGES = 200  # of one object: several sessions' debates
_SPEECH = 25  # words: who opens a debate says more than an interjection
_SHOWN = 70  # words of an opening speech: the first sentences up to there


@dataclass(frozen=True)
class ObjectDebate:
    """One session in which an object was on the agenda, and when it was taken up."""

    session: Session
    item: AgendaItem


@dataclass(frozen=True)
class Sheet:
    """What is known of an object: its title, its debates (oldest first), its decisions."""

    code: str
    title: str
    debates: tuple[ObjectDebate, ...]
    opening: Quote | None
    decisions: tuple[Vote, ...]


def sheet(code: str, published: Published, finder: Finder, decisions: Decisions) -> Sheet | None:
    """The sheet of an object by its code as the agenda has it; None where none is published."""
    passages = finder.browse(Filters(objects=(code,)), _PASSAGES)
    sessions = tuple(dict.fromkeys(passage.session for passage in passages))[::-1]
    debates = tuple(debate for one in sessions for debate in _debates(published, one, code))
    if not debates:
        return None
    told = (decisions.on(one.session.id, one.item.title) for one in debates)
    return Sheet(
        code=code,
        title=debates[-1].item.title,
        debates=debates,
        opening=next((quote for one in debates for quote in _opening(published, one)), None),
        decisions=tuple(vote for votes in told for vote in votes if vote.noun),
    )


def _debates(published: Published, session_id: str, code: str) -> Iterator[ObjectDebate]:
    try:
        session = published.session(session_id)
    except NotFound:
        return
    for item in session.agenda:
        if item.object == code and item.start_ms is not None:
            yield ObjectDebate(session, item)


def _opening(published: Published, debate: ObjectDebate) -> Iterator[Quote]:
    """How the first speech on a point begins, if anybody but the chair speaks on it."""
    try:
        transcript = published.transcript(debate.session.id)
    except NotFound:
        return
    for turn in transcript.turns:
        here = debate.session.agenda_item_at(turn.start_ms) == debate.item
        person = debate.session.person(transcript.person(turn))
        chairs = person is not None and fold(person.role).startswith("president")
        if here and not chairs and turn.speaker and len(turn.words) >= _SPEECH:
            yield Quote(debate.session.id, turn, *beginning(turn))
            return


def beginning(turn: Turn) -> tuple[int, int]:
    """The first sentences that say something, some `_SHOWN` words: "Merci" is left out."""
    bounds = sentences(turn)
    formulas = [is_formula(turn.said(one.first_word, one.last_word)) for one in bounds]
    start = formulas.index(False) if False in formulas else 0
    first = bounds[start].first_word
    ends = [one.last_word for one in bounds[start:] if one.last_word < first + _SHOWN]
    return first, max(ends, default=bounds[start].last_word)


def final(votes: Sequence[Vote]) -> Sequence[Vote]:
    """The last decision of a body itself on an object, if any, of the votes on its point."""
    return [v for v in votes if v.noun and v.subject in ON_THE_OBJECT and v.body != COMMISSION][-1:]
