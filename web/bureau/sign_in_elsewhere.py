"""Signing in at the city's own provider: out to it, and back."""

import logging
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.account import cookies, visits
from api.account.local_path import local_path
from api.account.oidc import NotProven, ProviderUnreachable
from api.account.oidc_accounts import Elsewhere, account_for
from api.account.sign_in import enter
from api.account.throttle import Limit, admit
from api.desk import AtDesk, Desk
from ingest.errors import NotFound, UserError
from web.bureau.entering import Whence, entered, gone
from web.bureau.sign_in import sign_in_page
from web.site import OnSite

log = logging.getLogger(__name__)
router = APIRouter(prefix="/bureau/connexion", include_in_schema=False)
DEPARTURES = Limit("going to the provider from an address", 60, timedelta(minutes=15))


@router.get("/ville")
def out(request: Request, desk: AtDesk, site: OnSite, whence: Whence, vers: str = "") -> Response:
    """To the provider. A link, not a form: the CSP lets no form of ours lead to another site."""
    provider = _elsewhere(desk).provider
    try:
        with desk.archive.begin() as db:
            admit(db, DEPARTURES.of(whence.address))
        departure = provider.depart(_back(request, desk))
        with desk.archive.begin() as db:
            token = visits.begin(db, departure, local_path(vers) or "")
    except (UserError, ProviderUnreachable) as error:
        return _told(desk, site, vers, error)
    response = gone(departure.address)
    cookies.put(request, response, cookies.VISIT, token, visits.LASTS)
    return response


@router.get("/retour")
def back(
    request: Request,
    desk: AtDesk,
    site: OnSite,
    whence: Whence,
    code: str = "",
    state: str = "",
) -> Response:
    """Back from it, signed in there: find the account, or tell why there is none."""
    elsewhere = _elsewhere(desk)
    then = ""
    try:
        with desk.archive.begin() as db:
            visit = visits.end(db, cookies.read(request, cookies.VISIT), state)
        then = visit.then
        if not code:  # refused or given up there: `error` says so, in words for developers
            raise NotProven
        identity = elsewhere.provider.arrive(
            code, _back(request, desk), visit.nonce, visit.verifier
        )
        with desk.archive.begin() as db:
            account = account_for(db, identity, elsewhere.claims)
            who = enter(db, account, whence, by="openid")
    except (UserError, ProviderUnreachable) as error:
        response = _told(desk, site, then, error)
    else:
        response = entered(request, who, then)
    cookies.drop(request, response, cookies.VISIT)
    return response


def _elsewhere(desk: Desk) -> Elsewhere:
    if desk.elsewhere is None:
        raise NotFound("Aucun autre service de connexion n'est réglé : utilisez un mot de passe.")
    return desk.elsewhere


def _back(request: Request, desk: Desk) -> str:
    # As this browser reached us, if no address is set: the provider goes back to none but those
    # that it was told of when this product was registered there.
    site = desk.settings.address or str(request.base_url).rstrip("/")
    return f"{site}/bureau/connexion/retour"


def _told(desk: Desk, site: OnSite, vers: str, error: Exception) -> Response:
    log.warning("Sign-in elsewhere failed: %s", error.__cause__ or error)
    return sign_in_page(desk, site, vers, error=error)
