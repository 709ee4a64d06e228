"""Servers, and workers with fakes for models, as processes of their own that tests may kill.

`nursery` is one process that has imported the product, which takes two seconds, and forks a child
for each that a test starts. A server tells its address, and the cookie of a clerk; a worker hears
one word a second (see `heard.log`).
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, event

from api.product import Product
from ingest.asr.spoken_numbers import Style
from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.sandbox import Limits, ReportProgress, run_limited
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Generator, Span, SpeakerSpan, Word, merge_spans
from tests.support import paths
from tests.support.waiting import gone, until

WINDOW_MS = 2_000
_HOUR_MS = 3_600_000
_WRITE_S = 0.01


def product_at(root: Path) -> Product:
    from tests.support.word_embedder import WordEmbedder

    made = Product(Settings(data=root, _env_file=None))
    made.__dict__["embedder"] = WordEmbedder()
    made.__dict__["steps"] = SlowSteps(root / "heard.log")
    return made


class _Slow:
    """Hears a word a second, and writes down that it did."""

    name = "slow"

    def __init__(self, log: Path, slow_s: float) -> None:
        self._log, self._slow_s = log, slow_s

    def words(
        self, audio: NDArray[np.float32], speech: Sequence[Span], hints: str = ""
    ) -> Iterator[Word]:
        for span in speech:
            time.sleep(self._slow_s)
            for at in range(span.start_ms, span.end_ms - 499, 500):
                yield Word(at, at + 400, f"mot{at}.", 0.9)
        with self._log.open("a") as log:
            log.write(f"{os.getpid()} {speech[0].start_ms if speech else -1} {len(audio)}\n")


class SlowSteps(Steps):
    """Steps that take their time, and log each window that is transcribed."""

    generator = Generator("slow", "slow", "0", {})
    longest_window_ms = WINDOW_MS
    hints = False
    numbers: Style = "espace"
    slow_s = 0.25

    def __init__(self, log: Path) -> None:
        self._log = log

    def check(self) -> None:
        """Nothing can be missing."""

    def decode(
        self,
        files: tuple[Path, ...],
        together: bool,
        folder: Path,
        report: ReportProgress,
        streams: tuple[int | None, ...] = (),
    ) -> Decoded:
        # A task of this very module would be one of `__main__`, which the child does not import.
        decoded: Decoded = run_limited(
            decode, files, folder, _HOUR_MS, limits=Limits(600), report=report
        )
        return decoded

    def detect_speech(self, pcm: Pcm, report: ReportProgress) -> tuple[Span, ...]:
        return _loud(pcm, report)

    def transcriber(self) -> "_Slow":
        return _Slow(self._log, self.slow_s)

    def diarize(
        self, pcm: Path, speech: Sequence[Span], report: ReportProgress, most: int | None = None
    ) -> tuple[SpeakerSpan, ...]:
        for step in range(4):
            time.sleep(self.slow_s / 2)
            report(step / 4)
        return tuple(SpeakerSpan(s.start_ms, s.end_ms, "S1") for s in speech)


def _loud(pcm: Pcm, report: Callable[[float], None]) -> tuple[Span, ...]:
    halves = range(0, pcm.duration_ms, 500)
    loud = [Span(at, at + 500) for at in halves if np.abs(pcm.read(at, at + 500)).max() > 0.1]
    return merge_spans(loud, 0)


def serve(root: Path) -> None:
    import uvicorn

    from api.accounts import accounts
    from api.accounts import sessions as logins
    from api.accounts.roles import Role
    from web.app import create_app

    made = product_at(root)
    with made.archive.begin() as db:
        known = accounts.find(db, "greffe")
        account = known.account if known else accounts.add(db, "tests", "greffe", "G", Role.CLERK)
        token = logins.start(db, account.id)
    app = create_app(made.deps(), made.desk())
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]} {token}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])


def work(root: Path) -> None:
    from api.commands.worker import run

    run(product_at(root), attached=False)


def fork() -> None:
    """Become a child for each line: what it is to do, and where."""
    import uvicorn  # noqa: F401  (children need not load what is loaded)

    import api.commands.worker  # noqa: F401
    import web.app  # noqa: F401

    event.listen(Engine, "before_cursor_execute", _linger)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no parent waits for the dead
    for line in sys.stdin:
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            kind, _, root = line.rstrip("\n").partition(" ")
            print(os.getpid(), flush=True, end=" " if kind == "serve" else "\n")
            _DO[kind](Path(root))
            os._exit(0)


def _linger(_db: Connection, _cursor: object, statement: str, *_: object) -> None:
    """What writes takes a while: who is killed at random is killed between any two writes."""
    if statement.startswith(("INSERT", "UPDATE", "DELETE")):
        time.sleep(_WRITE_S)


_DO = {"serve": serve, "work": work}


@dataclass(frozen=True)
class Child:
    """A process of the nursery, of a group of its own."""

    pid: int
    told: tuple[str, ...] = ()

    def lives(self) -> bool:
        """Has it not ended?"""
        return not gone(self.pid)

    def kill(self) -> None:
        """End it and all that it started, by SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        until(lambda: gone(self.pid))


class Nursery:
    """Starts children, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, kind: str, root: Path) -> Child:
        """A server or a worker of a data directory, which the caller kills."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(kind, root, file=self._process.stdin, flush=True)
        pid, *told = self._process.stdout.readline().split()
        return Child(int(pid), tuple(told))

    @contextmanager
    def child(self, kind: str, root: Path) -> Iterator[Child]:
        """The same; killed in the end, if the test did not."""
        child = self.start(kind, root)
        try:
            yield child
        finally:
            child.kill()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A process that has imported the product."""
    command = [sys.executable, "-m", "tests.support.office_process"]
    with subprocess.Popen(
        command, cwd=paths.ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


if __name__ == "__main__":
    fork()
