"""All accounts: who has one, inviting somebody, changing what they may do. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from api.account import accounts, invitations
from api.auth import Account, Administrator, Role
from api.desk import AtDesk, Desk
from api.problems import problem_of
from ingest.errors import BadInput, Conflict, UserError
from web.bureau.entering import gone, site_address
from web.bureau.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau/comptes", include_in_schema=False)
Text = Annotated[str, Form()]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]  # what SQL can hold
_DONE = ("role", "ferme", "ouvert")


@router.api_route("", methods=READ, response_class=HTMLResponse)
def everyone(desk: AtDesk, site: OnSite, account: Administrator) -> HTMLResponse:
    """The list, and the form that invites."""
    return _list(desk, site, account)


@router.post("")
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


@router.api_route("/{account_id}", methods=READ, response_class=HTMLResponse)
def one(
    account_id: Number, desk: AtDesk, site: OnSite, account: Administrator, fait: str = ""
) -> HTMLResponse:
    """One account, and what can be changed of it."""
    return _one(desk, site, account, account_id, done=fait if fait in _DONE else "")


@router.post("/{account_id}/role")
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


@router.post("/{account_id}/fermer")
def close(account_id: Number, desk: AtDesk, site: OnSite, account: Administrator) -> Response:
    """Let somebody in no longer. What they did stays theirs."""
    return _set_active(desk, site, account, account_id, active=False)


@router.post("/{account_id}/ouvrir")
def reopen(account_id: Number, desk: AtDesk, site: OnSite, account: Administrator) -> Response:
    """Let somebody in again."""
    return _set_active(desk, site, account, account_id, active=True)


@router.post("/{account_id}/lien")
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
        "bureau/accounts.html",
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
        "bureau/one_account.html",
        problem.status if problem else 200,
        kept=kept,
        roles=list(Role),
        link=link,
        days=invitations.LASTS.days,
        done=done,
        error=problem.detail if problem else "",
    )
