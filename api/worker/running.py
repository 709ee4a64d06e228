"""A job that a worker holds: its heartbeat, what it reports on the way, and how it is stopped.

Stopping is cooperative: a report raises `Stopped` once the job is cancelled, its lease is lost or
the worker ends. Writes to the ledger are rare, however often a job reports.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from ingest.jobs.eta import Stopwatch, whole
from ingest.jobs.queue import LEASE_S, Lease, Lost

log = logging.getLogger(__name__)
_BEAT_S = LEASE_S / 6  # five may be missed before the lease ends
_SELDOM_S = 1.0  # as often as a page asks; each write is a transaction on the disk


class StopReason(StrEnum):
    """What stops a job before its end."""

    CANCELLED = "cancelled"
    LOST = "lost"
    ENDING = "ending"


class Stopped(Exception):
    """Raised out of a job's own report; no part of the job may take it for a failure of its own."""

    def __init__(self, why: StopReason) -> None:
        super().__init__(why)
        self.why = why


class Running:
    """Tells the ledger how far a job is, and the job whether to go on. `so_far`: what was found."""

    def __init__(self, lease: Lease, ending: threading.Event) -> None:
        self.lease = lease
        self._ending = ending
        self._why: StopReason | None = None
        self.so_far: dict[str, Any] = dict(lease.job.found)
        self._at = ("", 0.0)
        self._written = 0.0
        self._watch = Stopwatch()

    def report(self, stage: str, fraction: float) -> None:
        """A stage of an ingest is at a fraction. Raises `Stopped`."""
        self._watch.at(stage, fraction, int(self.so_far.get("duration_ms", 0)))
        fresh = stage != self._at[0]
        self._at = (stage, whole(stage, fraction))
        self._write(at_once=fresh)

    def found(self, what: str, value: int | str) -> None:
        """Something came to light. Raises `Stopped`."""
        self.so_far[what] = value
        self._write(at_once=what == "work")

    def _write(self, at_once: bool) -> None:
        self.go_on()
        now = time.monotonic()
        if not at_once and now - self._written < _SELDOM_S:
            return
        self._written = now
        stage, overall = self._at
        self.so_far["pace"] = dict(self._watch.paces)
        try:
            self._ask(lambda: self.lease.note(stage, overall, self.so_far))
        except DatabaseError:  # the database is busy for long: the next report will do
            return
        self.go_on()

    def go_on(self) -> None:
        """Raise `Stopped` if the job is not to go on."""
        if self._why is None and self._ending.is_set():
            self._why = StopReason.ENDING
        if self._why is not None:
            raise Stopped(self._why)

    def go_on_within(self, db: Connection) -> None:
        """Raise `Stopped` if the ledger says so within the transaction that does the job's work.

        A job that was cancelled before is not done after, however lately a heartbeat was.
        """
        self._ask(lambda: self.lease.hold(db))
        if self._why is not None:
            raise Stopped(self._why)

    def _ask(self, hold: Callable[[], bool]) -> None:
        """Hold the lease, and remember what the ledger says against going on."""
        try:
            if hold():
                self._why = StopReason.CANCELLED
        except Lost:
            self._why = StopReason.LOST

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Keep the lease while inside, also through long silences of the job."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(over,), name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(_BEAT_S) and self._why is None:
            try:
                self._ask(self.lease.extend)
            except DatabaseError:
                log.warning("Job %d: a heartbeat was missed.", self.lease.job.id)
