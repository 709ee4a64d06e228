"""Workers beside the server: started again when they die, gone with it, light when idle."""

import os
import signal
import time
from pathlib import Path

import pytest

from api.commands import worker
from api.product import Product
from api.worker.supervisor import Workers
from api.worker.worker import Worker
from ingest.archive.repository import open_archive
from ingest.archive.schema import now
from ingest.jobs import queue
from ingest.jobs.eta import USUAL, Stopwatch, of_stage, seconds_left, whole
from ingest.jobs.queue import JobKind, JobState
from ingest.settings import Settings
from tests.support.waiting import gone, until


def test_a_worker_that_dies_is_replaced_and_all_end_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERBATIM_DATA", str(tmp_path))
    archive = open_archive(f"sqlite:///{tmp_path}/archive.sqlite")
    with Workers(1) as workers:
        until(lambda: bool(list((tmp_path / "workers").glob("*.lock"))))
        [first] = workers.processes
        os.kill(first, signal.SIGKILL)
        until(lambda: workers.processes != (first,))
        with archive.begin() as db:
            made = queue.add(db, JobKind.PUBLISH, "none-such", "greffe")

        def ended() -> bool:
            with archive.engine.connect() as db:
                return queue.job(db, made).state not in queue.WAITING

        until(ended)
        [second] = workers.processes
    assert gone(second)


@pytest.mark.parametrize("broken", ["sweep", "look", "take_up"])
def test_a_step_that_fails_each_minute_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    done: list[str] = []

    def step(name: str) -> None:
        if name == broken:
            raise PermissionError(name)
        done.append(name)

    for name in ("sweep", "look", "take_up"):
        monkeypatch.setattr(worker, name, lambda *_, name=name: step(name))
    made = Worker(Product(Settings(data=tmp_path, inbox=tmp_path, _env_file=None)), {})
    worker._tending(made)()
    assert set(done) == {"sweep", "look", "take_up"} - {broken}


def test_the_fraction_of_the_whole_only_grows() -> None:
    steps = [whole(stage, part / 10) for stage in USUAL for part in range(11)]
    assert steps == sorted(steps) and 0 < steps[0] < 0.02 and 0.98 < steps[-1] < 1
    for stage in USUAL:
        assert of_stage(stage, whole(stage, 0.5)) == pytest.approx(0.5)
    assert whole("start", 0.0) == 0.0


def test_the_pace_is_measured_on_what_was_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    watch = Stopwatch()
    watch.at("words", 0.5, 1_000_000)  # it resumes halfway
    clock[0] += 60
    watch.at("words", 0.55, 1_000_000)
    assert watch.paces == {}  # too little to tell
    clock[0] += 60
    watch.at("words", 0.7, 1_000_000)
    assert watch.paces == {"words": pytest.approx(0.6)}  # 120 s for 200 s of sound


def _at(stage: str, fraction: float, **found: object) -> queue.Job:
    moment = now()
    return queue.Job(
        *(1, JobKind.INGEST, "a", {}, JobState.RUNNING, stage, whole(stage, fraction), found, ""),
        *(1, False, "greffe", moment, moment, None),
    )


def test_the_time_left_is_that_of_this_machine() -> None:
    assert seconds_left(_at("decode", 0.5), []) is None  # its length is not known
    hour = {"duration_ms": 3_600_000}
    usual = seconds_left(_at("words", 0.5, **hour), [])
    assert usual == pytest.approx(3600 * (USUAL["words"] / 2 + USUAL["voices"]))
    last = [{"words": 1.0}, {"words": 9.0, "voices": 0.5}]
    assert seconds_left(_at("words", 0.5, **hour), last) == pytest.approx(3600 * (0.5 + 0.5))
    here = hour | {"pace": {"words": 0.2}}
    assert seconds_left(_at("words", 0.5, **here), last) == pytest.approx(3600 * (0.1 + 0.5))
