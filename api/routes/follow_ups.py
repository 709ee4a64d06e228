"""Questions to go on with: each was asked already, in the same conversation, and answered.

They are looked for once an answer is out, within a budget: no reader waits for them. Knows nothing
of their wording, which is the page's.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

from api.answers.answer import Answer, State, Verified
from api.answers.citation import Citation
from api.deps import Deps
from api.routes.ask import query_of
from api.views.answer import speakers_of
from search.query.parsed import Budget, Intent, Query
from search.query.url import context_of

MOST = 3  # a line or two of a phone
# Of the thread's time, after which no question is tried: one takes 0.1 s (D-253).
BUDGET_S = 0.6
_trying = Lock()  # one reader's at a time: those who ask come first

log = logging.getLogger(__name__)


def follow_ups(deps: Deps, verified: Verified, questions: Iterable[str]) -> tuple[Query, ...]:
    """Those of some `questions` that give an answer with new words when they follow this one.

    None after a refusal, while those of another reader are tried, and where trying fails.
    """
    if verified.answer.refused or not _trying.acquire(blocking=False):
        return ()
    try:
        return tuple(_answered(deps, verified.answer, questions))
    except Exception:  # the answer stands without them
        log.exception("follow-ups")
        return ()
    finally:
        _trying.release()


def _answered(deps: Deps, before: Answer, questions: Iterable[str]) -> Iterator[Query]:
    shown = [*before.bearing, *([before.decision] if before.decision else [])]
    context = context_of(before.query, speakers_of(before.citations))
    budget, offered = Budget.of(BUDGET_S), 0
    for question in questions:
        if offered == MOST or budget.spent:
            return
        query = query_of(deps, [("q", question), ("avant", context)])
        answer = deps.ask(query).answer
        if answer.state is State.ANSWER and _adds(answer, shown):
            shown += answer.bearing
            offered += 1
            yield query


def _adds(answer: Answer, shown: Sequence[Citation]) -> bool:
    """Does it quote other words, and other people where it is asked who spoke?"""
    known = {citation.speaker for citation in shown}
    others = answer.query.intent is not Intent.WHO or not known.issuperset(
        citation.speaker for citation in answer.bearing
    )
    return others and any(not _overlaps(citation, shown) for citation in answer.bearing)


def _overlaps(citation: Citation, shown: Iterable[Citation]) -> bool:
    return any(
        citation.session == one.session
        and citation.start_ms < one.end_ms
        and one.start_ms < citation.end_ms
        for one in shown
    )
