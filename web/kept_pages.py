"""Readers' pages kept as they were sent, packed, while the archive stays as it is.

A page takes ten to sixty milliseconds to be made, and two hundred readers ask for the same few.
Does not know what stands in them: any commit to the database makes them anew.
"""

import re
from collections.abc import Hashable
from datetime import date
from http import HTTPStatus
from time import monotonic

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers.kept import Shelf
from api.deps import Version

# Pages that say the same to everybody, of the archive alone. None with a question.
_KEPT = re.compile(
    r"/|/(?:seances|personnes|objets|sujets|partis|decisions|calendrier|organes|parcourir)(?:/[^/.]+)?"
)
_MOST, _LARGEST = 128, 256 * 2**10  # pages, bytes of one: 32 MiB at most
# A minute: whatever else a page might show than the archive is no older.
_LASTS_S = 60


class KeptPages:
    """A plain ASGI middleware, within the gate; `version` is None while nothing may be kept."""

    def __init__(self, app: ASGIApp, version: Version) -> None:
        self._app = app
        self._version = version
        self._pages = Shelf(_MOST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page that is kept, or pass the request on and keep what is answered."""
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        kept: list[Message] = self._pages.get(key, [])
        for message in kept:
            await send(_own(message))
        if kept:
            return
        messages: list[Message] = []

        async def noted(message: Message) -> None:
            messages.append(_own(message))
            await send(message)

        await self._app(scope, receive, noted)
        if _is_whole_page(messages):
            self._pages[key] = messages

    def _key(self, scope: Scope) -> Hashable | None:
        """All that a page depends on; None for what is not kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path, query = scope["path"], scope["query_string"]
        if not _KEPT.fullmatch(path) or (path == "/" and query):
            return None
        version = self._version()
        if version is None:
            return None
        headers = Headers(scope=scope)
        packed = "gzip" in headers.get("accept-encoding", "")
        language = scope.get("state", {}).get("language")
        asked = (scope["scheme"], headers.get("host"), scope["root_path"], path, query, language)
        return version, date.today(), monotonic() // _LASTS_S, packed, asked


def _own(message: Message) -> Message:
    """A message whose headers may be changed: what is added to one answer is in no other."""
    headers = message.get("headers")
    return message if headers is None else {**message, "headers": list(headers)}


def _is_whole_page(messages: list[Message]) -> bool:
    """Is it a page for everybody, sent to its end and not too large?"""
    if not messages or messages[0].get("status") != HTTPStatus.OK or messages[-1].get("more_body"):
        return False
    headers = Headers(raw=messages[0]["headers"])
    is_page = headers.get("content-type", "").startswith("text/html")
    size = sum(len(message.get("body", b"")) for message in messages)
    return is_page and "set-cookie" not in headers and 0 < size <= _LARGEST
