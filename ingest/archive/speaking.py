"""Who speaks when in all published sessions: their turns without a word.

Reads an index of bounds, for ten years of sessions hold a hundred thousand turns. A turn that
readers do not get is not there: of a session of which something is withheld, none that comes near.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    column,
    func,
    select,
    tuple_,
)
from sqlalchemy import table as named_table

from ingest.archive import redactions
from ingest.archive import schema as t
from ingest.archive.published import Published, withheld_in
from ingest.transcript import Evidence, Span, Status

# The columns of the index `turns_by_voice` (migration 0024). `schema.turns` is without the bounds:
# SQLite would compute them from the words each time that whole turns are read.
_BOUNDS = named_table(
    "turns", *(column(name) for name in ("session_id", "speaker", "start_ms", "end_ms", "id"))
)
_turns = _BOUNDS.c
_LENGTH = _turns.end_ms - _turns.start_ms
_HAS_WORDS = _turns.start_ms.is_not(None)


@dataclass(frozen=True)
class SessionBrief:
    """A published session in brief. Its times are milliseconds; without sound they count words."""

    id: str
    title: str
    date: date
    body: str
    is_recorded: bool


@dataclass(frozen=True)
class SpokenTurn:
    """The bounds of a turn of a published session, by its id, and its speaker."""

    session: SessionBrief
    turn: int
    start_ms: int
    end_ms: int
    person: str | None
    evidence: Evidence


@dataclass(frozen=True)
class SpokenAmount:
    """How much was spoken: milliseconds where there is sound, words where there is none."""

    turns: int = 0
    time_ms: int = 0
    words: int = 0
    sessions: int = 1

    def __add__(self, other: "SpokenAmount") -> "SpokenAmount":
        """Both, of different sessions."""
        return SpokenAmount(
            self.turns + other.turns,
            self.time_ms + other.time_ms,
            self.words + other.words,
            self.sessions + other.sessions,
        )


SILENT = SpokenAmount(sessions=0)


@dataclass(frozen=True)
class SessionSpeech:
    """How much a person spoke in one session, and how it is known who that is."""

    session: SessionBrief
    evidence: Evidence
    spoken: SpokenAmount


def spoken(turns: Iterable[SpokenTurn]) -> SpokenAmount:
    """How much these turns are together."""
    lengths = {True: 0, False: 0}
    turns = tuple(turns)
    for turn in turns:
        lengths[turn.session.is_recorded] += turn.end_ms - turn.start_ms
    sessions = {turn.session.id for turn in turns}
    return SpokenAmount(len(turns), lengths[True], lengths[False], len(sessions))


# --- turns, one by one --------------------------------------------------------------------------


def turns_of(
    published: Published, people: Collection[str] = (), sessions: Collection[str] = ()
) -> tuple[SpokenTurn, ...]:
    """The turns of these people (none: of anybody) in these sessions (none: in all).

    Newest session first, in each in the order of speech.
    """
    mine = _mine(people, sessions)
    query = select(_turns.session_id, _turns.speaker, _turns.start_ms, _turns.end_ms, _turns.id)
    with published.archive.engine.connect() as db:
        voices = {(voice.id, voice.label): voice for voice in db.execute(_voices(mine))}
        rows = db.execute(query.where(_spoken_by(mine), _HAS_WORDS)).all()
        partly = redactions.withheld_sessions(db) & {row.session_id for row in rows}
        closed = {session: withheld_in(db, session) for session in partly}
    briefs = {voice.id: SessionBrief(*voice[:5]) for voice in voices.values()}
    turns = [
        SpokenTurn(
            briefs[row.session_id],
            row.id,
            row.start_ms,
            row.end_ms,
            (voice := voices[row.session_id, row.speaker]).person,
            Evidence(voice.evidence),
        )
        for row in rows
        if not any(
            span.touches(Span(row.start_ms, row.end_ms)) for span in closed.get(row.session_id, ())
        )
    ]
    turns.sort(key=lambda turn: (turn.start_ms, turn.turn))
    return tuple(sorted(turns, key=lambda one: (one.session.date, one.session.id), reverse=True))


def _mine(people: Collection[str], sessions: Collection[str]) -> list[ColumnElement[bool]]:
    mine = [t.sessions.c.status == Status.PUBLISHED]
    mine += [t.speakers.c.person.in_(people)] if people else []
    return mine + ([t.sessions.c.id.in_(sessions)] if sessions else [])


def _voices(mine: Collection[ColumnElement[bool]]) -> Select[Any]:
    """The voices that fit, each after its session in brief."""
    s, voices = t.sessions.c, t.speakers.c
    brief = (s.id, s.title, s.date, s.body, _is_recorded())
    of_voice = (voices.label, voices.person, voices.evidence)
    return select(*brief, *of_voice).join_from(t.sessions, t.speakers).where(*mine)


def _is_recorded() -> ColumnElement[bool]:
    return t.sessions.c.id.in_(select(t.recordings.c.session_id))


def _spoken_by(mine: Collection[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The turns of the voices that fit.

    By a list of voices: joined with them, SQLite reads every turn of every session.
    """
    voices = select(t.speakers.c.session_id, t.speakers.c.label).join(t.sessions).where(*mine)
    return tuple_(_turns.session_id, _turns.speaker).in_(voices)


# --- added up -----------------------------------------------------------------------------------


def parts_of(published: Published, people: Collection[str]) -> tuple[SessionSpeech, ...]:
    """How much these people, of one name, spoke in each published session, newest first."""
    mine = _mine(people, ())
    query = (
        select(_turns.session_id, _turns.speaker, func.count(), func.sum(_LENGTH))
        .where(_spoken_by(mine), _HAS_WORDS)
        .group_by(_turns.session_id, _turns.speaker)
    )
    with published.archive.engine.connect() as db:
        partly = redactions.withheld_sessions(db)
        voices = {(voice.id, voice.label): voice for voice in db.execute(_voices(mine))}
        rows = [row for row in db.execute(query) if row.session_id not in partly]
    parts: dict[str, SessionSpeech] = {}
    for session_id, label, turns, length in rows:
        voice = voices[session_id, label]
        _add(parts, SessionBrief(*voice[:5]), Evidence(voice.evidence), turns, length)
    for turn in turns_of(published, people, partly) if partly else ():
        _add(parts, turn.session, turn.evidence, 1, turn.end_ms - turn.start_ms)
    newest = sorted(parts.values(), key=lambda one: (one.session.date, one.session.id))
    return tuple(reversed(newest))


def _add(
    parts: dict[str, SessionSpeech],
    session: SessionBrief,
    evidence: Evidence,
    turns: int,
    length: int,
) -> None:
    """Add turns to those of their session, whose name is known as its weakest evidence has it."""
    before = parts.get(session.id, SessionSpeech(session, evidence, SILENT))
    weakest = min(before.evidence, evidence, key=tuple(Evidence).index)
    more = SpokenAmount(turns, *((length, 0) if session.is_recorded else (0, length)), sessions=0)
    total = before.spoken + more
    parts[session.id] = SessionSpeech(
        session, weakest, SpokenAmount(total.turns, total.time_ms, total.words)
    )


def spoken_by(published: Published) -> dict[str, SpokenAmount]:
    """How much each person speaks in all published sessions, by name."""
    with published.archive.engine.connect() as db:
        partly = redactions.withheld_sessions(db)
        total = {row.person: SpokenAmount(*row[1:]) for row in db.execute(_totals(partly))}
    of_person = defaultdict(list)
    for turn in turns_of(published, sessions=partly) if partly else ():
        of_person[turn.person].append(turn)
    for person, turns in of_person.items():
        if person:
            total[person] = total.get(person, SILENT) + spoken(turns)
    return total


def _totals(but: Collection[str]) -> Select[Any]:
    """By person: turns, milliseconds, words, sessions; without the sessions that are named."""
    s, voices = t.sessions.c, t.speakers.c
    each = (
        select(_turns.session_id, _turns.speaker, func.count().label("turns"))
        .add_columns(func.sum(_LENGTH).label("length"))
        .where(_HAS_WORDS)
        .group_by(_turns.session_id, _turns.speaker)
        .subquery()
    )
    same = (voices.session_id == each.c.session_id) & (voices.label == each.c.speaker)
    is_recorded = _is_recorded()
    return (
        select(voices.person, func.sum(each.c.turns))
        .add_columns(func.sum(case((is_recorded, each.c.length), else_=0)))
        .add_columns(func.sum(case((is_recorded, 0), else_=each.c.length)))
        .add_columns(func.count(s.id.distinct()))
        .select_from(each)
        .join(t.speakers, same)
        .join(t.sessions, s.id == voices.session_id)
        .where(s.status == Status.PUBLISHED, voices.person.is_not(None), s.id.not_in(but))
        .group_by(voices.person)
    )
