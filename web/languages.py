"""Readers' pages in other languages: their addresses, and the links that stay within a language.

An address says its language: `/en/seances` is `/seances` in English. Nothing is remembered in a
cookie or guessed from a browser's settings, so that an address is one text, to share and to cache.
The office, the API's data and what pages load have one address each, without a language.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.gate import OFFICE
from api.catalogue import SOURCE, address_in
from api.routes.http import forget_host

LANGUAGES = (SOURCE, "en", "de", "ar")
_ALIKE = rf"(?!/|{OFFICE[1:]}\b|static/|theme\.css|favicon\.svg|logo\b|api/|llms\.txt)"
# Only of readers' pages: a city's proxy may let into /bureau from its own network alone.
_PREFIX = re.compile(rf"/({'|'.join(LANGUAGES[1:])})(/{_ALIKE}.*)?", re.DOTALL)
# Not after a `hreflang`: such a link leads to another language, and says to which.
_LEADS = "href|action|formaction|hx-get|data-page|data-copy-page|data-frame"
_LINK = re.compile(rf'(?<!hreflang="[a-z][a-z]" )\b((?:{_LEADS})="/){_ALIKE}')


class Languages:
    """Takes the language off an address, for `request.state.language`. A plain ASGI middleware.

    It stands outside of the gate, which so sees the address that the routes see.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without its language; redirections keep it."""
        prefixed = _PREFIX.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if prefixed:
            scope["path"] = prefixed[2] or "/"
            scope.setdefault("state", {})["language"] = prefixed[1]
            send = _staying(prefixed[1], scope, send)
        await self._app(scope, receive, send)


def in_language(page: str, language: str) -> str:
    """A page whose links lead to pages of its language.

    >>> in_language('<a href="/seances"> <a href="/bureau"> <a hreflang="fr" href="/">', "en")
    '<a href="/en/seances"> <a href="/bureau"> <a hreflang="fr" href="/">'
    """
    return page if language == SOURCE else _LINK.sub(rf"\g<1>{language}/", page)


def without_language(address: str) -> str:
    """The French address of a page."""
    prefixed = _PREFIX.fullmatch(address)
    return (prefixed[2] or "/") if prefixed else address


def _staying(language: str, scope: Scope, send: Send) -> Send:
    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            forget_host(scope, headers)
            if re.match(rf"/{_ALIKE}", headers.get("location", "")):
                headers["location"] = address_in(language, headers["location"])
        await send(message)

    return complete
