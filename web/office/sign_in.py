"""Signing in and out: with a password, through a one-time link, or at the city's own provider.

Knows pages, cookies and addresses; who may sign in, and how often they may try, is decided in
`api.accounts`.
"""

import logging
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.accounts import accounts, cookies, invitations, oidc
from api.accounts.oidc import NotProven, ProviderUnreachable
from api.accounts.oidc_accounts import Elsewhere, account_for
from api.accounts.passwords import require_good
from api.accounts.rate_limit import Limit, TooMany, admit, client_of
from api.accounts.roles import Account, Role
from api.accounts.sign_in import LASTS, From, Refused, SignedIn, enter, leave, sign_in
from api.desk import Desk
from api.routes import AtDesk, account_of
from ingest.errors import BadInput, Conflict, NotFound, UserError
from web.office.page import Text, see_other
from web.site import READ, OnSite, Site

log = logging.getLogger(__name__)
router = APIRouter(prefix="/bureau", include_in_schema=False)
# As many as sign-ins from one address (`api.accounts.sign_in`): each stores a row.
DEPARTURES = Limit("going to the provider from an address", 60, timedelta(minutes=15))
_SIGNING = ("/bureau/connexion", "/bureau/deconnexion", "/bureau/invitation")


def _whence(request: Request) -> From:
    return From(
        address=client_of(request),
        browser=cookies.read(request, cookies.BROWSER),
        session=cookies.read(request, cookies.SESSION),
    )


Whence = Annotated[From, Depends(_whence)]


def sign_in_address(request: Request) -> str:
    """Where to sign in, and come back from to the page of the request."""
    page = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/bureau/connexion?vers={quote(page, safe='/')}"


def local_path(text: str) -> str | None:
    r"""The path, if it leads nowhere but to a page here. Browsers read `//x`, `/\x` as hosts.

    >>> local_path("/bureau?etat=draft"), local_path("//evil.example"), local_path("/\\evil")
    ('/bureau?etat=draft', None, None)
    """
    if not text.startswith("/") or not text.isprintable() or "\\" in text or " " in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    elsewhere = parts.scheme or parts.netloc or text.startswith("//")
    return None if elsewhere or parts.path.startswith(_SIGNING) else text


def _first_page(account: Account) -> str:
    """Where an account begins that wanted no page in particular."""
    return "/bureau" if account.may(Role.CLERK) else "/"


def entered(request: Request, who: SignedIn, then: str = "") -> Response:
    """On to the page that was wanted, signed in."""
    response = see_other(local_path(then) or _first_page(who.account))
    cookies.put(request, response, cookies.SESSION, who.session)
    cookies.put(request, response, cookies.BROWSER, who.browser, LASTS)
    return response


def linked_address(request: Request, desk: Desk) -> str:
    """The site's own address, for links that are sent: as set, or this very machine's; else "".

    A request's own host may be forged: a link that is sent must not lead there.
    """
    if desk.settings.address:
        return desk.settings.address
    return str(request.base_url).rstrip("/") if _is_loopback(request) else ""


def _is_loopback(request: Request) -> bool:
    try:
        host = request.url.hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # neither: a name, or no host at all
        return False


@router.api_route("/connexion", methods=READ, response_class=HTMLResponse)
def form(request: Request, desk: AtDesk, site: OnSite, vers: str = "", fait: str = "") -> Response:
    """The form; an account that is signed in goes on."""
    if account := account_of(request):
        return see_other(local_path(vers) or _first_page(account))
    return _sign_in_page(desk, site, vers, done=fait == "sortie")


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
    """Sign in, or say why not."""
    try:
        who = sign_in(desk.archive, desk.passwords, login, password, whence)
    except (Refused, TooMany) as error:
        return _sign_in_page(desk, site, vers, login=login, error=error)
    return entered(request, who, vers)


@router.post("/deconnexion")
def sign_out(request: Request, desk: AtDesk, whence: Whence) -> Response:
    """Sign this browser out; it stays known."""
    with desk.archive.begin() as db:
        leave(db, account_of(request), whence.session)
    response = see_other("/bureau/connexion?fait=sortie")
    cookies.drop(request, response, cookies.SESSION)
    return response


def _sign_in_page(
    desk: Desk,
    site: Site,
    vers: str,
    *,
    login: str = "",
    error: Exception | None = None,
    done: bool = False,
) -> HTMLResponse:
    """The form, with what went wrong."""
    with desk.archive.engine.connect() as db:
        begun = accounts.has_administrator(db)
    return site.form_page(
        "office/sign_in.html",
        error,
        account=None,
        vers=local_path(vers) or "",
        login=login[: accounts.LONGEST],
        done=done,
        begun=begun,
        elsewhere=desk.elsewhere.name if desk.elsewhere else "",
    )


@router.api_route("/invitation/{token}", methods=READ, response_class=HTMLResponse)
def invitation(token: str, desk: AtDesk, site: OnSite) -> HTMLResponse:
    """The form behind a one-time link: a password, and for the very first account a name too."""
    with desk.archive.engine.connect() as db:
        invited = invitations.read(db, token)
    return _invitation_page(site, token, invited)


@router.post("/invitation/{token}", response_class=HTMLResponse)
def accept_invitation(
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
        invited = invitations.read(db, token)
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
        return _invitation_page(site, token, invited, login, name, error)
    return entered(request, who)


def _invitation_page(
    site: Site,
    token: str,
    invited: Account | None,
    login: str = "",
    name: str = "",
    error: Exception | None = None,
) -> HTMLResponse:
    return site.form_page(
        "office/invitation.html",
        error,
        account=None,
        token=token,
        invited=invited,
        login=login[: accounts.LONGEST],
        name=name[: accounts.LONGEST],
    )


@router.get("/connexion/ville")
def depart(
    request: Request, desk: AtDesk, site: OnSite, whence: Whence, vers: str = ""
) -> Response:
    """To the provider. A link, not a form: the CSP lets no form of ours lead to another site."""
    provider = _elsewhere(desk).provider
    try:
        with desk.archive.begin() as db:
            admit(db, DEPARTURES.of(whence.address))
        departure = provider.depart(_back(request, desk))
        with desk.archive.begin() as db:
            token = oidc.begin(db, departure, local_path(vers) or "")
    except (UserError, ProviderUnreachable) as error:
        return _failed(desk, site, vers, error)
    response = see_other(departure.address)
    cookies.put(request, response, cookies.VISIT, token, oidc.LASTS)
    return response


@router.get("/connexion/retour")
def arrive(
    request: Request,
    desk: AtDesk,
    site: OnSite,
    whence: Whence,
    code: str = "",
    state: str = "",
) -> Response:
    """Back from it, signed in there: find the account, or say why there is none."""
    elsewhere = _elsewhere(desk)
    then = ""
    try:
        with desk.archive.begin() as db:
            visit = oidc.end(db, cookies.read(request, cookies.VISIT), state)
        then = visit.then
        if not code:  # refused or given up there: its `error` is worded for developers
            raise NotProven
        identity = elsewhere.provider.arrive(
            code, _back(request, desk), visit.nonce, visit.verifier
        )
        with desk.archive.begin() as db:
            account = account_for(db, identity, elsewhere.claims)
            who = enter(db, account, whence, by="openid")
    except (UserError, ProviderUnreachable) as error:
        response = _failed(desk, site, then, error)
    else:
        response = entered(request, who, then)
    cookies.drop(request, response, cookies.VISIT)
    return response


def _elsewhere(desk: Desk) -> Elsewhere:
    if desk.elsewhere is None:
        raise NotFound("Aucun autre service de connexion n'est réglé : utilisez un mot de passe.")
    return desk.elsewhere


def _back(request: Request, desk: Desk) -> str:
    # As this browser reached us, if no address is set: the provider leads back to those addresses
    # alone that were given when this product was registered there.
    site = desk.settings.address or str(request.base_url).rstrip("/")
    return f"{site}/bureau/connexion/retour"


def _failed(desk: Desk, site: Site, vers: str, error: Exception) -> Response:
    log.warning("Sign-in elsewhere failed: %s", error.__cause__ or error)
    return _sign_in_page(desk, site, vers, error=error)
