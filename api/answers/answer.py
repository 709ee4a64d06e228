"""An answer is made of quotations, and nothing leaves the server before each one is verified.

`verify` holds every quotation against the archive: it is the only function that makes a `Verified`,
and a `Verified` is the only thing that routes, pages and commands show. How quotations are chosen:
`api.answers.quotations`.
"""

import logging
from dataclasses import dataclass, replace

from api.answers.citation import Citation, Sentence, check
from api.answers.refusals import NO_HELP, NOT_FOUND, Help
from ingest.archive.published import Published
from ingest.errors import Corrupt, NotFound
from search.query.parsed import Query

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What is answered to a query.

    Refused: `why` says so in French, `help` where to look further, and the citations, if any, are
    what comes `near` without surely answering, or else what was said instead of what the question
    takes for granted. `sentences` is machine-written text, checked; empty where no language model
    is configured.
    """

    query: Query
    citations: tuple[Citation, ...]
    refused: bool = False
    why: str | None = None
    near: bool = False
    help: Help = NO_HELP
    sentences: tuple[Sentence, ...] = ()

    @property
    def question(self) -> str:
        """The question as it was typed."""
        return self.query.question


@dataclass(frozen=True)
class Verified:
    """An answer whose every citation was checked against the archive. Made by `verify` only."""

    answer: Answer


def refusal(query: Query, why: str = NOT_FOUND, help: Help = NO_HELP) -> Answer:
    """An answer that says plainly that there is none."""
    return Answer(query, (), refused=True, why=why, help=help)


def verify(answer: Answer, published: Published) -> Verified:
    """Hold every citation of an answer against the archive, as it is now.

    A citation that does not hold is left out, and logged: readers never see it. If none is left,
    the answer becomes a refusal.
    """
    kept = []
    for citation in answer.citations:
        try:
            check(citation, published)
        except (Corrupt, NotFound):
            _log.exception("citation left out: %s", citation)
        else:
            kept.append(citation)
    if kept or not answer.citations:
        return Verified(replace(answer, citations=tuple(kept)))
    return Verified(refusal(answer.query))
