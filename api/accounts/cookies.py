"""The cookies of the office: which, for whom, and how long.

Over https a cookie's name begins with `__Host-`: a neighbouring subdomain cannot set it.
"""

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "verbatim"
BROWSER = "verbatim-navigateur"
VISIT = "verbatim-visite"


def _name(connection: HTTPConnection, name: str) -> str:
    return f"__Host-{name}" if connection.url.scheme == "https" else name


def read(connection: HTTPConnection, name: str) -> str | None:
    """A cookie's value, if it came."""
    cookies: Mapping[str, str] = connection.cookies
    return cookies.get(_name(connection, name)) or None


def put(
    connection: HTTPConnection,
    response: Response,
    name: str,
    value: str,
    lasts: timedelta | None = None,
) -> None:
    """Give the browser a cookie; without `lasts`, until it is closed.

    Lax: a link in a mail leads in, another site's form does not.
    """
    response.set_cookie(
        _name(connection, name),
        value,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=connection.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop(connection: HTTPConnection, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(
        _name(connection, name),
        path="/",
        secure=connection.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
