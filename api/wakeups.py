"""The queue that wakes workers and reminds them each minute.

It carries no work (`ingest.jobs.queue` does). huey keeps it in a file of its own; a wake-up that
is lost costs a minute at most.
"""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from huey import SqliteHuey, crontab
from huey.exceptions import HueyException

LONG, SHORT = "long", "short"
LANES = (LONG, SHORT)
"""A sitting takes hours to hear; what takes seconds does not queue behind it."""
_MOST_WAITING = 50
log = logging.getLogger(__name__)


def nothing(_lane: str) -> None:
    """What whoever only wakes does when woken."""


class Wakeups:
    """One data directory's queue. `work` is done when woken, for a lane; `tend` each minute."""

    def __init__(
        self,
        data: Path,
        work: Callable[[str], None] = nothing,
        tend: Callable[[], None] = lambda: None,
    ) -> None:
        self._path, self._work, self._tend = data / "queue.sqlite", work, tend
        self._huey: SqliteHuey | None = None

    @property
    def huey(self) -> SqliteHuey:
        """The queue, opened when first needed."""
        if self._huey is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            queue = SqliteHuey("verbatim", filename=str(self._path), results=False, timeout=10)

            # Functions of this module, so that whoever wakes and whoever works give them one name.
            def work(lane: str) -> None:
                self._work(lane)

            def tend() -> None:
                self._tend()

            self._task = queue.task()(work)
            queue.periodic_task(crontab())(tend)
            self._huey = queue
        return self._huey

    def wake(self) -> None:
        """Tell the workers that a job waits. Never fails: they look by themselves each minute."""
        try:
            if self.huey.pending_count() < _MOST_WAITING:  # nobody may be there to take them
                for lane in LANES:
                    self.huey.enqueue(self._task.s(lane))
        except (sqlite3.Error, HueyException):
            log.warning("The workers could not be woken; they will see by themselves.")
