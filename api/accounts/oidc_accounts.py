"""Whose account an identity of the city's provider is, and which role its groups give.

An administrator may prepare an account (its login is what the provider's claim will say); or the
city maps groups to roles, and then accounts are made, and follow the provider at each sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select, update

from api.accounts import accounts
from api.accounts.roles import Account, Role
from api.accounts.schema import account_of
from api.accounts.schema import accounts as table
from ingest.errors import BadInput, UserError
from ingest.settings import Settings

if TYPE_CHECKING:
    from api.accounts.oidc import Identity, Provider

_MAIL = "email"


class NoAccess(UserError):
    """An identity that is proven, and has no access here."""


@dataclass(frozen=True)
class Claims:
    """Which claims matter: the one that names an account, the one that gives groups, and roles."""

    login: str
    groups: str
    roles: Mapping[str, Role]


def read_roles(text: str) -> dict[str, Role]:
    """`greffe=clerk,admins=administrator` as roles by group. Raises `BadInput`."""
    roles = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        group, _, role = (part.strip() for part in pair.partition("="))
        if not group or role not in list(Role):
            raise BadInput(
                f"VERBATIM_OIDC_ROLES : « {pair} » ne se lit pas. Écrivez groupe=rôle, séparés "
                f"par des virgules ; les rôles sont {', '.join(Role)}."
            )
        roles[group] = Role(role)
    return roles


def account_for(db: Connection, identity: "Identity", claims: Claims) -> Account:
    """The account of an identity, made or linked where that is due. Raises `NoAccess`."""
    role = _role(identity, claims)
    mine = (table.c.issuer == identity.issuer) & (table.c.subject == identity.subject)
    row = db.execute(select(table).where(mine)).first()
    if row is None:
        row = _prepared(db, identity, claims)
    if row is None:
        if role is None:
            raise NoAccess(_no_access(_login(identity, claims)))
        made = accounts.add(
            db,
            accounts.PROVIDER,
            _login(identity, claims),
            _name(identity, claims),
            role,
            provided=True,
        )
        return _linked(db, made, identity)
    account = _linked(db, account_of(row), identity)
    if not row.active:
        raise NoAccess(_no_access(account.login))
    if not row.provided:
        return account
    if role is None:
        raise NoAccess(_no_access(account.login))
    accounts.set_role(db, accounts.PROVIDER, account, role)
    return accounts.of_id(db, account.id).account


def _prepared(db: Connection, identity: "Identity", claims: Claims) -> Row[Any] | None:
    """An account that waits for this identity, by its login.

    Only a mail address that the provider has verified may name an account that has a password:
    in some providers people choose their other names themselves.
    """
    login = _login(identity, claims)
    query = select(table).where(table.c.login == login, table.c.subject.is_(None))
    if claims.login == _MAIL:
        if identity.claims.get("email_verified") is not True:
            return None
    else:
        query = query.where(table.c.password.is_(None))
    return db.execute(query).first()


def _linked(db: Connection, account: Account, identity: "Identity") -> Account:
    known = {"issuer": identity.issuer, "subject": identity.subject}
    db.execute(update(table).where(table.c.id == account.id).values(known))
    return account


def _role(identity: "Identity", claims: Claims) -> Role | None:
    """The highest role that the groups give."""
    given = identity.claims.get(claims.groups)
    groups = given if isinstance(given, list) else [given]
    ranks = list(Role)
    found = [role for group, role in claims.roles.items() if group in groups]
    return max(found, key=ranks.index, default=None)


def _login(identity: "Identity", claims: Claims) -> str:
    return str(identity.claims.get(claims.login) or identity.subject).strip().lower()


def _name(identity: "Identity", claims: Claims) -> str:
    return str(identity.claims.get("name") or _login(identity, claims))[: accounts.LONGEST]


def _no_access(login: str) -> str:
    return (
        f"Vous êtes bien « {login[:60]} », mais ce compte n'a pas accès au bureau : "
        "demandez-le à qui gère les comptes."
    )


@dataclass(frozen=True)
class Elsewhere:
    """Signing in elsewhere: at which provider, and what its claims mean here."""

    provider: "Provider"
    claims: Claims
    name: str


def elsewhere(settings: Settings) -> Elsewhere | None:
    """What the settings say of it; None when no provider is set. Fetches nothing."""
    if settings.oidc_issuer is None:
        return None
    from api.accounts.oidc import Client, Provider  # its libraries take 0.2 s to load

    secret = settings.oidc_client_secret.get_secret_value()
    client = Client(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_scopes)
    roles = read_roles(settings.oidc_roles)
    claims = Claims(settings.oidc_login, settings.oidc_groups, roles)
    return Elsewhere(Provider(client), claims, settings.oidc_name)
