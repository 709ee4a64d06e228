"""Files by tus: what is acknowledged is there, whatever is killed; offsets tell the truth."""

import base64
import os
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.desk import Desk
from ingest.errors import BadInput, Conflict
from ingest.intake import intake
from ingest.intake.intake import Upload, arrival, folder, new_id, send
from ingest.intake.uploads import SYNC_BYTES, Growing, refresh
from tests.support.office import signed_in, small_office

TUS = {"Tus-Resumable": "1.0.0"}
BODY = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return small_office(tmp_path)


@pytest.fixture
def clerk(app: FastAPI) -> TestClient:
    return signed_in(app)


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.desk
    return found


def told(**metadata: str) -> str:
    pairs = ((key, base64.b64encode(value.encode()).decode()) for key, value in metadata.items())
    return ",".join(" ".join(pair) for pair in pairs)


def begin(clerk: TestClient, length: int, name: str = "partie 1.mp4") -> str:
    place = f"/bureau/api/apporter/{new_id()}/fichiers"
    more = {"Upload-Length": str(length), "Upload-Metadata": told(filename=name, mark="m")}
    answer = clerk.post(place, headers=TUS | more)
    assert answer.status_code == 201 and "upload-expires" in answer.headers
    return answer.headers["location"]


def patch(clerk: TestClient, place: str, offset: int, content: bytes):  # type: ignore[no-untyped-def]
    more = BODY | {"Upload-Offset": str(offset)}
    return clerk.patch(place, content=content, headers=TUS | more)


def offset(clerk: TestClient, place: str) -> int:
    answer = clerk.head(place, headers=TUS)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def on_disk(desk: Desk, place: str) -> Path:
    return folder(desk.settings.data, place.split("/")[4]) / place.rsplit("/", 1)[1]


def upload_at(desk: Desk, place: str) -> Upload:
    return refresh(desk.archive, place.split("/")[4], place.rsplit("/", 1)[1])


def test_a_file_comes_in_pieces(clerk: TestClient, desk: Desk) -> None:
    content = os.urandom(3_000_000)
    place = begin(clerk, len(content))
    assert offset(clerk, place) == 0
    for start in (0, 1_000_000, 2_500_000):
        end = {0: 1_000_000, 1_000_000: 2_500_000, 2_500_000: None}[start]
        answer = patch(clerk, place, start, content[start:end])
        assert answer.status_code == 204
        assert int(answer.headers["upload-offset"]) == (end or len(content))
    assert on_disk(desk, place).read_bytes() == content
    assert upload_at(desk, place).is_whole and upload_at(desk, place).mark == "m"


def test_a_piece_at_the_wrong_place_is_refused(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 10)
    assert patch(clerk, place, 0, b"12345").status_code == 204
    for wrong in (0, 4, 6):
        answer = patch(clerk, place, wrong, b"xxxxx")
        assert answer.status_code == 409 and "5" in answer.json()["detail"]
    assert patch(clerk, place, 5, b"67890").status_code == 204
    assert on_disk(desk, place).read_bytes() == b"1234567890"


def test_more_than_was_announced_is_refused(clerk: TestClient) -> None:
    place = begin(clerk, 10)
    answer = patch(clerk, place, 0, b"x" * 11)
    assert answer.status_code == 422 and "plus long qu'annoncé" in answer.json()["detail"]


def test_what_lies_beyond_the_acknowledged_bytes_is_written_anew(
    clerk: TestClient, desk: Desk
) -> None:
    place = begin(clerk, 10)
    patch(clerk, place, 0, b"1234")
    with on_disk(desk, place).open("ab") as handle:
        handle.write(b"garbage of a killed server")
    assert offset(clerk, place) == 4
    assert patch(clerk, place, 4, b"567890").status_code == 204
    assert on_disk(desk, place).read_bytes()[:10] == b"1234567890"
    assert on_disk(desk, place).stat().st_size == 10


def test_a_file_that_shrank_is_never_taken_for_whole(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 10)
    patch(clerk, place, 0, b"12345")
    os.truncate(on_disk(desk, place), 2)
    answer = patch(clerk, place, 5, b"67890")
    assert answer.status_code == 409 and "renvoyez-le" in answer.json()["detail"]


def test_a_browser_that_resumes_takes_over(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 10)
    with Growing(desk.archive, desk.settings.data, upload_at(desk, place)) as hanging:
        hanging.write(b"123")
        assert patch(clerk, place, 0, b"1234567").status_code == 204
        with pytest.raises(Conflict):
            hanging.sync()
    assert offset(clerk, place) == 7


def test_long_pieces_are_acknowledged_on_the_way(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 3 * SYNC_BYTES)
    with Growing(desk.archive, desk.settings.data, upload_at(desk, place)) as growing:
        for _ in range(20):
            growing.write(b"x" * 2**20)
        assert offset(clerk, place) == SYNC_BYTES


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "5"}, 412),
        (TUS | {"Upload-Length": "-1"}, 422),
        (TUS | {"Upload-Length": "cinq"}, 422),
        (TUS, 422),
        (TUS | {"Upload-Length": "0", "Upload-Metadata": told(filename="a.mp3")}, 422),
        (TUS | {"Upload-Length": "5", "Upload-Metadata": "filename é"}, 422),
        (TUS | {"Upload-Length": str(10**15), "Upload-Metadata": told(filename="a.mp3")}, 422),
    ],
)
def test_what_is_no_upload(clerk: TestClient, headers: dict[str, str], status: int) -> None:
    sent = [(key.encode("ascii"), value.encode("latin-1")) for key, value in headers.items()]
    answer = clerk.post(f"/bureau/api/apporter/{new_id()}/fichiers", headers=sent)
    assert answer.status_code == status


def test_names_never_become_paths(clerk: TestClient, desk: Desk, tmp_path: Path) -> None:
    for name in ("../../../etc/passwd", "..\\..\\x.mp4", "/absolu.mp4", "é" * 300 + ".mp4"):
        place = begin(clerk, 5, name)
        assert on_disk(desk, place).parent.parent.parent == desk.settings.data
        assert "/" not in upload_at(desk, place).name and len(upload_at(desk, place).name) <= 200
    assert clerk.post("/bureau/api/apporter/..%2f..%2fx/fichiers", headers=TUS).status_code == 404
    bad = TUS | {"Upload-Length": "5", "Upload-Metadata": told(filename="a.mp3")}
    assert clerk.post("/bureau/api/apporter/abc/fichiers", headers=bad).status_code == 404


def test_no_room_is_reported_before_anything_is_sent(
    clerk: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 3 * 2**30))
    more = {"Upload-Length": str(4 * 2**30), "Upload-Metadata": told(filename="a.mp4")}
    answer = clerk.post(f"/bureau/api/apporter/{new_id()}/fichiers", headers=TUS | more)
    assert answer.status_code == 422 and "Il ne reste que 2,0 Gio" in answer.json()["detail"]


def test_a_full_disk_is_reported_and_what_came_stays(
    clerk: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begin(clerk, 4 * 2**20)
    patch(clerk, place, 0, b"x" * 2**20)

    def full(handle: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    with Growing(desk.archive, desk.settings.data, upload_at(desk, place)) as growing:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(BadInput, match="faites de la place"):
            growing.write(b"y")
        monkeypatch.undo()
    assert offset(clerk, place) == 2**20
    assert patch(clerk, place, 2**20, b"x" * 3 * 2**20).status_code == 204


def test_a_file_can_be_taken_back(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 5)
    assert clerk.delete(place, headers=TUS).status_code == 204
    assert not on_disk(desk, place).exists()
    assert clerk.head(place, headers=TUS).status_code == 404
    assert patch(clerk, place, 0, b"12345").status_code == 404


def test_nothing_is_added_to_what_was_sent_off(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 5)
    patch(clerk, place, 0, b"12345")
    with desk.archive.begin() as db:
        send(db, place.split("/")[4], "greffe")
    more = {"Upload-Length": "5", "Upload-Metadata": told(filename="b.mp3")}
    assert clerk.post(place.rsplit("/", 1)[0], headers=TUS | more).status_code == 409
    assert clerk.delete(place, headers=TUS).status_code == 409


def test_what_it_can_do_is_announced(clerk: TestClient) -> None:
    answer = clerk.options(f"/bureau/api/apporter/{new_id()}/fichiers")
    assert answer.status_code == 204 and answer.headers["tus-version"] == "1.0.0"
    assert "termination" in answer.headers["tus-extension"]


def test_files_of_one_session_belong_to_no_other(clerk: TestClient, desk: Desk) -> None:
    place = begin(clerk, 5)
    other = begin(clerk, 5)
    mixed = f"{other.rsplit('/', 1)[0]}/{place.rsplit('/', 1)[1]}"
    assert clerk.head(mixed, headers=TUS).status_code == 404


def test_what_is_left_lying_goes_and_what_was_sent_off_stays(clerk: TestClient, desk: Desk) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from ingest.archive.schema import now
    from ingest.errors import NotFound
    from ingest.intake.intake import arrivals as table
    from ingest.intake.uploads import sweep

    left, sent = begin(clerk, 5), begin(clerk, 5)
    for place in (left, sent):
        patch(clerk, place, 0, b"12345")
        for path in (on_disk(desk, place), on_disk(desk, place).parent):
            os.utime(path, (0, 0))
    with desk.archive.begin() as db:
        intake.send(db, sent.split("/")[4], "greffe")
        db.execute(update(table).values(touched_at=now() - timedelta(days=40)))
    sweep(desk.archive, desk.settings.data, 30, 30)
    assert on_disk(desk, sent).exists() and not on_disk(desk, left).exists()
    with desk.archive.engine.connect() as db, pytest.raises(NotFound):
        arrival(db, left.split("/")[4])
