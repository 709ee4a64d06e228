"""Who is signed in, in which browser: sessions kept on the server, named by a random cookie.

A session ends when nobody used it for half a day, after a week whatever happens, at sign-out, and
when its account's password, role or state changes. Knows nothing of passwords or HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from api.accounts.roles import Account
from api.accounts.schema import account_of
from api.accounts.schema import table as accounts
from api.accounts.tokens import kept, new_token
from ingest.archive import schema as t
from ingest.archive.schema import now

IDLE = timedelta(hours=12)  # a working day: an upload that a closed laptop paused goes on after it
LONGEST = timedelta(days=7)
_NOTED = timedelta(minutes=5)  # how exact "last seen" is: a poll must not be a write

table = Table(
    "logins",
    t.metadata,
    Column("token", String, primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
)


@dataclass(frozen=True)
class Login:
    """An open session. `stale`: it was last noted as used a while ago."""

    account: Account
    stale: bool


def start(db: Connection, account_id: int, instead_of: str | None = None) -> str:
    """Sign an account in; the token for its cookie.

    Always a new one: whoever planted or saw the browser's former token holds nothing.
    """
    end(db, instead_of)
    moment, token = now(), new_token()
    db.execute(delete(table).where((table.c.expires_at < moment) | _idle(moment)))
    db.execute(
        insert(table).values(
            token=kept(token),
            account=account_id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + LONGEST,
        )
    )
    return token


def find(db: Connection, token: str) -> Login | None:
    """Whose session a token is, if it is open and its account active."""
    moment, c = now(), accounts.c
    row = db.execute(
        select(c.id, c.login, c.name, c.role, table.c.seen_at)
        .join_from(table, accounts, table.c.account == accounts.c.id)
        .where(
            table.c.token == kept(token),
            table.c.expires_at >= moment,
            ~_idle(moment),
            accounts.c.active.is_(True),
        )
    ).first()
    if row is None:
        return None
    return Login(account_of(row), stale=row.seen_at < moment - _NOTED)


def note(db: Connection, token: str) -> None:
    """The session is being used."""
    db.execute(update(table).where(table.c.token == kept(token)).values(seen_at=now()))


def end(db: Connection, token: str | None) -> None:
    """Sign one browser out."""
    if token:
        db.execute(delete(table).where(table.c.token == kept(token)))


def close_all(db: Connection, account_id: int, but: str | None = None) -> None:
    """Sign an account out everywhere, or everywhere but in one browser."""
    query = delete(table).where(table.c.account == account_id)
    if but:
        query = query.where(table.c.token != kept(but))
    db.execute(query)


def _idle(moment: datetime) -> ColumnElement[bool]:
    return table.c.seen_at < moment - IDLE
