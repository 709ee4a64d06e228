"""The Model Context Protocol, spoken by the SDK's own client to the site as it is served."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from api.deps import Deps
from ingest.settings import Settings
from tests.support.small_site import CANARY, COST, HIDDEN, PUBLISHED
from tests.support.talking_site import OLDER, POOL, talking_deps
from web.app import create_app

SITE = "http://testserver"
MODES = ("auto", "legacy")  # the protocol of 2026, and that of 2025


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return talking_deps(tmp_path_factory.mktemp("mcp"))


@pytest.fixture(scope="module")
def site(talking: Deps) -> FastAPI:
    return create_app(talking)


def conversing(site: FastAPI, use: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    """What comes of using a client of the site."""

    async def converse() -> Any:
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site))
        async with Client(streamable_http_client(f"{SITE}/mcp", http_client=http), mode=mode) as c:
            return await use(c)

    return anyio.run(converse)


def called(site: FastAPI, tool: str, **arguments: object) -> Any:
    """A tool's result as data, or its error as text."""
    result = conversing(site, lambda client: client.call_tool(tool, arguments))
    if result.is_error:
        return result.content[0].text
    given = result.structured_content
    return given.get("result", given)


@pytest.mark.parametrize("mode", MODES)
def test_a_client_learns_what_it_may_ask(site: FastAPI, mode: str) -> None:
    tools = conversing(site, lambda client: client.list_tools(), mode).tools
    names = [tool.name for tool in tools]
    assert names == ["ask", "search", "sessions", "read_session", "votes", "persons", "cite"]
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools)


def test_an_answer_is_exact_words_with_their_speaker_time_and_links(site: FastAPI) -> None:
    answer = called(site, "ask", question="Combien coûte la piste ?")
    assert answer["state"] == "answer"
    (citation,) = answer["citations"]
    assert (citation["quote"], citation["speaker"]) == (COST, "Claire Fontanet")
    assert (citation["date"], citation["start"]) == ("2025-03-11", "0:00:06")
    assert citation["page"] == f"{SITE}/seances/{PUBLISHED}?t=6000-8780&r=1#extrait"
    with TestClient(site) as reader:
        for link in (citation["page"], citation["sound"]):
            assert reader.get(link.removeprefix(SITE)).status_code == 200
    assert "personne=Claire" not in answer["context"] and "q=Combien" in answer["context"]


def test_a_refusal_says_why(site: FastAPI) -> None:
    answer = called(site, "ask", question="Que dit-on du téléphérique ?")
    assert (answer["state"], answer["citations"]) == ("nothing", [])
    assert "rien trouvé" in answer["message"]


def test_passages_are_narrowed_by_names_as_people_write_them(site: FastAPI) -> None:
    (passage,) = called(site, "search", query="piscine", person="girard")
    assert (passage["session"], passage["speakers"][0]) == (OLDER, "Bruno Girard")
    assert POOL in passage["text"]
    told = called(site, "search", query="piscine", person="Durand")
    assert "Valeurs : Bruno Girard, Claire Fontanet" in told


def test_a_session_is_read_page_by_page(site: FastAPI) -> None:
    listed = called(site, "sessions")
    assert [one["id"] for one in listed] == [PUBLISHED, OLDER]
    assert listed[0]["items"] == ["1. Communications", "2. Piste cyclable (PR-12)"]
    first = called(site, "read_session", session=PUBLISHED, turns=1)
    rest = called(site, "read_session", session=PUBLISHED, from_turn=first["next_turn"])
    assert [turn["text"] for turn in (*first["turns"], *rest["turns"])] == [
        "Bonsoir à toutes et à tous.",
        COST,
    ]
    assert rest["next_turn"] is None and rest["turns"][0]["item"] == "Piste cyclable (PR-12)"


def test_persons_are_those_who_speak(site: FastAPI) -> None:
    assert [one["name"] for one in called(site, "persons")] == ["Bruno Girard", "Claire Fontanet"]
    (person,) = called(site, "persons", name="FONTANET")
    assert person["groups"] == ["PS"]


def test_words_are_cited_as_they_stand_or_said_not_to_have_been(site: FastAPI) -> None:
    (citation,) = called(site, "cite", session=PUBLISHED, words="le crédit DEMANDE est")
    assert (citation["quote"], citation["start"]) == ("Le crédit demandé est", "0:00:06")
    assert "Personne ne dit" in called(site, "cite", session=PUBLISHED, words="le crédit refusé")


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_session_does_not_exist(site: FastAPI, hidden: str) -> None:
    for tool, more in (("read_session", {}), ("cite", {"words": CANARY}), ("votes", {})):
        told = called(site, tool, session=hidden, **more)
        assert f"Aucune séance publiée « {hidden} »" in told
    assert not any(CANARY in str(called(site, "search", query=w)) for w in (COST, CANARY))


def test_other_methods_other_sites_and_floods_are_refused(tmp_path: Path, talking: Deps) -> None:
    settings = Settings(data=tmp_path, requests_per_minute=2, _env_file=None)
    with TestClient(create_app(replace(talking, settings=settings))) as client:
        assert client.get("/mcp").status_code == 405
        foreign = client.post("/mcp", json={}, headers={"Origin": "https://ailleurs.example"})
        assert foreign.status_code == 403
        statuses = [client.post("/api/ask", json={"question": "Qui ?"}) for _ in range(3)]
        assert [one.status_code for one in statuses] == [200, 200, 429]
        flooded = client.post("/mcp", json={})
    assert flooded.status_code == 429 and int(flooded.headers["retry-after"]) <= 60
    assert flooded.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_long_is_refused_as_elsewhere(site: FastAPI) -> None:
    told = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    with TestClient(site, raise_server_exceptions=False) as client:
        answer = client.post("/mcp", content=b"{" + b" " * 2**20, headers=told)
    assert answer.status_code == 413
