"""Many readers may ask for clips at once: the others' pages do not wait, and nobody waits long."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.deps import Deps
from api.routes import audio
from tests.small_site import PUBLISHED, small_deps

CLIP = f"/api/sessions/{PUBLISHED}/clip.mp3"


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return small_deps(tmp_path_factory.mktemp("site"))


async def rush(deps: Deps, clips: int) -> tuple[float, list[httpx.Response]]:
    """How long, in seconds, health took while so many clips were asked for; and what they got."""
    transport = httpx.ASGITransport(create_app(deps))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        asked = [
            asyncio.create_task(client.get(CLIP, params={"start_ms": n, "end_ms": n + 1000}))
            for n in range(clips)
        ]
        await asyncio.sleep(0.3)
        began = time.monotonic()
        assert (await client.get("/api/health")).status_code == 200
        return time.monotonic() - began, await asyncio.gather(*asked)


def test_a_rush_on_clips_leaves_the_rest_of_the_site_alone(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: Path, *__: object) -> bytes:
        time.sleep(0.04)
        return b"sound"

    monkeypatch.setattr(audio, "cut", slow)
    waited, clips = asyncio.run(rush(deps, 80))
    assert waited < 0.5
    assert {clip.status_code for clip in clips} == {200}


def test_whoever_would_wait_too_long_is_told_when_to_come_back(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: Path, *__: object) -> bytes:
        time.sleep(0.5)
        return b"sound"

    monkeypatch.setattr(audio, "cut", slow)
    monkeypatch.setattr(audio, "PATIENCE_S", 0.1)
    _, clips = asyncio.run(rush(deps, 4))
    assert sorted(clip.status_code for clip in clips) == [200, 200, 503, 503]
    refused = next(clip for clip in clips if clip.status_code == 503)
    assert refused.headers["retry-after"] == "10"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"].startswith("Trop d'extraits")
