"""The register of decisions: the votes of published sessions, each with its session, in pages.

Whose words were corrected since is left out until it is read again, as everywhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Text, and_, cast, exists, func, or_, select

from ingest.archive import schema as t
from ingest.archive.published import Published
from search.filters import EVERYTHING, Filters, Outcome
from search.votes.store import open_votes, table, vote_of
from search.votes.vote import Vote


@dataclass(frozen=True)
class Decision:
    """A vote, its session's title and date, and its mover's party by the roster.

    `party` is None where the roster lacks the mover, "" where it gives the mover no party.
    """

    vote: Vote
    title: str
    date: date
    party: str | None


def decisions(
    published: Published,
    filters: Filters = EVERYTHING,
    outcomes: Sequence[Outcome] = (),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[Decision, ...]:
    """The decisions that fit, newest session first, in each as they were said."""
    return _read(published, _current(open_votes(filters), outcomes), limit, offset)


def voted_by(published: Published, names: Sequence[str], limit: int) -> tuple[Decision, ...]:
    """The newest nominal votes in which a person, by any of these names, took part."""
    ballots = cast(table.c.ballots, Text)
    named = (ballots.contains(json.dumps(name), autoescape=True) for name in names)
    return _read(published, _current(open_votes(EVERYTHING), ()).where(or_(*named)), limit, 0)


def _read(
    published: Published, query: Select[Any], limit: int | None, offset: int
) -> tuple[Decision, ...]:
    s, people = t.sessions.c, t.people.c
    mover = and_(people.session_id == table.c.session_id, people.name == table.c.mover)
    # The first entry, where a roster names a person twice.
    party = select(people.group).where(mover).order_by(people.position).limit(1).scalar_subquery()
    query = (
        query.add_columns(
            s.title.label("of_title"), s.date.label("of_date"), party.label("of_party")
        )
        .order_by(s.date.desc(), s.id.desc(), table.c.position)
        .limit(limit)
        .offset(offset)
    )
    with published.archive.engine.connect() as db:
        rows = db.execute(query).all()
    return tuple(Decision(vote_of(row), row.of_title, row.of_date, row.of_party) for row in rows)


def count(
    published: Published, filters: Filters = EVERYTHING, outcomes: Sequence[Outcome] = ()
) -> int:
    """How many decisions fit."""
    fitting = _current(open_votes(filters, table.c.position), outcomes).subquery()
    with published.archive.engine.connect() as db:
        return int(db.execute(select(func.count()).select_from(fitting)).scalar_one())


def _current(query: Select[Any], outcomes: Sequence[Outcome]) -> Select[Any]:
    turns = t.turns.c
    here = and_(turns.session_id == table.c.session_id, turns.id == table.c.turn)
    query = query.where(exists().where(here, turns.revision == table.c.revision))
    return query.where(table.c.outcome.in_(outcomes)) if outcomes else query
