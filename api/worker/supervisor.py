"""The worker processes that `verbatim serve` keeps running, and that end when it does.

Each holds the other end of a pipe: however the server dies, they hear of it. One that dies is
started again, ever more slowly if it goes on dying.
"""

import logging
import subprocess
import sys
import threading
import time
from types import TracebackType

ATTACHED = "--attached"  # a worker that ends with the server that started it


log = logging.getLogger(__name__)
_LOOK_S = 1.0  # also the first pause before a new one
_SLOWEST_S = 60.0  # one that dies at once is tried each minute, for the log to show it
_HEALTHY_S = 120.0  # having lived so long it loaded its models: its death is a new fault
_PATIENCE_S = 10.0  # more than the 8 s in which a worker puts its jobs back


class Workers:
    """So many worker processes, while inside."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._running: dict[str, int] = {}

    @property
    def processes(self) -> tuple[int, ...]:
        """Their numbers, as the system gives them."""
        return tuple(self._running.values())

    def __enter__(self) -> "Workers":
        for number in range(self._count):
            name = f"worker-{number}"
            thread = threading.Thread(target=self._keep_one, args=(name,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _keep_one(self, name: str) -> None:
        wait_s = _LOOK_S
        while not self._over.is_set():
            began = time.monotonic()
            command = [sys.executable, "-m", "api.commands.worker", ATTACHED]
            child = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
            self._running[name] = child.pid
            while child.poll() is None and not self._over.wait(_LOOK_S):
                pass
            if child.returncode is None:
                _end(child)
                return
            if child.stdin is not None:
                child.stdin.close()
            log.error("A worker ended (%s); another is started.", child.returncode)
            healthy = time.monotonic() - began > _HEALTHY_S
            wait_s = _LOOK_S if healthy else min(_SLOWEST_S, 2 * wait_s)
            self._over.wait(wait_s)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Close its pipe, which ends it; one that is not gone in time is killed, and loses nothing."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
