"""Which account is signed in, in which browser: kept on the server, named by a random cookie.

A sign-in ends when it was not used for half a day, after a week whatever happens, at sign-out, and
when its account's password, role or state changes. Knows nothing of passwords or HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from api.accounts.roles import Account
from api.accounts.schema import account_of, accounts, kept, logins, new_token
from ingest.archive.schema import now

IDLE = timedelta(hours=12)  # a working day: an upload that a closed laptop paused goes on after it
LONGEST = timedelta(days=7)  # a working week, and the Monday after it
_NOTED = timedelta(minutes=5)  # how exact "last seen" is: a poll must not be a write


@dataclass(frozen=True)
class Login:
    """An open sign-in. `stale`: it was last noted as used a while ago."""

    account: Account
    stale: bool


def start(db: Connection, account_id: int, instead_of: str | None = None) -> str:
    """Sign an account in; the token for its cookie.

    Always a new one: a former token that was planted or seen is worth nothing.
    """
    end(db, instead_of)
    moment, token = now(), new_token()
    db.execute(delete(logins).where((logins.c.expires_at < moment) | _idle(moment)))
    db.execute(
        insert(logins).values(
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
        select(c.id, c.login, c.name, c.role, logins.c.seen_at)
        .join_from(logins, accounts, logins.c.account == accounts.c.id)
        .where(
            logins.c.token == kept(token),
            logins.c.expires_at >= moment,
            ~_idle(moment),
            accounts.c.active.is_(True),
        )
    ).first()
    if row is None:
        return None
    return Login(account_of(row), stale=row.seen_at < moment - _NOTED)


def note(db: Connection, token: str) -> None:
    """The session is being used."""
    db.execute(update(logins).where(logins.c.token == kept(token)).values(seen_at=now()))


def end(db: Connection, token: str | None) -> None:
    """Sign one browser out."""
    if token:
        db.execute(delete(logins).where(logins.c.token == kept(token)))


def close_all(db: Connection, account_id: int, but: str | None = None) -> None:
    """Sign an account out everywhere, or everywhere but in one browser."""
    query = delete(logins).where(logins.c.account == account_id)
    if but:
        query = query.where(logins.c.token != kept(but))
    db.execute(query)


def _idle(moment: datetime) -> ColumnElement[bool]:
    return logins.c.seen_at < moment - IDLE
