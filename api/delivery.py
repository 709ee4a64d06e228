"""Delivery to other machines: rows of a table, kept until a mail server or a program takes them.

Sent by a thread of the server, for the worker has no network (D-028). Several servers may run over
one archive: each row is held by one of them, and tried again after a wait that doubles. A table of
such rows has `id`, `attempts` and `not_before`. Knows neither mails nor webhooks.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update

from ingest.archive.schema import now

log = logging.getLogger(__name__)
_PAUSE_S = 20.0  # a delivery may be that late; with nothing due, a round is an indexed read
HELD = timedelta(minutes=10)  # a process that sends one row for longer than that has died
KEPT = timedelta(days=5)  # the longest that RFC 5321 section 4.5.4.1 asks for
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)  # so late may a mail be once its server is back


def is_due(db: Connection, table: Table, *only: ColumnElement[bool]) -> bool:
    """Is there a row to send now? Asked without a write lock, before `claim`."""
    due = select(table.c.id).where(table.c.not_before <= now(), *only).limit(1)
    return db.execute(due).first() is not None


def claim(db: Connection, table: Table, *only: ColumnElement[bool]) -> Row[Any] | None:
    """The row that is due first, held for this process, this attempt counted; None without any."""
    due = select(table.c.id).where(table.c.not_before <= now(), *only)
    first = due.order_by(table.c.not_before, table.c.id).limit(1).scalar_subquery()
    held = {"not_before": now() + HELD, "attempts": table.c.attempts + 1}
    return db.execute(
        update(table).where(table.c.id == first).values(held).returning(table)
    ).first()


def wait_after(attempts: int) -> timedelta:
    """How long to wait before one more attempt: twice as long each time, within limits."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * int(2 ** min(attempts - 1, 10)))


def start(name: str, send_due: Callable[[], None]) -> None:
    """Have what is due sent again and again, in a thread that ends with the process.

    What is not sent then is sent by the next one.
    """

    def work() -> None:
        while True:
            try:
                send_due()
            except Exception:
                log.exception("delivering %s", name)
            time.sleep(_PAUSE_S)

    threading.Thread(target=work, name=name, daemon=True).start()
