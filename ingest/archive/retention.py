"""How long a body's recordings keep their sound, and what is held from erasure. Words stay.

A city sets rules by body; there is none by default. A legal hold, on a session or a whole body,
stops its rule and every other act that destroys. Knows when sound falls due, not how it is erased.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.errors import BadInput, Conflict, NotFound
from ingest.french_dates import day
from ingest.transcript import Status

NOTICE_DAYS = 30
"""Sound is listed for so long before it is erased: after a rule is set, a session brought in or its
details changed (date, body), or a hold lifted, a month is left to object. Chosen, not measured."""
MOST_MONTHS = 1200  # a hundred years; more is a slip of the keyboard
_LONGEST_WHY = 400  # signs of a reason: a sentence or two

rule_table = Table(
    "retention_rules",
    t.metadata,
    Column("body", Text, primary_key=True),
    Column("months", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
)

hold_table = Table(
    "legal_holds",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE")),  # or a body
    Column("body", Text),
    Column("why", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("lifted_by", String),
    Column("lifted_at", DateTime),
)


@dataclass(frozen=True)
class Rule:
    """The sound of a body's sessions is erased so many months after the day of each."""

    body: str
    months: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Hold:
    """Nothing of a session, or of a body's, is destroyed until it is lifted. Times are UTC."""

    id: int
    session: str | None
    body: str | None
    why: str
    by: str
    at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


@dataclass(frozen=True)
class Due:
    """A session whose sound a rule erases on a day, unless it is held."""

    session: str
    title: str
    session_date: date
    body: str
    on: date
    hold: Hold | None

    def is_over(self, today: date) -> bool:
        """Is it to be erased by now?"""
        return self.on <= today and self.hold is None


# --- rules ------------------------------------------------------------------------------------


def set_rule(db: Connection, body: str, months: int | None, by: str) -> None:
    """Keep the sound of a body's sessions for so many months; None: for good.

    Raises `BadInput`.
    """
    if not body.strip():
        raise BadInput("Dites pour quel organe cette règle vaut.")
    if months is not None and not 1 <= months <= MOST_MONTHS:
        raise BadInput(f"Une durée de conservation va d'un mois à {MOST_MONTHS // 12} ans.")
    db.execute(delete(rule_table).where(rule_table.c.body == body))
    if months is not None:
        db.execute(insert(rule_table).values(body=body, months=months, by=by, at=t.now()))
    kept = "sans limite" if months is None else f"{months} mois"
    audit.record(db, by, "retention.rule", f"{body} : {kept}")


def rules_by_body(db: Connection) -> dict[str, Rule]:
    """The rules, by body."""
    rows = db.execute(select(rule_table).order_by(rule_table.c.body))
    return {row.body: Rule(row.body, row.months, row.by, row.at) for row in rows}


def ruled_bodies(db: Connection) -> tuple[str, ...]:
    """The bodies that a rule or a hold may name: of all sessions and rules, in order."""
    some = select(t.sessions.c.body).union(select(rule_table.c.body))
    return tuple(sorted(db.execute(some).scalars()))


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month.

    >>> months_after(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


# --- holds ------------------------------------------------------------------------------------


def hold(db: Connection, session_id: str | None, body: str | None, why: str, by: str) -> None:
    """Hold a session, or all of a body's, from erasure. Raises `BadInput`, `NotFound`."""
    reason = " ".join(why.split())
    if (session_id is None) == (body is None):
        raise BadInput("Choisissez la séance ou l'organe à conserver, l'un des deux.")
    if not reason or len(reason) > _LONGEST_WHY:
        raise BadInput(f"Dites pourquoi, en {_LONGEST_WHY} signes au plus.")
    this = select(t.sessions.c.id).where(t.sessions.c.id == session_id)
    if session_id is not None and db.execute(this).first() is None:
        raise NotFound(f"Aucune séance « {session_id} ».")
    if body is not None and body not in ruled_bodies(db):
        raise NotFound(f"Aucun organe « {body[:80]} » : choisissez dans la liste.")
    values = {"session_id": session_id, "body": body, "why": reason, "by": by, "at": t.now()}
    db.execute(insert(hold_table).values(values))
    audit.record(db, by, "retention.hold", session_id or body or "")


def lift(db: Connection, hold_id: int, by: str) -> None:
    """End a hold; one that was lifted stays so. Raises `NotFound`."""
    row = db.execute(select(hold_table).where(hold_table.c.id == hold_id)).first()
    if row is None:
        raise NotFound(f"Aucune conservation n° {hold_id}.")
    if row.lifted_at is None:
        this = update(hold_table).where(hold_table.c.id == hold_id)
        db.execute(this.values(lifted_by=by, lifted_at=t.now()))
        audit.record(db, by, "retention.lift", row.session_id or row.body)


def all_holds(db: Connection) -> tuple[Hold, ...]:
    """Every hold, those that stand first, then newest first."""
    order = (hold_table.c.lifted_at.is_not(None), hold_table.c.id.desc())
    return tuple(map(_hold, db.execute(select(hold_table).order_by(*order))))


def hold_of(db: Connection, session_id: str) -> Hold | None:
    """A hold that stands on a session or its body, None where there is none."""
    query = select(hold_table).join(t.sessions, _is_of(t.sessions))
    stands = query.where(t.sessions.c.id == session_id, hold_table.c.lifted_at.is_(None))
    row = db.execute(stands.order_by(hold_table.c.id)).first()
    return None if row is None else _hold(row)


def check_not_held(db: Connection, session_id: str) -> None:
    """Raise `Conflict` where a session is held: nothing of it may be destroyed."""
    if held := hold_of(db, session_id):
        raise Conflict(
            f"La séance « {session_id} » est en conservation légale depuis le {day(held.at)} : "
            "rien n'en est détruit tant qu'elle dure (page Conservation du bureau)."
        )


def _is_of(sessions: Table) -> ColumnElement[bool]:
    """Does a hold concern a session?"""
    return or_(hold_table.c.session_id == sessions.c.id, hold_table.c.body == sessions.c.body)


def _hold(row: Any) -> Hold:
    values = dict(row._mapping)
    return Hold(session=values.pop("session_id"), **values)


# --- what falls due ---------------------------------------------------------------------------


def due(
    db: Connection, session_id: str | None = None, rules: Mapping[str, Rule] | None = None
) -> tuple[Due, ...]:
    """The sessions whose sound a rule erases, the earliest first; or of that session alone.

    A draft without a word is none of them: its sound is all that is left of it. `rules`, by body,
    are those that stand unless others are given.
    """
    known = rules_by_body(db) if rules is None else rules
    if not known:
        return ()
    s = t.sessions.c
    recorded = select(t.recordings.c.session_id)
    has_text = or_(s.status != Status.DRAFT, s.id.in_(select(t.turns.c.session_id)))
    query = select(s.id, s.title, s.date, s.body, s.created_at).where(
        s.body.in_(tuple(known)), s.sound_erased_at.is_(None), s.id.in_(recorded), has_text
    )
    if session_id is not None:
        query = query.where(s.id == session_id)
    every, changed = all_holds(db), _details_changed(db, session_id)
    found = (_due(row, known[row.body], every, changed.get(row.id)) for row in db.execute(query))
    return tuple(sorted(found, key=lambda one: (one.on, one.session)))


def _details_changed(db: Connection, session_id: str | None) -> dict[str, datetime]:
    """When title, date, body or members of a session (None: each) were last changed (UTC)."""
    log = audit.table.c
    query = select(log.what, func.max(log.at)).where(log.action == "session.details")
    if session_id is not None:
        query = query.where(log.what == session_id)
    return {row[0]: row[1] for row in db.execute(query.group_by(log.what))}


def _due(row: Any, rule: Rule, every: Sequence[Hold], changed: datetime | None) -> Due:
    mine = [one for one in every if one.session == row.id or one.body == row.body]
    since = [at for at in (changed, *(one.lifted_at for one in mine)) if at]
    notice_end = max(rule.at, row.created_at, *since).date() + timedelta(days=NOTICE_DAYS)
    on = max(months_after(row.date, rule.months), notice_end)
    standing = next((one for one in mine if one.lifted_at is None), None)
    return Due(row.id, row.title, row.date, row.body, on, standing)


def mark_erased(db: Connection, session_id: str, by: str, today: date) -> bool:
    """Refuse a session's sound to readers and office from now on, if that is due and not held.

    True if its files are to be removed, also where an erasure before was cut short.
    """
    row = db.execute(select(t.sessions).where(t.sessions.c.id == session_id)).first()
    if row is None or row.sound_erased_at is not None:
        return row is not None
    if not any(one.is_over(today) for one in due(db, session_id)):
        return False
    this = update(t.sessions).where(t.sessions.c.id == session_id)
    db.execute(this.values(sound_erased_at=t.now()))
    audit.record(db, by, "sound.erase", session_id)
    return True


def erased(db: Connection) -> tuple[tuple[str, datetime], ...]:
    """The sessions whose sound was erased, with the moment (UTC), newest first."""
    s = t.sessions.c
    query = select(s.id, s.sound_erased_at).where(s.sound_erased_at.is_not(None))
    return tuple((row[0], row[1]) for row in db.execute(query.order_by(s.sound_erased_at.desc())))
