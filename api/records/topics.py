"""Subjects that councils speak of: their list, and one through all sessions, by exact words.

Which they are is told by `search.engine.topics`. Of agendas that give objects codes, points without
one are of a session's course (questions, communications), and name no subject.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Row, select

from api.answers.citation import Quote
from api.answers.formulas import is_formula
from api.records.objects import last_decisions
from api.records.turns import percents
from api.views.answer import CitationView, quote_reader
from api.views.links import object_page, person_page, session_page, topic_page
from api.views.session import bare_title
from api.views.votes import DecisionLine, decision_line_of
from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.speaking import SpokenAmount
from ingest.errors import Corrupt, NotFound
from ingest.text import fold
from ingest.transcript import Status
from search.engine.retrieve import Subjects
from search.engine.topics import Topic
from search.filters import Filters
from search.language.sentences import sentences
from search.language.stems import stems
from search.query.vocabulary import Vocabulary
from search.votes.register import decisions
from search.votes.tallies import code_of
from search.votes.vote import Vote

_PASSAGES = 150  # read for one subject, the newest: a page stands within a second
_LONGEST_NAME = 8  # words of a subject as it is said, those between included
_DECISIONS = 20  # shown of one subject, the newest


@dataclass(frozen=True)
class NamedObject:
    """An object under a subject, with the last decision on the whole of it."""

    code: str
    title: str
    page: str
    decision: Vote | None = None


@dataclass(frozen=True)
class TopicLine:
    """A subject in a list: on the agendas of how many sessions, when last, by which objects."""

    name: str
    page: str
    sessions: int
    last: date
    objects: tuple[NamedObject, ...]


@dataclass(frozen=True)
class TopicSession:
    """A session in which a subject is on the agenda or named: the points, in how many turns."""

    date: str
    title: str
    page: str
    points: tuple[str, ...]
    turns: int
    percent: float


@dataclass(frozen=True)
class TopicSpeaker:
    """Who names a subject, and in how many turns; no name: nameless voices."""

    name: str
    page: str
    turns: int
    percent: float


@dataclass(frozen=True)
class TopicSheet:
    """All that is known of a subject. `quotes` name it, newest session first, one of each turn.

    `is_whole`: every passage that names it was read, not the newest ones alone.
    """

    topic: Topic
    page: str
    objects: tuple[NamedObject, ...]
    sessions: tuple[TopicSession, ...]
    speakers: tuple[TopicSpeaker, ...]
    decisions: tuple[DecisionLine, ...]
    quotes: tuple[Quote, ...]
    is_whole: bool


# --- which there are ----------------------------------------------------------------------------


def topics_of(
    subjects: Subjects, vocabulary: Vocabulary, titles: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """The subjects that these titles of points name, each once, with its page."""
    coded = {title for _, of_code in vocabulary.objects for title in of_code}
    naming = (title for title in titles if title in coded or not coded)
    found = (topic for some in subjects.topics(naming).values() for topic in some)
    return tuple({topic.stems: (topic.name, topic_page(topic.name)) for topic in found}.values())


def topic_lines(published: Published, subjects: Subjects) -> tuple[TopicLine, ...]:
    """Every subject, the latest on an agenda first."""
    lines = (
        TopicLine(
            topic.name,
            topic_page(topic.name),
            len({row.id for row in rows}),
            rows[0].date,
            _objects(rows),
        )
        for topic, rows in _points(published, subjects)
    )
    return tuple(sorted(lines, key=lambda line: (line.last, line.sessions), reverse=True))


def topics_with(lines: Iterable[TopicLine], words: str) -> tuple[TopicLine, ...]:
    """Those whose name has all of some words."""
    wanted = fold(words).split()
    return tuple(line for line in lines if all(word in fold(line.name) for word in wanted))


def find_topic(published: Published, subjects: Subjects, called: str) -> Topic:
    """The subject that an address calls so, in its newest spelling. Raises `NotFound`."""
    rows = _agendas(published)
    topics = subjects.topics(row.title for row in rows)
    for row in rows:
        for topic in topics[row.title]:
            if topic_page(topic.name) == topic_page(called):
                return topic
    raise NotFound(f"Aucun sujet « {called[:40]} » dans les séances publiées.")


def _points(published: Published, subjects: Subjects) -> list[tuple[Topic, list[Row[Any]]]]:
    """Each subject with the points whose titles name it, the newest first."""
    spelt: dict[tuple[str, ...], Topic] = {}
    points = defaultdict(list)
    rows = _agendas(published)
    topics = subjects.topics(row.title for row in rows)
    for row in rows:
        for topic in topics[row.title]:
            points[spelt.setdefault(topic.stems, topic)].append(row)
    return list(points.items())


def _agendas(published: Published) -> Sequence[Row[Any]]:
    """The points of published agendas that may name a subject, newest session first."""
    s, points = t.sessions.c, t.agenda_items.c
    query = (
        select(points.title, points.object, points.start_ms, points.position, s.id, s.date)
        .add_columns(s.title.label("session"))
        .join(t.sessions)
        .where(s.status == Status.PUBLISHED)
        .order_by(s.date.desc(), s.id.desc(), points.position)
    )
    with published.archive.engine.connect() as db:
        rows = db.execute(query).all()
    coded = [row for row in rows if row.object]
    return coded or rows


@lru_cache(maxsize=20_000)  # of the archive's titles: each page of a subject reads them all
def _stems_of(title: str) -> tuple[str, ...]:
    return tuple(stems(title))


def _objects(rows: Iterable[Row[Any]]) -> tuple[NamedObject, ...]:
    named = {}
    for row in rows:
        if row.object and (code := code_of(row.object)) not in named:
            named[code] = NamedObject(code, bare_title(row.title, code), object_page(code))
    return tuple(named.values())


# --- one of them --------------------------------------------------------------------------------


def topic_sheet(published: Published, subjects: Subjects, topic: Topic) -> TopicSheet:
    """The sheet of a subject: its points, and the turns that name it word for word."""
    rows = [row for row in _agendas(published) if topic.is_among(_stems_of(row.title))]
    quotes, is_whole = _quotes(published, subjects, topic)
    objects = _objects(rows)
    codes = [one.code for one in objects]
    told = last_decisions(published, codes)
    found = decisions(published, Filters(objects=tuple(codes)), limit=_DECISIONS) if codes else ()
    return TopicSheet(
        topic=topic,
        page=topic_page(topic.name),
        objects=tuple(
            NamedObject(one.code, one.title, one.page, told.get(one.code)) for one in objects
        ),
        sessions=tuple(_sessions(published, rows, quotes)),
        speakers=tuple(_speakers(published, quotes)),
        decisions=tuple(decision_line_of(one) for one in found if one.vote.noun),
        quotes=quotes,
        is_whole=is_whole,
    )


def _quotes(
    published: Published, subjects: Subjects, topic: Topic
) -> tuple[tuple[Quote, ...], bool]:
    """The first sentence of each turn that says a subject's words one after the other."""
    found: dict[tuple[str, int], Quote] = {}
    passages = subjects.saying(topic.stems, _PASSAGES + 1)
    for passage in passages[:_PASSAGES]:
        try:
            turns = published.turns(passage.session, passage.first_turn, passage.last_turn)
        except NotFound:  # withdrawn a moment ago
            continue
        for turn in turns:
            if (passage.session, turn.id) in found:
                continue
            for one in sentences(turn) if topic.is_in(turn.text) else ():
                said = turn.said(one.first_word, one.last_word)
                if topic.is_in(said) and not is_formula(said):
                    quote = Quote(passage.session, turn, one.first_word, one.last_word)
                    found[passage.session, turn.id] = quote
                    break
    return tuple(found.values()), len(passages) <= _PASSAGES


def _sessions(
    published: Published, rows: Sequence[Row[Any]], quotes: Sequence[Quote]
) -> Iterator[TopicSession]:
    """The sessions that have a subject on their agenda or name it, newest first."""
    turns = defaultdict(int, {row.id: 0 for row in rows})
    for quote in quotes:
        turns[quote.session] += 1
    bars = dict(zip(turns, percents(SpokenAmount(words=n) for n in turns.values()), strict=True))
    held = [published.session(id_) for id_ in turns]
    for session in sorted(held, key=lambda one: (one.date, one.id), reverse=True):
        mine = [row for row in rows if row.id == session.id]
        yield TopicSession(
            session.date.isoformat(),
            session.title,
            _page(mine[0]) if mine else session_page(session.id),
            tuple(row.title for row in mine),
            turns[session.id],
            bars[session.id],
        )


def _page(row: Row[Any]) -> str:
    """The address of a point in its session; of the session where the point has no time."""
    page = session_page(row.id)
    if row.start_ms is None:
        return page
    return f"{page}?t={row.start_ms}ms#point-{row.position + 1}"


def _speakers(published: Published, quotes: Iterable[Quote]) -> Iterator[TopicSpeaker]:
    """Who names a subject, the most often first; nameless voices, together, last."""
    voices = cache(published.speakers)
    turns: dict[str, int] = defaultdict(int)
    for quote in quotes:
        names = {voice.label: voice.person for voice in voices(quote.session)}
        turns[names.get(quote.turn.speaker or "") or ""] += 1
    bars = percents(SpokenAmount(words=n) for n in turns.values())
    rows = [
        TopicSpeaker(name, person_page(name) if name else "", n, bar)
        for (name, n), bar in zip(turns.items(), bars, strict=True)
    ]
    yield from sorted(rows, key=lambda row: (not row.name, -row.turns, row.name))


def cited(published: Published, topic: Topic, quotes: Iterable[Quote]) -> Iterator[CitationView]:
    """Quotations held against the archive; those whose words were hidden since are left out."""
    view = quote_reader(published)
    for quote in quotes:
        try:
            yield view(replace(quote, strong=_named_at(topic, quote)))
        except (NotFound, Corrupt):
            continue


def _named_at(topic: Topic, quote: Quote) -> tuple[int, int] | None:
    """The first and last of the words of a quotation that name a subject."""
    said = quote.turn.said
    for first in range(quote.first_word, quote.last_word + 1):
        for last in range(first, min(first + _LONGEST_NAME, quote.last_word + 1)):
            if topic.is_in(said(first, last)):
                return next(
                    (later, last)
                    for later in range(last, first - 1, -1)
                    if topic.is_in(said(later, last))
                )
    return None
