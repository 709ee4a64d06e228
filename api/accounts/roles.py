"""Who is asking, and what they may do. Routes of the office declare the account they need.

`Signed`, `Clerk` and `Administrator` are what a route asks for; a page's visitor who is not signed
in is sent to sign in, a program is told 401, and whoever is signed in without the right, 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from ingest.errors import UserError


class Role(StrEnum):
    """What somebody may do. Each may do what those before may."""

    READER = "reader"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Account:
    """Somebody known. `login` is what changes and the audit log name; `name` is what is shown."""

    id: int
    login: str
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Has this account at least that role?"""
        return _RANK[self.role] >= _RANK[role]


class NotSignedIn(UserError):
    """Nobody is signed in where somebody must be."""


class NotAllowed(UserError):
    """Somebody is signed in who may not do this."""


def account_of(request: Request) -> Account | None:
    """Who is signed in, if anybody. Put there by the office's middleware."""
    account: Account | None = getattr(request.state, "account", None)
    return account


def needs(role: Role) -> Callable[[Request], Account]:
    """A dependency that gives the account, if it has the role."""

    def account(request: Request) -> Account:
        found = account_of(request)
        if found is None:
            raise NotSignedIn("Connectez-vous pour continuer.")
        if not found.may(role):
            raise NotAllowed("Votre compte ne permet pas cette action : demandez-la à qui gère.")
        return found

    return account


Signed = Annotated[Account, Depends(needs(Role.READER))]
Clerk = Annotated[Account, Depends(needs(Role.CLERK))]
Administrator = Annotated[Account, Depends(needs(Role.ADMINISTRATOR))]
