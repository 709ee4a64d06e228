"""The HTTP API over a small real archive: a published session, and two that must not exist."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.answers.answer import Verified
from api.app import SECURITY_HEADERS, SHARED_HEADERS, create_app
from api.deps import Deps
from ingest.errors import ModelUnavailable
from search.query.parsed import Query
from tests.support.small_site import CANARY, COST, HIDDEN


@pytest.fixture
def client(deps: Deps) -> Iterator[TestClient]:
    with TestClient(create_app(deps), raise_server_exceptions=False) as client:
        yield client


def events(body: str) -> list[tuple[str, dict[str, object]]]:
    blocks = [dict(line.split(": ", 1) for line in b.splitlines()) for b in body.split("\n\n") if b]
    return [(b["event"], json.loads(b["data"])) for b in blocks if "event" in b]


# --- answers ----------------------------------------------------------------------------------


def test_an_answer_says_who_when_where_and_how_to_hear_it(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "  Combien   coûte la piste ? "})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    assert answer["question"] == "Combien coûte la piste ?"
    first, second = answer["citations"]
    assert first["quote"] == COST
    assert first["who"] == {
        "name": "Claire Fontanet",
        "role": "conseillère municipale",
        "group": "PS",
        "known": True,
        "evidence": "inferred",
    }
    assert first["day"] == "mardi 11 mars 2025"
    assert first["agenda"]["object"] == "PR-12"
    assert (first["start"], first["end"]) == ("0:00:06", "0:00:08")
    assert first["links"]["page"] == "/seances/2025-03-11?t=6000-8780&r=1#extrait"
    assert first["links"]["audio_opus"] == "/api/sessions/2025-03-11/audio.opus#t=6.000,8.780"
    assert second["who"] == {
        "name": "Intervenant·e non identifié·e 1",
        "role": "",
        "group": "",
        "known": False,
        "evidence": "",
    }


def test_every_link_of_a_citation_can_be_followed(client: TestClient) -> None:
    links = client.post("/api/ask", json={"question": "Combien ?"}).json()["citations"][0]["links"]
    for name in ("audio_opus", "audio_mp3", "clip_opus", "clip_mp3"):
        assert client.get(links[name].split("#")[0]).status_code == 200, name


def test_a_stream_sends_each_citation_then_the_end(client: TestClient) -> None:
    response = client.get("/api/ask/stream", params={"q": "Combien ?"})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "no-store" in response.headers["cache-control"]
    names = [name for name, _ in events(response.text)]
    assert names == ["citation", "citation", "end"]
    assert events(response.text)[0][1]["quote"] == COST


def test_a_refusal_is_an_answer_and_an_event(client: TestClient) -> None:
    refused = client.post("/api/ask", json={"question": "bonjour"}).json()
    assert refused["refused"] is True
    assert refused["why"] == "Je n'ai rien trouvé."
    streamed = client.get("/api/ask/stream", params={"q": "bonjour"})
    assert [name for name, _ in events(streamed.text)] == ["refusal"]


def test_a_failure_after_the_stream_began_is_an_event(deps: Deps) -> None:
    def fail(_: Query) -> Verified:
        raise ModelUnavailable("/secret/path/model.bin")

    with TestClient(create_app(replace(deps, ask=fail))) as client:
        response = client.get("/api/ask/stream", params={"q": "Combien ?"})
    [(name, problem)] = events(response.text)
    assert name == "problem"
    assert problem["type"] == "urn:verbatim:problem:model-unavailable"
    assert "secret" not in response.text


@pytest.mark.parametrize("question", ["", "   ", "a" * 501])
def test_a_question_that_cannot_be_asked_is_a_problem(client: TestClient, question: str) -> None:
    for response in (
        client.post("/api/ask", json={"question": question}),
        client.get("/api/ask/stream", params={"q": question}),
        client.get("/api/search", params={"q": question}),
    ):
        assert response.status_code == 422
        assert response.json()["type"] == "urn:verbatim:problem:bad-input"


def test_half_a_character_and_control_characters_are_no_part_of_a_question(
    client: TestClient,
) -> None:
    for sent in (b'"\\ud800 piste ?"', b'"piste\\u0000\\u001b ?"'):
        body = b'{"question": ' + sent + b"}"
        asked = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
        assert asked.status_code == 200
        assert asked.json()["question"] == "piste ?"
    assert client.post("/api/ask", content=b'{"question": "\\udfff"}').status_code == 422


# --- what is not published --------------------------------------------------------------------


def every_route(session: str) -> list[str]:
    base = f"/api/sessions/{session}"
    return [
        base,
        f"{base}/transcript",
        f"{base}/audio.opus",
        f"{base}/audio.mp3",
        f"{base}/clip.opus?start_ms=1000&end_ms=2000",
        f"{base}/clip.mp3?start_ms=1000&end_ms=2000",
    ]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_session_is_exactly_an_absent_one(client: TestClient, hidden: str) -> None:
    absent = "2025-06-09-absente"
    for closed, never in zip(every_route(hidden), every_route(absent), strict=True):
        got, expected = client.get(closed), client.get(never)
        assert got.status_code == expected.status_code == 404
        assert got.text.replace(hidden, absent) == expected.text
        assert {*got.headers} == {*expected.headers}


def test_nothing_hidden_shows_on_a_walk_over_the_whole_api(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    for path in paths:
        for session in ("2025-03-11", *HIDDEN):
            url = path.replace("{session_id}", session).replace("{extension}", "mp3")
            query = {"q": "Combien ?", "start_ms": "1000", "end_ms": "2000"}
            body = client.get(url, params=query).text
            assert CANARY not in body, url
    asked = client.post("/api/ask", json={"question": f"Que dit le {CANARY} ?"})
    assert asked.status_code == 404
    found = client.get("/api/search", params={"q": "piste"}).json()
    assert [hit["session"] for hit in found] == ["2025-03-11"]
    assert [s["id"] for s in client.get("/api/sessions").json()] == ["2025-03-11"]


# --- sessions ---------------------------------------------------------------------------------


def test_search_names_those_who_speak_in_a_passage(client: TestClient) -> None:
    [hit] = client.get("/api/search", params={"q": "piste", "limit": 3}).json()
    assert [who["name"] for who in hit["who"]] == [
        "Intervenant·e non identifié·e 1",
        "Claire Fontanet",
    ]
    assert hit["found_by"] == ["dense"]


def test_a_transcript_has_every_word_and_every_gap(client: TestClient) -> None:
    response = client.get("/api/sessions/2025-03-11/transcript")
    transcript = response.json()
    turn = transcript["turns"][1]
    assert turn["text"] == COST
    assert turn["words"][0] == [6000, 6380, "Le", 0.9]
    assert transcript["unheard"][0]["start"] == "0:00:16"
    again = client.get(
        "/api/sessions/2025-03-11/transcript", headers={"If-None-Match": response.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_health_reads_the_archive(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"status": "ok", "published_sessions": 1}
    assert client.head("/api/health").status_code == 200


# --- sound ------------------------------------------------------------------------------------

AUDIO = "/api/sessions/2025-03-11/audio.opus"


def test_audio_answers_ranges(client: TestClient) -> None:
    whole = client.get(AUDIO)
    assert whole.headers["content-type"] == "audio/ogg; codecs=opus"
    assert whole.headers["accept-ranges"] == "bytes"
    part = client.get(AUDIO, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    tail = client.get(AUDIO, headers={"Range": "bytes=-10"})
    assert tail.content == whole.content[-10:]
    beyond = client.get(AUDIO, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(whole.content)}"


def test_audio_answers_head_and_conditions(client: TestClient) -> None:
    head = client.head(AUDIO)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000
    etag = head.headers["etag"]
    stale = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert client.get(AUDIO, headers=stale).status_code == 200
    fresh = {"Range": "bytes=0-9", "If-Range": etag}
    assert client.get(AUDIO, headers=fresh).status_code == 206
    assert client.get(AUDIO, headers={"If-None-Match": etag}).status_code == 304


# --- problems and headers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "url", "status", "kind"),
    [
        ("GET", "/api/nulle-part", 404, "unknown-address"),
        ("GET", "/api/sessions/absente", 404, "not-found"),
        ("GET", "/api/sessions/2025-03-11/audio.wav", 422, "invalid-request"),
        ("GET", "/api/search", 422, "invalid-request"),
        ("GET", "/api/search?q=x&limit=0", 422, "invalid-request"),
        ("DELETE", "/api/sessions", 405, "method-not-allowed"),
    ],
)
def test_errors_are_problem_details(
    client: TestClient, method: str, url: str, status: int, kind: str
) -> None:
    response = client.request(method, url)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == f"urn:verbatim:problem:{kind}"
    assert problem["status"] == status
    assert problem["instance"] == url.split("?", maxsplit=1)[0]
    assert problem["title"]
    assert problem["detail"]


def test_a_field_at_fault_is_named(client: TestClient) -> None:
    problem = client.get("/api/search?q=x&limit=douze").json()
    assert problem["errors"] == [{"field": "limit", "detail": "un nombre entier est attendu."}]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("search?q=x&limit=99", "50 au plus."),
        ("votes?outcome=perdu", "choisissez accepted, refused, committee,"),
        ("votes?since=hier", "AAAA-MM-JJ"),
        ("sessions/2025-03-11/audio.wav", "choisissez opus, mp3."),
    ],
)
def test_a_refused_value_is_told_with_those_that_are_admitted(
    client: TestClient, query: str, told: str
) -> None:
    assert told in client.get(f"/api/{query}").json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"{", "application/json", "Le corps de la demande n'est pas du JSON."),
        (b'{"question": ', "application/json", "Le corps de la demande n'est pas du JSON."),
        (b"", "application/json", "Le corps de la demande doit être un objet JSON"),
        (b"[]", "application/json", "Le corps de la demande doit être un objet JSON"),
        (b"question=x", "application/x-www-form-urlencoded", "Le corps de la demande doit être"),
    ],
)
def test_a_body_that_cannot_be_read_is_called_so(
    client: TestClient, body: bytes, kind: str, told: str
) -> None:
    problem = client.post("/api/ask", content=body, headers={"Content-Type": kind}).json()
    assert problem["status"] == 422
    assert problem["detail"].startswith(told)
    assert [error["field"] for error in problem["errors"]] == ["body"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_long_is_refused(client: TestClient, announced: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        yield from [b"a" * 1024] * 1000

    body = b"".join(pieces()) if announced else pieces()
    response = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "urn:verbatim:problem:too-large" and "Ko" in problem["detail"]
    assert problem["instance"] == "/api/ask"


def test_a_crash_says_nothing_of_the_inside(deps: Deps, caplog: pytest.LogCaptureFixture) -> None:
    def crash(_: Query) -> Verified:
        raise RuntimeError("secret: /etc/passwd")

    with TestClient(create_app(replace(deps, ask=crash)), raise_server_exceptions=False) as client:
        response = client.post("/api/ask", json={"question": "Combien ?"})
    assert response.status_code == 500
    assert response.json()["type"] == "urn:verbatim:problem:internal-error"
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert response.headers["content-security-policy"].startswith("default-src 'self'")


def test_every_response_carries_the_security_headers(client: TestClient) -> None:
    read_by_other_sites = SECURITY_HEADERS | SHARED_HEADERS
    for url, expected in (
        ("/nulle-part", SECURITY_HEADERS),
        ("/api/health", read_by_other_sites),
        ("/api/nulle-part", read_by_other_sites),
        (AUDIO, read_by_other_sites),
        ("/api/ask/stream?q=Combien%20?", read_by_other_sites),
    ):
        headers = client.get(url).headers
        for name, value in expected.items():
            assert headers[name] == value, (url, name)
        assert "set-cookie" not in headers


def test_the_description_has_examples_and_problems(client: TestClient) -> None:
    description = client.get("/api/openapi.json").json()
    ask = description["paths"]["/api/ask"]["post"]["responses"]
    example = ask["200"]["content"]["application/json"]["example"]
    assert example["citations"][0]["quote"].startswith("Le crédit")
    assert "application/problem+json" in ask["422"]["content"]
