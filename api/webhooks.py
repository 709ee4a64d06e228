"""Webhooks: other programs are told once that a session is published, signed, until they answer.

By Standard Webhooks (headers webhook-id, webhook-timestamp, webhook-signature): HMAC-SHA256 over
id, time and body. Called by a thread of the server: the worker has no network (D-028). What is sent
names the session and holds none of its words. Sessions that were published before an address was
first set are not told to it. A server that dies between the answer and noting it calls twice: the
id is the same.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx2
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    update,
)

from api import delivery
from api.delivery import KEPT, wait_after
from api.views.links import session_page
from ingest.archive import schema as t
from ingest.archive.published import Published
from ingest.archive.repository import published_but
from ingest.archive.schema import now
from ingest.errors import BadInput, NotFound
from ingest.settings import Settings
from ingest.transcript import Session

log = logging.getLogger(__name__)
EVENT = "session.published"
_TIMEOUT_S = 10.0  # a receiver is to answer before it works
_GONE = 410  # "stop calling": Standard Webhooks

# `session_id` is null in the row that says since when an address is known; `not_before` is null in
# a call that is done.
table = Table(
    "webhook_calls",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE")),
    Column("attempts", Integer, nullable=False),
    Column("not_before", DateTime, index=True),
    Column("at", DateTime, nullable=False),
    UniqueConstraint("url", "session_id"),
)


@dataclass(frozen=True)
class Webhooks:
    """The addresses that are called, and the key that signs."""

    published: Published
    urls: tuple[str, ...]
    secret: bytes
    address: str

    def start(self) -> None:
        """Begin, in a thread that ends with the process: what is not sent then is sent later."""
        delivery.start("webhooks", self.round)

    def round(self) -> None:
        """Note what is new, and make the calls that are due, each once."""
        archive = self.published.archive
        with archive.engine.connect() as db:  # an idle round takes no write lock
            behind = [url for url in self.urls if _is_unknown(db, url) or _untold(db, url)]
        for url in behind:
            with archive.begin() as db:
                _note(db, url)
        while call := self._claim():
            self._make(call)

    def _claim(self) -> Row[tuple[object, ...]] | None:
        """The call that is due first, held for this process."""
        still_set = table.c.url.in_(self.urls)
        with self.published.archive.engine.connect() as db:
            if not delivery.is_due(db, table, still_set):
                return None
        with self.published.archive.begin() as db:
            return delivery.claim(db, table, still_set)

    def _make(self, call: Row[tuple[object, ...]]) -> None:
        try:
            session = self.published.session(call.session_id)
        except NotFound:  # withdrawn since: looked at again later
            self._later(call, now() + wait_after(call.attempts))
            return
        try:
            status = self._send(call, session)
        except httpx2.HTTPError as error:
            failure = type(error).__name__  # no address: it may hold a key
            log.warning("Webhook %d, attempt %d: %s", call.id, call.attempts, failure)
            status = 0
        done = httpx2.codes.is_success(status) or status == _GONE or now() - call.at > KEPT
        self._later(call, None if done else now() + wait_after(call.attempts))

    def _later(self, call: Row[tuple[object, ...]], at: datetime | None) -> None:
        with self.published.archive.begin() as db:
            db.execute(update(table).where(table.c.id == call.id).values(not_before=at))

    def _send(self, call: Row[tuple[object, ...]], session: Session) -> int:
        """The status that a call is answered with."""
        body = json.dumps(message(session, self.address), ensure_ascii=False).encode()
        name, sent = f"{EVENT}.{call.id}", str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": sent,
            "webhook-signature": signature(self.secret, name, sent, body),
        }
        # Where it is led to instead is not what the city has set.
        with httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            return client.post(str(call.url), content=body, headers=headers).status_code


def webhooks(settings: Settings, published: Published) -> Webhooks | None:
    """The webhooks that are set, None without any. Raises `BadInput` where they have no key."""
    urls = tuple(url.strip() for url in settings.webhooks.split(",") if url.strip())
    if not urls:
        return None
    if settings.webhook_secret is None:
        raise BadInput("VERBATIM_WEBHOOKS demande une clé : VERBATIM_WEBHOOK_SECRET=...")
    secret = settings.webhook_secret.get_secret_value().encode()
    return Webhooks(published, urls, secret, settings.address or "")


def message(session: Session, address: str) -> dict[str, object]:
    """The body of a call: the session, and where it is read."""
    return {
        "type": EVENT,
        "timestamp": f"{now().isoformat(timespec='seconds')}Z",
        "data": {
            "id": session.id,
            "title": session.title,
            "date": session.date.isoformat(),
            "body": session.body,
            "page": address + session_page(session.id),
            "transcript": f"{address}/api/sessions/{session.id}/transcript",
        },
    }


def signature(secret: bytes, name: str, sent: str, body: bytes) -> str:
    """The signature of Standard Webhooks, version 1."""
    signed = f"{name}.{sent}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def _is_unknown(db: Connection, url: str) -> bool:
    return db.execute(select(table.c.id).where(table.c.url == url).limit(1)).first() is None


def _untold(db: Connection, url: str) -> Sequence[str]:
    """The published sessions for which an address has no call yet, oldest first."""
    known = select(table.c.session_id).where(table.c.url == url, table.c.session_id.is_not(None))
    return published_but(db, known)


def _note(db: Connection, url: str) -> None:
    """Put down the calls of an address; of one that is new, what is published as done."""
    unknown, moment = _is_unknown(db, url), now()
    sessions = [*_untold(db, url), *([None] if unknown else [])]
    for session in sessions:
        values = {"url": url, "session_id": session, "attempts": 0, "at": moment}
        due = None if unknown else moment
        db.execute(insert(table).values(**values, not_before=due))
