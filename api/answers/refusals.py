"""What is said when nothing that was said answers, and what helps the reader on.

Pure. A refusal names what was looked for, then offers what is near: points of the agenda that were
discussed, others who spoke of the same thing. It never offers words as if they answered.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from api.answers.amendment_content import named_in
from api.answers.citation import Candidate
from api.answers.worded import Worded
from api.catalogue import catalogue
from ingest.documents.in_camera import is_marked
from ingest.transcript import Session
from search.query.parsed import Intent, Query

# Suggestions beside a refusal: a few lines that are read at a glance. Chosen, not measured.
MOST_TOPICS, MOST_PEOPLE = 3, 4
_ON_IT = 0.5  # share of the question's words: who says less of them spoke of something else
_NEAR_IT = 0.25  # ... and a point of the agenda under which less is said is not near


@dataclass(frozen=True)
class Topic:
    """A point of the agenda that was discussed, near to the query's topic."""

    session: str
    title: str
    object: str | None
    start_ms: int


@dataclass(frozen=True)
class Help:
    """Where a reader may look further: nearest topics, others who spoke of the query's topic.

    `latest` is what the newest sessions treated, where no topic is near.
    """

    topics: tuple[Topic, ...] = ()
    people: tuple[str, ...] = ()
    latest: tuple[Topic, ...] = ()


NO_HELP = Help()


def wording(key: str, query: Query, **values: str | date) -> str:
    """A refusal in the asker's language, French where it has none."""
    text = catalogue(query.language)
    written = {n: text.long_date(v) if isinstance(v, date) else v for n, v in values.items()}
    return Worded(text(f"refusal.{key}", **written), f"refusal.{key}", **values)


def no_question(query: Query) -> str | None:
    """How to ask, where nothing is asked but hello is said, or nothing at all; else None."""
    if query.intent is Intent.GREETING:
        return wording("greeting", query)
    return None if query.question.strip() else wording("empty", query)


def unknown_amendment(query: Query, unsaid: Callable[[str], Collection[str]]) -> str | None:
    """Where a question names amendments by numbers that stand nowhere in what was said; else None.

    `unsaid` tells which stems of a text find no passage.
    """
    numbers = named_in(query)
    if not numbers or set(numbers) - set(unsaid(" ".join(numbers))):
        return None
    return wording("unknown_amendment", query, numbers=", ".join(numbers))


def unknown_in(query: Query) -> str | None:
    """What a question names that no published session knows, or that is not one; else None."""
    if query.unknown_objects and not query.preferred.objects and not query.filters.objects:
        return wording("unknown_object", query, codes=", ".join(query.unknown_objects))
    if query.filters.people:
        return None
    if query.homonyms:
        return wording("homonyms", query, names=", ".join(query.homonyms))
    if query.unknown_people:
        return wording("unknown_person", query, names=", ".join(query.unknown_people))
    return None


def why_not(query: Query) -> str:
    """Why there is no answer, in one sentence."""
    if query.outside:
        return _outside(query)
    if people := query.filters.people:
        return wording("not_found_from", query, names=", ".join(people))
    return wording("not_found_within" if query.filters else "not_found", query)


def near_only(query: Query, *, spoken_of: bool = True) -> str:
    """That what is shown comes nearest, and may not answer, in one sentence.

    `spoken_of`: are the query's words found in it?
    """
    if query.outside:
        return _outside(query)
    if not spoken_of:
        return wording("near_unsaid", query)
    if people := query.filters.people:
        return wording("near_from", query, names=", ".join(people))
    return wording("near", query)


def _outside(query: Query) -> str:
    """That the question names a time or a body of which there is no session; from when some are."""
    names = ", ".join(named.time or named.body for named in query.outside)
    record = next((named.record for named in query.outside if named.record), None)
    if record is None:
        return wording("outside", query, names=names)
    return wording("outside_dates", query, names=names, since=record[0], until=record[1])


def help_from(candidates: Sequence[Candidate], query: Query) -> Help:
    """What stands near, given what search proposes without the question's filters, best first."""
    least = _NEAR_IT if query.language == "fr" else 0.0
    near = [item for item in candidates if item.hit.lexical >= least]
    topics = dict.fromkeys(topic for item in near if (topic := _topic(item)))
    people = dict.fromkeys(name for item in candidates for name in _speakers(item))
    others = (name for name in people if name not in query.filters.people)
    return Help(tuple(islice(topics, MOST_TOPICS)), tuple(islice(others, MOST_PEOPLE)))


def latest(sessions: Iterable[Session]) -> tuple[Topic, ...]:
    """What some sessions treated in public, the objects before what has no code."""
    placed = (
        Topic(session.id, item.title, item.object, item.start_ms)
        for session in sessions
        for item in session.agenda
        if item.start_ms is not None and not is_marked(item.title)
    )
    return tuple(islice(sorted(placed, key=lambda topic: topic.object is None), MOST_TOPICS))


def _topic(candidate: Candidate) -> Topic | None:
    item = candidate.session.agenda_item_at(candidate.hit.passage.start_ms)
    if item is None or item.start_ms is None:
        return None
    return Topic(candidate.session.id, item.title, item.object, item.start_ms)


def _speakers(candidate: Candidate) -> Iterable[str]:
    """Those who speak in a passage that holds much of the question's words."""
    if candidate.hit.lexical < _ON_IT:
        return ()
    return (name for turn in candidate.turns if (name := candidate.names.get(turn.speaker or "")))
