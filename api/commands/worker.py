"""`verbatim worker`: a process that transcribes, aligns and publishes what the office asks for.

Started by hand, or by `verbatim serve` (`api.worker.supervisor`), with which it then ends. A worker
that has been idle for long with models in memory begins anew, which gives that memory back.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, NoReturn

import typer
from huey.consumer import Consumer

from api.commands import console
from api.commands.options import open_product
from api.product import Product
from api.redaction import take_up
from api.wakeups import LANES, Wakeups
from api.worker.supervisor import ATTACHED
from api.worker.worker import Worker
from ingest.intake.inbox import look
from ingest.intake.uploads import sweep

commands = typer.Typer()
_IDLE_S = 600
_PATIENCE_S = 8.0
_POLL_S = 1.0
_NICENESS = 10  # readers' questions come first
log = logging.getLogger(__name__)


@commands.command()
def worker(
    attached: Annotated[bool, typer.Option(ATTACHED, hidden=True)] = False,
) -> None:
    """Transcrire, aligner et publier ce que le bureau demande. `serve` en lance un lui-même."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    run(open_product(), attached)


def run(product: Product, attached: bool) -> NoReturn:
    """Work on a product's ledger until told to end, which ends the process."""
    made = Worker(product)
    if attached:
        _end_with_parent()
    else:
        console.err.print("Ce processus attend du travail. Ctrl-C l'arrête sans rien perdre.")
    renew = _consume(made)
    ended = made.end(_PATIENCE_S)
    sys.stdout.flush()
    sys.stderr.flush()
    if renew and ended:
        again = [sys.executable, "-m", "api.commands.worker", *([ATTACHED] if attached else [])]
        os.execv(sys.executable, again)  # noqa: S606
    os._exit(0)  # a model may be in the middle of a window: its job goes on elsewhere


def _consume(made: Worker) -> bool:
    """Wait for wake-ups until told to end; whether to begin anew."""
    queue = Wakeups(made.product.settings.data, made.work, _tending(made))
    consumer = _Consumer(
        queue.huey,
        made,
        workers=len(LANES) + 1,
        max_delay=_POLL_S,
        shutdown_timeout=_PATIENCE_S,
    )
    queue.wake()
    _tending(made)()
    consumer.run()
    return consumer.renew


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's, which hears of signals at once and notices that nothing is left to do."""

    def __init__(self, queue: object, made: Worker, **options: object) -> None:
        super().__init__(queue, **options)
        self._made, self.renew = made, False

    def loop(self, health_check_ts: float | None = None) -> float | None:
        if self._signum is not None:
            self._made.ending.set()
        idle_since = self._made.idle_since
        loaded = {"steps", "embedder"} & set(vars(self._made.product))
        if loaded and idle_since is not None and time.monotonic() - idle_since > _IDLE_S:
            self.renew = True
            self.stop()
        found: float | None = super().loop(health_check_ts)
        return found


def _tending(made: Worker) -> Callable[[], None]:
    """What is looked after each minute. What fails holds up nothing else, and is tried again."""
    product, settings = made.product, made.product.settings

    def watch() -> None:
        if settings.inbox:
            look(product.archive, settings.data, settings.inbox)

    def work() -> None:
        for lane in LANES:
            threading.Thread(target=made.work, args=(lane,), daemon=True).start()

    steps: dict[str, Callable[[], object]] = {
        "Ending the leases of dead workers": made.bury,
        "Removing what nobody needs": lambda: sweep(
            product.archive, settings.data, settings.keep_unsent_days
        ),
        "Looking into the watched folder": watch,
        "Taking up closings": lambda: take_up(product.archive),
        "Beginning to work": work,
    }

    def tend() -> None:
        for what, step in steps.items():
            try:
                step()
            except Exception as error:
                log.warning("%s failed, and is tried again in a minute: %r", what, error)

    return tend


def _end_with_parent() -> None:
    """The parent holds the other end of our standard input: when it is gone, so are we."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    commands()
