"""Whatever a client sends, the answer is a sentence: never an error 5xx, and always Unicode."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from fastapi import FastAPI, params
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.schemas import BaseSchema

from api.routes import WholeText, whole_text
from search.query.url import FIELDS
from tests.support.office import signed_in
from tests.support.redaction_site import SITTING, published_at
from web.app import create_app

PAGES = (
    "/",
    "/parcourir",
    "/flux",
    "/api/search",
    "/api/ask/stream",
    "/api/passages",
    "/api/facets",
)
NAMES = (*FIELDS, "q", "du", "au", "sans", "sujet", "avant", "reponse", "page", "limit", "offset")
HALF = "\ud800"
HALVES = ("\ud800", "\udfff", "a\udc00\ud800b", "\ud83d\ude00\ud83d")
ANYTHING = st.text(st.characters(categories=("L", "N", "P", "Z", "C")), max_size=40)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    product = published_at(tmp_path_factory.mktemp("hostile") / "data", requests_per_minute=0)
    return create_app(product.deps(), product.desk())


@pytest.fixture(scope="module")
def anybody(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def described(app: FastAPI) -> BaseSchema:
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


@settings(QUICK, max_examples=200)
@given(st.data())
def test_all_that_the_api_describes_answers_whatever_it_is_sent(
    described: BaseSchema, data: st.DataObject
) -> None:
    case = data.draw(described.as_strategy())
    assert case.call().status_code < 500


@QUICK
@given(st.sampled_from(PAGES), st.lists(st.tuples(st.sampled_from(NAMES), ANYTHING), max_size=4))
def test_a_page_answers_whatever_stands_in_its_address(
    anybody: TestClient, page: str, sent: list[tuple[str, str]]
) -> None:
    told = [(name, text.encode("utf-8", "surrogatepass")) for name, text in sent]
    answer = anybody.get(f"{page}?{urlencode(told)}")
    assert answer.status_code < 500 and "event: problem" not in answer.text


# --- half of a character ----------------------------------------------------------------------


def fields_of_a_question(app: FastAPI) -> dict[str, Any]:
    fields: dict[str, Any] = app.openapi()["components"]["schemas"]["Question"]["properties"]
    return fields


def sent_as(value: object) -> tuple[bytes, bytes]:
    """Some JSON as escapes, and as the bytes that no UTF-8 may hold."""
    plain = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.dumps(value).encode(), plain


@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_is_an_error_in_no_field_of_a_question(
    app: FastAPI, anybody: TestClient, half: str
) -> None:
    for field, told in fields_of_a_question(app).items():
        value = [half] if told.get("type") == "array" else half
        for name in (field, f"{field}{half}"):
            for content in sent_as({"question": "Combien coûte la piste ?"} | {name: value}):
                kind = {"content-type": "application/json"}
                answer = anybody.post("/api/ask", content=content, headers=kind)
                assert answer.status_code in (200, 422), (field, answer.text)
                json.dumps(answer.json(), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_that_a_clerk_sends_is_never_kept(app: FastAPI, half: str) -> None:
    clerk = signed_in(app)
    base = f"/bureau/api/seances/{SITTING}"
    edits = (
        {"kind": "text", "turn": 0, "text": f"Bonsoir {half}", "words": None},
        {"kind": "voice", "turns": [0], "person": half, "label": half, "name": half},
        {"kind": "replace", "find": half, "by": half},
        {"kind": half},
    )
    bodies: list[tuple[str, dict[str, object]]] = [
        ("changes", {"base": 0, "edit": edit}) for edit in edits
    ]
    bodies += [("replace/preview", {"find": half, "by": half}), ("undo", {"base": half})]
    bodies += [("terms", {"text": half, "spoken": [half]})]
    for path, body in bodies:
        for content in sent_as(body):
            kind = {"content-type": "application/json"}
            answer = clerk.post(f"{base}/{path}", content=content, headers=kind)
            assert answer.status_code < 500, (path, answer.text)
    assert clerk.get(f"{base}/document").status_code < 500
    assert clerk.get(f"/bureau/seances/{SITTING}").status_code == 200


def test_every_route_that_reads_json_makes_its_text_whole(app: FastAPI) -> None:
    routers = [getattr(route, "original_router", None) for route in app.routes]
    routes = [route for router in routers if router for route in router.routes]
    reading = [
        route
        for route in routes
        if (body := getattr(route, "body_field", None))
        and not isinstance(body.field_info, params.Form)
    ]
    assert len(reading) > 5 and all(isinstance(route, WholeText) for route in reading)


@given(st.text(st.characters(categories=("Cs", "Lu", "So"))))
def test_what_is_whole_can_be_written_and_what_was_stays_as_it_was(text: str) -> None:
    whole = whole_text({text: [text]})
    json.dumps(whole, ensure_ascii=False).encode("utf-8")
    kept = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    assert "".join(whole).replace("\ufffd", "") == kept.replace("\ufffd", "")


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16", "punycode", "rot13", "é"])
def test_no_charset_that_a_form_names_makes_halves_of_characters(
    anybody: TestClient, charset: str
) -> None:
    field = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n\\ud800+2AA-\r\n'
    body = field % b"login" + field % b"password" + b"--x--\r\n"
    kind = f"multipart/form-data; boundary=x; charset={charset}".encode()
    found = anybody.post("/bureau/connexion", content=body, headers={b"content-type": kind})
    assert found.status_code == 401


def test_a_number_that_no_database_holds_is_refused(app: FastAPI) -> None:
    clerk, here = signed_in(app), f"/bureau/seances/{SITTING}"
    assert clerk.get(f"/bureau/api/seances/{SITTING}/history?turn={2**80}").status_code == 422
    left_out = {"debut": "0", "fin": str(2**80)}
    assert clerk.post(f"{here}/transcrire/laisser", data=left_out).status_code == 422
