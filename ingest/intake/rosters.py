"""The list of each body's members, kept from session to session, whatever becomes of these.

A body's list may say from and until when each membership holds: a session has those of its day. A
list without days is the last one that was given, and the next one takes its place; one with days
is changed by itself, and no session's own list touches it. Knows no form and no file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Column, Connection, DateTime, String, Table, delete, select

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.schema import now
from ingest.documents.roster import Membership, members_on
from ingest.errors import Conflict
from ingest.transcript import Person

table = Table(
    "rosters",
    t.metadata,
    Column("body", String, primary_key=True),
    Column("people", JSON, nullable=False),  # [[name, role, group, also, since, until], ...]
    Column("kept_at", DateTime, nullable=False),
)


@dataclass(frozen=True)
class KeptRoster:
    """The list of a body's members; `kept_at` is when it was given, UTC."""

    body: str
    memberships: tuple[Membership, ...]
    kept_at: datetime

    @property
    def is_dated(self) -> bool:
        """Does it say from or until when any membership holds?"""
        return any(one.is_dated for one in self.memberships)

    @property
    def seal(self) -> str:
        """A digest, by which a change made meanwhile is noticed."""
        return sha256(json.dumps(_rows(self.memberships)).encode()).hexdigest()[:16]

    def is_of(self, body: str) -> bool:
        """Is it the list of that body, however its name is written?"""
        return _folded(self.body) == _folded(body)

    def on(self, day: date) -> tuple[Person, ...]:
        """Its members on a day."""
        return members_on(self.memberships, day)


def keep_roster(db: Connection, body: str, people: Sequence[Person]) -> None:
    """Keep a session's list for the body's next one; an empty one leaves the last as it is."""
    kept = kept_roster(db, body)
    if people and not (kept and kept.is_dated):
        _write(db, kept.body if kept else body, [Membership(person) for person in people])


def change_roster(
    db: Connection, body: str, seal: str, memberships: Sequence[Membership], by: str
) -> None:
    """Have a body's list be this one; an empty one is given up.

    `seal` is that of the list it was made from, "" of none. Raises `Conflict` where it is not the
    one that stands.
    """
    kept = kept_roster(db, body)
    if (kept.seal if kept else "") != seal:
        raise Conflict(
            "Quelqu'un d'autre a modifié cette liste entre-temps : comparez avec ce qui s'y trouve"
            " à présent, puis enregistrez de nouveau."
        )
    name = kept.body if kept else body
    if memberships:
        _write(db, name, memberships)
    else:
        db.execute(delete(table).where(table.c.body == name))
    audit.record(db, by, "roster.change", name)


def kept_rosters(db: Connection) -> tuple[KeptRoster, ...]:
    """The lists kept, one for each body, the newest first."""
    rows = db.execute(select(table).order_by(table.c.kept_at.desc(), table.c.body))
    return tuple(
        KeptRoster(row.body, tuple(map(_membership, row.people)), row.kept_at) for row in rows
    )


def kept_roster(db: Connection, body: str) -> KeptRoster | None:
    """The list kept for a body, if there is one."""
    return next((roster for roster in kept_rosters(db) if roster.is_of(body)), None)


def bodies(db: Connection) -> list[str]:
    """The bodies that have sessions or a list, by name."""
    names = {_folded(roster.body): roster.body for roster in kept_rosters(db)}
    for body in db.execute(select(t.sessions.c.body).distinct()).scalars():
        names.setdefault(_folded(body), body)
    return [names[key] for key in sorted(names)]


def members_of(db: Connection, body: str, day: date) -> tuple[Person, ...]:
    """A body's members on a day, by the list kept for it; nobody where there is none."""
    kept = kept_roster(db, body)
    return kept.on(day) if kept else ()


def _folded(body: str) -> str:
    """A body's name without what writers of it vary."""
    return body.strip().casefold()


def _write(db: Connection, body: str, memberships: Sequence[Membership]) -> None:
    t.put(db, table, {"body": body}, {"people": _rows(memberships), "kept_at": now()})


def _rows(memberships: Sequence[Membership]) -> list[list[str | None]]:
    return [
        [
            *(one.person.name, one.person.role, one.person.group, one.person.also),
            *(day.isoformat() if day else None for day in (one.since, one.until)),
        ]
        for one in memberships
    ]


def _membership(row: Sequence[Any]) -> Membership:
    *person, since, until = row
    return Membership(
        Person(*person), *(date.fromisoformat(d) if d else None for d in (since, until))
    )
