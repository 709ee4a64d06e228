"""Server and worker killed by SIGKILL at random moments: nothing lost, doubled, or left to do."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from api.accounts import cookies
from api.product import Product
from ingest.archive import schema as t
from ingest.archive.repository import Archive, open_archive
from ingest.audio.excerpt import excerpt
from ingest.documents.agenda_text import read_agenda
from ingest.documents.request import Request
from ingest.documents.roster import read_roster
from ingest.intake import intake
from ingest.intake.intake import TypedDetails, arrival, folder, new_id
from ingest.jobs import queue
from ingest.jobs.queue import Job, JobKind, JobState
from ingest.settings import Settings
from tests.conftest import SAMPLES, tone
from tests.support import paths
from tests.support.lexicon import STRESS
from tests.support.office_process import WINDOW_MS, Child, Nursery, nursery
from tests.support.waiting import PATIENCE_S, until

DEATHS = 12  # of the server, during one upload
ROOT = paths.ROOT
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def born() -> Iterator[Nursery]:
    """Where servers and workers come from."""
    with nursery() as made:
        yield made


@contextmanager
def process(*arguments: str, **more: object) -> "Iterator[subprocess.Popen[str]]":
    """A process of its own group; whatever the test did not kill is killed."""
    child = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, text=True, start_new_session=True, **more
    )  # type: ignore[call-overload]
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def commanded(environment: dict[str, str]) -> Iterator[Child]:
    """`verbatim worker`."""
    with process("-m", "api.commands.worker", env=environment) as child:
        yield Child(child.pid)


@contextmanager
def server(born: Nursery, root: Path) -> Iterator[tuple[Child, httpx.Client]]:
    with born.child("serve", root) as child:
        address, token = child.told
        with httpx.Client(
            base_url=address, cookies={cookies.SESSION: token}, timeout=PATIENCE_S
        ) as client:
            yield child, client


def announced(client: httpx.Client, length: int) -> str:
    name = b64encode("séance.mp4".encode()).decode()
    more = {"Upload-Length": str(length), "Upload-Metadata": f"filename {name}"}
    answer = client.post(f"/bureau/api/apporter/{new_id()}/fichiers", headers=TUS | more)
    assert answer.status_code == 201
    return answer.headers["location"]


def slowly(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 2**18):
        yield content[at : at + 2**18]
        time.sleep(0.004)


@pytest.mark.skipif(not STRESS, reason="make stress: every run has the next test's one death")
def test_an_upload_survives_a_server_killed_at_any_moment(born: Nursery, tmp_path: Path) -> None:
    content = os.urandom(60 * 2**20)
    place, acknowledged = "", 0
    for round_ in range(DEATHS + 1):
        with server(born, tmp_path) as (child, client):
            place = place or announced(client, len(content))
            offset = int(client.head(place, headers=TUS).headers["upload-offset"])
            assert offset >= acknowledged
            kept = folder(tmp_path, place.split("/")[4]) / place.rsplit("/", 1)[1]
            with kept.open("rb") as handle:
                assert handle.read(offset) == content[:offset]
            if round_ < DEATHS:
                timer = threading.Timer(random.uniform(0.1, 1.2), child.kill)
                timer.start()
                piece, acknowledged = 9 * 2**20, offset
                with suppress(httpx.HTTPError):
                    while acknowledged < len(content):
                        end = acknowledged + piece
                        answer = patch(
                            client, place, acknowledged, slowly(content[acknowledged:end])
                        )
                        acknowledged = int(answer.headers["upload-offset"])
                timer.join()
            else:
                assert patch(client, place, offset, slowly(content[offset:])).status_code == 204
                assert kept.read_bytes() == content


def patch(client: httpx.Client, place: str, offset: int, sent: Iterator[bytes]) -> httpx.Response:
    more = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return client.patch(place, content=sent, headers=TUS | more)


def test_a_long_piece_is_kept_up_to_where_the_server_was_killed(
    born: Nursery, tmp_path: Path
) -> None:
    content = os.urandom(40 * 2**20)
    with server(born, tmp_path) as (child, client):
        place = announced(client, len(content))
        kept = folder(tmp_path, place.split("/")[4]) / place.rsplit("/", 1)[1]

        def held_back() -> Iterator[bytes]:
            yield from slowly(content[: 25 * 2**20])
            until(lambda: kept.stat().st_size >= 24 * 2**20)
            child.kill()
            yield content[25 * 2**20 :]

        with pytest.raises(httpx.HTTPError):
            patch(client, place, 0, held_back())
    with server(born, tmp_path) as (_, client):
        offset = int(client.head(place, headers=TUS).headers["upload-offset"])
        assert 16 * 2**20 <= offset <= 25 * 2**20
        assert patch(client, place, offset, slowly(content[offset:])).status_code == 204
        assert kept.read_bytes() == content


def sent(archive: Archive, data: Path, files: list[Path], **details: str) -> str:
    arrival_id = new_id()
    place = folder(data, arrival_id)
    place.mkdir(parents=True)
    typed = TypedDetails(date="2025-05-13", body="Conseil municipal", **details)  # type: ignore[arg-type]
    with archive.begin() as db:
        intake.keep(db, arrival_id, typed, "greffe")
        for file in files:
            content = file.read_bytes()
            file_id = new_id()
            (place / file_id).write_bytes(content)
            intake.add_file(db, arrival_id, file.name, len(content), came_as=file_id)
        intake.send(db, arrival_id, "greffe")
    return arrival_id


def job_of(archive: Archive, arrival_id: str) -> Job:
    with archive.engine.connect() as db:
        found = queue.newest(db, arrival_id, JobKind.INGEST)
    assert found is not None
    return found


def work_until_done(
    archive: Archive,
    wanted: list[str],
    start: Callable[[], AbstractContextManager[Child]],
    patience_s: float,
) -> int:
    """Kill the worker at random moments until the jobs are done all the same; how many kills."""
    deadline = time.monotonic() + patience_s
    kills = 0
    while any(job_of(archive, one).state is not JobState.DONE for one in wanted):
        assert time.monotonic() < deadline
        assert all(job_of(archive, one).state is not JobState.FAILED for one in wanted)
        with start() as child:
            begun = [job_of(archive, one).fraction for one in wanted]
            end = None  # a machine that is busy may take long to begin
            while end is None or time.monotonic() < end:
                now = [job_of(archive, one) for one in wanted]
                if all(job.state is JobState.DONE for job in now):
                    return kills
                if end is None and [job.fraction for job in now] != begun:
                    end = time.monotonic() + random.uniform(0.0, 5.0) * 2**kills
                assert time.monotonic() < deadline and child.lives()
                time.sleep(0.05)
            child.kill()
            kills += 1
    return kills


def heard(root: Path) -> int:
    """How many windows were heard to their end."""
    return len((root / "heard.log").read_text().splitlines())


def test_an_ingest_survives_a_worker_killed_at_any_moment(
    born: Nursery, tmp_path: Path, write_audio: Callable[..., Path]
) -> None:
    archive = open_archive(f"sqlite:///{tmp_path}/archive.sqlite")
    file = write_audio("partie 1.wav", tone(300, 30.0))
    arrival_id = sent(archive, tmp_path, [file])
    kills = work_until_done(
        archive, [arrival_id], lambda: born.child("work", tmp_path), patience_s=800
    )
    with archive.engine.connect() as db:
        found = arrival(db, arrival_id)
        assert db.execute(select(func.count()).select_from(t.sessions)).scalar() == 1
        assert db.execute(select(func.count()).select_from(t.checkpoints)).scalar() == 0
    assert found.session is not None
    words = [w for turn in archive.transcript(found.session).turns for w in turn.words]
    assert [word.start_ms for word in words] == list(range(0, 30_000, 500))
    windows = 30_000 // WINDOW_MS
    assert (
        windows <= heard(tmp_path) <= windows + kills
    )  # a window that was being heard is heard again, a finished one is not
    (source,) = folder(tmp_path, arrival_id).iterdir()  # kept until the session is published
    assert source.read_bytes() == file.read_bytes()
    assert [path for path in (tmp_path / "work").iterdir() if path.is_dir()] == []
    for name in ("listen.opus", "listen.mp3"):
        assert (tmp_path / "media" / found.session / name).stat().st_size > 1000


def test_two_workers_share_the_work(
    born: Nursery, tmp_path: Path, write_audio: Callable[..., Path]
) -> None:
    archive = open_archive(f"sqlite:///{tmp_path}/archive.sqlite")
    files = [write_audio(f"{hz}.wav", tone(hz, 6.0)) for hz in (200, 300, 400)]
    wanted = [sent(archive, tmp_path, [file], title=file.stem) for file in files]
    with born.child("work", tmp_path) as one, born.child("work", tmp_path) as other:
        deadline = time.monotonic() + 400
        while any(job_of(archive, each).state is not JobState.DONE for each in wanted):
            assert time.monotonic() < deadline
            assert one.lives() and other.lives()
            time.sleep(0.1)
    assert len(archive.sessions()) == 3
    assert heard(tmp_path) == 3 * 6_000 // WINDOW_MS
    assert {job_of(archive, each).attempts for each in wanted} == {1}


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    environment = os.environ | {"VERBATIM_DATA": str(tmp_path)}
    command = ("-m", "api.commands.worker", "--attached")
    with process(*command, stdin=subprocess.PIPE, env=environment) as child:
        until(lambda: bool(list((tmp_path / "workers").glob("*.lock"))) or child.poll() is not None)
        assert child.poll() is None
        assert child.stdin is not None
        child.stdin.close()  # as when a killed server's files are closed
        assert child.wait(PATIENCE_S) in (0, -signal.SIGTERM)  # the latter before it is fully up


@pytest.mark.skipif(not STRESS, reason="make stress: the models three times over")
@pytest.mark.models
def test_a_real_ingest_survives_too(tmp_path: Path, write_audio: Callable[..., Path]) -> None:
    """And says the very same as one that was not killed."""
    sample, data = SAMPLES / "2025-05-13-cantines-nuit", tmp_path / "data"
    said = excerpt(sample / "part1.opus", 0, 130_000, 48_000)  # three windows
    sound = write_audio("partie 1.flac", said)
    archive = open_archive(f"sqlite:///{data}/archive.sqlite")
    environment = os.environ | {"VERBATIM_DATA": str(data), "VERBATIM_WINDOW_MINUTES": "1"}
    lists = {"roster": "roster.csv", "agenda": "agenda.json"}
    texts = {name: (sample / file).read_text("utf-8") for name, file in lists.items()}
    arrival_id = sent(archive, data, [sound], **texts)
    kills = work_until_done(archive, [arrival_id], lambda: commanded(environment), patience_s=800)
    assert kills > 0
    with archive.engine.connect() as db:
        made = arrival(db, arrival_id).session
    assert made is not None
    settings = Settings(data=tmp_path / "undisturbed", window_minutes=1, _env_file=None)
    undisturbed = Product(settings)
    request = Request(
        files=(sound,),
        title="Séance",
        date=date(2025, 5, 13),
        roster=read_roster(sample / "roster.csv"),
        agenda=read_agenda(sample / "agenda.json"),
    )
    session = undisturbed.ingest(request, lambda stage, fraction: None)
    same, found = undisturbed.archive.transcript(session.id), archive.transcript(made)
    assert [turn.words for turn in found.turns] == [turn.words for turn in same.turns]
    assert (found.speakers, found.review) == (same.speakers, same.review)
    assert archive.session(made).agenda == session.agenda
