"""A person through all sessions, offices, time spoken, votes moved and cast; and a party."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from api.records.turns import amount, percents, shares, with_points, year_line
from api.views.links import object_page, party_page, person_page, session_page, slug
from api.views.votes import DecisionLine, decision_line_of
from api.views.wording import year_span
from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.speaking import (
    SILENT,
    SessionSpeech,
    SpokenAmount,
    SpokenTurn,
    parts_of,
    turns_of,
)
from ingest.documents.roster import Membership
from ingest.errors import NotFound
from ingest.french_dates import day
from ingest.intake.rosters import KeptRoster, kept_rosters
from ingest.text import fold
from ingest.transcript import Status, bare_name
from search.filters import Filters
from search.query.vocabulary import Member, Vocabulary
from search.votes.register import Decision, decisions, voted_by
from search.votes.tallies import code_of

_POINTS, _VOTES = 12, 10  # shown of a person or a party: the most spoken on, the newest


@dataclass(frozen=True)
class PersonLine:
    """A person in a list, with the newest role and party."""

    name: str
    page: str
    role: str
    group: str
    group_page: str
    turns: int
    amount: str
    percent: float


@dataclass(frozen=True)
class Office:
    """What rosters of sessions say that a person is.

    `periods` are those that the bodies' lists give, first and last day; `years` those of the
    sessions (2019–2024), where the lists do not tell.
    """

    role: str
    group: str
    group_page: str
    periods: tuple[tuple[date | None, date | None], ...]
    years: str


@dataclass(frozen=True)
class YearLine:
    """A year in which a person spoke."""

    year: int
    turns: int
    amount: str
    percent: float


@dataclass(frozen=True)
class SessionLine:
    """A session in which a person spoke; `evidence` is how the name is known there."""

    page: str
    date: str
    day: str
    evidence: str
    turns: int
    amount: str
    percent: float


@dataclass(frozen=True)
class PointLine:
    """An object, or another point, on which a person spoke, and on which days (ISO 8601).

    `line` draws those on the line of a year, as an SVG path of 1000 by 1.
    """

    title: str
    page: str
    amount: str
    percent: float
    days: tuple[str, ...]
    line: str


@dataclass(frozen=True)
class CastLine:
    """A nominal vote of a person: the side, and what was decided."""

    side: str
    decision: DecisionLine


@dataclass(frozen=True)
class PersonSheet:
    """All that is known of a person; `sessions`, `points` and `turns` are of `year` alone.

    `namesakes` are other people so called.
    """

    name: str
    offices: tuple[Office, ...]
    namesakes: tuple[PersonLine, ...]
    spoken: SpokenAmount
    amount: str
    year: int | None
    years: tuple[YearLine, ...]
    sessions: tuple[SessionLine, ...]
    points: tuple[PointLine, ...]
    moved: tuple[DecisionLine, ...]
    cast: tuple[CastLine, ...]
    turns: tuple[SpokenTurn, ...]

    @property
    def holds_office(self) -> bool:
        """Has the person a role or a party? Search engines are asked to leave out other people."""
        return any(office.role or office.group for office in self.offices)


@dataclass(frozen=True)
class PartySheet:
    """A party by its name on rosters. Times are those of a person, whichever the party was then."""

    name: str
    members: tuple[PersonLine, ...]
    former: tuple[PersonLine, ...]
    moved: tuple[DecisionLine, ...]


# --- the list -----------------------------------------------------------------------------------


def person_lines(
    vocabulary: Vocabulary, totals: Mapping[str, SpokenAmount], words: str = "", party: str = ""
) -> tuple[PersonLine, ...]:
    """The people whose name, role or party has all of some words, by family name.

    `party` is a group, as the roster has it now.
    """
    wanted = fold(words).split()
    fitting = [
        member
        for member in vocabulary.people
        if all(word in _described(member) for word in wanted)
        and (not party or party in member.groups[:1])
    ]
    return _lines_of(sorted(fitting, key=_by_family_name), totals)


def _described(member: Member) -> str:
    return fold(" ".join((*member.spellings, *member.roles[:1], *member.groups[:1])))


def _by_family_name(member: Member) -> tuple[str, str]:
    """The last word of a name, then all: the list has no other sign of what a family is called."""
    words = fold(bare_name(member.name)).split()
    return (words or [""])[-1], fold(member.name)


def _lines_of(
    members: Sequence[Member], totals: Mapping[str, SpokenAmount]
) -> tuple[PersonLine, ...]:
    """These people, in their order, with how long each spoke."""
    said = [totals.get(member.name, SILENT) for member in members]
    return tuple(
        PersonLine(
            member.name,
            person_page(member.name),
            next(iter(member.roles), ""),
            (group := next(iter(member.groups), "")),
            party_page(group),
            one.turns,
            amount(one) if one.turns else "",
            percent,
        )
        for member, one, percent in zip(members, said, percents(said), strict=True)
    )


# --- a party ------------------------------------------------------------------------------------


def party_sheet(
    published: Published, vocabulary: Vocabulary, called: str, totals: Mapping[str, SpokenAmount]
) -> PartySheet:
    """The sheet of the party that addresses call so. Raises `NotFound`."""
    names = tuple(group for group in vocabulary.groups if slug(group) == called)
    if not names:
        raise NotFound(f"Aucun parti de ce nom dans les séances publiées : « {called[:60]} ».")
    ever = [member for member in vocabulary.people if set(member.groups) & set(names)]
    ever.sort(key=_by_family_name)
    now = [member for member in ever if member.groups[0] in names]
    return PartySheet(
        name=names[0],
        members=_lines_of(now, totals),
        former=_lines_of([member for member in ever if member not in now], totals),
        moved=tuple(
            map(decision_line_of, decisions(published, Filters(groups=names), limit=_VOTES))
        ),
    )


# --- one person ---------------------------------------------------------------------------------


def person_sheet(
    published: Published, vocabulary: Vocabulary, called: str, year: int | None = None
) -> PersonSheet:
    """The sheet of the person whom addresses call so, in a year, or in the last with a word.

    Spellings that differ by accents alone are one person's. Raises `NotFound`.
    """
    members = [member for member in vocabulary.people if slug(member.name) == called]
    if not members:
        raise NotFound(f"Personne de ce nom dans les séances publiées : « {called[:60]} ».")
    names = tuple(member.name for member in members)
    parts = parts_of(published, names)
    shown = year or next((part.session.date.year for part in parts), None)
    of_year = [part for part in parts if part.session.date.year == shown]
    turns = turns_of(published, names, [p.session.id for p in of_year]) if of_year else ()
    total = sum((part.spoken for part in parts), SILENT)
    return PersonSheet(
        name=names[0],
        offices=tuple(_offices(published, names)),
        namesakes=_lines_of(_namesakes(vocabulary, members), {}),
        spoken=total,
        amount=amount(total),
        year=shown,
        years=tuple(_years(parts)),
        sessions=tuple(_sessions(of_year)),
        points=_points(published, turns),
        moved=tuple(
            map(decision_line_of, decisions(published, Filters(people=names), limit=_VOTES))
        ),
        cast=tuple(_cast(voted_by(published, names, _VOTES), names)),
        turns=turns,
    )


def _namesakes(vocabulary: Vocabulary, members: Sequence[Member]) -> list[Member]:
    """Others whose name is the same but for what tells them apart."""
    bare = {slug(bare_name(member.name)) for member in members}
    return [m for m in vocabulary.people if slug(bare_name(m.name)) in bare and m not in members]


def _offices(published: Published, names: Sequence[str]) -> Iterator[Office]:
    """Each role and party of published rosters, the latest first."""
    s, people = t.sessions.c, t.people.c
    query = (
        select(people.role, people.group, s.date, s.body)
        .join(t.sessions)
        .where(s.status == Status.PUBLISHED, people.name.in_(names))
        .order_by(s.date.desc())
    )
    seats = defaultdict(list)
    with published.archive.engine.connect() as db:
        for role, group, day, body in db.execute(query):
            seats[role, group].append((day, body))
        kept = kept_rosters(db)
    for (role, group), seen in seats.items():
        held = [
            (roster, one)
            for roster in kept
            for one in roster.memberships
            if one.person.name in names and (one.person.role, one.person.group) == (role, group)
        ]
        years = year_span([day.year for day, _ in seen])
        yield Office(role, group, party_page(group), _periods(held, seen), years)


def _periods(
    held: Sequence[tuple[KeptRoster, Membership]], seen: Sequence[tuple[date, str]]
) -> tuple[tuple[date | None, date | None], ...]:
    """The days between which an office was held; none unless lists tell it of all the days `seen`.

    No office is told that no published session shows.
    """
    of_each = [
        next((one for roster, one in held if roster.is_of(body) and one.holds_on(day)), None)
        for day, body in seen
    ]
    known = [(one.since, one.until) for one in of_each if one and one.is_dated]
    return tuple(dict.fromkeys(known)) if len(known) == len(seen) else ()


def _years(parts: Iterable[SessionSpeech]) -> Iterator[YearLine]:
    totals: dict[int, SpokenAmount] = {}
    for part in parts:
        year = part.session.date.year
        totals[year] = totals.get(year, SILENT) + part.spoken
    for (year, total), percent in zip(totals.items(), percents(totals.values()), strict=True):
        yield YearLine(year, total.turns, amount(total), percent)


def _sessions(parts: Sequence[SessionSpeech]) -> Iterator[SessionLine]:
    bars = percents(part.spoken for part in parts)
    for part, percent in zip(parts, bars, strict=True):
        session, said = part.session, part.spoken
        yield SessionLine(
            session_page(session.id),
            session.date.isoformat(),
            day(session.date),
            str(part.evidence),
            said.turns,
            amount(said),
            percent,
        )


def _points(published: Published, turns: Sequence[SpokenTurn]) -> tuple[PointLine, ...]:
    """The objects and points on which most was said; an object is one over all its sessions."""
    titles: dict[str, tuple[str, str]] = {}
    keyed = []
    days: dict[str, set[date]] = defaultdict(set)
    for turn, item in with_points(published, turns):
        if item is None:
            continue
        code = code_of(item.object) if item.object else None
        page = object_page(code) if code else session_page(turn.session.id)
        titles.setdefault(code or item.title, (item.title, page))
        keyed.append((code or item.title, turn))
        days[code or item.title].add(turn.session.date)
    return tuple(
        PointLine(
            *titles[key],
            amount(total),
            percent,
            tuple(on.isoformat() for on in sorted(days[key])),
            year_line(sorted(days[key])),
        )
        for key, total, percent in shares(keyed)[:_POINTS]
    )


def _cast(found: Iterable[Decision], names: Sequence[str]) -> Iterator[CastLine]:
    for one in found:
        ballots = one.vote.ballots
        sides = {"yes": ballots.yes, "no": ballots.no, "abstentions": ballots.abstentions}
        side = next(side for side, voters in sides.items() if set(voters) & set(names))
        yield CastLine(side, decision_line_of(one))
