"""Signing in with a password, and what follows any signing in. Knows nothing of pages.

Whether a login exists cannot be told from the answer, nor from how long it takes. Limits count by
address, by login at an address, and by login; a browser that the account used before has its own.
"""

import logging
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, select, update

from api.accounts import accounts, sessions
from api.accounts.accounts import AccountLine
from api.accounts.passwords import Passwords
from api.accounts.rate_limit import Limit, TooMany, Use, admit, forgive
from api.accounts.roles import Account
from api.accounts.schema import browsers, kept, new_token
from ingest.archive import audit
from ingest.archive.repository import Archive
from ingest.archive.schema import now, put
from ingest.errors import UserError

LASTS = timedelta(days=365)  # of a browser in which an account signed in ("device cookie", OWASP)


def is_known(db: Connection, token: str | None, account_id: int) -> bool:
    """Did that account sign in in this browser, within the last year?"""
    if not token:
        return False
    query = select(browsers.c.account).where(
        browsers.c.token == kept(token),
        browsers.c.account == account_id,
        browsers.c.seen_at > now() - LASTS,
    )
    return db.execute(query).first() is not None


def remember(db: Connection, token: str | None, account_id: int) -> str:
    """The account signed in there; the browser's new token.

    New each time, and what the old one was known for goes over: a planted one is worth nothing.
    """
    moment, fresh = now(), new_token()
    db.execute(delete(browsers).where(browsers.c.seen_at < moment - LASTS))
    if token:
        db.execute(
            update(browsers).where(browsers.c.token == kept(token)).values(token=kept(fresh))
        )
    put(db, browsers, {"token": kept(fresh), "account": account_id}, {"seen_at": moment})
    return fresh


log = logging.getLogger(__name__)
# Ten tries let a clerk mistype; a guesser gets a thousand a day, of 10^8 (`passwords`). Sixty from
# one address, because a town hall may share one.
_QUARTER = timedelta(minutes=15)
BY_ADDRESS = Limit("sign-in from an address", 60, _QUARTER)
BY_LOGIN_AND_ADDRESS = Limit("sign-in to an account from an address", 10, _QUARTER)
BY_LOGIN = Limit("sign-in to an account from unknown browsers", 60, timedelta(hours=1))
BY_BROWSER = Limit("sign-in to an account from a known browser", 10, _QUARTER)
NOTED = Limit("slowed sign-ins in the log", 50, timedelta(hours=1))  # it cannot be filled
_NOTED_ONCE = Limit("the same one in the log", 1, timedelta(hours=1))
OWN_PASSWORD = Limit("own password, to change it", 10, _QUARTER)


@dataclass(frozen=True)
class From:
    """Where a sign-in comes from: an address, and the tokens of the browser's cookies."""

    address: str
    browser: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """An account that has signed in, and the tokens that the browser is to keep."""

    account: Account
    session: str
    browser: str


class Refused(UserError):
    """No account has that login and password."""

    def __init__(self) -> None:
        super().__init__("Identifiant ou mot de passe incorrect : vérifiez-les et recommencez.")


def sign_in(
    archive: Archive, passwords: Passwords, login: str, password: str, where: From
) -> SignedIn:
    """Sign an account in. Raises `Refused`, and `TooMany` when a limit is reached."""
    login = unicodedata.normalize("NFC", login).strip().lower()[: accounts.LONGEST]
    found: AccountLine | None = None
    try:
        with archive.begin() as db:
            found = accounts.find(db, login)
            uses = _limits(db, found, login, where)
            counted = admit(db, *uses)
            active = found if found and found.active else None
            stored = accounts.stored_password(db, active.account.id) if active else None
    except TooMany:
        _note(archive, where, found)
        raise
    try:
        right = passwords.check(password, stored)
    except TooMany:  # it was not even compared
        with archive.begin() as db:
            forgive(db, counted)
        raise
    with archive.begin() as db:
        # Again: the account may have been changed while its password was being checked.
        found = accounts.find(db, login)
        if not right or found is None or not found.active:
            log.warning("Sign-in refused, from %s", where.address)
            raise Refused
        if accounts.stored_password(db, found.account.id) != stored:
            raise Refused
        forgive(db, counted, *(use for use in uses if use.limit is not BY_ADDRESS))
        return enter(db, found.account, where)


def _note(archive: Archive, where: From, found: AccountLine | None) -> None:
    """Log which address is slowed, and which account it tried, if there is one of that login.

    What else is typed as a login is not written down: a password slips in there easily.
    """
    tried = found.account.login if found else "?"
    with suppress(TooMany), archive.begin() as db:
        admit(db, NOTED.of(), _NOTED_ONCE.of(where.address, tried))
        audit.record(db, where.address, "account.slowed", tried)


def enter(db: Connection, account: Account, where: From, by: str = "password") -> SignedIn:
    """Sign an account in, however it proved who it is; the browser's old session ends."""
    audit.record(db, account.login, f"account.sign_in.{by}", account.login)
    return SignedIn(
        account,
        session=sessions.start(db, account.id, instead_of=where.session),
        browser=remember(db, where.browser, account.id),
    )


def leave(db: Connection, account: Account | None, session: str | None) -> None:
    """Sign a browser out."""
    sessions.end(db, session)
    if account is not None:
        audit.record(db, account.login, "account.sign_out", account.login)


def change_password(
    archive: Archive, passwords: Passwords, account: Account, former: str, chosen: str
) -> None:
    """Change one's own password; signs out everywhere. Raises `Refused`, `TooMany`."""
    with archive.begin() as db:
        counted = admit(db, OWN_PASSWORD.of(account.id))
        stored = accounts.stored_password(db, account.id)
    if not passwords.check(former, stored):
        raise Refused
    hashed = passwords.hash(chosen)
    with archive.begin() as db:
        forgive(db, counted)
        accounts.set_password(db, account.login, account, hashed)


def _limits(db: Connection, found: AccountLine | None, login: str, where: From) -> list[Use]:
    if found and is_known(db, where.browser, found.account.id):
        return [BY_BROWSER.of(where.browser, login)]
    return [
        BY_ADDRESS.of(where.address),
        BY_LOGIN_AND_ADDRESS.of(login, where.address),
        BY_LOGIN.of(login),
    ]
