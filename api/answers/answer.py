"""An answer is made of quotations, and nothing leaves the server before each one is verified.

`verify` holds every quotation against the archive: it is the only function that makes a `Verified`,
and a `Verified` is the only thing that routes, pages and commands show. How quotations are chosen:
`api.answers.quotations`.
"""

import logging
from collections.abc import Hashable
from dataclasses import dataclass, replace
from enum import StrEnum

from api.answers.citation import Citation, Sentence, check
from api.answers.refusals import NO_HELP, Help, near_only, why_not
from ingest.archive.published import Published
from ingest.errors import Corrupt, NotFound
from search.query.parsed import Query

_log = logging.getLogger(__name__)


class State(StrEnum):
    """What a reader is told."""

    ANSWER = "answer"  # here are the words that answer
    NEAR = "near"  # nothing surely answers: here is what comes nearest
    INSTEAD = "instead"  # the question takes for granted what was not so: here is what was
    NOTHING = "nothing"  # nothing on this was said


@dataclass(frozen=True)
class Answer:
    """What is answered to a query.

    The last `also` citations of an answer only come near. `decision` is what was decided on its
    object, where that is not among the citations: its label says it in one line. Where none
    answers, `why` says so in the asker's language and `help` where to look further. `sentences` is
    machine-written text, checked; empty where no language model is configured.
    """

    query: Query
    citations: tuple[Citation, ...]
    state: State = State.ANSWER
    why: str | None = None
    also: int = 0
    decision: Citation | None = None
    help: Help = NO_HELP
    sentences: tuple[Sentence, ...] = ()

    @property
    def question(self) -> str:
        """The question as it was typed."""
        return self.query.question

    @property
    def bearing(self) -> tuple[Citation, ...]:
        """The citations that answer, without those that only come near."""
        return self.citations[: len(self.citations) - self.also]

    @property
    def refused(self) -> bool:
        """Is it anything but an answer?"""
        return self.state is not State.ANSWER

    @property
    def near(self) -> bool:
        """Is it only what comes nearest?"""
        return self.state is State.NEAR


@dataclass(frozen=True)
class Verified:
    """An answer whose every citation was checked against the archive. Made by `verify` only."""

    answer: Answer


def refusal(query: Query, why: str | None = None, help: Help = NO_HELP) -> Answer:
    """An answer that says plainly that there is none."""
    return Answer(query, (), State.NOTHING, why or why_not(query), help=help)


def verify(answer: Answer, published: Published) -> Verified:
    """Hold every citation of an answer against the archive, as it is now.

    A citation that does not hold is left out, and logged: readers never see it. If none is left
    that answers, the answer becomes what comes near; if none at all, a refusal.
    """
    kept, also = [], 0
    for number, citation in enumerate(answer.citations):
        if _holds(citation, published):
            kept.append(citation)
            also += number >= len(answer.citations) - answer.also
    if not kept and answer.citations:
        return Verified(refusal(answer.query))
    decision = answer.decision if answer.decision and _holds(answer.decision, published) else None
    held = replace(answer, citations=tuple(kept), also=also, decision=decision)
    if answer.state is State.ANSWER and also and also == len(kept):
        held = replace(held, state=State.NEAR, why=near_only(answer.query))
    return Verified(held)


def _holds(citation: Citation, published: Published) -> bool:
    try:
        check(citation, published)
    except (Corrupt, NotFound) as error:
        # Never its words, nor the error's: they may be withheld or redacted by now.
        where = citation.session, citation.turn, type(error).__name__
        _log.error("A citation of %s, turn %d, is left out: %s", *where)
        return False
    return True


def answer_key(query: Query) -> Hashable:
    """Where the answer to a query stands among what is kept."""
    return "answer", query
