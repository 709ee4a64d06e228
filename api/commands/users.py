"""`verbatim user ...`: accounts from the command line, for administrators of the machine.

A password is never typed here: a link lets its owner choose one.
"""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.accounts import accounts, invitations
from api.accounts.accounts import AccountLine
from api.accounts.roles import Role
from api.commands import console
from api.commands.options import Json, open_product, site_address
from api.mail.server import read_address
from api.product import Product
from api.readers.alerts import forget_address
from ingest.archive.audit import CONSOLE
from ingest.errors import BadInput

commands = typer.Typer(
    help="Les comptes : qui peut lire, travailler, gérer.",
    subcommand_metavar="COMMANDE [ARGUMENTS]…",
    no_args_is_help=True,
)
_ROLES = {Role.READER: "lecture", Role.CLERK: "greffe", Role.ADMINISTRATOR: "administration"}


@commands.command()
def add(
    login: str,
    name: Annotated[str, typer.Option(help="Prénom et nom.")],
    role: Annotated[str, typer.Option(help="reader, clerk ou administrator.")] = Role.CLERK.value,
    as_json: Json = False,
) -> None:
    """Créer un compte, et le lien par lequel la personne choisit son mot de passe."""
    product = open_product()
    with product.archive.begin() as db:
        made = accounts.add(db, CONSOLE, login, name, _read_role(role))
        token = invitations.invite(db, CONSOLE, made)
        kept = accounts.of_id(db, made.id)
    _show_link(product, kept, token, as_json)


@commands.command("forget-address")
def forget(address: str) -> None:
    """Effacer une adresse électronique partout : alertes, signalements, comptes, envois."""
    with open_product().archive.begin() as db:
        forget_address(db, read_address(address))
    console.out.print("Cette adresse n'est plus gardée nulle part, sauf dans les sauvegardes.")


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """Lister les comptes."""
    with open_product().archive.engine.connect() as db:
        found = accounts.everyone(db)
    console.print_json([_row(kept) for kept in found]) if as_json else _print(found)


@commands.command()
def role(login: str, role: str, as_json: Json = False) -> None:
    """Changer ce qu'une personne peut faire ; elle est déconnectée partout."""
    product, chosen = open_product(), _read_role(role)
    with product.archive.begin() as db:
        accounts.set_role(db, CONSOLE, accounts.of_login(db, login).account, chosen)
    _show(product, login, as_json)


@commands.command()
def link(login: str, as_json: Json = False) -> None:
    """Créer un lien par lequel une personne choisit un nouveau mot de passe."""
    product = open_product()
    with product.archive.begin() as db:
        kept = accounts.of_login(db, login)
        token = invitations.invite(db, CONSOLE, kept.account)
    _show_link(product, kept, token, as_json)


@commands.command()
def disable(login: str, as_json: Json = False) -> None:
    """Fermer un compte : la personne est déconnectée et n'entre plus."""
    _set_active(login, False, as_json)


@commands.command()
def enable(login: str, as_json: Json = False) -> None:
    """Rouvrir un compte."""
    _set_active(login, True, as_json)


def first_link(product: Product, site: str) -> str | None:
    """The one-time link that makes the first administrator, while there is none."""
    with product.archive.begin() as db:
        token = invitations.first(db)
    return f"{product.settings.address or site}{invitations.PATH}{token}" if token else None


def _set_active(login: str, active: bool, as_json: bool) -> None:
    product = open_product()
    with product.archive.begin() as db:
        accounts.set_active(db, CONSOLE, accounts.of_login(db, login).account, active)
    _show(product, login, as_json)


def _read_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise BadInput(f"« {text} » n'est pas un rôle : {', '.join(Role)}.") from None


def _row(kept: AccountLine) -> dict[str, object]:
    account = kept.account
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "active": kept.active,
        "password": kept.password,
        "elsewhere": kept.elsewhere,
    }


def _show(product: Product, login: str, as_json: bool) -> None:
    with product.archive.engine.connect() as db:
        kept = accounts.of_login(db, login)
    console.print_json(_row(kept)) if as_json else _print([kept])


def _show_link(product: Product, kept: AccountLine, token: str, as_json: bool) -> None:
    address = f"{site_address(product.settings)}{invitations.PATH}{token}"
    if as_json:
        console.print_json({**_row(kept), "link": address})
        return
    _print([kept])
    console.err.print(f"À transmettre à cette personne ; vaut {invitations.LASTS.days} jours :")
    print(address)


def _print(found: Sequence[AccountLine]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("Identifiant", "Nom", "Rôle", "État"):
        table.add_column(heading)
    for kept in found:
        account = kept.account
        state = "ouvert" if kept.password or kept.elsewhere else "invité"
        table.add_row(
            escape(account.login),
            escape(account.name),
            _ROLES[account.role],
            state if kept.active else "fermé",
        )
    console.out.print(
        table if found else "Aucun compte. `verbatim user add IDENTIFIANT --name NOM` en crée un."
    )
