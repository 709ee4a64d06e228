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
from datetime import date
from typing import Annotated, NoReturn

import typer

from api.commands import console
from api.commands.options import open_product
from api.product import Product
from api.redaction import order_due, take_up
from api.worker.supervisor import ATTACHED
from api.worker.worker import Worker
from ingest.intake.inbox import look
from ingest.intake.uploads import sweep

commands = typer.Typer()
_IDLE_S = 600  # a clerk who corrects and publishes within ten minutes loads the models once
_PATIENCE_S = 8.0  # less than the 10 s that `api.worker.supervisor` waits before it kills
_TEND_S = 60.0  # as long as `QUIET_S`: a watched folder waits two minutes at most
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
    """Work on a product's ledger until SIGINT or SIGTERM, which ends the process."""
    made = Worker(product)
    if attached:
        _end_with_parent()
    else:
        console.err.print("Ce processus attend du travail. Ctrl-C l'arrête sans rien perdre.")
    renew = _work_until_signal(made)
    ended = made.end(_PATIENCE_S)
    sys.stdout.flush()
    sys.stderr.flush()
    if renew and ended:
        again = [sys.executable, "-m", "api.commands.worker", *([ATTACHED] if attached else [])]
        os.execv(sys.executable, again)  # noqa: S606
    os._exit(0)  # a model may be in the middle of a window: its job goes on elsewhere


def _work_until_signal(made: Worker) -> bool:
    """Work until SIGINT or SIGTERM; True if it is to begin anew, to give memory back."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        made.start()
        threading.Thread(
            target=_tend_each_minute, args=(made,), name="tending", daemon=True
        ).start()
        while not _holds_idle_models(made):
            time.sleep(1.0)
        return True
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):  # a second one does not cut the end short
            signal.signal(number, signal.SIG_IGN)
        return False


def _holds_idle_models(made: Worker) -> bool:
    loaded = {"steps", "embedder"} & set(vars(made.product))
    idle_since = made.idle_since
    return bool(loaded) and idle_since is not None and time.monotonic() - idle_since > _IDLE_S


def _tend_each_minute(made: Worker) -> None:
    tend, wait_s = _tending(made), 0.0
    while not made.ending.wait(wait_s):
        tend()
        wait_s = _TEND_S


def _tending(made: Worker) -> Callable[[], None]:
    """What is looked after each minute. What fails holds up nothing else, and is tried again."""
    product, settings = made.product, made.product.settings

    def watch() -> None:
        if settings.inbox:
            look(product.archive, settings.data, settings.inbox)

    steps: dict[str, Callable[[], object]] = {
        "Ending the leases of dead workers": made.bury,
        "Removing what is no longer needed": lambda: sweep(
            product.archive, settings.data, settings.keep_unsent_days, settings.keep_source_days
        ),
        "Looking into the watched folder": watch,
        "Ordering what falls due": lambda: order_due(product.archive, date.today()),
        "Taking up erasures": lambda: take_up(product.archive),
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
