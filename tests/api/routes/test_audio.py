"""Clips over HTTP. Many readers may ask at once: other pages do not wait, no reader waits long."""

import asyncio
from collections.abc import Coroutine, Iterator
from io import BytesIO
from pathlib import Path
from threading import Event

import av
import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.deps import Deps
from api.routes import audio, turns
from tests.support.small_site import COST, PUBLISHED, small_deps
from tests.support.waiting import PATIENCE_S

CLIP = f"/api/sessions/{PUBLISHED}/clip.mp3"
GO_ON = Event()


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return small_deps(tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> None:
    GO_ON.clear()


@pytest.fixture
def client(deps: Deps) -> Iterator[TestClient]:
    with TestClient(create_app(deps)) as client:
        yield client


def cut_when_told(_: Path, *__: object) -> bytes:
    assert GO_ON.wait(PATIENCE_S)
    return b"sound"


async def rush(deps: Deps, clips: int, *impatient: int) -> list[httpx.Response]:
    """What so many got that asked at once: two are being cut and health answers, and in the end
    all the others are. Those that are `impatient` come when others are being cut."""
    transport = httpx.ASGITransport(create_app(deps))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        def ask(n: int) -> Coroutine[object, object, httpx.Response]:
            return client.get(CLIP, params={"start_ms": n, "end_ms": n + 1000})

        asked = [asyncio.create_task(ask(n)) for n in range(clips)]
        while audio.CUTS.taken < turns.AT_ONCE:
            await asyncio.sleep(0.01)
        assert (await client.get("/api/health")).status_code == 200
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(turns, "PATIENCE_S", 0.1)
            refused = [await ask(n) for n in impatient]
        assert not any(clip.done() for clip in asked)
        GO_ON.set()
        return [*await asyncio.gather(*asked), *refused]


def test_a_rush_on_clips_leaves_the_rest_of_the_site_alone(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "cut", cut_when_told)
    monkeypatch.setattr(turns, "PATIENCE_S", PATIENCE_S)
    clips = asyncio.run(rush(deps, 80))
    assert {clip.status_code for clip in clips} == {200}


def test_a_reader_who_would_wait_too_long_learns_when_to_come_back(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "cut", cut_when_told)
    *cut, refused = asyncio.run(rush(deps, 2, 2, 3))
    assert [clip.status_code for clip in cut] == [200, 200, 503]
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "10"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("Trop d'extraits")


@pytest.mark.parametrize("interval", [(5, 5), (9000, 8000), (0, 20_001), (19_999, 400_000)])
def test_a_clip_outside_the_session_is_a_problem(
    client: TestClient, interval: tuple[int, int]
) -> None:
    start, end = interval
    response = client.get(
        "/api/sessions/2025-03-11/clip.mp3", params={"start_ms": start, "end_ms": end}
    )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_clip_that_was_fetched_is_not_cut_again(client: TestClient) -> None:
    url = "/api/sessions/2025-03-11/clip.opus?start_ms=1000&end_ms=2000"
    first = client.get(url)
    assert first.headers["content-type"] == "audio/ogg; codecs=opus"
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_clip_to_keep_is_named_and_tagged_after_who_speaks(client: TestClient) -> None:
    said = f"/api/sessions/{PUBLISHED}/clip.mp3?start_ms=6000&end_ms=8780"
    kept = client.get(said + "&download=1")
    assert "attachment" in kept.headers["content-disposition"]
    assert "2025-03-11%20Claire%20Fontanet%200-00-06.mp3" in kept.headers["content-disposition"]
    with av.open(BytesIO(kept.content)) as file:
        tags = {name.lower(): value for name, value in file.metadata.items()}
    assert tags["title"] == f"« {COST} »" and tags["artist"] == "Claire Fontanet"
    assert tags["date"] == "2025-03-11" and tags["album"].startswith("Séance de mars")
    assert tags["comment"].endswith(f"/seances/{PUBLISHED}?t=6000-8780&r=1#extrait")
    assert "inline" in client.get(said).headers["content-disposition"]


def test_pieces_of_an_interval_are_of_one_file(client: TestClient) -> None:
    address = f"/api/sessions/{PUBLISHED}/interval.opus?start_ms=6000&end_ms=8000"
    whole = client.get(address)
    assert whole.status_code == 200 and whole.headers["content-type"].startswith("audio/ogg")
    half = len(whole.content) // 2
    bounds = (f"0-{half - 1}", f"{half}-")
    pieces = [client.get(address, headers={"Range": f"bytes={bound}"}) for bound in bounds]
    assert [piece.status_code for piece in pieces] == [206, 206]
    assert b"".join(piece.content for piece in pieces) == whole.content
    assert {piece.headers["etag"] for piece in pieces} == {whole.headers["etag"]}
