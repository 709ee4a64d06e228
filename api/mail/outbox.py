"""The outbox: mails that wait in SQL until the mail server has taken them.

A mail is put there in the transaction that gives reason for it, and its row goes once it is sent,
or cannot be: no address stays. It holds no word of any session. Knows no mail server.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from api import delivery
from api.delivery import KEPT, wait_after
from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.schema import now

table = Table(
    "outbox",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("to", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("unsubscribe", Text),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE")),
    Column("attempts", Integer, nullable=False),
    Column("not_before", DateTime, nullable=False, index=True),
    Column("at", DateTime, nullable=False),
)

GIVEN_UP = "mail.given_up"
"""In the audit log: a mail that was refused for good, or for days."""


@dataclass(frozen=True)
class Letter:
    """A mail to be sent. `unsubscribe` is an address that ends such letters by one POST.

    One about a published `session` is sent only while that session is published.
    """

    to: str
    subject: str
    body: str
    session: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True)
class Mail(Letter):
    """A letter in the outbox; `at` is when it was put there, UTC."""

    id: int = 0
    attempts: int = 0
    at: datetime = datetime.min


def put(db: Connection, letter: Letter) -> None:
    """Have a letter sent, once the caller's transaction ends well."""
    db.execute(
        insert(table).values(
            to=letter.to,
            subject=letter.subject,
            body=letter.body,
            unsubscribe=letter.unsubscribe,
            session_id=letter.session,
            attempts=0,
            not_before=now(),
            at=now(),
        )
    )


def is_due(db: Connection) -> bool:
    """Is there a mail to send now?"""
    return delivery.is_due(db, table)


def claim(db: Connection) -> Mail | None:
    """The mail that is due first, held for this process; None where none is due."""
    row = delivery.claim(db, table)
    if row is None:
        return None
    return Mail(
        to=row.to,
        subject=row.subject,
        body=row.body,
        session=row.session_id,
        unsubscribe=row.unsubscribe,
        id=row.id,
        attempts=row.attempts,
        at=row.at,
    )


def drop(db: Connection, mail: Mail) -> None:
    """Delete a mail: it is sent, or is not to be."""
    db.execute(delete(table).where(table.c.id == mail.id))


@dataclass(frozen=True)
class Trouble:
    """Mails that did not arrive: those `late` are tried again, those given up are not."""

    late: int
    given_up: int


_OFTEN = 4  # attempts, the first minutes: a server that greylists takes a mail at the second
_RECENT = timedelta(days=30)  # of what was given up: the office sees it, then it is history


def give_up(db: Connection, mail: Mail, why: str) -> None:
    """Delete a mail that cannot be delivered; the log says so, without its address."""
    drop(db, mail)
    audit.record(db, audit.MACHINE, GIVEN_UP, why)


def trouble(db: Connection) -> Trouble:
    """What the office is to know of mails that did not arrive."""
    late = select(func.count()).where(table.c.attempts >= _OFTEN)
    log = audit.table.c
    lost = select(func.count()).where(log.action == GIVEN_UP, log.at > now() - _RECENT)
    return Trouble(*(int(db.execute(query).scalar_one()) for query in (late, lost)))


def forget(db: Connection, email: str, *, digests_only: bool = False) -> None:
    """Delete the mails to an address that wait; or those alone from which one can unsubscribe."""
    mails = delete(table).where(func.lower(table.c.to) == email.lower())
    db.execute(mails.where(table.c.unsubscribe.is_not(None)) if digests_only else mails)


def postpone(db: Connection, mail: Mail) -> bool:
    """Have a mail tried again later, after a wait that doubles; False if that was long enough."""
    if now() - mail.at > KEPT:
        return False
    later = now() + wait_after(mail.attempts)
    db.execute(update(table).where(table.c.id == mail.id).values(not_before=later))
    return True
