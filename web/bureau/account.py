"""One's own account: name, password, and signing out everywhere."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.account import accounts, logins
from api.account.passwords import require_good
from api.account.sign_in import Refused, change_password, enter
from api.auth import Account, Signed
from api.desk import AtDesk, Desk
from api.problems import problem_of
from ingest import audit
from ingest.errors import BadInput, UserError
from web.bureau.entering import Whence, entered, gone
from web.bureau.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau/compte", include_in_schema=False)
Text = Annotated[str, Form()]
_DONE = ("nom", "mot-de-passe", "partout")
_HERE = "/bureau/compte"


@router.api_route("", methods=READ, response_class=HTMLResponse)
def own(desk: AtDesk, site: OnSite, account: Signed, fait: str = "") -> HTMLResponse:
    """What one can change of one's own account."""
    return _page(desk, site, account, done=fait if fait in _DONE else "")


@router.post("/nom")
def name(desk: AtDesk, site: OnSite, account: Signed, name: Text = "") -> Response:
    """Change the name that is shown."""
    try:
        with desk.archive.begin() as db:
            accounts.set_name(db, account.login, account, name)
    except BadInput as error:
        return _page(desk, site, account, error=error, at="name")
    return gone(f"{_HERE}?fait=nom")


@router.post("/mot-de-passe")
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


@router.post("/sortir-partout")
def everywhere(desk: AtDesk, account: Signed, whence: Whence) -> Response:
    """Sign every other browser out: a laptop was lost, a shared machine left open."""
    with desk.archive.begin() as db:
        logins.close_all(db, account.id, but=whence.session)
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
        "bureau/account.html",
        problem.status if problem else 200,
        kept=kept,
        error=problem.detail if problem else "",
        at=at,
        done=done,
    )
