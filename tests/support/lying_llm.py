"""A scripted language model behind a real HTTP server on loopback: it says what a test has it say.

`answer` gets the messages that it was sent and the handler to answer with; `says` makes the usual
one, which streams a text as chat completions do. Every request is kept.
"""

import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Script = Callable[["Handler"], None]


@dataclass
class Endpoint:
    """Where the server listens, what it was sent, and a way to let it go on."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    freed: Event = field(default_factory=Event)


class Handler(BaseHTTPRequestHandler):
    """One request; `self.endpoint.freed` is set when the test is over."""

    endpoint: Endpoint
    script: Script

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.endpoint.requests.append(json.loads(body))
        self.endpoint.headers.append({k.lower(): v for k, v in self.headers.items()})
        with suppress(ConnectionError, socket.timeout):
            type(self).script(self)

    def start(self, status: int = 200, kind: str = "text/event-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def send(self, raw: str) -> None:
        self.wfile.write(raw.encode())
        self.wfile.flush()

    def piece(self, text: str) -> None:
        chunk = {"choices": [{"index": 0, "delta": {"content": text}}], "object": "chunk"}
        self.send(f"data: {json.dumps(chunk)}\n\n")

    def done(self) -> None:
        self.send("data: [DONE]\n\n")

    def wait(self) -> None:
        """Stall, but no longer than the test."""
        self.endpoint.freed.wait()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(script: Script) -> Iterator[Endpoint]:
    """A server that answers every request by `script`."""
    made = Endpoint("")
    handler = type("Scripted", (Handler,), {"endpoint": made, "script": staticmethod(script)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    running = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    running.start()
    try:
        yield made
    finally:
        made.freed.set()
        server.shutdown()
        server.server_close()
        running.join()


# --- scripts ----------------------------------------------------------------------------------


def text_of(sentences: Iterable[tuple[str, object]]) -> str:
    """The JSON that an obedient model gives."""
    return json.dumps(
        {"phrases": [{"phrase": said, "sources": sources} for said, sources in sentences]},
        ensure_ascii=False,
    )


def says(*sentences: tuple[str, object]) -> Script:
    """Streams these sentences with the passages that they cite, a few letters at a time."""
    return raw(text_of(sentences))


def raw(text: str) -> Script:
    """Streams this text."""

    def script(handler: Handler) -> None:
        handler.start()
        for at in range(0, len(text), 7):
            handler.piece(text[at : at + 7])
        handler.done()

    return script


def stalls_at_once(handler: Handler) -> None:
    handler.wait()


def dribbles_headers(handler: Handler) -> None:
    """A status line, then a header that never ends: no read ever takes long."""
    handler.send("HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.endpoint.freed.is_set():
        handler.send("a")
        time.sleep(0.05)


def dribbles_comments(handler: Handler) -> None:
    """Alive, and says nothing."""
    handler.start()
    while not handler.endpoint.freed.is_set():
        handler.send(": ping\n\n")
        time.sleep(0.05)


def stalls_after(*sentences: tuple[str, object]) -> Script:
    def script(handler: Handler) -> None:
        handler.start()
        handler.piece(text_of(sentences)[:-2])
        handler.wait()

    return script


def breaks_after(*sentences: tuple[str, object]) -> Script:
    def script(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Content-Length", "99999")
        handler.end_headers()
        handler.piece(text_of(sentences)[:-2] + ', {"phrase": "La pi')

    return script


def loops(said: str, sources: object) -> Script:
    """One sentence for ever."""

    def script(handler: Handler) -> None:
        handler.start()
        handler.piece('{"phrases": [')
        while not handler.endpoint.freed.is_set():
            handler.piece(json.dumps({"phrase": said, "sources": sources}) + ", ")

    return script


def pours(handler: Handler) -> None:
    """A line without an end, as fast as it goes."""
    handler.start()
    handler.send("data: ")
    while not handler.endpoint.freed.is_set():
        handler.send("a" * 65_536)


def status(code: int, body: str = '{"error": {"message": "no"}}') -> Script:
    def script(handler: Handler) -> None:
        handler.start(code, "application/json")
        handler.send(body)

    return script


def page(handler: Handler) -> None:
    handler.start(200, "text/html")
    handler.send("<html><body><h1>Welcome</h1>" + "<p>hello</p>" * 1000)


def events(*datas: str) -> Script:
    """Server-sent events with this data, whatever it is."""

    def script(handler: Handler) -> None:
        handler.start()
        for data in datas:
            handler.send(f"data: {data}\n\n")

    return script


def knows_no_schema(*sentences: tuple[str, object]) -> Script:
    """An endpoint that refuses parameters that it does not know."""

    def script(handler: Handler) -> None:
        if {"response_format", "temperature", "max_tokens"} & set(handler.endpoint.requests[-1]):
            status(400, '{"error": {"message": "unknown parameter"}}')(handler)
        else:
            says(*sentences)(handler)

    return script


def redirects_to(url: str) -> Script:
    def script(handler: Handler) -> None:
        handler.send_response(307)
        handler.send_header("Location", url)
        handler.end_headers()

    return script
