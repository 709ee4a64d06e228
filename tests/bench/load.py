"""Many readers at once, while a sitting is transcribed or not: `make load`.

    python -m tests.bench.load --locust .venv-load/bin/locust --readers 50 200

Serves the samples by the real command, and has Locust (in an environment of its own) be so many
readers (`tests/bench/readers.py`). Beside them a sample is ingested again and again into another
archive; by how much they slow that down is a ratio of two rates in one run.
"""

import argparse
import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from ingest.samples import sample_requests
from tests.eval.samples import SAMPLES
from tests.support.waiting import free_port, listens, until

ROWS = ("first words", "page", "session", "sound", "Aggregated")
_VERBATIM = str(Path(sys.executable).with_name("verbatim"))


def run(data: Path, *command: str, nice: int = 0) -> None:
    """A command of the product on a data directory; a worker's are as nice as 10.

    Raises `CalledProcessError`.
    """
    environment = os.environ | {"VERBATIM_DATA": str(data)}
    subprocess.run(
        ["nice", "-n", str(nice), _VERBATIM, *command], env=environment, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def serving(data: Path, processes: int) -> Iterator[str]:
    """The product's address while it serves a data directory."""
    port = free_port()
    environment = os.environ | {
        "VERBATIM_DATA": str(data), "VERBATIM_PROCESSES": str(processes), "VERBATIM_WORKERS": "0",
    }  # fmt: skip
    server = subprocess.Popen(
        [_VERBATIM, "serve", "--port", str(port)], env=environment,
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: listens(port))
        for _ in range(processes * 4):  # until each has answered a question
            urllib.request.urlopen(f"{address}/flux?q=piscine", timeout=300).read()
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


@contextmanager
def ingesting(folder: Path) -> Iterator[list[float]]:
    """Seconds that each ingest of a sample took, one after the other, while inside."""
    took: list[float] = []
    over = Event()
    (file,) = sample_requests(SAMPLES)[0].files

    def again() -> None:
        while not over.is_set():
            data = Path(tempfile.mkdtemp(dir=folder))
            began = time.perf_counter()
            run(data, "ingest", str(file), "--title", "Séance", "--date", "2025-01-14", nice=10)
            took.append(time.perf_counter() - began)
            shutil.rmtree(data)

    thread = Thread(target=again)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def readers(locust: str, address: str, count: int, seconds: int, folder: Path) -> list[list[str]]:
    """What so many readers met: rows of name, requests, failures a hundred, a second, p50, p95."""
    command = [
        locust, "--headless", "--only-summary", "--locustfile", "tests/bench/readers.py",
        "--host", address, "--users", str(count), "--spawn-rate", str(max(count / 10, 1)),
        "--run-time", f"{seconds}s", "--reset-stats", "--csv", str(folder / f"readers-{count}"),
    ]  # fmt: skip
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with (folder / f"readers-{count}_stats.csv").open(encoding="utf-8") as file:
        found = {row["Name"]: row for row in csv.DictReader(file)}
    return [
        [
            name if name != "Aggregated" else "all",
            row["Request Count"],
            f"{100 * int(row['Failure Count']) / max(int(row['Request Count']), 1):.1f}",
            f"{float(row['Requests/s']):.1f}",
            row["50%"],
            row["95%"],
        ]
        for name in ROWS
        if (row := found.get(name))
    ]


def main() -> int:
    """Prints a table for each number of readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locust", required=True, help="its command")
    parser.add_argument("--readers", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--data", type=Path, help="published sessions; unset: the samples, made")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data = given.data or folder / "data"
        if given.data is None:
            run(data, "demo", str(SAMPLES), "--no-serve")
        with ingesting(folder) as alone:
            while not alone:
                time.sleep(0.5)
        with serving(data, given.processes) as address:
            for count in given.readers:
                _print(f"{count} readers", readers(
                    given.locust, address, count, given.seconds, folder
                ))  # fmt: skip
                with ingesting(folder) as beside:
                    rows = readers(given.locust, address, count, given.seconds, folder)
                _print(f"{count} readers, while a sitting is transcribed", rows)
                slower = sum(beside) / len(beside) / alone[0]
                print(f"\nThe ingest took {slower:.1f} times as long as alone.")
    return 0


def _print(title: str, rows: list[list[str]]) -> None:
    print(f"\n| {title} | requests | failed, % | a second | p50 ms | p95 ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
