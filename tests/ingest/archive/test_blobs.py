"""What every store of media files does, a directory and a real S3-compatible server alike."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from ingest.archive import object_store
from ingest.archive.blobs import Blob, Blobs, DirectoryBlobs
from ingest.archive.object_store import S3Blobs
from ingest.errors import InPreparation, MediaUnreachable, StorageFault
from ingest.settings import Settings
from tests.support.s3_server import BUCKET, S3Server, s3_server

SOUND = bytes(range(256)) * 4_000  # a megabyte: several pieces
KEY = "2025-03-11-seance/listen.opus"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


def s3_blobs(settings: dict[str, str], work: Path, patience_s: float = 5.0) -> S3Blobs:
    made = Settings.model_validate(settings)
    assert made.media
    return S3Blobs(made.media, made, work, patience_s)


@pytest.fixture(params=["directory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "directory":
        return DirectoryBlobs(tmp_path / "media")
    server: S3Server = request.getfixturevalue("server")
    media = f"s3://{BUCKET}/{uuid4().hex}"  # without what the test before left
    return s3_blobs(server.settings | {"media": media}, tmp_path / "work")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made.opus"
    path.write_bytes(SOUND)
    return path


def found(blobs: Blobs, key: str = KEY) -> Blob:
    blob = blobs.find(key)
    assert blob is not None
    return blob


def test_a_file_is_taken_over_whole(blobs: Blobs, file: Path) -> None:
    assert blobs.find(KEY) is None
    blobs.put(KEY, file)
    assert not file.exists()
    blob = found(blobs)
    assert (blob.key, blob.size) == (KEY, len(SOUND))
    assert abs(blob.modified_s - time.time()) < 3_600
    assert found(blobs) == blob
    with blobs.open(blob) as sound:
        assert sound.read() == SOUND


def test_any_part_of_it_is_read(blobs: Blobs, file: Path) -> None:
    blobs.put(KEY, file)
    with blobs.open(found(blobs)) as sound:
        sound.seek(300_001)
        assert sound.read(10) == SOUND[300_001:300_011]
        sound.seek(-5, 2)
        assert (sound.tell(), sound.read()) == (len(SOUND) - 5, SOUND[-5:])
        assert sound.read(1) == b""
        sound.seek(0)
        assert sound.read(3) == SOUND[:3]


def test_forty_readers_at_once_all_get_theirs(blobs: Blobs, file: Path) -> None:
    blobs.put(KEY, file)

    def part(number: int) -> bytes:
        with blobs.open(found(blobs)) as sound:
            sound.seek(number * 20_000)
            return sound.read(100)

    with ThreadPoolExecutor(40) as readers:
        parts = list(readers.map(part, range(40)))
    assert parts == [SOUND[at : at + 100] for at in range(0, 800_000, 20_000)]


def test_a_decoder_gets_a_path_named_as_the_key_is(blobs: Blobs, file: Path) -> None:
    blobs.put(KEY, file)
    with blobs.local(found(blobs)) as path:
        assert (path.name, path.read_bytes()) == ("listen.opus", SOUND)


def test_keys_are_listed_by_folder_and_removed_by_folder(blobs: Blobs, tmp_path: Path) -> None:
    keys = ["a/listen.mp3", "a/listen.opus", "ab/listen.opus"]
    for key in keys:
        (tmp_path / "made").write_bytes(key.encode())
        blobs.put(key, tmp_path / "made")
    assert list(blobs.all_keys()) == keys
    assert list(blobs.all_keys("a")) == keys[:2]
    blobs.delete("a/listen.mp3")
    assert list(blobs.all_keys()) == keys[1:]
    blobs.delete("a")
    blobs.delete("nothing")
    assert list(blobs.all_keys()) == keys[2:]


def test_several_files_are_found_at_once(blobs: Blobs, tmp_path: Path) -> None:
    for key in ("a/listen.mp3", "b/listen.mp3", "b/listen.opus", "c/listen.mp3"):
        (tmp_path / "made").write_bytes(key.encode())
        blobs.put(key, tmp_path / "made")
    wanted = ["c/listen.mp3", "b/listen.mp3", "bb/listen.mp3"]
    kept = blobs.find_all(wanted)
    assert set(kept) == {"b/listen.mp3", "c/listen.mp3"}
    for key, blob in kept.items():
        assert (blob.key, blob.size, blob.version) == (key, len(key), found(blobs, key).version)
        with blobs.open(blob) as sound:
            assert sound.read() == key.encode()
    assert blobs.find_all([]) == {}


def test_who_reads_a_file_that_is_swapped_gets_no_more_of_it(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(SOUND)
    (tmp_path / "new").write_bytes(b"\0" * len(SOUND))
    blobs.put(KEY, tmp_path / "old")
    before = found(blobs)
    with blobs.open(before) as sound:
        assert sound.read(10) == SOUND[:10]
        blobs.swap(KEY, tmp_path / "new")
        sound.seek(len(SOUND) // 2)
        with suppress(InPreparation):
            assert sound.read() == b""
    assert found(blobs).version != before.version
    with pytest.raises(InPreparation, match="vient de changer"), blobs.local(before):
        pass
    with blobs.open(found(blobs)) as sound:
        assert sound.read() == b"\0" * len(SOUND)


def test_a_file_that_is_gone_is_not_read(blobs: Blobs, file: Path) -> None:
    blobs.put(KEY, file)
    blob = found(blobs)
    blobs.delete(KEY)
    with pytest.raises(InPreparation), blobs.local(blob):
        pass


# --- what an object store does besides -----------------------------------------------------------


def test_no_part_of_a_file_is_kept_where_the_store_refuses(
    server: S3Server, file: Path, tmp_path: Path
) -> None:
    for wrong in ({"AWS_SECRET_ACCESS_KEY": "another"}, {"media": "s3://nothing"}):
        refused = s3_blobs(server.settings | wrong, tmp_path)
        with pytest.raises(MediaUnreachable, match="refuse l'accès"):
            refused.put("refused/listen.opus", file)
    assert file.read_bytes() == SOUND  # it can be tried again
    assert s3_blobs(server.settings, tmp_path).find("refused/listen.opus") is None


def test_a_copy_for_a_decoder_goes_with_its_use(
    server: S3Server, file: Path, tmp_path: Path
) -> None:
    blobs = s3_blobs(server.settings, tmp_path / "work")
    blobs.put(KEY, file)
    left = tmp_path / "work" / "copie-of-a-process-that-was-killed"
    left.mkdir(parents=True)
    with blobs.local(found(blobs)) as path, blobs.local(found(blobs)) as second:
        assert path.is_relative_to(tmp_path / "work") and path != second and not left.exists()
        assert path.read_bytes() == second.read_bytes() == SOUND
    assert list((tmp_path / "work").iterdir()) == []


def test_a_store_that_hangs_is_given_up_soon_and_not_asked_again_at_once(
    server: S3Server, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and never answers
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        blobs = s3_blobs(server.settings | {"media_endpoint": address}, tmp_path, patience_s=0.2)

        def outcome(_: int) -> str:
            with pytest.raises(MediaUnreachable) as error:
                blobs.find(KEY)
            return str(error.value)

        with ThreadPoolExecutor(40) as readers:  # as many as threads that answer them
            told = set(readers.map(outcome, range(40)))
        assert len(told) == 1 and "les mots restent servis" in told.pop()
        start = time.monotonic()
        outcome(0)
        assert time.monotonic() - start < object_store._PAUSE_S / 10


def test_a_bucket_that_keeps_old_versions_is_written_to_by_nobody(
    server: S3Server, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    blobs, put = s3_blobs(server.settings, tmp_path), obstore.put
    monkeypatch.setattr(obstore, "put", lambda *a, **k: put(*a, **k) | {"version": "3HL4kqt"})
    with pytest.raises(StorageFault, match="anciennes versions"):
        blobs.put("versioned/listen.opus", file)
    assert blobs.find("versioned/listen.opus") is None and file.exists()
