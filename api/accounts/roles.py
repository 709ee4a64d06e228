"""Accounts, and what they may do. Routes of the office declare the role they need.

`Clerk` is what a route of the API declares, `needs` what the pages use. A page's visitor who is not
signed in is sent to sign in, a program gets 401, and an account without the right 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from ingest.errors import UserError


class Role(StrEnum):
    """What an account may do. Each may do what those before may."""

    READER = "reader"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Account:
    """An account. `login` is what changes and the audit log name; `name` is what is shown."""

    id: int
    login: str
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Has this account at least that role?"""
        return _RANK[self.role] >= _RANK[role]


class NotSignedIn(UserError):
    """No account is signed in where one must be."""


class NotAllowed(UserError):
    """The account may not do this."""


def account_of(request: Request) -> Account | None:
    """The account that is signed in, if any. Put there by the gate."""
    account: Account | None = getattr(request.state, "account", None)
    return account


def needs(role: Role) -> Callable[[Request], Account]:
    """A dependency that gives the account, if it has the role."""

    def account(request: Request) -> Account:
        found = account_of(request)
        if found is None:
            raise NotSignedIn("Connectez-vous pour continuer.")
        return needed(found, role)

    return account


def needed(account: Account, role: Role) -> Account:
    """The account, if it has the role. Raises `NotAllowed`."""
    if not account.may(role):
        raise NotAllowed("Votre compte ne permet pas cette action : demandez-la à qui gère.")
    return account


Signed = Annotated[Account, Depends(needs(Role.READER))]
Clerk = Annotated[Account, Depends(needs(Role.CLERK))]
Administrator = Annotated[Account, Depends(needs(Role.ADMINISTRATOR))]
