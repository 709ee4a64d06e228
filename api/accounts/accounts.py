"""Accounts in SQL: made, listed, changed. Each change is logged in the transaction that makes it.

Knows nothing of browsers or links. Whatever takes rights from an account signs it out.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from api.accounts import sessions
from api.accounts.roles import Account, Role
from api.accounts.schema import account_of, accounts
from ingest.archive import audit
from ingest.archive.schema import now
from ingest.errors import BadInput, Conflict, NotFound

LONGEST = 100  # characters of a login or a name
_LOGIN = re.compile(r"[\w.@+-]+")
PROVIDER = "openid"
"""The log's name for the city's provider of identities."""
# Names in the log of what acted without an account: no login may look like one.
_RESERVED = frozenset({audit.CONSOLE, audit.MACHINE, PROVIDER})


@dataclass(frozen=True)
class AccountLine:
    """An account as the list shows it. `password`: has one; `provided`: comes from a provider."""

    account: Account
    active: bool
    password: bool
    elsewhere: bool
    provided: bool
    email: str | None
    created_at: datetime


def as_login(text: str) -> str:
    """An identifier as it is kept: no difference of case. Raises `BadInput`."""
    login = unicodedata.normalize("NFC", text).strip().lower()
    if not _LOGIN.fullmatch(login) or len(login) > LONGEST or login in _RESERVED:
        raise BadInput(
            f"« {text[:40]} » ne peut être un identifiant : "
            "des lettres, des chiffres, . - _ + @ seulement, comme « c.dupont »."
        )
    return login


def as_name(text: str) -> str:
    """A name as it is shown. Raises `BadInput`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BadInput(f"« {name[:40]} » ne peut être un nom : écrivez prénom et nom.")
    return name


def add(
    db: Connection, by: str, login: str, name: str, role: Role, provided: bool = False
) -> Account:
    """A new account, without a password yet. Raises `BadInput`, `Conflict` for a taken login."""
    login, name = as_login(login), as_name(name)
    if find(db, login) is not None:
        raise Conflict(f"L'identifiant « {login} » est déjà pris : choisissez-en un autre.")
    made = db.execute(
        insert(accounts).values(
            login=login, name=name, role=role, provided=provided, active=True, created_at=now()
        )
    )
    audit.record(db, by, "account.add", login)
    return Account(int((made.inserted_primary_key or (0,))[0]), login, name, role)


def everyone(db: Connection) -> Sequence[AccountLine]:
    """All accounts, by login."""
    return [_kept(row) for row in db.execute(select(accounts).order_by(accounts.c.login))]


def find(db: Connection, login: str) -> AccountLine | None:
    """The account of that login, if there is one."""
    row = db.execute(select(accounts).where(accounts.c.login == login)).first()
    return _kept(row) if row else None


def of_login(db: Connection, login: str) -> AccountLine:
    """The account of that login. Raises `NotFound`."""
    found = find(db, login.strip().lower())
    if found is None:
        raise NotFound(f"Aucun compte « {login[:40]} » : voyez la liste des comptes.")
    return found


def of_id(db: Connection, account_id: int) -> AccountLine:
    """The account of that number. Raises `NotFound`."""
    row = db.execute(select(accounts).where(accounts.c.id == account_id)).first()
    if row is None:
        raise NotFound(f"Aucun compte numéro {account_id} : voyez la liste des comptes.")
    return _kept(row)


def stored_password(db: Connection, account_id: int) -> str | None:
    """The hash that is kept of an account's password."""
    query = select(accounts.c.password).where(accounts.c.id == account_id)
    return db.execute(query).scalar_one_or_none()


def has_administrator(db: Connection) -> bool:
    """Is there an account that may manage the others?"""
    return _administrators(db) > 0


def set_role(db: Connection, by: str, account: Account, role: Role) -> None:
    """Change what an account may do. Raises `Conflict` if none could manage the others any more."""
    if role is account.role:
        return
    _change(db, account, role=role)
    audit.record(db, by, f"account.role.{role}", account.login)
    sessions.close_all(db, account.id)


def set_active(db: Connection, by: str, account: Account, active: bool) -> None:
    """Let an account in again, or no longer. Raises `Conflict` as `set_role`.

    One that is closed is told nothing any more, and its address is deleted.
    """
    _change(db, account, active=active, **({} if active else {"email": None}))
    audit.record(db, by, "account.enable" if active else "account.disable", account.login)
    if not active:
        sessions.close_all(db, account.id)


def set_password(db: Connection, by: str, account: Account, hashed: str) -> None:
    """Keep the hash of a new password, and end every session begun with the old one."""
    _change(db, account, password=hashed)
    audit.record(db, by, "account.password", account.login)
    sessions.close_all(db, account.id)


def set_name(db: Connection, by: str, account: Account, name: str) -> None:
    """Change the name that is shown. Raises `BadInput`."""
    if (chosen := as_name(name)) != account.name:
        _change(db, account, name=chosen)
        audit.record(db, by, "account.name", account.login)


def set_email(db: Connection, account: Account, address: str | None) -> None:
    """Change where an account is told by mail; None: nowhere. The log does not keep addresses."""
    _change(db, account, email=address)


def _change(db: Connection, account: Account, **values: object) -> None:
    db.execute(update(accounts).where(accounts.c.id == account.id).values(**values))
    if account.role is Role.ADMINISTRATOR and not has_administrator(db):
        raise Conflict(
            f"« {account.login} » est le dernier compte qui gère les autres : "
            "donnez d'abord ce rôle à quelqu'un d'autre."
        )


def _administrators(db: Connection) -> int:
    query = select(func.count()).where(
        accounts.c.role == Role.ADMINISTRATOR, accounts.c.active.is_(True)
    )
    return int(db.execute(query).scalar_one())


def _kept(row: Row[Any]) -> AccountLine:
    return AccountLine(
        account=account_of(row),
        active=row.active,
        password=row.password is not None,
        elsewhere=row.subject is not None,
        provided=row.provided,
        email=row.email,
        created_at=row.created_at,
    )
