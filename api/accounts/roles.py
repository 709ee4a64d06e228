"""Accounts, and what they may do. How routes declare the role they need: `api.routes`."""

from dataclasses import dataclass
from enum import StrEnum

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


def needed(account: Account, role: Role) -> Account:
    """The account, if it has the role. Raises `NotAllowed`."""
    if not account.may(role):
        raise NotAllowed("Votre compte ne permet pas cette action : demandez-la à qui gère.")
    return account
