"""Webhooks, called on a real server of the loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from api.deps import Deps
from api.webhooks import Webhooks, signature, table, webhooks
from ingest.archive.schema import now
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import Status
from tests.support.small_site import CANARY, sitting, small_deps

KEY = SecretStr("une clé assez longue")
NEW = "2025-09-01"


class Receiver(HTTPServer):
    """Answers the statuses that it is given, then 200, and keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.told: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/crochet"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.told.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def deps(tmp_path: Path) -> Deps:
    return small_deps(tmp_path)


def hooks(deps: Deps, receiver: Receiver) -> Webhooks:
    settings = deps.settings.model_copy(update={"webhooks": receiver.url, "webhook_secret": KEY})
    made = webhooks(settings, deps.published)
    assert made is not None
    return made


def publish(deps: Deps) -> None:
    deps.published.archive.save(*sitting(NEW, f"Le {CANARY} chante."))
    deps.published.archive.set_status(NEW, Status.PUBLISHED)


def make_due(deps: Deps) -> None:
    with deps.published.archive.begin() as db:
        waiting = table.c.not_before.is_not(None)
        db.execute(update(table).where(waiting).values(not_before=now()))


def test_what_is_published_is_told_once_signed_and_again_until_it_is_taken(
    deps: Deps, receiver: Receiver
) -> None:
    calls = hooks(deps, receiver)
    calls.round()
    assert receiver.told == []  # what was there before, and drafts
    publish(deps)
    receiver.statuses = [500]
    calls.round()
    calls.round()
    assert len(receiver.told) == 1  # it waits
    make_due(deps)
    calls.round()
    make_due(deps)
    calls.round()
    assert len(receiver.told) == 2
    headers, body = receiver.told[1]
    assert headers["webhook-id"] == receiver.told[0][0]["webhook-id"]
    sent = (headers["webhook-id"], headers["webhook-timestamp"], body)
    assert headers["webhook-signature"] == signature(KEY.get_secret_value().encode(), *sent)
    assert f'"page": "http://testserver/seances/{NEW}"'.encode() in body
    assert CANARY.encode() not in body


def test_a_session_that_is_withdrawn_meanwhile_is_not_told(deps: Deps, receiver: Receiver) -> None:
    calls = hooks(deps, receiver)
    calls.round()
    receiver.statuses = [503]
    publish(deps)
    calls.round()
    deps.published.archive.set_status(NEW, Status.WITHDRAWN)
    make_due(deps)
    calls.round()
    assert len(receiver.told) == 1


def test_a_receiver_that_is_gone_is_called_no_more(deps: Deps, receiver: Receiver) -> None:
    calls = hooks(deps, receiver)
    calls.round()
    receiver.statuses = [410]
    publish(deps)
    calls.round()
    with deps.published.archive.engine.connect() as db:
        assert (
            db.execute(select(table.c.not_before).where(table.c.session_id == NEW)).scalar() is None
        )
    assert len(receiver.told) == 1


def test_webhooks_are_off_unless_set_and_need_a_key() -> None:
    off, keyless = (Settings(webhooks=urls, _env_file=None) for urls in ("", "https://ici.example"))
    assert webhooks(off, None) is None  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="VERBATIM_WEBHOOK_SECRET"):
        webhooks(keyless, None)  # type: ignore[arg-type]
