"""The table of votes in the archive's database.

Holds published sessions' votes only: written when a session is published, deleted when it is
withdrawn. Whatever is read is joined to the sessions' status as it is then.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
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
from ingest.archive.published import Published
from ingest.archive.repository import Archive
from ingest.transcript import Session, Status, Transcript
from search.filters import EVERYTHING, Filters
from search.language.stems import REVISION, stems
from search.session_guard import unchanged
from search.votes.announcements import codes_in
from search.votes.extract import RULES, Outcome, Subject, Vote, code_of
from search.votes.extract import votes as votes_of
from search.votes.verdicts import judged, standing

log = logging.getLogger(__name__)

_RULES = 1000 * RULES + REVISION
"""Kept votes are made again when what is extracted changes, or the stems they are found by."""
_UNREAD = 0
"""In the place of `_RULES`: reading them failed, and is tried again by `fill`."""

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
    Column("unanimous", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("stems", Text, nullable=False),
    Column("confirmed", Boolean, nullable=False),
)

read = Table(
    "votes_read",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("rules", Integer, nullable=False),
)


# --- writing ----------------------------------------------------------------------------------


def readable(session: Session, transcript: Transcript) -> tuple[Vote, ...] | None:
    """The votes of a session as its words have them now; None where a fault of ours stops it.

    A sitting is published all the same: `search.integrity` lists it.
    """
    try:
        return votes_of(session, transcript)
    except Exception:
        log.exception("%s: its votes could not be read.", session.id)
        return None


def replace(db: Connection, session: Session, found: Sequence[Vote] | None) -> None:
    """Keep these votes of a session (see `readable`), less those that were set aside."""
    delete_session(db, session.id)
    rows = [_row(n, vote) for n, vote in enumerate(standing(judged(db, session.id, found or ())))]
    if rows:
        db.execute(insert(table), rows)
    rules = _UNREAD if found is None else _RULES
    db.execute(insert(read), {"session_id": session.id, "rules": rules})


def is_unread(db: Connection, session_id: str) -> bool:
    """Is it published without its votes because they could not be read?"""
    rules = db.execute(select(read.c.rules).where(read.c.session_id == session_id)).scalar()
    return rules == _UNREAD


def delete_session(db: Connection, session_id: str) -> None:
    """Forget a session's votes."""
    for one in (table, read):
        db.execute(delete(one).where(one.c.session_id == session_id))


def fill(archive: Archive) -> int:
    """Extract the votes of published sessions that lack them, or have them by older rules.

    One small query when nothing lacks; else some ten milliseconds for a minute of debate, without
    any model. Returns the number of sessions that lacked them.
    """
    lacking = (
        select(t.sessions.c.id)
        .outerjoin(read, read.c.session_id == t.sessions.c.id)
        .where(t.sessions.c.status == Status.PUBLISHED)
        .where(or_(read.c.rules.is_(None), read.c.rules != _RULES))
    )
    with archive.engine.connect() as db:
        ids = list(db.execute(lacking).scalars())
    for session_id in ids:
        session, transcript = archive.session(session_id), archive.transcript(session_id)
        found = readable(session, transcript)
        with archive.begin() as db:  # of one that changes or is hidden meanwhile a job takes care
            if session.status is Status.PUBLISHED and unchanged(db, session, transcript):
                replace(db, session, found)
    return len(ids)


def _row(position: int, vote: Vote) -> dict[str, Any]:
    values = asdict(vote)
    about = values.pop("about")
    values["session_id"] = values.pop("session")
    named = f"{vote.object or ''} {vote.item} {vote.noun} {vote.mover or ''} {vote.destination}"
    codes = (code_of(vote.object),) if vote.object else codes_in(vote.item)
    found_by = dict.fromkeys(stems(f"{named}. {vote.said} {about}"))
    return values | {
        "position": position,
        "codes": f" {' '.join(codes)} ",
        "stems": " ".join(found_by),
    }


def of_session(archive: Archive, session: Session, transcript: Transcript) -> tuple[Vote, ...]:
    """The votes of one session as its words have them now, less those that were set aside.

    Of a published one those that are kept, which costs nothing, unless their words were corrected
    since; of a draft they are looked for.
    """
    if session.status is Status.PUBLISHED:
        query = select(table).where(table.c.session_id == session.id).order_by(table.c.position)
        with archive.engine.connect() as db:
            kept = [vote_of(row) for row in db.execute(query)]
        return tuple(vote for vote in kept if _is_still_said(vote, transcript))
    with archive.engine.connect() as db:
        return tuple(standing(judged(db, session.id, votes_of(session, transcript))))


def _is_still_said(vote: Vote, transcript: Transcript) -> bool:
    turns = transcript.turns[vote.turn : vote.turn + 1]
    run = [word for turn in turns for word in turn.words[vote.first_word : vote.last_word + 1]]
    return bool(run) and " ".join(word.text for word in run) == vote.said


# --- reading ----------------------------------------------------------------------------------


def votes(
    published: Published, filters: Filters = EVERYTHING, outcomes: Sequence[Outcome] = ()
) -> tuple[Vote, ...]:
    """Votes of published sessions, newest sitting first, in each as they were said.

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
        wanted = (f"% {code_of(code)} %" for code in filters.objects)
        found.append(or_(*(table.c.codes.like(one) for one in wanted)))
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
    """A vote from a row with all columns."""
    values = dict(row._mapping)
    for name in ("position", "codes", "stems"):
        del values[name]
    values["session"] = values.pop("session_id")
    values |= {"subject": Subject(row.subject), "outcome": Outcome(row.outcome)}
    return Vote(**values)
