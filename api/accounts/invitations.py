"""One-time links, with which a password is chosen, once, within a few days.

The first one makes the first administrator; it is printed where the server starts, so that who
can read the server's terminal is trusted. The others are made by administrators, who send them.
"""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from api.accounts import accounts
from api.accounts.roles import Account, Role
from api.accounts.schema import account_of, invitations, kept, new_token
from api.accounts.schema import accounts as account_table
from ingest.archive import audit
from ingest.archive.schema import now
from ingest.errors import NotFound

FIRST = timedelta(days=1)  # it is printed again at each start
LASTS = timedelta(days=3)  # over a weekend: it travels by mail, which others may read
PATH = "/bureau/invitation/"


def first(db: Connection) -> str | None:
    """A link's token for the first administrator, if there is none. The former link ends."""
    if accounts.has_administrator(db):
        return None
    db.execute(delete(invitations).where(invitations.c.account.is_(None)))
    return _add(db, None, FIRST)


def invite(db: Connection, by: str, account: Account) -> str:
    """A link's token for an account to choose a password. The former link ends."""
    db.execute(delete(invitations).where(invitations.c.account == account.id))
    audit.record(db, by, "account.link", account.login)
    return _add(db, account.id, LASTS)


def read(db: Connection, token: str) -> Account | None:
    """The account that a link is for, None for the first administrator's.

    Raises `NotFound` for a link that was used, is too old or never was.
    """
    row = db.execute(
        select(invitations.c.account).where(
            invitations.c.token == kept(token), invitations.c.expires_at >= now()
        )
    ).first()
    if row is None:
        raise NotFound(_USED)
    if row.account is None:
        if accounts.has_administrator(db):
            raise NotFound(_USED)
        return None
    query = select(account_table).where(
        account_table.c.id == row.account, account_table.c.active.is_(True)
    )
    invited = db.execute(query).first()
    if invited is None:
        raise NotFound(_USED)
    return account_of(invited)


def accept(db: Connection, token: str, hashed: str) -> Account:
    """Keep the password chosen through a link; the link is used. Raises `NotFound`."""
    account = read(db, token)
    if account is None:
        raise NotFound(_USED)
    _use(db, token)
    accounts.set_password(db, account.login, account, hashed)
    return account


def accept_first(db: Connection, token: str, login: str, name: str, hashed: str) -> Account:
    """Make the first administrator. Raises `NotFound`, `BadInput`, `Conflict`."""
    if read(db, token) is not None:
        raise NotFound(_USED)
    _use(db, token)
    account = accounts.add(db, audit.CONSOLE, login, name, Role.ADMINISTRATOR)
    accounts.set_password(db, account.login, account, hashed)
    return account


_USED = (
    "Ce lien a déjà servi, ou il est trop ancien : demandez-en un autre à qui gère les comptes "
    "(le tout premier est affiché là où le serveur démarre)."
)


def _add(db: Connection, account_id: int | None, lasts: timedelta) -> str:
    token, moment = new_token(), now()
    db.execute(delete(invitations).where(invitations.c.expires_at < moment))
    row = {"token": kept(token), "account": account_id, "expires_at": moment + lasts}
    db.execute(insert(invitations).values(row))
    return token


def _use(db: Connection, token: str) -> None:
    db.execute(delete(invitations).where(invitations.c.token == kept(token)))
