"""The table of votes in the archive's database.

Holds published sessions' votes only: written when a session is published, deleted when it is
withdrawn. Whatever is read is joined to the sessions' status as it is then.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
)

from ingest.archive import schema as t
from ingest.archive.published import Published, withheld_in
from ingest.transcript import Session, Status
from search.filters import EVERYTHING, Filters, Outcome
from search.language.stems import REVISION, stems
from search.votes.amendments import amendments_in
from search.votes.entered import ballots_of
from search.votes.tallies import code_of, codes_in
from search.votes.verdicts import judged, without_refused
from search.votes.vote import RULES, Subject, Vote

CURRENT = 1000 * RULES + REVISION
"""The rules that kept votes follow: votes are kept anew when extraction or the stems change."""
_UNREAD = 0
"""In the place of `CURRENT`: extraction failed, and is tried again by `confirm.refresh`."""

table = Table(
    "votes",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in ("turn", "revision", "first_word", "last_word", "start_ms", "end_ms")
    ),
    *(
        Column(name, Text, nullable=False)
        for name in ("said", "subject", "noun", "item", "outcome", "destination", "margin")
    ),
    Column("object", String),
    Column("codes", String, nullable=False),
    Column("mover", Text),
    *(Column(name, Integer) for name in ("yes", "no", "abstentions")),
    *(Column(name, Boolean, nullable=False) for name in ("unanimous", "unsure")),
    Column("body", Text, nullable=False),
    Column("ballots", JSON, nullable=False),
    Column("stems", Text, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    t.of_turn(),
)

read = Table(
    "votes_read",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("rules", Integer, nullable=False),
)


# --- writing ----------------------------------------------------------------------------------


def replace(db: Connection, session: Session, extracted: Sequence[Vote] | None) -> None:
    """Keep these votes of a session, less the refused and withheld; None where reading failed."""
    delete_session(db, session.id)
    closed = withheld_in(db, session.id)
    shown = [
        vote
        for vote in extracted or ()
        if not any(span.overlap_ms(vote.start_ms, vote.end_ms) for span in closed)
    ]
    kept = without_refused(judged(db, session.id, shown))
    rows = [_row(position, vote) for position, vote in enumerate(kept)]
    if rows:
        db.execute(insert(table), rows)
    rules = _UNREAD if extracted is None else CURRENT
    db.execute(insert(read), {"session_id": session.id, "rules": rules})


def is_unread(db: Connection, session_id: str) -> bool:
    """Is it published without its votes because they could not be read?"""
    rules = db.execute(select(read.c.rules).where(read.c.session_id == session_id)).scalar()
    return rules == _UNREAD


def delete_session(db: Connection, session_id: str) -> None:
    """Forget a session's votes."""
    for one in (table, read):
        db.execute(delete(one).where(one.c.session_id == session_id))


def _row(position: int, vote: Vote) -> dict[str, Any]:
    values = asdict(vote)
    about = values.pop("about")
    values["session_id"] = values.pop("session")
    named = f"{vote.object or ''} {vote.item} {vote.noun} {vote.mover or ''} {vote.destination}"
    own = (code_of(vote.object),) if vote.object else codes_in(f"{vote.noun}. {vote.item}")
    codes = (*own, *amendments_in(vote.noun))
    found_by = dict.fromkeys(stems(f"{named}. {vote.said} {about}"))
    return values | {
        "position": position,
        "codes": f" {' '.join(codes)} ",
        "stems": " ".join(found_by),
    }


# --- reading ----------------------------------------------------------------------------------


def votes(
    published: Published, filters: Filters = EVERYTHING, outcomes: Sequence[Outcome] = ()
) -> tuple[Vote, ...]:
    """Votes of published sessions, newest session first, in each as they were said.

    `filters.people` and `filters.groups` are those who moved what was voted on.
    """
    query = open_votes(filters)
    if outcomes:
        query = query.where(table.c.outcome.in_(outcomes))
    ordered = query.order_by(t.sessions.c.date.desc(), t.sessions.c.id.desc(), table.c.position)
    with published.archive.engine.connect() as db:
        return tuple(vote_of(row) for row in db.execute(ordered))


def open_votes(filters: Filters, *columns: Column[Any]) -> Select[Any]:
    """A query for the votes of published sessions that match, all their columns or some."""
    query = select(*(columns or table.c)).join(t.sessions, t.sessions.c.id == table.c.session_id)
    return query.where(t.sessions.c.status == Status.PUBLISHED, *_conditions(filters))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    sessions = t.sessions.c
    found: list[ColumnElement[bool]] = []
    if filters.people:
        found.append(table.c.mover.in_(filters.people))
    if filters.groups:
        found.append(_moved_by_group(filters.groups))
    if filters.sessions:
        found.append(sessions.id.in_(filters.sessions))
    if filters.bodies:
        found.append(sessions.body.in_(filters.bodies))
    if filters.objects:
        wanted = (f" {code_of(code)} " for code in filters.objects)
        found.append(or_(*(table.c.codes.contains(one, autoescape=True) for one in wanted)))
    if filters.items:
        found.append(table.c.item.in_(filters.items))
    if filters.since:
        found.append(sessions.date >= filters.since)
    if filters.until:
        found.append(sessions.date <= filters.until)
    return found


def _moved_by_group(groups: Sequence[str]) -> ColumnElement[bool]:
    people = t.people.c
    member = exists().where(
        and_(
            people.session_id == table.c.session_id,
            people.name == table.c.mover,
            people.group.in_(groups),
        )
    )
    return or_(member, table.c.mover.in_(groups))


def vote_of(row: Row[Any]) -> Vote:
    """A vote from a row with all columns, be there others beside them."""
    left_out = ("position", "codes", "stems")
    values = {c.name: row._mapping[c.name] for c in table.c if c.name not in left_out}
    values["session"] = values.pop("session_id")
    values |= {"subject": Subject(row.subject), "outcome": Outcome(row.outcome)}
    values["ballots"] = ballots_of(row.ballots)
    return Vote(**values)
