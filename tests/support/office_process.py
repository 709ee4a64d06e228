"""A server, or a worker with fakes for models, as a process of its own that tests may kill.

python -m tests.support.office_process serve ROOT    prints its address, and the cookie of a clerk
python -m tests.support.office_process work ROOT     hears one word a second; see `heard.log`
python -m tests.support.office_process fork ROOT     does either in a child of its own for each
                                             line that it is given; a child prints its number
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, event

from api.product import Product
from ingest.asr.spoken_numbers import Style
from ingest.audio.decode import Decoded, Pcm, decode
from ingest.audio.sandbox import Limits, Report, run_limited
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Generator, Span, SpeakerSpan, Word, merge_spans

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
        report: Report,
        streams: tuple[int | None, ...] = (),
    ) -> Decoded:
        # A task of this very module would be one of `__main__`, which the child does not import.
        decoded: Decoded = run_limited(
            decode, files, folder, _HOUR_MS, limits=Limits(600), report=report
        )
        return decoded

    def detect_speech(self, pcm: Pcm, report: Report) -> tuple[Span, ...]:
        return _loud(pcm, report)

    def transcriber(self) -> "_Slow":
        return _Slow(self._log, self.slow_s)

    def diarize(
        self, pcm: Path, speech: Sequence[Span], report: Report, most: int | None = None
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


def fork(root: Path) -> None:
    import uvicorn  # noqa: F401  (children need not load what is loaded)

    import api.commands.worker  # noqa: F401
    import web.app  # noqa: F401

    event.listen(Engine, "before_cursor_execute", _linger)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no parent waits for the dead
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            print(os.getpid(), flush=True, end=" " if line.strip() == "serve" else "\n")
            _DO[line.strip()](root)
            os._exit(0)


def _linger(_db: Connection, _cursor: object, statement: str, *_: object) -> None:
    """What writes takes a while: who is killed at random is killed between any two writes."""
    if statement.startswith(("INSERT", "UPDATE", "DELETE")):
        time.sleep(_WRITE_S)


_DO = {"serve": serve, "work": work, "fork": fork}
if __name__ == "__main__":
    _DO[sys.argv[1]](Path(sys.argv[2]))
