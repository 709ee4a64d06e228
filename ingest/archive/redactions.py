"""The table of redactions: passages that readers do not get, why, by whom, how far.

The words are gone from the moment that a row is here, or from readers alone where the office keeps
them. What is made again afterwards (sound, index, the database's own file) follows in stages, so
that a killed server knows what is left to do, and the old sound is refused meanwhile. Holds no word
of what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from ingest.archive import schema as t
from ingest.errors import InPreparation, NotFound
from ingest.transcript import Erased, Span, Withheld

table = Table(
    "closed",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("why", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("stage", String, nullable=False),
    Column("passages", JSON, nullable=False),
)


class RedactionReason(StrEnum):
    """Why a passage is redacted. The first two are destroyed, the others kept by the office."""

    IN_CAMERA = "in_camera"
    ERASED = "erased"
    WITHHELD = "withheld"
    RETURNED = "returned"  # was withheld; the row goes once the sound is whole again


_KINDS = {
    RedactionReason.IN_CAMERA: Span,
    RedactionReason.ERASED: Erased,
    RedactionReason.WITHHELD: Withheld,
}


class RedactionStage(StrEnum):
    """What is done of a redaction, in order; each stage includes those before it."""

    WORDS = "words"  # no word of it is in the database
    OPUS = "opus"  # the Opus file is silent there
    MP3 = "mp3"  # and the MP3 file
    DONE = "done"  # and no index or file of ours keeps a trace


_ORDER = tuple(RedactionStage)


@dataclass(frozen=True)
class Redaction:
    """A redacted passage. `stage` is what is done of it; `at` is UTC."""

    id: int
    session: str
    span: Span
    why: RedactionReason
    by: str
    at: datetime
    stage: RedactionStage
    passages: tuple[str, ...] = ()

    def has(self, stage: RedactionStage) -> bool:
        """Is that much of the work done?"""
        return _ORDER.index(self.stage) >= _ORDER.index(stage)

    @property
    def is_destroyed(self) -> bool:
        """Is nothing of it kept, for the office either?"""
        return self.why in (RedactionReason.IN_CAMERA, RedactionReason.ERASED)


def add(
    db: Connection,
    session_id: str,
    span: Span,
    why: RedactionReason,
    by: str,
    passages: Sequence[str],
) -> Redaction:
    """Note that a passage's words are redacted, in the transaction that does it."""
    values = {
        "session_id": session_id,
        "start_ms": span.start_ms,
        "end_ms": span.end_ms,
        "why": why,
        "by": by,
        "at": t.now(),
        "stage": RedactionStage.WORDS,
        "passages": list(passages),
    }
    return _read(db.execute(insert(table).values(values).returning(table)).one())


def of_session(db: Connection, session_id: str) -> tuple[Redaction, ...]:
    """The redactions of a session, by start."""
    where = table.c.session_id == session_id
    query = select(table).where(where).order_by(table.c.start_ms, table.c.id)
    return tuple(map(_read, db.execute(query)))


def withheld_sessions(db: Connection) -> frozenset[str]:
    """The sessions of which the office keeps something."""
    query = select(table.c.session_id).where(table.c.why == RedactionReason.WITHHELD)
    return frozenset(db.execute(query).scalars())


def unfinished(db: Connection) -> tuple[Redaction, ...]:
    """The redactions of all sessions of which something is left to do, oldest first."""
    query = select(table).where(table.c.stage != RedactionStage.DONE).order_by(table.c.id)
    return tuple(map(_read, db.execute(query)))


def advance(db: Connection, some: Sequence[Redaction], stage: RedactionStage) -> None:
    """Note how far some redactions are; what was kept only for the work goes at its end."""
    values = {"stage": stage, **({"passages": []} if stage is RedactionStage.DONE else {})}
    ids = [one.id for one in some if not one.has(stage)]
    db.execute(update(table).where(table.c.id.in_(ids)).values(values))


def give_back(db: Connection, session_id: str, number: int) -> Redaction:
    """Have a withheld passage be public again, its sound too once that is made. `NotFound`."""
    mine = (table.c.session_id == session_id, table.c.id == number)
    row = db.execute(select(table).where(*mine, table.c.why == RedactionReason.WITHHELD)).first()
    if row is None:
        raise NotFound("Ce passage n'est pas réservé au bureau : il a déjà été rendu, ou effacé.")
    values = {"why": RedactionReason.RETURNED, "stage": RedactionStage.WORDS, "passages": []}
    db.execute(update(table).where(*mine).values(values))
    return _read(row)


def widen(db: Connection, one: Redaction, span: Span) -> None:
    """Have a withheld passage be longer: its sound is to fall silent there too. Nothing shrinks.

    It is another row: a worker that is silencing the sound of the old one cannot mark it done.
    """
    db.execute(delete(table).where(table.c.id == one.id))
    add(db, one.session, span, one.why, one.by, one.passages)


def forget_returned(db: Connection, some: Sequence[Redaction]) -> None:
    """Delete the rows of passages that are whole again."""
    ids = [one.id for one in some if one.why is RedactionReason.RETURNED]
    db.execute(delete(table).where(table.c.id.in_(ids)))


def check_sound(db: Connection, session_id: str, form: str, *, office: bool = False) -> None:
    """Raise `InPreparation` while a listening file (opus, mp3) may hold what was redacted.

    The `office` hears what is withheld, and must not hear what is destroyed.
    """
    some = (one for one in of_session(db, session_id) if one.why is not RedactionReason.RETURNED)
    if not all(one.has(RedactionStage(form)) for one in some if one.is_destroyed or not office):
        raise InPreparation(
            "Un passage de cette séance vient d'être retiré : le son est en cours de préparation. "
            "Réessayez dans un moment."
        )


def spans(some: Sequence[Redaction]) -> tuple[Span, ...]:
    """The stretches that readers do not get, by start; those that touch are one.

    One is `Erased` where every part of it was erased on request, and `Withheld` where any part is:
    nothing may be taken for destroyed that is still kept.
    """
    joined: list[Span] = []
    for one in sorted((one for one in some if one.why in _KINDS), key=lambda one: one.span):
        kind = _KINDS[one.why]
        start_ms, end_ms = one.span.start_ms, one.span.end_ms
        if joined and start_ms <= joined[-1].end_ms:
            before = joined.pop()
            kind = _joint(kind, type(before))
            start_ms, end_ms = before.start_ms, max(before.end_ms, end_ms)
        joined.append(kind(start_ms, end_ms))
    return tuple(joined)


def _joint(one: type[Span], other: type[Span]) -> type[Span]:
    if Withheld in (one, other):
        return Withheld
    return one if one is other else Span


def _read(row: Row[tuple[object, ...]]) -> Redaction:
    return Redaction(
        id=row.id,
        session=row.session_id,
        span=Span(row.start_ms, row.end_ms),
        why=RedactionReason(row.why),
        by=row.by,
        at=row.at,
        stage=RedactionStage(row.stage),
        passages=tuple(row.passages),
    )
