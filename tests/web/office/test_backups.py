"""Backups from the browser: a worker makes one and reads it back, administrators alone get it."""

import re
import tarfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.product import Product
from api.worker.worker import KEEPING, Worker
from ingest.archive import audit
from ingest.jobs import queue
from ingest.jobs.queue import JobKind
from tests.support.office import signed_in
from tests.support.redaction_site import published_at
from tests.support.small_site import text_of
from web.app import create_app

HERE = "/bureau/sauvegardes"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    root = tmp_path_factory.mktemp("backups")
    made = published_at(root / "data")
    made.settings = made.settings.model_copy(update={"backups": root / "kept"})
    return made


@pytest.fixture
def chief(product: Product) -> TestClient:
    return signed_in(create_app(product.deps(), product.desk()), "chef", Role.ADMINISTRATOR)


def folder_of(product: Product) -> Path:
    assert product.settings.backups
    return product.settings.backups


def test_a_backup_is_made_read_back_listed_and_downloaded(
    product: Product, chief: TestClient
) -> None:
    chief.post(HERE)
    Worker(product).work(KEEPING)
    told = text_of(chief.get(HERE).text)
    assert "n'existe pas" in told and "VERBATIM_BACKUPS" in told  # the folder is not there yet
    folder_of(product).mkdir()
    assert chief.post(HERE).headers["location"] == HERE
    assert "En attente" in text_of(chief.get(HERE).text)
    assert "Sauvegarder" in text_of(chief.get("/bureau/travaux").text)
    Worker(product).work(KEEPING)
    page = chief.get(HERE).text
    assert "relue en entier" in text_of(page) and "ko" in text_of(page)
    [address] = set(re.findall(rf'href="({HERE}/verbatim-\w+\.tar)"', page))
    answer = chief.get(address)
    assert answer.headers["cache-control"] == "no-store"
    path = folder_of(product) / Path(address).name
    assert answer.content == path.read_bytes() and tarfile.is_tarfile(path)
    with product.archive.engine.connect() as db:
        acts = [(one.who, one.action) for one in audit.newest(db)]
    assert ("chef", "data.backup") in acts and ("chef", "data.download") in acts


def test_a_backup_of_the_timers_is_read_back_and_a_damaged_one_is_told(
    product: Product, chief: TestClient
) -> None:
    folder_of(product).mkdir(exist_ok=True)
    (folder_of(product) / "verbatim-20260101T023000Z.tar").write_bytes(b"rien")
    assert "non relue" in text_of(chief.get(HERE).text)
    chief.post(HERE, data={"name": "verbatim-20260101T023000Z.tar"})
    Worker(product).work(KEEPING)
    assert "n'est pas une sauvegarde entière" in text_of(chief.get(HERE).text)
    assert chief.post(HERE, data={"name": "../data/archive.sqlite"}).status_code == 404
    assert chief.get(f"{HERE}/archive.sqlite").status_code == 404


def test_nobody_but_administrators_reaches_a_backup(product: Product, chief: TestClient) -> None:
    folder_of(product).mkdir(exist_ok=True)
    (folder_of(product) / "autre.tar").write_bytes(b"secret")
    clerk = signed_in(chief.app, "greffe", Role.CLERK)  # type: ignore[arg-type]
    anyone = TestClient(chief.app, follow_redirects=False)
    for address in (HERE, f"{HERE}/autre.tar"):
        assert clerk.get(address).status_code == 403
        assert anyone.get(address).status_code == 303
    assert clerk.post(HERE).status_code == 403


def test_clerks_neither_stop_nor_start_again_what_administrators_ordered(
    product: Product, chief: TestClient
) -> None:
    clerk = signed_in(create_app(product.deps(), product.desk()))
    with product.archive.begin() as db:
        number = queue.add(db, JobKind.BACKUP, "verbatim-20260102T023000Z.tar", "chef")
    address = f"/bureau/travaux/{number}"
    assert clerk.post(f"{address}/annuler").status_code == 403
    assert f"{address}/annuler" not in clerk.get("/bureau/travaux").text
    assert f"{address}/annuler" in chief.get("/bureau/travaux").text
    assert chief.post(f"{address}/annuler").status_code == 303
    assert clerk.post(f"{address}/relancer").status_code == 403


@pytest.mark.parametrize("kind", [JobKind.CLOSE, JobKind.ERASE_SOUND])
def test_an_erasure_is_stopped_by_nobody(
    product: Product, chief: TestClient, kind: JobKind
) -> None:
    with product.archive.begin() as db:
        number = queue.add(db, kind, "2025-03-11", "chef")
    assert chief.post(f"/bureau/travaux/{number}/annuler").status_code == 409
    with product.archive.begin() as db:
        assert queue.job(db, number).state is queue.JobState.QUEUED
        queue.cancel(db, number)
