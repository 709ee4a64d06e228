"""An answer is made of quotations, and nothing leaves the server before each one is verified.

`make_answer` chooses the sentences that answer best, with no language model. `verify` holds every
quotation against the archive: it is the only function that makes a `Verified`, and a `Verified` is
the only thing that routes, pages and commands show.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice

from api.asked import person_asked
from api.evidence import Evidence, Found, Weigher
from ingest.errors import Corrupt, NotFound
from ingest.published import Published
from ingest.transcript import Turn
from search.retrieve import Hit

NOT_FOUND = "Je n'ai rien trouvé à ce sujet dans les séances publiées."
NOT_FOUND_FROM = "Je n'ai rien trouvé que {person} ait dit à ce sujet dans les séances publiées."
EMPTY = "Posez une question, par exemple : « Qu'a-t-on dit du budget ? »"
MOST_QUOTATIONS = 4
_HITS, _LOOKED_AT = 40, 8  # passages searched, and those whose sentences are weighed

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Citation:
    """Words that were said: `quote` is an exact substring of one stored revision of one turn.

    `start_ms` and `end_ms` are those of its first and last word. `speaker` is a person's name, or
    None while nobody has named the voice.
    """

    session: str
    revision: int
    turn: int
    start_ms: int
    end_ms: int
    speaker: str | None
    quote: str


@dataclass(frozen=True)
class Answer:
    """What is answered to a question. Refused: no citation, and `why` says so in French.

    `sentences` is machine-written text, empty as long as no language model is configured.
    """

    question: str
    sentences: tuple[str, ...]
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
    session_of, names_of = cache(published.session), cache(partial(_names, published))
    for hit in hits:
        passage = hit.passage
        try:
            turns = published.turns(passage.session, passage.first_turn, passage.last_turn)
            session, names = session_of(passage.session), names_of(passage.session)
        except NotFound:
            continue
        yield Found(hit, session, names, turns)


def _names(published: Published, session: str) -> dict[str, str | None]:
    return {speaker.label: speaker.person for speaker in published.speakers(session)}


def cite(evidence: Evidence, names: Mapping[str, str | None]) -> Citation:
    """The quotation that a run of words in a turn gives."""
    turn = evidence.turn
    first, last = turn.words[evidence.first], turn.words[evidence.last]
    start = turn.word_offsets[evidence.first]
    end = turn.word_offsets[evidence.last] + len(last.text)
    return Citation(
        session=evidence.session,
        revision=turn.revision,
        turn=turn.index,
        start_ms=first.start_ms,
        end_ms=max(word.end_ms for word in turn.words[evidence.first : evidence.last + 1]),
        speaker=names.get(turn.speaker or ""),
        quote=turn.text[start:end],
    )


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


def check(citation: Citation, published: Published) -> None:
    """Raise `NotFound` or `Corrupt` unless these words were said there, then, by that person.

    The session is published, the turn's revision is the current one, the quotation is a run of its
    whole words, and the times are those of the run's ends, within the audio.
    """
    session = published.session(citation.session)
    (turn,) = published.turns(session.id, citation.turn, citation.turn) or (None,)
    if turn is None or turn.revision != citation.revision:
        raise NotFound(f"Le tour {citation.turn} a changé depuis.")
    if not any(_is_run(citation, turn, at) for at in range(len(turn.words))):
        raise Corrupt(f"« {citation.quote} » n'est pas dans le tour {citation.turn}.")
    if not 0 <= citation.start_ms < citation.end_ms <= session.duration_ms:
        raise Corrupt(f"{citation.start_ms}-{citation.end_ms} ms est hors de l'enregistrement.")
    if citation.speaker != _names(published, session.id).get(turn.speaker or ""):
        raise Corrupt(f"« {citation.speaker} » n'est pas qui parle au tour {citation.turn}.")


def _is_run(citation: Citation, turn: Turn, first: int) -> bool:
    """Is the quotation the run of whole words that starts at word `first`, at these times?"""
    at = turn.word_offsets[first]
    end = at + len(citation.quote)
    said = citation.quote and turn.text[at:end] == citation.quote
    if not said or turn.words[first].start_ms != citation.start_ms:
        return False
    run = [w for w, offset in zip(turn.words, turn.word_offsets, strict=True) if at <= offset < end]
    whole = end == turn.word_offsets[first + len(run) - 1] + len(run[-1].text)
    return whole and max(word.end_ms for word in run) == citation.end_ms


def answer(
    question: str,
    published: Published,
    search: Callable[[str, int], tuple[Hit, ...]],
    weigh: Weigher,
) -> Verified:
    """What a reader gets: an answer made, then verified."""
    return verify(make_answer(question, published, search, weigh), published)
