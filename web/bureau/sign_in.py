"""The page where one signs in, and the button that signs out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.account import accounts, cookies
from api.account.local_path import local_path
from api.account.sign_in import Refused, leave, sign_in
from api.account.throttle import TooMany
from api.auth import account_of
from api.desk import AtDesk, Desk
from api.problems import problem_of
from web.bureau.entering import Whence, entered, first_page, gone
from web.bureau.page import bureau_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau", include_in_schema=False)
Text = Annotated[str, Form()]


@router.api_route("/connexion", methods=READ, response_class=HTMLResponse)
def form(request: Request, desk: AtDesk, site: OnSite, vers: str = "", fait: str = "") -> Response:
    """The form; whoever is signed in goes on."""
    if account := account_of(request):
        return gone(local_path(vers) or first_page(account))
    return sign_in_page(desk, site, vers, done=fait == "sortie")


@router.post("/connexion", response_class=HTMLResponse)
def send(
    request: Request,
    desk: AtDesk,
    site: OnSite,
    whence: Whence,
    login: Text = "",
    password: Text = "",
    vers: Text = "",
) -> Response:
    """Sign in, or tell why not."""
    try:
        who = sign_in(desk.archive, desk.passwords, login, password, whence)
    except (Refused, TooMany) as error:
        response = sign_in_page(desk, site, vers, login=login, error=error)
        response.headers.update(error.headers if isinstance(error, TooMany) else {})
        return response
    return entered(request, who, vers)


@router.post("/deconnexion")
def sign_out(request: Request, desk: AtDesk, whence: Whence) -> Response:
    """Sign this browser out; it stays known."""
    with desk.archive.begin() as db:
        leave(db, account_of(request), whence.session)
    response = gone("/bureau/connexion?fait=sortie")
    cookies.drop(request, response, cookies.SESSION)
    return response


def sign_in_page(
    desk: Desk,
    site: Site,
    vers: str,
    *,
    login: str = "",
    error: Exception | None = None,
    done: bool = False,
) -> HTMLResponse:
    """The form, with what went wrong."""
    problem = problem_of(error, "") if error else None
    with desk.archive.engine.connect() as db:
        begun = accounts.has_administrator(db)
    return bureau_page(
        site,
        None,
        "bureau/sign_in.html",
        problem.status if problem else 200,
        vers=local_path(vers) or "",
        login=login[: accounts.LONGEST],
        error=problem.detail if problem else "",
        done=done,
        begun=begun,
        elsewhere=desk.elsewhere.name if desk.elsewhere else "",
    )
