"""What every way in shares: where somebody comes from, and the cookies they leave with."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.account import browsers, cookies
from api.account.local_path import local_path
from api.account.sign_in import Entered, From
from api.account.throttle import address_of
from api.auth import Account, Role
from api.desk import Desk
from web.bureau.page import NOT_KEPT


def _whence(request: Request) -> From:
    return From(
        address=address_of(request.client.host if request.client else None),
        browser=cookies.read(request, cookies.BROWSER),
        session=cookies.read(request, cookies.SESSION),
    )


Whence = Annotated[From, Depends(_whence)]


def first_page(account: Account) -> str:
    """Where somebody begins who asked for no page."""
    return "/bureau" if account.may(Role.CLERK) else "/"


def gone(to: str) -> Response:
    """See another page next: what a form that was sent answers with."""
    return RedirectResponse(to, 303, NOT_KEPT)


def entered(request: Request, who: Entered, then: str = "") -> Response:
    """On to the page that was asked for, signed in."""
    response = gone(local_path(then) or first_page(who.account))
    cookies.put(request, response, cookies.SESSION, who.session)
    cookies.put(request, response, cookies.BROWSER, who.browser, browsers.LASTS)
    return response


def site_address(request: Request, desk: Desk) -> str:
    """The site's own address, for links that are sent: as set, or this very machine's; else "".

    What a request says of its host is anybody's word: a link that is sent must not lead there.
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
