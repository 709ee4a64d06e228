"""A full disk and a damaged database: a French sentence that says what to do, and nothing lost."""

import html
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from errno import EACCES, EADDRINUSE, EIO, ENOSPC, EROFS
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import cli
from api.product import Product
from api.worker.handlers import Parts
from api.worker.running import Running
from api.worker.worker import Worker
from ingest import integrity
from ingest.audio.decode import decode
from ingest.audio.sandbox import Limits, run_limited
from ingest.errors import BadInput, InPreparation, NoRoom, StorageFault, as_ours, reason
from ingest.jobs import queue
from ingest.jobs.queue import Job, JobKind, JobState
from ingest.transcript import Status
from tests.conftest import tone
from tests.support.office import signed_in
from tests.support.redaction_site import OTHER, SITTING, product_at, published_at
from tests.support.small_site import text_of
from web.app import create_app

FULL, DAMAGED = "Le disque du serveur est plein", "La base de données est endommagée"
ENGLISH = ("sqlite", "sqlalchemy", "database", "disk", "errno", "traceback")
ROOM = 24 * 2**20  # the small session's data take a sixth of it


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Product:
    return published_at(tmp_path_factory.mktemp("original") / "data")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that can be filled: real, and small."""
    place = tmp_path / "disk"
    place.mkdir()
    wanted = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    done = (
        subprocess.run(wanted, capture_output=True, check=False) if shutil.which("mount") else None
    )
    if done is None or done.returncode:
        pytest.skip("no file system may be mounted here: nothing but a full disk is like one")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def filled(place: Path) -> Iterator[None]:
    """Not a byte is left on a disk, for a while."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(2**16))
    try:
        yield
    finally:
        ballast.unlink()


def settled(product: Product) -> Path:
    """The database's file, when nothing waits in its log and no process has it open."""
    product.archive.engine.dispose()
    path = product.settings.data / "archive.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def check_sentence(told: str, begins: str) -> None:
    assert begins in told and "l'informatique" in told, told
    assert not any(word in told.lower() for word in ENGLISH), told


def commanded(
    product: Product,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> tuple[object, str]:
    """The exit code of a command over a product's data, and what it printed."""
    monkeypatch.setenv("VERBATIM_DATA", str(product.settings.data))
    monkeypatch.setattr(sys, "argv", ["verbatim", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, " ".join(capsys.readouterr().err.split())


def in_words(page: str) -> str:
    return html.unescape(text_of(page)).replace("’", "'")


def asked_to_publish(product: Product) -> int:
    with product.archive.begin() as db:
        return queue.add(db, JobKind.PUBLISH, OTHER, "greffe", {"open": True})


def job_of(product: Product, job_id: int) -> Job:
    with product.archive.engine.connect() as db:
        return queue.job(db, job_id)


# --- a full disk ------------------------------------------------------------------------------


def test_a_full_disk_is_reported_everywhere_and_loses_nothing_that_was_acknowledged(
    original: Product,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = small_disk / "data"
    shutil.copytree(original.settings.data, data)
    product = product_at(data)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    pages = f"/bureau/seances/{SITTING}/publication"
    term = {"text": "Rivemont", "spoken": ["rive mont"]}
    api = f"/bureau/api/seances/{SITTING}"
    job_id = asked_to_publish(product)
    worker = Worker(product)
    with product.archive.engine.connect() as db:
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with filled(small_disk):
        page = clerk.post(f"{pages}/retirer")
        assert page.status_code == 507
        check_sentence(in_words(page.text), FULL)
        answer = clerk.post(f"{api}/terms", json=term)
        assert answer.status_code == 507
        assert answer.json()["type"] == "urn:verbatim:problem:disk-full"
        check_sentence(answer.json()["detail"], FULL)
        code, told = commanded(product, monkeypatch, capsys, "withdraw", SITTING)
        assert code == 1
        check_sentence(told, FULL)
        worker.work("short")  # it cannot even say so: the job waits
        assert clerk.get(f"/seances/{SITTING}").status_code == 200  # who reads goes on reading
    assert product.archive.status(SITTING) is Status.PUBLISHED
    assert clerk.post(f"{api}/terms", json=term).status_code < 300
    assert clerk.post(f"{pages}/retirer").status_code == 303
    worker.work("short")
    assert job_of(product, job_id).state is JobState.DONE
    assert product.archive.status(SITTING) is Status.WITHDRAWN
    assert list(integrity.database(product.archive)) == []


def test_a_disk_that_is_full_from_the_start_is_reported(
    original: Product,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(original.settings.data, small_disk / "data")
    product = product_at(small_disk / "data")
    settled(product)
    with filled(
        small_disk
    ):  # not even the log can be opened: SQLite calls that an error of its own
        code, told = commanded(product, monkeypatch, capsys, "sessions")
    assert code == 1
    check_sentence(told, FULL)


def test_a_job_that_finds_the_disk_full_ends_with_a_sentence(original: Product) -> None:
    job_id = asked_to_publish(original)

    def publish(product: Parts, running: Running) -> None:
        with closing(sqlite3.connect(product.settings.data / "full.sqlite")) as db:
            db.execute("PRAGMA max_page_count = 2")  # what SQLite says is what it says of a disk
            db.execute("CREATE TABLE a (b)")
            db.execute("INSERT INTO a VALUES (zeroblob(100000))")

    Worker(original, {JobKind.PUBLISH: publish}).work("short")
    ended = job_of(original, job_id)
    assert ended.state is JobState.FAILED and FULL in ended.error and "relancez" in ended.error


# --- damaged pages ----------------------------------------------------------------------------


def torn(path: Path, table: str) -> None:
    """Write noise over the first page of a table."""
    with closing(sqlite3.connect(path)) as db:
        wanted = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [root] = db.execute(wanted, (table,)).fetchone()
        [size] = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xa5" * size)


@pytest.fixture
def spoilt(original: Product, tmp_path: Path) -> Product:
    """A product whose turns cannot be read any more; all else can."""
    settled(original)
    shutil.copytree(original.settings.data, tmp_path / "data")
    product = product_at(tmp_path / "data")
    torn(settled(product), "turns")
    return product_at(tmp_path / "data")


def test_a_damaged_page_is_reported_to_its_readers_and_to_no_others(spoilt: Product) -> None:
    site = create_app(spoilt.deps(), spoilt.desk())
    with TestClient(site, raise_server_exceptions=False) as anybody:
        page = anybody.get(f"/seances/{SITTING}")
        assert page.status_code == 500
        check_sentence(in_words(page.text), DAMAGED)
        answer = anybody.get(f"/api/sessions/{SITTING}/transcript")
        assert answer.status_code == 500
        assert answer.json()["type"] == "urn:verbatim:problem:storage-fault"
        check_sentence(answer.json()["detail"], DAMAGED)
        assert "verbatim restore" in answer.json()["detail"]
        assert anybody.get("/seances").status_code == 200


def test_a_damaged_page_is_reported_by_commands_and_jobs(
    spoilt: Product, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = commanded(spoilt, monkeypatch, capsys, "export", SITTING, "--format", "txt")
    assert code == 1
    check_sentence(told, DAMAGED)
    job_id = asked_to_publish(spoilt)
    Worker(spoilt).work("short")
    ended = job_of(spoilt, job_id)
    assert ended.state is JobState.FAILED
    check_sentence(ended.error, DAMAGED)


def test_a_file_that_is_no_database_is_reported(
    original: Product,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    product = product_at(tmp_path / "data")
    product.settings.data.mkdir()
    (product.settings.data / "archive.sqlite").write_bytes(b"\xa5" * 8192)
    code, told = commanded(product, monkeypatch, capsys, "sessions")
    assert code == 1
    check_sentence(told, DAMAGED)


# --- what else goes wrong below us ------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((OSError(ENOSPC, "No space left"), NoRoom), (OSError(EIO, "I/O error"), StorageFault)),
        *((OSError(EROFS, "Read-only"), StorageFault), (ZeroDivisionError("x"), ZeroDivisionError)),
        *((BadInput("« a »."), BadInput), (OSError(EACCES, "denied"), PermissionError)),
    ],
)
def test_an_error_of_the_disk_is_told_apart_from_others(
    error: Exception, kind: type[Exception]
) -> None:
    assert type(as_ours(error)) is kind
    assert as_ours(as_ours(error)) is as_ours(error) or isinstance(as_ours(error), StorageFault)


def test_a_database_that_another_holds_is_reported_as_busy(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite"
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(path, timeout=0)) as two:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as refused:
            two.execute("BEGIN IMMEDIATE")
    assert isinstance(as_ours(refused.value), InPreparation)


@pytest.mark.parametrize("number", [ENOSPC, EACCES, EADDRINUSE])
def test_a_reason_of_the_system_is_french(number: int) -> None:
    told = reason(OSError(number, "in English"))
    assert told and "English" not in told


def test_a_recording_for_which_there_is_no_room_is_reported_as_a_full_disk(
    small_disk: Path, write_audio: Callable[..., Path]
) -> None:
    recording = write_audio("a.wav", tone(440, 2.0))
    limits = Limits(60)
    with filled(small_disk), pytest.raises(NoRoom, match=FULL):
        run_limited(decode, (recording,), small_disk, 10_000, limits=limits, report=lambda _: None)
    decoded = run_limited(
        decode, (recording,), small_disk, 10_000, limits=limits, report=lambda _: None
    )
    assert decoded.durations_ms == (2_000,)
