"""Polls the ledger and does its jobs, one of each lane at a time, until it is to end.

Knows leases and how a job's end is written; what jobs do is in `api.worker.handlers`. Models are
loaded by the first job that needs them. A worker says that it lives by a file that it keeps locked:
the system lets go of it however the worker dies, so no job has to wait for its leases to run out.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from api.worker.handlers import HANDLERS, Handler, Parts, after
from api.worker.running import Running, Stopped, StopReason
from ingest.archive.checkpoints import JobBusy
from ingest.errors import (
    DatabaseUnreachable,
    InPreparation,
    NoRoom,
    OurError,
    StorageFault,
    UserError,
    as_ours,
)
from ingest.jobs.queue import JobKind, Lease, Lost, claim, release

log = logging.getLogger(__name__)
LONG, SHORT, KEEPING = "long", "short", "keeping"
KINDS: Mapping[str, Sequence[JobKind]] = {
    LONG: (JobKind.INGEST, JobKind.AGAIN),
    SHORT: (JobKind.ALIGN, JobKind.PUBLISH, JobKind.CLOSE, JobKind.ERASE_SOUND),
    KEEPING: (JobKind.BACKUP,),
}
"""The lanes: a session takes hours to transcribe, and what takes seconds does not wait for it; nor
for a backup, which copies all the sound there is."""
POLL_S = 1.0
"""A clerk waits this long at most until her job begins: less than the shortest job takes. Polling
of two lanes took 0.1 % of a core (D-154)."""
_AFTER_FAILURE_S = 60.0  # a full disk or a long lock does not end sooner; the log stays short
_BUSY_S = 20  # another process is at the same recordings: look again then
_FULL_DISK = "Le disque du serveur est plein : faites de la place, puis relancez la tâche."
_NO_MEMORY = "La mémoire de la machine n'a pas suffi : libérez-en, puis relancez la tâche."
_UNFORESEEN = (
    "Une erreur imprévue a arrêté la tâche ({name}). Relancez-la ; si elle revient, montrez le "
    "journal du serveur à l'informatique."
)


class Worker:
    """One process's share of the work on a product's ledger."""

    def __init__(self, product: Parts, handlers: Mapping[JobKind, Handler] = HANDLERS) -> None:
        self.product = product
        self.owner = uuid4().hex
        self.ending = threading.Event()
        self.idle_since: float | None = time.monotonic()
        self._handlers = handlers
        self._lanes = {lane: threading.Lock() for lane in KINDS}
        self._places = product.settings.data / "workers"
        self._places.mkdir(parents=True, exist_ok=True)
        self._alive = FileLock(self._places / f"{self.owner}.lock")
        self._alive.acquire()

    def start(self) -> None:
        """Poll the ledger from now on, each lane in a thread of its own."""
        for lane in KINDS:
            threading.Thread(target=self._poll, args=(lane,), name=lane, daemon=True).start()

    def _poll(self, lane: str) -> None:
        wait_s = 0.0
        while not self.ending.wait(wait_s):
            try:
                wait_s = POLL_S if self.work(lane) else _AFTER_FAILURE_S
            except Exception:
                log.exception("The %s lane could not work; trying again in a minute.", lane)
                wait_s = _AFTER_FAILURE_S

    def work(self, lane: str) -> bool:
        """Do a lane's jobs until there is none; False if the ledger could not be used."""
        lock = self._lanes[lane]
        if not lock.acquire(blocking=False):
            return True  # another thread is at them
        try:
            self._drain(lane)
        except DatabaseError as error:
            log.warning("The ledger could not be used; trying again later: %s", as_ours(error))
            return False
        finally:
            lock.release()
            if not any(other.locked() for other in self._lanes.values()):
                self.idle_since = self.idle_since or time.monotonic()
        return True

    def bury(self) -> None:
        """End the leases of workers that died."""
        release(self.product.archive, self._is_dead)

    def end(self, patience_s: float) -> bool:
        """Have jobs put back, and wait for it; False when one did not listen in time."""
        self.ending.set()
        until = time.monotonic() + patience_s
        for lock in self._lanes.values():
            if not lock.acquire(timeout=max(0.0, until - time.monotonic())):
                return False
        self._alive.release()
        Path(self._alive.lock_file).unlink(missing_ok=True)
        return True

    def _drain(self, lane: str) -> None:
        while not self.ending.is_set():
            lease = claim(self.product.archive, self.owner, KINDS[lane])
            if lease is None:
                return
            self.idle_since = None
            self._do(lease)

    def _do(self, lease: Lease) -> None:
        log.info("Job %d (%s) begins.", lease.job.id, lease.job.kind)
        running = Running(lease, self.ending)
        with suppress(Lost):  # another worker has it by now, or it is gone
            with running.heartbeat():
                write_end = self._outcome(lease, running)
            write_end()
            log.info("Job %d has ended.", lease.job.id)

    def _outcome(self, lease: Lease, running: Running) -> Callable[[], None]:
        """Run the handler; the function returned writes into the ledger how it ended."""
        try:
            also = self._handlers[lease.job.kind](self.product, running)
        except Stopped as stop:
            return _stopped(lease, stop.why)
        except JobBusy:
            return partial(lease.put_back, _BUSY_S)
        except (UserError, OurError) as error:
            return partial(lease.failed, str(error))
        except Exception as error:
            log.exception("Job %d", lease.job.id)
            ours = as_ours(error)
            # The archive is being written to for long, or its server is started again.
            if isinstance(ours, InPreparation | DatabaseUnreachable):
                return partial(lease.put_back, _BUSY_S)
            return partial(lease.failed, _sentence(ours))
        return partial(self._done, running, also)

    def _done(self, running: Running, also: Callable[[Connection], None] | None) -> None:
        running.lease.done(also or (lambda db: None), running.so_far)
        after(self.product, running.lease.job)

    def _is_dead(self, owner: str) -> bool:
        path = self._places / f"{owner}.lock"
        if owner == self.owner or not path.is_file():
            return False  # of one on another machine nothing is known: its lease will tell
        try:
            with FileLock(path, timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            return False
        return True


def _stopped(lease: Lease, why: StopReason) -> Callable[[], None]:
    if why is StopReason.CANCELLED:
        return lease.cancelled
    if why is StopReason.ENDING:
        return lease.put_back
    return lambda: None


def _sentence(error: Exception) -> str:
    if isinstance(error, StorageFault):
        return _FULL_DISK if isinstance(error, NoRoom) else str(error)
    if isinstance(error, MemoryError):
        return _NO_MEMORY
    return _UNFORESEEN.format(name=type(error).__name__)
