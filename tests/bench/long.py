"""A whole day's session, ingested by the real command: `python -m tests.bench.long --hours 8`.

Tells the peak memory of the command with all its children, and its rate. The command is killed
once half of the windows are done, and started again: it must not do any of them twice. Exits 1
when it does, or when memory passes `--limit-gib`. Reads `/proc`: Linux only.
"""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ingest.audio.encode import SAMPLE_RATE
from tests.bench.sounds import applause, sample_sittings, sitting

Done = dict[tuple[str, int], str]
_EVERY_S = 0.5
_PAGE = os.sysconf("SC_PAGE_SIZE")


def write_sitting(target: Path, hours: float, applause_minutes: float = 0.0) -> None:
    """A WAV file of the samples, again and again, clapped for after half of it."""
    before = (hours * 60 - applause_minutes) * 30
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        clapped = applause_minutes <= 0
        for sound, _text in sitting(sample_sittings(), hours * 3600 - applause_minutes * 60):
            if not clapped and file.tell() >= before * SAMPLE_RATE:
                clapping = applause(applause_minutes * 60, np.random.default_rng(0))
                file.writeframes((clapping * 32767).astype("<i2").tobytes())
                clapped = True
            file.writeframes((sound * 32767).astype("<i2").tobytes())


@dataclass
class Run:
    """One run of the command, watched. `until` is asked at each look whether to kill it."""

    data: Path
    recording: Path
    until: Callable[[], bool] = lambda: False
    peak_bytes: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    def __call__(self) -> int:
        """Its exit status, negative when it was killed."""
        command = [str(Path(sys.executable).with_name("verbatim")), "ingest", str(self.recording)]
        command += ["--title", "Longue séance", "--date", "2025-01-14", "--json"]
        started = time.perf_counter()
        environment = os.environ | {"VERBATIM_DATA": str(self.data)}
        child = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            while child.poll() is None and not self.until():
                self.peak_bytes = max(self.peak_bytes, _memory(child.pid))
                time.sleep(_EVERY_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        self.seconds = time.perf_counter() - started
        return child.wait()


def _memory(group: int) -> int:
    """Resident bytes of all processes of a group; what they share counts for each."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            if os.getpgid(int(process.name)) == group:
                total += int((process / "statm").read_text().split()[1]) * _PAGE
    return total


def windows_done(data: Path) -> Done:
    """Windows of words that have a checkpoint, and when it was made."""
    archive = data / "archive.sqlite"
    if not archive.exists():
        return {}
    with suppress(sqlite3.OperationalError):  # not a table in it yet
        db = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
        rows = db.execute(
            'SELECT stage, "window", done_at FROM checkpoints WHERE stage LIKE ?', ("words%",)
        ).fetchall()
        db.close()
        return {(stage, window): at for stage, window, at in rows}
    return {}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.long", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--applause-minutes", type=float, default=10.0)
    parser.add_argument("--limit-gib", type=float, default=4.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data, recording = Path(scratch) / "data", Path(scratch) / "day.wav"
        write_sitting(recording, options.hours, options.applause_minutes)
        half = max(1, round(options.hours * 3))  # a window is ten minutes or less
        killed = Run(data, recording, until=lambda: len(windows_done(data)) >= half)
        killed()
        before, seen = windows_done(data), Done()

        def look() -> bool:
            seen.update(windows_done(data))
            return False

        resumed = Run(data, recording, until=look)
        status = resumed()
    again = [key for key, at in before.items() if seen.get(key, at) != at]
    spent, peak = killed.seconds + resumed.seconds, max(killed.peak_bytes, resumed.peak_bytes)
    results = {
        "hours": options.hours,
        "status": status,
        "peak_gib": round(peak / 2**30, 2),
        "times_real_time": round(options.hours * 3600 / spent, 2),
        "windows_before_the_kill": len(before),
        "windows_after_it": len(seen) - len(before),
        "windows_heard_twice": len(again),
    }
    print(json.dumps(results, indent=1))
    return 1 if status or again or peak > options.limit_gib * 2**30 else 0


if __name__ == "__main__":
    sys.exit(main())
