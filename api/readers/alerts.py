"""Alerts: words, people, objects and questions on which a reader gets mails of new sessions.

An address is only written to after it was confirmed from its own mailbox; a request that is not
confirmed goes after `UNCONFIRMED`. Each alert has a secret of its own, which its mails carry: who
has it may confirm and end the alert, and end all others of the same address, without an account.
It is kept as it is, beside the address that it stands for, for every mail has to bear it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from api.accounts.rate_limit import Limit, admit
from api.accounts.schema import LONGEST_TOKEN, accounts, new_token
from api.catalogue import SOURCE, catalogue
from api.mail import letters, outbox
from api.mail.server import read_address
from api.readers.reports import plain_paragraph
from ingest.archive import reports
from ingest.archive import schema as t
from ingest.archive.repository import Archive, published_but
from ingest.archive.schema import now
from ingest.errors import BadInput, NotFound
from ingest.settings import Settings
from search.language.stems import stems
from search.query.vocabulary import Vocabulary

UNCONFIRMED = timedelta(days=3)  # a weekend, for a mail that is read on Monday
LONGEST = 200  # characters of a word or a question: the mail's lines show it whole
MOST_WAITING = 5  # unconfirmed of one address: so many mails in three days may a stranger cause it
MOST = 50  # of one address
# Readers in a library share an address; a script has so many mails sent to strangers, and no more.
FROM_ADDRESS = Limit("alerts asked for from an address", 10, timedelta(hours=1))

table = Table(
    "alerts",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    Column("email", Text, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("confirmed_at", DateTime),
    Column("language", String, nullable=False, server_default=SOURCE),
)
announced = Table(  # sessions of which readers were told
    "announced",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("at", DateTime, nullable=False),
)


class AlertKind(StrEnum):
    """What an alert is on; the values stand in addresses."""

    WORD = "mot"
    PERSON = "personne"
    OBJECT = "objet"
    QUESTION = "question"


@dataclass(frozen=True)
class Alert:
    """An alert. `subject` is a word, a name, an object's code or a question.

    `language` is that of its mails.
    """

    token: str
    email: str
    kind: AlertKind
    subject: str
    created_at: datetime
    confirmed_at: datetime | None
    language: str


def read_subject(kind: AlertKind, text: str, vocabulary: Vocabulary) -> str:
    """What an alert is on, as it was typed. Raises `BadInput`, `NotFound`."""
    subject = plain_paragraph(text)
    if not subject or len(subject) > LONGEST:
        raise BadInput(f"Dites de quoi il s'agit, en {LONGEST} caractères au plus.")
    if kind is AlertKind.PERSON and vocabulary.person(subject) is None:
        raise NotFound(f"Personne du nom de « {subject} » : voyez les noms des filtres.")
    if kind is AlertKind.WORD and not stems(subject):
        raise BadInput(
            f"« {subject} » est dit partout : choisissez un mot qui a un sens par lui-même."
        )
    return subject


@dataclass(frozen=True)
class AlertBox:
    """Alerts as their own readers may make and end them: by address, then by secret alone."""

    archive: Archive
    settings: Settings

    @property
    def is_open(self) -> bool:
        """Does this site send alerts? Not where reading needs an account: mail would go around."""
        return self.settings.smtp is not None and self.settings.reading == "public"

    def ask_for(
        self, kind: AlertKind, subject: str, email: str, client: str, language: str = SOURCE
    ) -> None:
        """Have a request to confirm an alert sent to its address.

        The caller learns nothing of the address's other alerts. Raises `BadInput`, `TooMany`.
        """
        address = read_address(email)
        with self.archive.begin() as db:
            admit(db, FROM_ADDRESS.of(client))
            purge(db)
            mine = of_address(db, address)
            waiting = [one for one in mine if one.confirmed_at is None]
            same = [one for one in mine if (one.kind, one.subject) == (kind, subject)]
            if same or len(waiting) >= MOST_WAITING or len(mine) >= MOST:
                return
            alert = Alert(new_token(), address, kind, subject, now(), None, language)
            db.execute(insert(table).values(**vars(alert)))
            page, text = page_of(alert.token), catalogue(language)
            outbox.put(db, letters.confirm_alert(self.settings, address, page, text))

    def read(self, token: str) -> Alert:
        """The alert with that secret. Raises `NotFound`."""
        with self.archive.engine.connect() as db:
            return of_token(db, token)

    def confirm(self, token: str) -> Alert:
        """Confirm an alert: digests are sent from now on. Raises `NotFound`."""
        with self.archive.begin() as db:
            this = (table.c.token == of_token(db, token).token, table.c.confirmed_at.is_(None))
            db.execute(update(table).where(*this).values(confirmed_at=now()))
            return of_token(db, token)

    def end(self, token: str) -> None:
        """End an alert; done again, it does nothing."""
        with self.archive.begin() as db:
            db.execute(delete(table).where(table.c.token == token[:LONGEST_TOKEN]))

    def end_all(self, token: str) -> None:
        """End all alerts of the address that has this one; done again, it does nothing."""
        with self.archive.begin() as db, suppress(NotFound):
            forget(db, of_token(db, token).email)


def page_of(token: str) -> str:
    """The address of an alert's page. The secret is in the query, which proxies do not log."""
    return f"/alertes/suivi?cle={token}"


def ending_all(token: str) -> str:
    """The address that ends all alerts of an address by one POST (RFC 8058)."""
    return f"/alertes/tout-arreter?cle={token}"


def of_token(db: Connection, token: str) -> Alert:
    """The alert with that secret. Raises `NotFound`."""
    row = db.execute(select(table).where(table.c.token == token[:LONGEST_TOKEN])).first()
    if row is None:
        raise NotFound("Cette alerte n'existe pas, ou plus : rien n'est envoyé.")
    return _read(row)


def of_address(db: Connection, email: str) -> Sequence[Alert]:
    """All alerts of an address, oldest first. An address differs by no capital."""
    mine = func.lower(table.c.email) == email.lower()
    return [_read(row) for row in db.execute(select(table).where(mine).order_by(table.c.id))]


def confirmed(db: Connection) -> Sequence[Alert]:
    """The alerts that were confirmed, by address."""
    query = select(table).where(table.c.confirmed_at.is_not(None))
    return [_read(row) for row in db.execute(query.order_by(table.c.email, table.c.id))]


def forget(db: Connection, email: str) -> None:
    """Delete all alerts of an address, and the mails about them that wait."""
    db.execute(delete(table).where(func.lower(table.c.email) == email.lower()))
    outbox.forget(db, email, digests_only=True)


def _late() -> ColumnElement[bool]:
    return table.c.confirmed_at.is_(None) & (table.c.created_at < now() - UNCONFIRMED)


def has_late(db: Connection) -> bool:
    """Are there requests that were not confirmed in time?"""
    return db.execute(select(table.c.id).where(_late()).limit(1)).first() is not None


def purge(db: Connection) -> None:
    """Delete the requests that were not confirmed in time."""
    db.execute(delete(table).where(_late()))


# Sessions of which readers were told.


def unannounced(db: Connection) -> Sequence[str]:
    """The published sessions of which readers were not told yet, oldest first."""
    return published_but(db, select(announced.c.session_id))


def announce(db: Connection, session_id: str) -> bool:
    """Note that readers are told of a session in this transaction; False if they were already."""
    if db.execute(select(announced).where(announced.c.session_id == session_id)).first():
        return False
    db.execute(insert(announced).values(session_id=session_id, at=now()))
    return True


def _read(row: Row[Any]) -> Alert:
    return Alert(
        token=row.token,
        email=row.email,
        kind=AlertKind(row.kind),
        subject=row.subject,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        language=row.language,
    )


def forget_address(db: Connection, email: str) -> None:
    """Delete an address from alerts, reports, accounts and the mails that wait."""
    forget(db, email)
    outbox.forget(db, email)
    for table in (reports.table, accounts):
        is_theirs = func.lower(table.c.email) == email.lower()
        db.execute(update(table).where(is_theirs).values(email=None))
