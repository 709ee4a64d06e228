"""All accounts: who has one, inviting somebody, changing what they may do. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from api.accounts import accounts, invitations, sessions
from api.accounts.passwords import require_good
from api.accounts.roles import Account, Administrator, Role, Signed
from api.accounts.sign_in import Refused, change_password, enter
from api.desk import AtDesk, Desk
from api.problems import problem_of
from ingest.archive import audit
from ingest.errors import BadInput, Conflict, UserError
from web.office.page import bureau_page
from web.office.sign_in import Whence, entered, gone, site_address
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau", include_in_schema=False)
Text = Annotated[str, Form()]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]  # what SQL can hold
_DONE = ("role", "ferme", "ouvert")


@router.api_route("/comptes", methods=READ, response_class=HTMLResponse)
def everyone(desk: AtDesk, site: OnSite, account: Administrator) -> HTMLResponse:
    """The list, and the form that invites."""
    return _list(desk, site, account)


@router.post("/comptes")
def invite(
    request: Request,
    desk: AtDesk,
    site: OnSite,
    account: Administrator,
    login: Text = "",
    name: Text = "",
    role: Text = Role.CLERK.value,
) -> Response:
    """Make an account, and show once the link with which its owner chooses a password."""
    try:
        with desk.archive.begin() as db:
            made = accounts.add(db, account.login, login, name, _read_role(role))
            token = invitations.invite(db, account.login, made)
    except (BadInput, Conflict) as error:
        return _list(desk, site, account, (login, name, role), error)
    return _one(desk, site, account, made.id, link=_link(request, desk, token))


@router.api_route("/comptes/{account_id}", methods=READ, response_class=HTMLResponse)
def one(
    account_id: Number, desk: AtDesk, site: OnSite, account: Administrator, fait: str = ""
) -> HTMLResponse:
    """One account, and what can be changed of it."""
    return _one(desk, site, account, account_id, done=fait if fait in _DONE else "")


@router.post("/comptes/{account_id}/role")
def role(
    account_id: Number, desk: AtDesk, site: OnSite, account: Administrator, role: Text = ""
) -> Response:
    """Change what somebody may do."""
    try:
        with desk.archive.begin() as db:
            accounts.set_role(db, account.login, _of(db, account_id), _read_role(role))
    except (BadInput, Conflict) as error:
        return _one(desk, site, account, account_id, error=error)
    return gone(f"/bureau/comptes/{account_id}?fait=role")


@router.post("/comptes/{account_id}/fermer")
def close(account_id: Number, desk: AtDesk, site: OnSite, account: Administrator) -> Response:
    """Let somebody in no longer. What they did stays theirs."""
    return _set_active(desk, site, account, account_id, active=False)


@router.post("/comptes/{account_id}/ouvrir")
def reopen(account_id: Number, desk: AtDesk, site: OnSite, account: Administrator) -> Response:
    """Let somebody in again."""
    return _set_active(desk, site, account, account_id, active=True)


@router.post("/comptes/{account_id}/lien")
def link(
    request: Request, account_id: Number, desk: AtDesk, site: OnSite, account: Administrator
) -> Response:
    """Show once a link with which the account's owner chooses a new password."""
    with desk.archive.begin() as db:
        token = invitations.invite(db, account.login, _of(db, account_id))
    return _one(desk, site, account, account_id, link=_link(request, desk, token))


def _set_active(
    desk: Desk, site: OnSite, account: Account, account_id: int, *, active: bool
) -> Response:
    try:
        with desk.archive.begin() as db:
            accounts.set_active(db, account.login, _of(db, account_id), active)
    except Conflict as error:
        return _one(desk, site, account, account_id, error=error)
    return gone(f"/bureau/comptes/{account_id}?fait={'ouvert' if active else 'ferme'}")


def _of(db: Connection, account_id: int) -> Account:
    return accounts.of_id(db, account_id).account


def _read_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise BadInput(f"« {text[:40]} » n'est pas un rôle : choisissez dans la liste.") from None


def _link(request: Request, desk: Desk, token: str) -> str:
    return f"{site_address(request, desk)}{invitations.PATH}{token}"


def _list(
    desk: Desk,
    site: OnSite,
    account: Account,
    given: tuple[str, str, str] = ("", "", Role.CLERK),
    error: UserError | None = None,
) -> HTMLResponse:
    problem = problem_of(error, "") if error else None
    with desk.archive.engine.connect() as db:
        found = accounts.everyone(db)
    return bureau_page(
        site,
        account,
        "office/accounts.html",
        problem.status if problem else 200,
        found=found,
        roles=list(Role),
        given=given,
        error=problem.detail if problem else "",
    )


def _one(
    desk: Desk,
    site: OnSite,
    account: Account,
    account_id: int,
    *,
    link: str = "",
    done: str = "",
    error: UserError | None = None,
) -> HTMLResponse:
    problem = problem_of(error, "") if error else None
    with desk.archive.engine.connect() as db:
        kept = accounts.of_id(db, account_id)
    return bureau_page(
        site,
        account,
        "office/one_account.html",
        problem.status if problem else 200,
        kept=kept,
        roles=list(Role),
        link=link,
        days=invitations.LASTS.days,
        done=done,
        error=problem.detail if problem else "",
    )


# One's own account: name, password, and signing out everywhere.


_ACCOUNT_DONE = ("nom", "mot-de-passe", "partout")
_HERE = "/bureau/compte"


@router.api_route("/compte", methods=READ, response_class=HTMLResponse)
def own(desk: AtDesk, site: OnSite, account: Signed, fait: str = "") -> HTMLResponse:
    """What one can change of one's own account."""
    return _page(desk, site, account, done=fait if fait in _ACCOUNT_DONE else "")


@router.post("/compte/nom")
def name(desk: AtDesk, site: OnSite, account: Signed, name: Text = "") -> Response:
    """Change the name that is shown."""
    try:
        with desk.archive.begin() as db:
            accounts.set_name(db, account.login, account, name)
    except BadInput as error:
        return _page(desk, site, account, error=error, at="name")
    return gone(f"{_HERE}?fait=nom")


@router.post("/compte/mot-de-passe")
def password(
    request: Request,
    desk: AtDesk,
    site: OnSite,
    account: Signed,
    whence: Whence,
    former: Text = "",
    password: Text = "",
    again: Text = "",
) -> Response:
    """Change the password; every other browser is signed out, this one stays in."""
    try:
        if password != again:
            raise BadInput("Les deux nouveaux mots de passe diffèrent : écrivez deux fois le même.")
        require_good(password, account.login, account.name, desk.settings.city)
        change_password(desk.archive, desk.passwords, account, former, password)
    except Refused:
        wrong = BadInput("Le mot de passe actuel n'est pas celui-là : recommencez.")
        return _page(desk, site, account, error=wrong, at="password")
    except UserError as error:
        return _page(desk, site, account, error=error, at="password")
    with desk.archive.begin() as db:
        who = enter(db, account, whence)
    return entered(request, who, f"{_HERE}?fait=mot-de-passe")


@router.post("/compte/sortir-partout")
def everywhere(desk: AtDesk, account: Signed, whence: Whence) -> Response:
    """Sign every other browser out: a laptop was lost, a shared machine left open."""
    with desk.archive.begin() as db:
        sessions.close_all(db, account.id, but=whence.session)
        audit.record(db, account.login, "account.sign_out.everywhere", account.login)
    return gone(f"{_HERE}?fait=partout")


def _page(
    desk: Desk,
    site: OnSite,
    account: Account,
    *,
    error: Exception | None = None,
    at: str = "",
    done: str = "",
) -> HTMLResponse:
    problem = problem_of(error, "") if error else None
    with desk.archive.engine.connect() as db:
        kept = accounts.of_id(db, account.id)
    return bureau_page(
        site,
        kept.account,
        "office/account.html",
        problem.status if problem else 200,
        kept=kept,
        error=problem.detail if problem else "",
        at=at,
        done=done,
    )
