"""The page behind a one-time link: choose a password, and, for the very first, who one is.

Looking at it uses nothing up: mail programs look at links before people do.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.account import accounts, invitations
from api.account.passwords import require_good
from api.account.sign_in import enter
from api.account.throttle import TooMany
from api.auth import Account
from api.desk import AtDesk
from api.problems import problem_of
from ingest.errors import BadInput, Conflict
from web.bureau.entering import Whence, entered
from web.bureau.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau/invitation", include_in_schema=False)
Text = Annotated[str, Form()]


@router.api_route("/{token}", methods=READ, response_class=HTMLResponse)
def form(token: str, desk: AtDesk, site: OnSite) -> HTMLResponse:
    """The form, or that the link is used up."""
    with desk.archive.engine.connect() as db:
        invited = invitations.read(db, token).account
    return _page(site, token, invited)


@router.post("/{token}", response_class=HTMLResponse)
def send(
    request: Request,
    token: str,
    desk: AtDesk,
    site: OnSite,
    whence: Whence,
    password: Text = "",
    again: Text = "",
    login: Text = "",
    name: Text = "",
) -> Response:
    """Keep the password, and sign in with it."""
    with desk.archive.engine.connect() as db:
        invited = invitations.read(db, token).account
    try:
        if password != again:
            raise BadInput("Les deux mots de passe diffèrent : écrivez deux fois le même.")
        chosen = invited.login if invited else accounts.as_login(login)
        owner = invited.name if invited else accounts.as_name(name)
        require_good(password, chosen, owner, desk.settings.city)
        hashed = desk.passwords.hash(password)
        with desk.archive.begin() as db:
            if invited:
                account = invitations.accept(db, token, hashed)
            else:
                account = invitations.accept_first(db, token, chosen, name, hashed)
            who = enter(db, account, whence, by="link")
    except (BadInput, Conflict, TooMany) as error:
        return _page(site, token, invited, login, name, error)
    return entered(request, who)


def _page(
    site: OnSite,
    token: str,
    invited: Account | None,
    login: str = "",
    name: str = "",
    error: Exception | None = None,
) -> HTMLResponse:
    problem = problem_of(error, "") if error else None
    return bureau_page(
        site,
        None,
        "bureau/invitation.html",
        problem.status if problem else 200,
        token=token,
        invited=invited,
        login=login[: accounts.LONGEST],
        name=name[: accounts.LONGEST],
        error=problem.detail if problem else "",
    )
