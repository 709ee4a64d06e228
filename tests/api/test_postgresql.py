"""A product over PostgreSQL: published, asked, redacted, moved, saved and restored."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from api import cli
from api.commands.integrity import findings, no_trace
from api.product import Product
from api.worker.worker import SHORT, Worker
from ingest.archive.backup import back_up, restore
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.redactions import RedactionReason
from ingest.errors import Conflict
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState
from ingest.redaction.proof import pattern, traces
from ingest.redaction.redact import RedactionRequest
from ingest.redaction.scrub import StillRead, scrub
from ingest.transcript import Status
from tests.support import postgres
from tests.support.redaction_site import (
    OTHER,
    SECRET,
    SECRET_SPAN,
    SITTING,
    product_at,
    published_at,
)

QUESTION = "Le crédit demandé est voté ?"


@pytest.fixture
def url() -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def product(tmp_path: Path, url: str) -> Iterator[Product]:
    product = published_at(tmp_path / "data", database=url)
    yield product
    product.archive.engine.dispose()


def quiet(_: str) -> None:
    """A listener that ignores progress."""


def table_files(product: Product) -> Path:
    """The folder in which the server keeps the database's tables, all written out."""
    with product.archive.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("CHECKPOINT")
        folder = db.exec_driver_sql("SHOW data_directory").scalar_one()
        oid = "SELECT oid FROM pg_database WHERE datname = current_database()"
        return Path(folder, "base", str(db.exec_driver_sql(oid).scalar_one()))


def test_a_city_moves_its_archive_over_by_one_command(
    tmp_path: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = published_at(tmp_path / "data")
    monkeypatch.setenv("VERBATIM_DATA", str(before.settings.data))
    monkeypatch.setattr(sys, "argv", ["verbatim", "migrate", "--to", url])
    for code, told in ((0, "copiées et relues"), (2, "n'est pas vide")):
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert (end.value.code or 0) == code and told in " ".join(capsys.readouterr().err.split())
    after = product_at(before.settings.data, database=url)
    assert after.ask(QUESTION).answer == before.ask(QUESTION).answer
    assert list(findings(after)) == []
    after.archive.engine.dispose()


def test_erased_words_are_in_no_row_and_in_no_file_of_the_tables(product: Product) -> None:
    wanted = [pattern(SECRET)]
    assert list(no_trace(product, [SECRET])) and list(traces(table_files(product), wanted))
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    assert list(no_trace(product, [SECRET])) == []
    assert list(traces(table_files(product), wanted)) == []


def test_tables_are_not_written_anew_while_deleted_rows_can_be_read(product: Product) -> None:
    with product.archive.engine.connect() as reader:
        reader.execute(text("SELECT 1"))
        product.archive.set_status(OTHER, Status.DRAFT)
        with pytest.raises(StillRead):
            scrub(product.archive, patience_s=0.1)
    scrub(product.archive, patience_s=10)


def test_a_job_in_which_the_server_goes_away_is_done_when_it_is_back(product: Product) -> None:
    def cut_off(*_: object) -> None:
        with product.archive.engine.connect() as db:
            db.exec_driver_sql("SELECT 1")
            postgres.disconnect(product.archive.engine.url)
            db.exec_driver_sql("SELECT 1")

    with product.archive.begin() as db:
        number = queue.add(db, JobKind.PUBLISH, OTHER, "greffe", {"open": True})
    Worker(product, {JobKind.PUBLISH: cut_off}).work(SHORT)
    with product.archive.begin() as db:
        assert queue.job(db, number).state is JobState.QUEUED
        db.execute(update(queue.table).values(not_before=None))
    Worker(product).work(SHORT)
    with product.archive.engine.connect() as db:
        assert queue.job(db, number).state is JobState.DONE


def test_a_share_that_is_not_mounted_is_told_in_the_log(
    product: Product, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for folder, told in (("data", False), ("not mounted", True)):
        caplog.clear()
        product_at(tmp_path / folder, database=url).archive.engine.dispose()
        assert ("is the share mounted?" in caplog.text) is told


def test_what_is_saved_is_restored_into_either_database(product: Product, tmp_path: Path) -> None:
    done = back_up(
        product.archive, product.settings.data, product.blobs, tmp_path / "one.tar", quiet
    )
    with postgres.database() as other:
        for name, database in (("sqlite", f"sqlite:///{tmp_path}/a/archive.sqlite"), ("pg", other)):
            media = DirectoryBlobs(tmp_path / name / "media")
            restore(done.path, tmp_path / name, media, database, quiet)
            again = product_at(tmp_path / name, database=database)
            assert list(findings(again)) == []
            assert again.ask(QUESTION).answer == product.ask(QUESTION).answer
            assert again.archive.transcript(SITTING) == product.archive.transcript(SITTING)
            with pytest.raises(Conflict, match="pas vide"):
                restore(
                    done.path, tmp_path / f"{name}-2", DirectoryBlobs(tmp_path), database, quiet
                )
            again.archive.engine.dispose()
