"""A worker's share: lanes, how jobs end, what stops them, who is believed to be dead."""

import threading
import time
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from api.product import Product
from api.worker import worker as worker_module
from api.worker.handlers import Parts
from api.worker.running import Running
from api.worker.worker import LONG, SHORT, Worker
from ingest.archive.checkpoints import JobBusy
from ingest.archive.schema import now
from ingest.errors import BadInput, ModelUnavailable
from ingest.intake.uploads import sweep
from ingest.jobs import queue as jobs
from ingest.jobs.queue import Job, JobKind, JobState
from ingest.settings import Settings
from tests.support.waiting import PATIENCE_S, until


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(Settings(data=tmp_path, _env_file=None))


def put(product: Product, subject: str = "s", kind: JobKind = JobKind.PUBLISH) -> int:
    with product.archive.begin() as db:
        return jobs.add(db, kind, subject, "greffe")


def see(product: Product, job_id: int) -> Job:
    with product.archive.engine.connect() as db:
        return jobs.job(db, job_id)


def raising(error: Exception) -> Callable[[Parts, Running], None]:
    def handler(product: Parts, running: Running) -> None:
        raise error

    return handler


def test_jobs_are_done_until_there_is_none(product: Product) -> None:
    done: list[str] = []

    def handler(product: Parts, running: Running) -> None:
        done.append(running.lease.job.subject)

    worker = Worker(product, {JobKind.PUBLISH: handler})
    ids = [put(product, subject) for subject in ("a", "b", "c")]
    worker.work(SHORT)
    assert done == ["a", "b", "c"]
    assert {see(product, job).state for job in ids} == {JobState.DONE}
    assert worker.end(1)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadInput("« a.mp3 » est vide."), "« a.mp3 » est vide."),
        (ModelUnavailable("Le modèle manque."), "Le modèle manque."),
        (OSError(ENOSPC, "no space"), "disque du serveur est plein"),
        (MemoryError(), "mémoire"),
        (ZeroDivisionError("x"), "ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_is_reported_in_a_sentence(
    product: Product, error: Exception, told: str
) -> None:
    job_id = put(product)
    Worker(product, {JobKind.PUBLISH: raising(error)}).work(SHORT)
    seen = see(product, job_id)
    assert seen.state is JobState.FAILED
    assert told in seen.error and "Traceback" not in seen.error


def test_recordings_that_another_is_at_are_looked_at_later(product: Product) -> None:
    job_id = put(product)
    Worker(product, {JobKind.PUBLISH: raising(JobBusy("déjà en cours"))}).work(SHORT)
    assert (see(product, job_id).state, see(product, job_id).attempts) == (JobState.QUEUED, 0)


def test_a_session_that_takes_hours_does_not_keep_the_others_waiting(product: Product) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def slow(product: Parts, running: Running) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)

    worker = Worker(product, {JobKind.INGEST: slow, JobKind.ALIGN: lambda product, running: None})
    ingest, align = put(product, "a" * 32, JobKind.INGEST), put(product, "b", JobKind.ALIGN)
    thread = threading.Thread(target=worker.work, args=(LONG,))
    thread.start()
    assert begun.wait(PATIENCE_S)
    worker.work(SHORT)
    worker.work(LONG)  # polled again meanwhile: one session at a time
    assert see(product, align).state is JobState.DONE
    assert see(product, ingest).state is JobState.RUNNING
    go_on.set()
    thread.join()
    assert see(product, ingest).state is JobState.DONE


def _patient(product: Parts, running: Running) -> None:
    for step in range(20_000):
        running.report("words", step / 20_000)
        time.sleep(0.02)


def test_cancelling_stops_a_job_at_its_next_report(product: Product) -> None:
    job_id = put(product, kind=JobKind.INGEST)
    worker = Worker(product, {JobKind.INGEST: _patient})
    thread = threading.Thread(target=worker.work, args=(LONG,))
    thread.start()
    until(lambda: see(product, job_id).stage == "words")
    with product.archive.begin() as db:
        jobs.cancel(db, job_id)
    thread.join(PATIENCE_S)
    assert see(product, job_id).state is JobState.CANCELLED


def test_a_worker_that_ends_puts_its_job_back(product: Product) -> None:
    job_id = put(product, kind=JobKind.INGEST)
    worker = Worker(product, {JobKind.INGEST: _patient})
    thread = threading.Thread(target=worker.work, args=(LONG,))
    thread.start()
    until(lambda: see(product, job_id).stage == "words")
    assert worker.end(PATIENCE_S)
    thread.join(PATIENCE_S)
    assert (see(product, job_id).state, see(product, job_id).attempts) == (JobState.QUEUED, 0)


def test_the_dead_are_known_at_once_and_the_living_are_left_alone(product: Product) -> None:
    first, second = put(product, "a"), put(product, "b")
    living, dying = Worker(product), Worker(product)
    from ingest.jobs.queue import claim

    assert claim(product.archive, living.owner, (JobKind.PUBLISH,))
    assert claim(product.archive, dying.owner, (JobKind.PUBLISH,))
    dying._alive.release()  # as the system does for a process that was killed
    worker = Worker(product, {JobKind.PUBLISH: lambda product, running: None})
    worker.bury()
    worker.work(SHORT)
    assert see(product, first).state is JobState.RUNNING
    assert see(product, second).state is JobState.DONE


def test_a_poll_finds_what_was_added_and_what_a_dead_worker_left(product: Product) -> None:
    done: list[str] = []

    def handler(product: Parts, running: Running) -> None:
        done.append(running.lease.job.subject)

    worker = Worker(product, {JobKind.PUBLISH: handler})
    worker.start()
    first, second = put(product, "a"), put(product, "b")
    until(lambda: see(product, first).state is see(product, second).state is JobState.DONE)
    interrupted = put(product, "c")
    lapsed = {"state": JobState.RUNNING, "owner": "dead", "leased_until": now()}
    with product.archive.begin() as db:
        db.execute(update(jobs.table).where(jobs.table.c.id == interrupted).values(**lapsed))
    until(lambda: see(product, interrupted).state is JobState.DONE)
    assert done == ["a", "b", "c"] and worker.end(5)


def test_polling_goes_on_after_a_failure(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_AFTER_FAILURE_S", 0.05)
    worker = Worker(product, {JobKind.PUBLISH: lambda product, running: None})
    drain, failures = worker._drain, [OSError("no room"), OperationalError("", {}, Exception())]

    def fail_first(lane: str) -> None:
        if lane == SHORT and failures:
            raise failures.pop()
        drain(lane)

    monkeypatch.setattr(worker, "_drain", fail_first)
    job_id = put(product)
    worker.start()
    until(lambda: see(product, job_id).state is JobState.DONE)
    assert not failures and worker.end(5)


def test_the_queue_file_of_an_older_version_is_removed(product: Product) -> None:
    data = product.settings.data
    for name in ("queue.sqlite", "queue.sqlite-wal"):
        (data / name).write_bytes(b"huey")
    sweep(product.archive, data, 30, 30)
    assert not list(data.glob("queue*"))
