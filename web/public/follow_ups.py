"""Questions to go on with: each was asked already, in the same conversation, and answered.

They are looked for once an answer is out, within a budget and while nobody waits for an answer, and
are kept with it. Knows nothing of their wording, which is the page's.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from api.answers.answer import Answer, State, Verified
from api.answers.citation import Citation
from api.deps import Deps
from api.routes.ask import ANSWERS, query_of
from api.views.answer import speakers_of
from search.query.parsed import Budget, Intent, Query
from search.query.url import context_of

MOST = 3  # a line or two of a phone
# Of the thread's time, after which no question is tried: one takes 0.1 s (D-253).
BUDGET_S = 0.6
_trying = Lock()  # one reader's at a time

log = logging.getLogger(__name__)


def follow_ups(
    deps: Deps, verified: Verified, language: str, questions: Callable[[], Iterable[str]]
) -> tuple[Query, ...]:
    """Those of the `questions` of a language that, following an answer, give new words.

    None after a refusal, and where trying fails. While others ask, or those of another reader are
    tried, only what was found before: who asks comes first.
    """
    if verified.answer.refused:
        return ()
    kept, key = deps.kept(), ("follow-ups", verified.answer, language)
    if key in kept or not (ANSWERS.is_idle and _trying.acquire(blocking=False)):
        found: tuple[Query, ...] = kept.get(key, ())
        return found
    try:
        found, is_whole = _tried(deps, verified.answer, questions())
        if is_whole:
            kept[key] = found
        return found
    except Exception:  # the answer stands without them
        log.exception("follow-ups")
        return ()
    finally:
        _trying.release()


def _tried(deps: Deps, before: Answer, questions: Iterable[str]) -> tuple[tuple[Query, ...], bool]:
    """At most `MOST` questions that have an answer; False where somebody's question ended it."""
    shown = [*before.bearing, *([before.decision] if before.decision else [])]
    context = context_of(before.query, speakers_of(before.citations))
    budget, offered = Budget.of(BUDGET_S), list[Query]()
    for question in questions:
        if len(offered) == MOST or budget.spent:
            break
        if not ANSWERS.is_idle:
            return tuple(offered), False
        query = query_of(deps, [("q", question), ("avant", context)])
        answer = deps.ask(query).answer
        if answer.state is State.ANSWER and _adds(answer, shown):
            shown += answer.bearing
            offered.append(query)
    return tuple(offered), True


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
