"""Runs one function in a child process that may be limited, killed, or crash, without harm to us.

Media files come from outside: decoders are large C libraries, so a file that makes one crash, spin
or swell must end as one clear sentence. Telling voices apart is a luxury: it must not take the
words with it. The child is spawned (never forked: the speech libraries are not fork-safe) and talks
back through a pipe.
"""

import multiprocessing
import resource
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from ingest.errors import OurError, VerbatimError, as_ours

Report = Callable[[float], None]
_STEP = 0.005


class ChildFailed(OurError):
    """The task raised something that nobody foresaw."""


class ChildDied(ChildFailed):
    """The child crashed, was killed, or ran into its limits."""


@dataclass(frozen=True)
class Limits:
    """What a child may take: seconds of processor, and bytes of address space (None: any)."""

    cpu_s: int
    memory_bytes: int | None = None


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
        kind, value = _messages(ours, report)
    except (EOFError, OSError):  # the latter if it dies in the middle of an answer
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


def _messages(ours: Connection, report: Report) -> tuple[str, Any]:
    while True:
        kind, value = ours.recv()
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
        ours = as_ours(error)
        unforeseen = ChildFailed(f"{type(error).__name__} : {error}")
        pipe.send(("error", ours if isinstance(ours, VerbatimError) else unforeseen))


def _sparse(report: Report) -> Report:
    """Passes on one report in every half per cent: there is one for every hundredth of a second."""
    last = -1.0

    def seldom(fraction: float) -> None:
        nonlocal last
        if fraction >= 1.0 or fraction - last >= _STEP:
            last = fraction
            report(fraction)

    return seldom
