"""Runs one function in a child process that may be limited, killed, or crash, without harm to us.

Media files come from outside: decoders are large C libraries, so a file that makes one crash, spin
or swell must end as one clear sentence. Telling voices apart is a luxury: it must not take the
words with it. The child is spawned (never forked: the speech libraries are not fork-safe) and talks
back through a pipe.
"""

import io
import multiprocessing
import pickle
import resource
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import PurePath
from typing import Any

from ingest.errors import OurError, VerbatimError

Report = Callable[[float], None]
_STEP = 0.005
_LARGEST_ANSWER = 64 << 20  # bytes: twelve hours' worth of spans take 3 MB, a document 20 at most
_OURS = ("ingest.", "search.", "api.", "web.", "pathlib")


class ChildFailed(OurError):
    """The task raised something that nobody foresaw."""


class ChildDied(ChildFailed):
    """The child crashed, was killed, or ran into its limits."""


@dataclass(frozen=True)
class Limits:
    """What a child may take: seconds of processor, bytes of address space, seconds (None: any)."""

    cpu_s: int
    memory_bytes: int | None = None
    wall_s: float | None = None


def run_limited(task: Callable[..., Any], *args: object, limits: Limits, report: Report) -> Any:
    """Result of `task(*args, report)` run in a child process.

    Raises the `VerbatimError` that the task raised, `ChildFailed` for any other exception in it,
    `ChildDied` if the child ended without an answer.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, limits, task, args), daemon=True)
    child.start()
    theirs.close()
    try:
        with _killed_after(limits.wall_s, child.kill):
            kind, value = _messages(ours, report)
    except (EOFError, OSError, pickle.UnpicklingError):  # it died, or answers what it must not
        child.join()
        raise ChildDied(
            f"le traitement a dépassé ses limites ou s'est interrompu (code {child.exitcode})"
        ) from None
    finally:
        child.kill()
        child.join()
        ours.close()
    if kind == "error":
        raise value
    return value


@contextmanager
def _killed_after(seconds: float | None, kill: Callable[[], None]) -> Iterator[None]:
    """A child that waits, or sleeps, uses no processor: time ends it all the same."""
    timer = threading.Timer(seconds or 0, kill)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Data(pickle.Unpickler):
    """Reads data and errors of ours: a child that was taken over cannot have us run its code."""

    def find_class(self, module: str, name: str) -> Any:
        """A class of values. Raises `UnpicklingError` for anything that does something."""
        if f"{module}.".startswith(_OURS):
            found = super().find_class(module, name)
            if isinstance(found, type) and (
                is_dataclass(found) or issubclass(found, VerbatimError | PurePath | Enum)
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _messages(ours: Connection, report: Report) -> tuple[str, Any]:
    while True:
        kind, value = _Data(io.BytesIO(ours.recv_bytes(_LARGEST_ANSWER))).load()
        if kind != "progress":
            return kind, value
        report(value)


def _child(
    pipe: Connection, limits: Limits, task: Callable[..., Any], args: tuple[object, ...]
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s))
    if limits.memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        report = _sparse(lambda fraction: pipe.send(("progress", fraction)))
        pipe.send(("done", task(*args, report)))
    except VerbatimError as error:
        pipe.send(("error", error))
    except (MemoryError, BrokenPipeError, KeyboardInterrupt):
        raise SystemExit(1) from None  # the parent says it in one sentence, or is gone
    except Exception as error:  # a full disk, a bug: not the file's fault, and nothing is lost
        traceback.print_exc()
        pipe.send(("error", ChildFailed(f"{type(error).__name__} : {error}")))


def _sparse(report: Report) -> Report:
    """Passes on one report in every half per cent: there is one for every hundredth of a second."""
    last = -1.0

    def seldom(fraction: float) -> None:
        nonlocal last
        if fraction >= 1.0 or fraction - last >= _STEP:
            last = fraction
            report(fraction)

    return seldom
