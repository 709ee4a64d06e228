"""An answer is made of quotations, and nothing leaves the server before each one is verified.

`make_answer` chooses the sentences that answer best, with no language model. `verify` holds every
quotation against the archive: it is the only function that makes a `Verified`, and a `Verified` is
the only thing that routes, pages and commands show.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice

from api.asked import person_asked
from api.citation import Citation, check, cite, names_of
from api.evidence import Found, Weigher
from api.written import Sentence
from ingest.errors import Corrupt, NotFound
from ingest.published import Published
from search.retrieve import Hit

NOT_FOUND = "Je n'ai rien trouvé à ce sujet dans les séances publiées."
NOT_FOUND_FROM = "Je n'ai rien trouvé que {person} ait dit à ce sujet dans les séances publiées."
EMPTY = "Posez une question, par exemple : « Qu'a-t-on dit du budget ? »"
MOST_QUOTATIONS = 4
_HITS, _LOOKED_AT = 40, 8  # passages searched, and those whose sentences are weighed

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What is answered to a question. Refused: no citation, and `why` says so in French.

    `sentences` is machine-written text, checked; empty where no language model is configured.
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    refused: bool
    why: str | None


@dataclass(frozen=True)
class Verified:
    """An answer whose every citation was checked against the archive. Made by `verify` only."""

    answer: Answer


def refusal(question: str, why: str = NOT_FOUND) -> Answer:
    """An answer that says plainly that there is none."""
    return Answer(question, (), (), refused=True, why=why)


def make_answer(
    question: str,
    published: Published,
    search: Callable[[str, int], tuple[Hit, ...]],
    weigh: Weigher,
) -> Answer:
    """The best one to four quotations for a question, or a refusal.

    Search proposes passages; `weigh` says which of their sentences support an answer, and whether
    they support one at all.
    """
    if not question.strip():
        return refusal(question, EMPTY)
    hits = search(question, _HITS)
    asked = person_asked(question, _people(hits, published))
    found: Iterable[Found] = _look_around(hits, published)
    if asked:
        found = (spoken for item in found if (spoken := item.only(asked)).turns)
    found = list(islice(found, _LOOKED_AT))
    support = weigh(question, found)
    if not support.enough:
        return refusal(question, NOT_FOUND_FROM.format(person=asked) if asked else NOT_FOUND)
    names = {item.session.id: item.names for item in found}
    best = support.best[:MOST_QUOTATIONS]
    citations = tuple(cite(evidence, names[evidence.session]) for evidence in best)
    return Answer(question, (), citations, refused=False, why=None)


def _people(hits: Sequence[Hit], published: Published) -> set[str]:
    """Everybody on the rosters of the sessions that were found."""
    people = set()
    for session_id in {hit.passage.session for hit in hits}:
        with suppress(NotFound):
            people |= {person.name for person in published.session(session_id).roster}
    return people


def _look_around(hits: Sequence[Hit], published: Published) -> Iterator[Found]:
    """What stands around each passage, read when asked for, without those withdrawn meanwhile."""
    session_of, voices_of = cache(published.session), cache(partial(names_of, published))
    for hit in hits:
        passage = hit.passage
        try:
            turns = published.turns(passage.session, passage.first_turn, passage.last_turn)
            session, names = session_of(passage.session), voices_of(passage.session)
        except NotFound:
            continue
        yield Found(hit, session, names, turns)


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
    if kept or answer.refused:
        return Verified(replace(answer, citations=tuple(kept)))
    return Verified(refusal(answer.question))


def answer(
    question: str,
    published: Published,
    search: Callable[[str, int], tuple[Hit, ...]],
    weigh: Weigher,
) -> Verified:
    """What a reader gets: an answer made, then verified."""
    return verify(make_answer(question, published, search, weigh), published)
