"""The gate: which account sends a request, and may it pass. Puts `request.state.account`.

A plain ASGI middleware: it never touches bodies, so uploads and streams flow through. Without the
cookie it asks the database nothing; nor for readers' pages, unless the city restricts reading.
Without an account the office has no page but those to sign in. Which role a route demands is the
route's to say (`api.accounts.roles`).
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts import cookies, sessions
from api.accounts.roles import Account, NotAllowed, NotSignedIn
from ingest.archive.repository import Archive

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PORTS = {"http": 80, "https": 443}  # where an origin names none


def is_cross_site(method: str, headers: Mapping[str, str]) -> bool:
    """Is a request that changes something sent by a page of another origin?

    Stateless, by what browsers say; a neighbouring subdomain is another origin.
    """
    if method in SAFE:
        return False
    if came := headers.get("sec-fetch-site"):
        return came not in ("same-origin", "none")  # none: typed, or a bookmark
    if origin := headers.get("origin"):
        return not _same_host(origin, headers.get("host", ""))
    return False


def _same_host(origin: str, host: str) -> bool:
    # "null" (a sandboxed frame, a file) has no host, and is no site's own.
    try:
        ours, theirs = urlsplit(f"//{host}"), urlsplit(origin)
        default = _PORTS.get(theirs.scheme)
        ports = (ours.port or default, theirs.port or default)
    except ValueError:
        return False
    return theirs.hostname is not None and theirs.hostname == ours.hostname and ports[0] == ports[1]


OFFICE = "/bureau"
_WAYS_IN = ("/bureau/connexion", "/bureau/deconnexion", "/bureau/invitation")
_FREE = frozenset({"/api/health", "/favicon.svg", "/theme.css", "/logo"})  # hold no word said
SMALL = 64 * 1024  # bytes: the most that may be sent without an account
Refuse = Callable[[Request, Exception], Response]


class Gate:
    """Knows the accounts' browsers; `restricted`: readers must be signed in as well."""

    def __init__(self, app: ASGIApp, archive: Archive, refuse: Refuse, restricted: bool) -> None:
        self._app = app
        self._archive = archive
        self._refuse = refuse
        self._restricted = restricted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its account, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        path = scope["path"]  # as the routes see it, decoded
        office = _is_below(path, OFFICE)
        free = path in _FREE or path.startswith("/static/")
        closed = self._restricted and not office and not free
        token = cookies.read(request, cookies.SESSION)
        if (office or token) and is_cross_site(request.method, request.headers):
            await self._refuse(request, NotAllowed(_ELSEWHERE))(scope, receive, send)
            return
        account = None
        if token and (office or closed):
            account = await run_sync(self._account, token, _is_used(request))
        scope.setdefault("state", {})["account"] = account
        if account is None and (closed or (office and not _is_sign_in(request, path))):
            await self._refuse(request, NotSignedIn(_SIGN_IN))(scope, receive, send)
            return
        await self._app(scope, receive, _private(send) if closed else send)

    def _account(self, token: str, used: bool) -> Account | None:
        with self._archive.engine.connect() as db:
            found = sessions.find(db, token)
        if found is None:
            return None
        if found.stale and used:
            with self._archive.begin() as db:
                sessions.note(db, token)
        return found.account


_SIGN_IN = "Il faut un compte pour cela : connectez-vous."
_ELSEWHERE = (
    "Cette demande vient d'une page d'un autre site : rien n'a été fait. "
    "Refaites-la depuis les pages du bureau."
)


def _is_used(request: Request) -> bool:
    # A page left open asks for news all day (fetch: "cors"): its clerk may have left.
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return mode == "navigate" or request.method not in SAFE


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _is_sign_in(request: Request, path: str) -> bool:
    """Is it a page to sign in, sent no more than a password's form? Forms are read whole first."""
    length = request.headers.get("content-length", "0")
    known = "transfer-encoding" not in request.headers and length.isdecimal()
    return any(_is_below(path, way) for way in _WAYS_IN) and known and int(length) <= SMALL


def _private(send: Send) -> Send:
    """Where reading is restricted, no shared cache may keep what one reader was shown."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if "no-store" not in headers.get("cache-control", ""):
                headers["Cache-Control"] = "private, no-cache"
            headers.add_vary_header("Cookie")
        await send(message)

    return complete
