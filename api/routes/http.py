"""What HTTP keeps and carries: addresses, caches, validators, how long a request's body may be.

Published matter may be cached but must be checked each time, so that withdrawing a session takes
effect at once. Questions and answers are not cached. Bodies are read into memory whole, so that
each path has a limit.
"""

import hashlib
import re
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.gate import OFFICE, SMALL
from api.deps import Deps
from api.problems import TooLong

REVALIDATE = {"Cache-Control": "no-cache"}
PRIVATE = {"Cache-Control": "no-store"}


def kept_by_nobody(response: Response) -> None:
    """A dependency that forbids copies of a route's response."""
    response.headers.update(PRIVATE)


def site_of(request: Request) -> str:
    """The address that links begin with: the site's own, or the one that was asked."""
    deps: Deps = request.app.state.deps
    return deps.settings.address or str(request.base_url).rstrip("/")


def etag_of(body: bytes) -> str:
    """A strong validator: the same bytes, the same tag."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def matches(request: Request, etag: str) -> bool:
    """Does the client already hold this version (`If-None-Match`, RFC 9110 section 13.1.2)?"""
    given = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in given.split(","))


def unchanged(etag: str) -> Response:
    """304: the copy is good."""
    return Response(status_code=304, headers={"ETag": etag, **REVALIDATE})


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """A response that clients revalidate with its tag."""
    etag = etag_of(body)
    if matches(request, etag):
        return unchanged(etag)
    return Response(body, headers={"ETag": etag, **REVALIDATE}, media_type=media_type)


def attachment(name: str, plain: str | None = None) -> dict[str, str]:
    """The header of a file that browsers keep under a name (RFC 6266).

    `plain` is a name in ASCII, for browsers that do not read the other.
    """
    simple = f'filename="{plain}"; ' if plain else ""
    told = f"attachment; {simple}filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": told}


def forget_host(scope: Scope, headers: MutableHeaders) -> None:
    """Make a redirection within the site relative.

    Starlette's, to the address less its last slash, repeats the host that the request names, which
    may be forged.
    """
    if location := headers.get("location"):
        path = location.removeprefix(str(Request(scope).base_url).rstrip("/"))
        if path.startswith("/") and not path.startswith("//"):  # two slashes would name a host
            headers["location"] = path


# Files go to the disk piece by piece: `multipart` and `uploads` have limits of their own.
_STREAMED = re.compile(
    rf"{OFFICE}/apporter/[^/]{{1,64}}|{OFFICE}/api/apporter/[^/]{{1,64}}/fichiers/[^/]{{1,64}}"
)
_OF_THE_OFFICE = {
    f"{OFFICE}/modele": 8 * 2**20,  # a template of 5 MB, and the form around it
    # 100,000 turns checked at once; the worst JSON of that length takes the event loop 20 ms.
    f"{OFFICE}/api": 2**20,
    f"{OFFICE}": 2 * 2**20,  # an agenda of 300 points, every sign escaped
}


class LimitedBodies:
    """Hands on no more of a body than its path may have. A plain ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted as it is read."""
        most = most_at(scope["path"]) if scope["type"] == "http" else None
        await self._app(scope, receive if most is None else _counted(receive, most), send)


def most_at(path: str) -> int | None:
    """The bytes that a request to a path may send; None where they are never read whole."""
    if _STREAMED.fullmatch(path):
        return None
    below = (most for at, most in _OF_THE_OFFICE.items() if f"{path}/".startswith(f"{at}/"))
    return next(below, SMALL)


def _counted(receive: Receive, most: int) -> Receive:
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLong(most)
        return message

    return counted
