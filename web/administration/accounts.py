"""Accounts: inviting people and changing what they may do, for administrators; and one's own."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from api.accounts import accounts, invitations, sessions
from api.accounts.passwords import require_good
from api.accounts.roles import Account, Role
from api.accounts.sign_in import Refused, change_password, enter
from api.mail.server import read_address
from ingest.archive import audit
from ingest.errors import BadInput, Conflict, UserError
from web.office.page import AsAdministrator, AsReader, Office, RowNumber, Text, see_other
from web.office.sign_in import Whence, entered, linked_address
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)
_OWN = "/bureau/compte"
_DONE = ("role", "ferme", "ouvert")
_DONE_TO_OWN = ("nom", "courriel", "mot-de-passe", "partout")


@router.api_route("/comptes", methods=READ, response_class=HTMLResponse)
def everyone(office: AsAdministrator) -> HTMLResponse:
    """The list, and the form that invites."""
    return _list(office)


@router.post("/comptes")
def invite(
    request: Request,
    office: AsAdministrator,
    login: Text = "",
    name: Text = "",
    role: Text = Role.CLERK.value,
) -> Response:
    """Make an account, and show once the link with which its owner chooses a password."""
    by = office.account.login
    try:
        with office.desk.archive.begin() as db:
            made = accounts.add(db, by, login, name, _read_role(role))
            token = invitations.invite(db, by, made)
    except (BadInput, Conflict) as error:
        return _list(office, (login, name, role), error)
    return _one(office, made.id, link=_link(request, office, token))


@router.api_route("/comptes/{account_id}", methods=READ, response_class=HTMLResponse)
def one(account_id: RowNumber, office: AsAdministrator, fait: str = "") -> HTMLResponse:
    """One account, and what can be changed of it."""
    return _one(office, account_id, done=fait if fait in _DONE else "")


@router.post("/comptes/{account_id}/role")
def role(account_id: RowNumber, office: AsAdministrator, role: Text = "") -> Response:
    """Change what the account may do."""
    try:
        with office.desk.archive.begin() as db:
            accounts.set_role(db, office.account.login, _of(db, account_id), _read_role(role))
    except (BadInput, Conflict) as error:
        return _one(office, account_id, error)
    return see_other(f"/bureau/comptes/{account_id}?fait=role")


@router.post("/comptes/{account_id}/fermer")
def close(account_id: RowNumber, office: AsAdministrator) -> Response:
    """Close the account: signed out, and no longer let in. What it did stays in its name."""
    return _set_active(office, account_id, active=False)


@router.post("/comptes/{account_id}/ouvrir")
def reopen(account_id: RowNumber, office: AsAdministrator) -> Response:
    """Let the account in again."""
    return _set_active(office, account_id, active=True)


@router.post("/comptes/{account_id}/lien")
def link(request: Request, account_id: RowNumber, office: AsAdministrator) -> Response:
    """Show once a link with which the account's owner chooses a new password."""
    with office.desk.archive.begin() as db:
        token = invitations.invite(db, office.account.login, _of(db, account_id))
    return _one(office, account_id, link=_link(request, office, token))


def _set_active(office: Office, account_id: int, *, active: bool) -> Response:
    try:
        with office.desk.archive.begin() as db:
            accounts.set_active(db, office.account.login, _of(db, account_id), active)
    except Conflict as error:
        return _one(office, account_id, error)
    return see_other(f"/bureau/comptes/{account_id}?fait={'ouvert' if active else 'ferme'}")


def _of(db: Connection, account_id: int) -> Account:
    return accounts.of_id(db, account_id).account


def _read_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise BadInput(f"« {text[:40]} » n'est pas un rôle : choisissez dans la liste.") from None


def _link(request: Request, office: Office, token: str) -> str:
    return f"{linked_address(request, office.desk)}{invitations.PATH}{token}"


def _list(
    office: Office,
    typed: tuple[str, str, str] = ("", "", Role.CLERK),
    error: UserError | None = None,
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        everyone = accounts.everyone(db)
    return office.page("office/accounts.html", error, found=everyone, roles=list(Role), typed=typed)


def _one(
    office: Office,
    account_id: int,
    error: UserError | None = None,
    *,
    link: str = "",
    done: str = "",
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        kept = accounts.of_id(db, account_id)
    return office.page(
        "office/one_account.html",
        error,
        kept=kept,
        roles=list(Role),
        link=link,
        days=invitations.LASTS.days,
        done=done,
    )


@router.api_route("/compte", methods=READ, response_class=HTMLResponse)
def own(office: AsReader, fait: str = "") -> HTMLResponse:
    """What one can change of one's own account."""
    return _own(office, done=fait if fait in _DONE_TO_OWN else "")


@router.post("/compte/nom")
def name(office: AsReader, name: Text = "") -> Response:
    """Change the name that is shown."""
    try:
        with office.desk.archive.begin() as db:
            accounts.set_name(db, office.account.login, office.account, name)
    except BadInput as error:
        return _own(office, error, at="name")
    return see_other(f"{_OWN}?fait=nom")


@router.post("/compte/courriel")
def email(office: AsReader, email: Text = "") -> Response:
    """Change the address for mails to this account; an empty field removes it."""
    try:
        address = read_address(email) if email.strip() else None
    except BadInput as error:
        return _own(office, error, at="email", email=email)
    with office.desk.archive.begin() as db:
        accounts.set_email(db, office.account, address)
    return see_other(f"{_OWN}?fait=courriel")


@router.post("/compte/mot-de-passe")
def password(
    request: Request,
    office: AsReader,
    whence: Whence,
    former: Text = "",
    password: Text = "",
    again: Text = "",
) -> Response:
    """Change the password; every other browser is signed out, this one stays in."""
    desk, account = office.desk, office.account
    try:
        if password != again:
            raise BadInput("Les deux nouveaux mots de passe diffèrent : écrivez deux fois le même.")
        require_good(password, account.login, account.name, desk.settings.city)
        change_password(desk.archive, desk.passwords, account, former, password)
    except Refused:
        wrong = BadInput("Le mot de passe actuel n'est pas celui-là : recommencez.")
        return _own(office, wrong, at="password")
    except UserError as error:
        return _own(office, error, at="password")
    with desk.archive.begin() as db:
        who = enter(db, account, whence)
    return entered(request, who, f"{_OWN}?fait=mot-de-passe")


@router.post("/compte/sortir-partout")
def everywhere(office: AsReader, whence: Whence) -> Response:
    """Sign every other browser out: a laptop was lost, a shared machine left open."""
    account = office.account
    with office.desk.archive.begin() as db:
        sessions.close_all(db, account.id, but=whence.session)
        audit.record(db, account.login, "account.sign_out.everywhere", account.login)
    return see_other(f"{_OWN}?fait=partout")


def _own(
    office: Office,
    error: UserError | None = None,
    *,
    at: str = "",
    done: str = "",
    email: str | None = None,
) -> HTMLResponse:
    """The page with the account as it is kept now, its new name in the heading too."""
    with office.desk.archive.engine.connect() as db:
        kept = accounts.of_id(db, office.account.id)
    now = replace(office, account=kept.account)
    return now.page(
        "office/account.html",
        error,
        kept=kept,
        at=at,
        done=done,
        email=kept.email or "" if email is None else email,
        mails=office.desk.settings.smtp is not None,
    )
