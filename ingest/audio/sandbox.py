"""Runs one function in a child process that may be limited, killed, or crash, without harm to us.

Media files come from outside: decoders are large C libraries, so a file that makes one crash, spin
or swell must end as one clear sentence. Telling voices apart is a luxury: it must not take the
words with it. The child is spawned (never forked: the speech libraries are not fork-safe) and talks
back through a pipe. It imports what its task needs and not our main module, which takes seconds
and 150 MB: so captions can be read in one while a clerk waits.
"""

import io
import os
import pickle
import resource
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from datetime import date
from enum import Enum
from multiprocessing.connection import Connection, Pipe
from pathlib import PurePath
from typing import Any, Protocol, TypeVar

from ingest.errors import BadInput, OurError, VerbatimError, as_ours

T = TypeVar("T")
_STEP = 0.005  # of a task: what a progress bar can show; a message for every packet would be slow
_BEGIN = "import sys; sys.path[:] = {path}; from ingest.audio.sandbox import serve; serve({pipe})"
_LARGEST_ANSWER = 64 << 20  # bytes: twelve hours' worth of spans take 3 MB, a document 20 at most
_OURS = ("ingest.", "search.", "api.", "web.", "pathlib")


class ReportProgress(Protocol):
    """Called with the fraction of a task that is done, 0 to 1."""

    def __call__(self, fraction: float, /) -> None:
        """Show it, or raise to end the task."""


class ChildFailed(OurError):
    """The task raised an unforeseen exception."""


class ChildDied(ChildFailed):
    """The child crashed, was killed, or ran into its limits."""


@dataclass(frozen=True)
class Limits:
    """What a child may take: seconds of processor, bytes of address space, seconds (None: any)."""

    cpu_s: int
    memory_bytes: int | None = None
    wall_s: float | None = None


def run_limited(
    task: Callable[..., Any], *args: object, limits: Limits, report: ReportProgress
) -> Any:
    """Result of `task(*args, report)` run in a child process.

    Raises the `VerbatimError` that the task raised, `ChildFailed` for any other exception in it,
    `ChildDied` if the child ended without an answer.
    """
    ours, theirs = Pipe()
    with ours:
        child = _start(theirs)
        try:
            with _killed_after(limits.wall_s, child.kill):
                ours.send((limits, task, args))
                kind, value = _messages(ours, report)
        except (EOFError, OSError, pickle.UnpicklingError):  # it died, or answers what it must not
            child.kill()
            code = child.wait()
            raise ChildDied(
                f"le traitement a dépassé ses limites ou s'est interrompu (code {code})"
            ) from None
        finally:
            child.kill()
            child.wait()
    if kind == "error":
        raise value
    return value


SMALL_BYTES = 64 * 1024
"""What is read in this process: at worst 0.05 s and 6 MB, where a child takes 0.2 s."""
_READING = Limits(cpu_s=60, memory_bytes=2**30, wall_s=600)
"""For the largest file that a reader takes: at their worst 11 s and 440 MB."""


def read_apart(read: Callable[..., T], *args: object, size: int, source: str) -> T:
    """What `read` makes of a file from outside, of `size` bytes: in a child, unless it is small.

    Raises `BadInput` also if the file takes more than a child may have.
    """
    return read(*args) if size <= SMALL_BYTES else read_in_child(read, *args, source=source)


def read_in_child(
    read: Callable[..., T], *args: object, source: str, limits: Limits = _READING
) -> T:
    """The same, always in a child: for what is unpacked, or read by a large library."""
    try:
        made: T = run_limited(_read, read, args, limits=limits, report=lambda _: None)
    except ChildDied as death:
        raise BadInput(
            f"« {source} » n'a pas pu être lu : {death}. Vérifiez le fichier, ou exportez-le de"
            " nouveau."
        ) from None
    return made


def _read(read: Callable[..., T], args: tuple[object, ...], _report: ReportProgress) -> T:
    return read(*args)


def _start(theirs: Connection) -> "subprocess.Popen[bytes]":
    """A child that waits at the other end of the pipe for what it is to do."""
    with theirs:
        pipe = theirs.fileno()
        begin = _BEGIN.format(path=sys.path, pipe=pipe)
        return subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-c", begin], stdin=subprocess.DEVNULL, pass_fds=[pipe]
        )


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
        if (module, name) == ("datetime", "date"):
            return date
        if f"{module}.".startswith(_OURS):
            found = super().find_class(module, name)
            if isinstance(found, type) and (
                is_dataclass(found) or issubclass(found, VerbatimError | PurePath | Enum)
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _messages(ours: Connection, report: ReportProgress) -> tuple[str, Any]:
    while True:
        kind, value = _Data(io.BytesIO(ours.recv_bytes(_LARGEST_ANSWER))).load()
        if kind != "progress":
            return kind, value
        report(value)


def serve(pipe_number: int) -> None:
    """The child's whole life: it receives a task, does it, and answers; it ends with its parent."""
    pipe = Connection(pipe_number)
    limits, task, args = pipe.recv()
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    _child(pipe, limits, task, args)


def _end_with_parent(pipe: Connection) -> None:
    pipe.poll(None)  # the parent sends nothing more: there is something to read once it is gone
    os._exit(1)


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


def _sparse(report: ReportProgress) -> ReportProgress:
    """Passes on one report in every half per cent: there is one for every hundredth of a second."""
    last = -1.0

    def seldom(fraction: float) -> None:
        nonlocal last
        if fraction >= 1.0 or fraction - last >= _STEP:
            last = fraction
            report(fraction)

    return seldom
