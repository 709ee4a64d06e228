"""A product whose sound is in an S3-compatible store: heard, redacted, saved, restored; down."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.commands.integrity import findings, no_trace
from api.product import Product
from api.worker.worker import SHORT, Worker
from ingest.archive import retention, schema
from ingest.archive.backup import back_up, restore
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.redactions import RedactionReason
from ingest.errors import Conflict, MediaUnreachable
from ingest.integrity import RESTORE
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState
from ingest.redaction.redact import RedactionRequest
from tests.support.office import signed_in
from tests.support.redaction_site import OTHER, SECRET_SPAN, SITTING, product_at, published_at
from tests.support.s3_server import S3Server, s3_server
from web.app import create_app

SOUND = f"/api/sessions/{SITTING}/audio.opus"
CLIP = f"/api/sessions/{SITTING}/clip.mp3?start_ms=7000&end_ms=8000"
QUESTION = "Le crédit demandé est voté ?"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with s3_server(tmp_path / "s3") as server:
        yield server


@pytest.fixture
def product(tmp_path: Path, server: S3Server) -> Product:
    return published_at(tmp_path / "data", **server.settings)


def quiet(_: str) -> None:
    """A listener that ignores progress."""


def test_readers_hear_it_by_parts_and_the_data_directory_holds_none(product: Product) -> None:
    reader = TestClient(create_app(product.deps(), product.desk()))
    whole = reader.get(SOUND)
    part = reader.get(SOUND, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206 and part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert reader.get(SOUND, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert reader.get(SOUND, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert reader.head(SOUND).headers["content-length"] == str(len(whole.content))
    assert reader.get(CLIP).content[:3] == b"ID3"
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert clerk.get(f"/bureau/api/seances/{SITTING}/waveform").status_code == 200
    assert list(findings(product)) == []
    assert not (product.settings.data / "media").exists()


def test_drafts_are_heard_by_the_office_alone(product: Product) -> None:
    product.withdraw(SITTING)
    reader = TestClient(create_app(product.deps(), product.desk()))
    assert reader.get(SOUND).status_code == reader.get(CLIP).status_code == 404
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert clerk.get(f"/bureau/api/seances/{SITTING}/audio.opus").status_code == 200


def test_a_redacted_passage_leaves_the_store_and_a_session_erased_leaves_nothing(
    product: Product, server: S3Server
) -> None:
    before = (server.folder / SITTING / "listen.opus").read_bytes()
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    after = (server.folder / SITTING / "listen.opus").read_bytes()
    assert after != before and list(findings(product)) == []
    product.erase(SITTING)
    assert not (server.folder / SITTING).exists() and list(findings(product)) == []
    kept = server.folder.parents[2].rglob("*")
    assert before not in [
        path.read_bytes() for path in kept if path.is_file() and OTHER not in path.parts
    ]


def test_a_rule_of_retention_takes_the_sound_out_of_the_store(
    product: Product, server: S3Server
) -> None:
    with product.archive.begin() as db:
        db.execute(schema.sessions.update().values(body="Conseil municipal"))
        retention.set_rule(db, "Conseil municipal", 12, "chef")
    assert product.redactor.erase_sound(SITTING, "chef", date(2030, 1, 1))
    assert not (server.folder / SITTING).exists() and (server.folder / OTHER).exists()
    reader = TestClient(create_app(product.deps(), product.desk()))
    assert "effacé" in reader.get(SOUND).json()["detail"]
    assert list(findings(product)) == []


def test_traces_are_looked_for_in_the_store_too(product: Product, tmp_path: Path) -> None:
    assert not [one for one in no_trace(product, ["huissier zélé"]) if "s3://" in one.file]
    (tmp_path / "tagged").write_bytes("ID3 huissier zélé".encode())
    product.blobs.put(f"{SITTING}/listen.mp3", tmp_path / "tagged")
    assert [one.file for one in no_trace(product, ["huissier zélé"])] == [
        f"s3://son/ville/seances/{SITTING}/listen.mp3"
    ]


def test_a_backup_holds_the_store_and_goes_back_into_either(
    product: Product, server: S3Server, tmp_path: Path
) -> None:
    done = back_up(product.archive, product.settings.data, product.blobs, tmp_path / "b.tar", quiet)
    with pytest.raises(Conflict, match="n'est pas vide"):
        database = f"sqlite:///{tmp_path}/x/archive.sqlite"
        restore(done.path, tmp_path / "x", product.blobs, database, quiet)
    elsewhere = server.settings | {"media": "s3://son/ailleurs"}
    for name, settings in (("there", elsewhere), ("here", {})):
        again = product_at(tmp_path / name, **settings)
        restore(done.path, tmp_path / name, again.blobs, again.settings.database_url, quiet)
        assert list(findings(again)) == []
        assert again.ask(QUESTION).answer == product.ask(QUESTION).answer
        assert list(again.blobs.all_keys()) == list(product.blobs.all_keys())
    assert isinstance(again.blobs, DirectoryBlobs)


def test_words_are_served_while_the_store_is_down_and_sound_says_why(
    product: Product, server: S3Server
) -> None:
    reader = TestClient(create_app(product.deps(), product.desk()), raise_server_exceptions=False)
    server.process.kill()
    server.process.wait()
    for address in (SOUND, CLIP):
        answer = reader.get(address)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "20")
        assert answer.json()["type"] == "urn:verbatim:problem:media-unreachable"
        assert "les mots restent servis" in answer.json()["detail"]
    assert reader.get(f"/seances/{SITTING}").status_code == 200
    assert "crédit" in reader.post("/api/ask", json={"question": QUESTION}).text
    with pytest.raises(MediaUnreachable):
        product.withhold(SITTING, SECRET_SPAN, "greffe")
    with product.archive.begin() as db:
        number = queue.add(db, JobKind.CLOSE, SITTING, "greffe")
    Worker(product).work(SHORT)
    with product.archive.engine.connect() as db:
        told = queue.job(db, number)
    assert told.state is JobState.FAILED and "les mots restent servis" in told.error
    (one,) = (one for one in findings(product) if one.where == "séances")
    assert "ne répond pas" in one.advice and one.advice != RESTORE
