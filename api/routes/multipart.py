"""A form with files, read as it comes: fields into memory, files into the sinks that are chosen.

For browsers without JavaScript, which send several GB as one form. Starlette would keep them in its
own temporary files first, which may be memory. Knows nothing of what fields mean.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.errors import BadInput

MOST_TEXT = 2**20
"""Bytes of a field, or of a small file that is read into memory."""
_MOST_TEXTS = 2 * MOST_TEXT + 2**18
"""Bytes of all fields together: a list and an agenda at their largest, and the rest of the form."""
_MOST_PARTS = 2_000
"""Fields and files: each recording has two fields, and there are 300 at most."""
_LONGEST_BOUNDARY = 70  # RFC 2046, 5.1.1
_BROKEN = "Le formulaire n'est pas arrivé en entier : renvoyez-le."


class Sink(Protocol):
    """Where a file goes. One that is not closed has not come in whole."""

    async def write(self, piece: bytes) -> None:
        """Take bytes."""

    async def close(self) -> None:
        """The file is whole."""


class Text:
    """A sink in memory, for a small file."""

    def __init__(self, name: str, most: int = MOST_TEXT) -> None:
        self.name, self.content, self._most = name, bytearray(), most

    async def write(self, piece: bytes) -> None:
        """Take bytes. Raises `BadInput` for more than such a file ever has."""
        self.content += piece
        if len(self.content) > self._most:
            raise BadInput(f"« {self.name} » est trop grand ici : enregistrez-le sans images.")

    async def close(self) -> None:
        """Nothing is left to do."""


Choose = Callable[[str, str], Awaitable[Sink]]
"""Given a field's name and a file's name, where that file goes."""


@dataclass
class _Part:
    """What one part says of itself, and where it goes."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    text: bytearray = field(default_factory=bytearray)
    sink: Sink | None = None


class Utf8Forms:
    """Leaves of a form's content type only its boundary. A plain ASGI middleware.

    Browsers name no charset there (RFC 7578, 5.1.2); Starlette decodes by any that is named, and
    some of Python's codecs make halves of characters, which can be neither stored nor sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            headers = [(n, _bare(v) if n == b"content-type" else v) for n, v in scope["headers"]]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


def _bare(content_type: bytes) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        return content_type
    return b'multipart/form-data; boundary="' + options[b"boundary"] + b'"'


async def read_form(request: Request, choose: Choose) -> dict[str, str]:
    """The fields of a form; its files are written to the sinks that `choose` gives, in order.

    Of a field that comes twice, the last value holds. Raises `BadInput` for what is no whole form;
    files that came before that are kept.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
        raise BadInput(_BROKEN)
    fields: dict[str, str] = {}
    part, parts, texts, whole = _Part(), 0, 0, False
    async for event, data in _events(request, boundary):
        if event == "begin":
            part, parts = _Part(), parts + 1
            if parts > _MOST_PARTS:
                raise BadInput("Le formulaire a trop de champs : rechargez la page.")
        elif event == "headers":
            await _open(part, data, choose)
        elif event == "data":
            texts += len(data) if part.sink is None else 0
            if texts > _MOST_TEXTS:
                raise BadInput("Les champs sont trop longs tous ensemble : abrégez les listes.")
            await _take(part, data)
        elif event == "end":
            await _close(part, fields)
        whole = whole or event == "whole"
    if not whole:
        raise BadInput(_BROKEN)
    return fields


async def _open(part: _Part, disposition: bytes, choose: Choose) -> None:
    _, options = parse_options_header(disposition)
    part.name = options.get(b"name", b"").decode("utf-8", "replace")
    if b"filename" in options:
        part.filename = options[b"filename"].decode("utf-8", "replace")
        if part.filename:  # a file field that was left empty has none
            part.sink = await choose(part.name, part.filename)


async def _take(part: _Part, data: bytes) -> None:
    if part.sink is not None:
        await part.sink.write(data)
    elif part.filename is None:
        part.text += data
        if len(part.text) > MOST_TEXT:
            raise BadInput(f"Le champ « {part.name[:40]} » est trop long.")


async def _close(part: _Part, fields: dict[str, str]) -> None:
    if part.sink is not None:
        await part.sink.close()
    elif part.filename is None:
        fields[part.name] = part.text.decode("utf-8", "replace").replace("\r\n", "\n")


async def _events(request: Request, boundary: bytes) -> AsyncIterator[tuple[str, bytes]]:
    """begin, headers (the disposition), data, end for each part; whole after the last."""
    events: list[tuple[str, bytes]] = []
    name, value, disposition = bytearray(), bytearray(), bytearray()

    def header_end() -> None:
        if bytes(name).lower() == b"content-disposition":
            disposition[:] = value
        name.clear()
        value.clear()

    def headers_finished() -> None:
        events.append(("headers", bytes(disposition)))
        disposition.clear()

    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": lambda: events.append(("begin", b"")),
            "on_header_field": lambda data, start, end: name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: value.extend(data[start:end]),
            "on_header_end": header_end,
            "on_headers_finished": headers_finished,
            "on_part_data": lambda data, start, end: events.append(("data", data[start:end])),
            "on_part_end": lambda: events.append(("end", b"")),
            "on_end": lambda: events.append(("whole", b"")),
        },
    )
    async for piece in request.stream():
        try:
            parser.write(piece)
        except FormParserError:
            raise BadInput(_BROKEN) from None
        for event in events:
            yield event
        events.clear()
