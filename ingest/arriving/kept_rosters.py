"""The list of each body's members, kept from sitting to sitting, whatever becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Connection, DateTime, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from ingest import tables as t
from ingest.tables import now
from ingest.transcript import Person

table = Table(
    "rosters",
    t.metadata,
    Column("body", String, primary_key=True),
    Column("people", JSON, nullable=False),
    Column("kept_at", DateTime, nullable=False),
)


@dataclass(frozen=True)
class KeptRoster:
    """The last list that was given for a body."""

    body: str
    people: tuple[Person, ...]
    kept_at: datetime


def keep_roster(db: Connection, body: str, people: Sequence[Person]) -> None:
    """Keep a list for the body's next sitting; an empty one leaves the last as it is."""
    if people:
        rows = [[person.name, person.role, person.group] for person in people]
        values = {"people": rows, "kept_at": now()}
        put = insert(table).values(body=body, **values)
        db.execute(put.on_conflict_do_update(index_elements=["body"], set_=values))


def kept_rosters(db: Connection) -> tuple[KeptRoster, ...]:
    """The lists kept, one for each body, the newest first.

    Those of sittings that were brought in before lists were kept are found in the sittings.
    """
    kept = {
        row.body: KeptRoster(row.body, tuple(Person(*cells) for cells in row.people), row.kept_at)
        for row in db.execute(select(table))
    }
    for body, session_id, created_at in _older(db):
        if body not in kept:
            people = select(t.people).where(t.people.c.session_id == session_id)
            rows = db.execute(people.order_by(t.people.c.position)).all()
            listed = tuple(Person(row.name, row.role, row.group) for row in rows)
            kept[body] = KeptRoster(body, listed, created_at)
    return tuple(sorted(kept.values(), key=lambda roster: roster.kept_at, reverse=True))


def kept_roster(db: Connection, body: str) -> KeptRoster | None:
    """The list kept for a body, if there is one."""
    same = body.strip().casefold()
    return next((r for r in kept_rosters(db) if r.body.strip().casefold() == same), None)


def as_csv(people: Sequence[Person]) -> str:
    """A list as a clerk edits it: one person a line, cells parted by semicolons."""
    lines = (
        "; ".join(cell.replace(";", ",") for cell in (p.name, p.role, p.group)) for p in people
    )
    return "\n".join(["nom; fonction; groupe", *(line.rstrip("; ") for line in lines)]) + "\n"


def _older(db: Connection) -> list[tuple[str, str, datetime]]:
    with_people = select(t.people.c.session_id).distinct()
    found = select(t.sessions.c.body, t.sessions.c.id, t.sessions.c.created_at).where(
        t.sessions.c.id.in_(with_people)
    )
    rows = db.execute(found.order_by(t.sessions.c.date.desc(), t.sessions.c.id.desc()))
    return [(row.body, row.id, row.created_at) for row in rows]
