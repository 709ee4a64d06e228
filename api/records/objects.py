"""An object through all its sessions: when it was taken up, what was decided, who spoke on it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, select

from api.records.turns import amount, shares, with_points
from api.views.links import object_page, party_page, person_page, session_page
from api.views.session import bare_title
from api.views.votes import DecisionLine, VoteView, decision_line_of, vote_reader
from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.speaking import SpokenTurn, spoken, turns_of
from ingest.errors import NotFound
from ingest.french_dates import day
from ingest.text import fold
from ingest.transcript import Session, Status
from search.filters import Filters
from search.votes.register import Decision, decisions
from search.votes.tallies import code_of
from search.votes.vote import Subject, Vote

_ON_PARTS = (Subject.AMENDMENT, Subject.ARTICLE)
_ON_WHOLE = (Subject.OBJECT, Subject.REFERRAL, Subject.POSTPONEMENT, Subject.FILING)
# Of the archive's codes: reading one takes longer than finding its points.
_code = lru_cache(maxsize=20_000)(code_of)


@dataclass(frozen=True)
class ObjectLine:
    """An object in a list: its newest title, in how many sessions it was, its last decision."""

    code: str
    title: str
    page: str
    sessions: int
    years: frozenset[int]
    last: date
    decision: Vote | None = None

    @property
    def day(self) -> str:
        """When it was last on the agenda, in words."""
        return day(self.last)


@dataclass(frozen=True)
class ObjectStage:
    """An object in one session. `page` is where it is taken up there; `spoken` how long, in words.

    `decisions` are those on the whole of it, `parts` those on amendments and articles.
    """

    date: str
    day: str
    title: str
    body: str
    page: str
    speakers: int
    spoken: str
    decisions: tuple[VoteView, ...]
    parts: tuple[DecisionLine, ...]


@dataclass(frozen=True)
class Share:
    """How much a person or a party spoke, and the length of the bar that shows it.

    No name: nameless voices. `group` is a person's party, as of the newest of these turns.
    """

    name: str
    page: str
    group: str
    turns: int
    amount: str
    percent: float


@dataclass(frozen=True)
class ObjectSheet:
    """All that is known of an object. `stages` are oldest first; `turns` newest session first."""

    code: str
    title: str
    decision: Vote | None
    stages: tuple[ObjectStage, ...]
    speakers: tuple[Share, ...]
    parties: tuple[Share, ...]
    turns: tuple[SpokenTurn, ...]


# --- the list -----------------------------------------------------------------------------------


def object_lines(published: Published) -> tuple[ObjectLine, ...]:
    """Every object that was on a published agenda, the latest first, without its decision."""
    points = defaultdict(list)
    for row in _points(published):
        points[_code(row.object)].append(row)
    lines = (
        ObjectLine(
            code,
            bare_title(rows[-1].title, code),
            object_page(code),
            len({row.id for row in rows}),
            frozenset(row.date.year for row in rows),
            rows[-1].date,
        )
        for code, rows in points.items()
    )
    return tuple(sorted(lines, key=lambda line: (line.last, line.code), reverse=True))


def narrowed(lines: Iterable[ObjectLine], year: int | None, words: str) -> tuple[ObjectLine, ...]:
    """Those on the agenda in a year, whose code or title has all of some words."""
    wanted = fold(words).split()
    return tuple(
        line
        for line in lines
        if (year is None or year in line.years)
        and all(word in fold(f"{line.code} {line.title}") for word in wanted)
    )


def last_decisions(published: Published, codes: Sequence[str]) -> dict[str, Vote]:
    """The last decision on the whole of each object."""
    found = decisions(published, Filters(objects=tuple(codes))) if codes else ()
    return {_code(one.vote.object or ""): one.vote for one in _whole(found[::-1])}


def _whole(found: Iterable[Decision]) -> Iterator[Decision]:
    """Decisions of the council on the whole of an object."""
    for one in found:
        if one.vote.subject in _ON_WHOLE and not one.vote.committee and one.vote.noun:
            yield one


def _points(published: Published) -> list[Row[Any]]:
    """The points of published agendas that carry an object, oldest session first."""
    s, points = t.sessions.c, t.agenda_items.c
    query = (
        select(points.object, points.title, s.id, s.date)
        .join(t.sessions)
        .where(s.status == Status.PUBLISHED, points.object.is_not(None), points.object != "")
        .order_by(s.date, s.id, points.position)
    )
    with published.archive.engine.connect() as db:
        return list(db.execute(query))


# --- one object ---------------------------------------------------------------------------------


def object_sheet(published: Published, code: str) -> ObjectSheet:
    """The sheet of an object by its code, however it is written. Raises `NotFound`."""
    wanted = code_of(code)  # as a reader wrote it: not to be remembered
    rows = [row for row in _points(published) if _code(row.object) == wanted]
    if not rows:
        raise NotFound(f"Aucun objet « {code[:40]} » à l'ordre du jour d'une séance publiée.")
    found = decisions(published, Filters(objects=(wanted,)))[::-1]
    sessions = [published.session(id_) for id_ in dict.fromkeys(row.id for row in rows)]
    turns = _turns(published, sessions, wanted)
    groups = {(one.id, person.name): person.group for one in sessions for person in one.roster}
    whole = list(_whole(one for one in found if _code(one.vote.object or "") == wanted))
    return ObjectSheet(
        code=wanted,
        title=bare_title(rows[-1].title, wanted),
        decision=whole[-1].vote if whole else None,
        stages=tuple(_stages(published, sessions, wanted, turns, found)),
        speakers=_speakers(turns, groups),
        parties=_parties(turns, groups),
        turns=turns,
    )


def _turns(published: Published, sessions: Sequence[Session], code: str) -> tuple[SpokenTurn, ...]:
    """What is said while an object is treated."""
    every = with_points(published, turns_of(published, sessions=[one.id for one in sessions]))
    return tuple(turn for turn, item in every if item and _code(item.object or "") == code)


def _stages(
    published: Published,
    sessions: Sequence[Session],
    code: str,
    turns: Sequence[SpokenTurn],
    found: Sequence[Decision],
) -> Iterator[ObjectStage]:
    view = vote_reader(published)
    for session in sessions:
        mine = [turn for turn in turns if turn.session.id == session.id]
        votes = [one for one in found if one.vote.session == session.id]
        whole = (view(one.vote) for one in votes if one.vote.subject not in _ON_PARTS)
        parts = (one for one in votes if one.vote.subject in _ON_PARTS)
        yield ObjectStage(
            date=session.date.isoformat(),
            day=day(session.date),
            title=session.title,
            body=session.body,
            page=_point_page(session, code),
            speakers=len({turn.person for turn in mine}),
            spoken=amount(spoken(mine)) if mine else "",
            decisions=tuple(one for one in whole if one),
            parts=tuple(map(decision_line_of, parts)),
        )


def _point_page(session: Session, code: str) -> str:
    """Where a session takes up an object; its beginning where that is not known."""
    for number, item in enumerate(session.agenda, 1):
        if _code(item.object or "") == code and item.start_ms is not None:
            return f"{session_page(session.id)}?t={item.start_ms}ms#point-{number}"
    return session_page(session.id)


_Groups = Mapping[tuple[str, str], str]  # the party of each person in each session


def _group(turn: SpokenTurn, groups: _Groups) -> str:
    return groups.get((turn.session.id, turn.person or ""), "")


def _speakers(turns: Sequence[SpokenTurn], groups: _Groups) -> tuple[Share, ...]:
    """Who speaks, the longest first; nameless voices, together, last."""
    newest = {turn.person: _group(turn, groups) for turn in reversed(turns)}
    rows = (
        Share(
            name or "",
            person_page(name or ""),
            newest[name],
            total.turns,
            amount(total),
            percent,
        )
        for name, total, percent in shares((turn.person, turn) for turn in turns)
    )
    return tuple(sorted(rows, key=lambda row: not row.name))


def _parties(turns: Sequence[SpokenTurn], groups: _Groups) -> tuple[Share, ...]:
    """How long each party speaks, as people belonged to it then; none where there are not two."""
    by_group = shares((group, turn) for turn in turns if (group := _group(turn, groups)))
    rows = (
        Share(group, party_page(group), "", total.turns, amount(total), percent)
        for group, total, percent in by_group
    )
    return tuple(rows) if len(by_group) > 1 else ()
