"""Turns over many sessions: under which point they are said, how much they are, how they begin."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from api.answers.citation import Quote
from api.answers.sheet import beginning
from api.views.answer import CitationView, quote_reader
from api.views.wording import length
from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.speaking import SpokenAmount, SpokenTurn, spoken
from ingest.errors import Corrupt, NotFound
from ingest.transcript import AgendaItem, Session, Status

Key = TypeVar("Key")

_WORD_MS = 375  # 160 words a minute: to draw what was read beside what was heard
_LEAST_MS, _LEAST_WORDS = 8_000, 25  # a shorter turn is an answer, thanks or a call


# --- under which point --------------------------------------------------------------------------


def with_points(
    published: Published, turns: Sequence[SpokenTurn]
) -> Iterator[tuple[SpokenTurn, AgendaItem | None]]:
    """Each turn with its point, None where that is not certain."""
    agendas = _agendas(published, {turn.session.id for turn in turns})
    sessions = {
        held.id: Session(held.id, held.title, held.date, agenda=tuple(agendas[held.id]))
        for held in {turn.session for turn in turns}
    }
    for turn in turns:
        yield turn, sessions[turn.session.id].agenda_item_at(turn.start_ms)


def _agendas(published: Published, sessions: Collection[str]) -> dict[str, list[AgendaItem]]:
    """The points of sessions that have a time."""
    points = t.agenda_items.c
    columns = (points.number, points.title, points.object, points.start_ms, points.until_ms)
    query = (
        select(points.session_id, *columns)
        .join(t.sessions)
        .where(t.sessions.c.status == Status.PUBLISHED, points.session_id.in_(sessions))
        .where(points.start_ms.is_not(None))
        .order_by(points.session_id, points.position)
    )
    found = defaultdict(list)
    with published.archive.engine.connect() as db:
        for session_id, *item in db.execute(query):
            found[session_id].append(AgendaItem(*item))
    return found


# --- how much: in words, and as the length of a bar ---------------------------------------------


def amount(spoken: SpokenAmount) -> str:
    """`12 min`, `840 mots` where there is no sound, or both."""
    words = f"{spoken.words:,} mot{'s' if spoken.words > 1 else ''}"
    parts = (
        length(spoken.time_ms) if spoken.time_ms or not spoken.words else "",
        words.replace(",", "\N{NARROW NO-BREAK SPACE}") if spoken.words else "",
    )
    return " et ".join(part for part in parts if part)


def percents(spoken: Iterable[SpokenAmount]) -> tuple[float, ...]:
    """The length of each one's bar: 100 for the longest."""
    weights = [one.time_ms + one.words * _WORD_MS for one in spoken]
    most = max(weights, default=0) or 1
    return tuple(round(100 * one / most, 1) for one in weights)


def shares(keyed: Iterable[tuple[Key, SpokenTurn]]) -> list[tuple[Key, SpokenAmount, float]]:
    """How much is spoken under each key, with the length of its bar; the most first."""
    turns: dict[Key, list[SpokenTurn]] = defaultdict(list)
    for key, turn in keyed:
        turns[key].append(turn)
    totals = [spoken(some) for some in turns.values()]
    rows = zip(turns, totals, percents(totals), strict=True)
    return sorted(rows, key=lambda row: -row[2])


_YEAR, _DAY = 1000, 25  # units of a line that is a year long, and of a mark on it: 2 px of a phone


def year_line(days: Iterable[date]) -> str:
    """A mark for each day, as an SVG path 1 high, on a line from January to December.

    >>> year_line([date(2025, 1, 1), date(2025, 7, 2)])
    'M0 0h25v1H0zM488 0h25v1H488z'
    """
    starts = (round((_YEAR - _DAY) * (day.timetuple().tm_yday - 1) / 364) for day in days)
    return "".join(f"M{at} 0h{_DAY}v1H{at}z" for at in (min(at, _YEAR - _DAY) for at in starts))


# --- how they begin -----------------------------------------------------------------------------


def is_speech(turn: SpokenTurn) -> bool:
    """Is a turn long enough to say something?"""
    least = _LEAST_MS if turn.session.is_recorded else _LEAST_WORDS
    return turn.end_ms - turn.start_ms >= least


def speeches(published: Published, turns: Iterable[SpokenTurn]) -> Iterator[CitationView]:
    """How these turns begin, held against the archive; those that were hidden since left out."""
    quoted = quote_reader(published)
    for turn in turns:
        try:
            (said,) = published.turns(turn.session.id, turn.turn, turn.turn) or (None,)
            if said is None or not said.words:
                continue
            view = quoted(Quote(turn.session.id, said, *beginning(said)))
        except (NotFound, Corrupt):
            continue
        yield view
