"""Who may keep a copy of a response, and when a copy is still good.

Published matter may be kept but must be checked each time, so that closing a session takes effect
at once. Questions and answers are kept by nobody.
"""

import hashlib

from fastapi import Request
from fastapi.responses import Response

REVALIDATE = {"Cache-Control": "no-cache"}
PRIVATE = {"Cache-Control": "no-store"}


def kept_by_nobody(response: Response) -> None:
    """A dependency that forbids copies of a route's response."""
    response.headers.update(PRIVATE)


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
