"""Sessions exported over HTTP: what is published, by any reader; drafts, by the office alone."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.exports.exports import Form
from api.exports.transcript_json import schema
from ingest.transcript import Status
from tests.support.office import signed_in, small_office
from tests.support.small_site import CANARY, HIDDEN, PUBLISHED, small_deps
from web.app import create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    office = small_office(tmp_path_factory.mktemp("office"))
    with TestClient(office, raise_server_exceptions=False) as client:
        yield client


# ParlaMint is for cities that publish under its licence: tests/api/exports.
@pytest.mark.parametrize("form", [form for form in Form if form is not Form.PARLAMINT])
def test_a_published_session_is_exported_and_revalidated(client: TestClient, form: Form) -> None:
    address = f"/seances/{PUBLISHED}/export.{form}"
    found = client.get(address)
    assert found.status_code == 200 and found.content
    assert found.headers["content-disposition"].endswith(f"{PUBLISHED}.{form}")
    assert found.headers["cache-control"] == "no-cache"
    assert client.head(address).status_code == 200
    etag = {"If-None-Match": found.headers["etag"]}
    assert client.get(address, headers=etag).status_code == 304
    assert f'href="{address}" download' in client.get(f"/seances/{PUBLISHED}").text


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("hidden", list(HIDDEN))
def test_what_is_not_published_is_not_exported(client: TestClient, hidden: str, form: Form) -> None:
    found = client.get(f"/seances/{hidden}/export.{form}")
    absent = client.get(f"/seances/absente/export.{form}")
    assert (found.status_code, absent.status_code) == (404, 404)
    assert CANARY not in found.text
    assert found.text.replace(hidden, "") == absent.text.replace("absente", "")
    office = client.get(f"/bureau/seances/{hidden}/export.{form}", follow_redirects=False)
    assert office.status_code == 303 and CANARY not in office.text


@pytest.mark.parametrize("form", [Form.TXT, Form.JSON, Form.VTT])
def test_the_office_exports_drafts_and_no_cache_keeps_them(tmp_path: Path, form: Form) -> None:
    clerk = signed_in(small_office(tmp_path))
    found = clerk.get(f"/bureau/seances/{next(iter(HIDDEN))}/export.{form}")
    assert CANARY in found.text and found.headers["cache-control"] == "no-store"


def test_an_unknown_form_is_answered_with_those_there_are(client: TestClient) -> None:
    found = client.get(f"/seances/{PUBLISHED}/export.odt")
    assert found.status_code == 422 and "docx, txt, vtt" in found.text


def test_the_schema_is_served(client: TestClient) -> None:
    assert client.get("/api/schemas/transcript.json").json() == json.loads(schema())


def test_search_engines_get_what_is_published_and_nothing_else(client: TestClient) -> None:
    sitemap = client.get("/sitemap.xml").text
    assert f"<loc>http://testserver/seances/{PUBLISHED}</loc>" in sitemap
    assert not any(hidden in sitemap for hidden in HIDDEN) and "bureau" not in sitemap
    robots = client.get("/robots.txt").text
    assert "Disallow: /bureau\n" in robots and "Sitemap: http://testserver/sitemap.xml" in robots


def test_no_host_that_a_request_names_is_repeated_to_others(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    object.__setattr__(office.state.deps.settings, "address", None)
    evil = {"host": "evil.example"}
    with TestClient(office, follow_redirects=False) as client:
        missing = client.get("/sitemap.xml", headers=evil)
        assert missing.status_code == 404 and "VERBATIM_ADDRESS" in missing.text
        assert "Sitemap" not in client.get("/robots.txt", headers=evil).text
        for address in ("/seances/", "/api/search/?q=piste", "/bureau/connexion/", "/static"):
            found = client.get(address, headers=evil)
            assert found.status_code == 307 and found.headers["location"].startswith("/"), address
        for address in ("/", "/seances", f"/seances/{PUBLISHED}", "/apropos", "/api/sessions"):
            found = client.get(address, headers=evil)
            assert "evil.example" not in found.text + str(found.headers), address


def test_all_that_is_published_is_had_at_once(client: TestClient) -> None:
    one = client.get(f"/seances/{PUBLISHED}/export.json").content
    assert client.get("/api/archive.jsonl").content == one
    with zipfile.ZipFile(BytesIO(client.get("/api/archive.zip").content)) as files:
        assert files.testzip() is None
        assert files.namelist() == ["LISEZMOI.txt", f"{PUBLISHED}.json", f"{PUBLISHED}.txt"]
        assert files.read(f"{PUBLISHED}.json") == one
    assert client.get("/api/archive.tar").status_code == 422


def test_a_corpus_is_had_at_once_where_the_licence_allows_it(tmp_path: Path) -> None:
    deps = small_deps(tmp_path)
    with TestClient(create_app(deps)) as client:
        refused = client.get("/api/archive.parlamint.zip")
    assert refused.status_code == 422 and "VERBATIM_DATA_LICENCE" in refused.text
    settings = deps.settings.model_copy(update={"data_licence": "CC BY 4.0"})
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        answer = client.get("/api/archive.parlamint.zip")
        one = client.get(f"/seances/{PUBLISHED}/export.parlamint.xml").content
        deps.published.archive.set_status(PUBLISHED, Status.DRAFT)
        assert client.get("/api/archive.parlamint.zip").status_code == 404
    with zipfile.ZipFile(BytesIO(answer.content)) as files:
        component, root = files.namelist()
        assert files.read(component) == one and PUBLISHED in component
        assert f'href="{component}"'.encode() in files.read(root)
        for body in map(files.read, files.namelist()):
            assert not any(word.encode() in body for word in (CANARY, *HIDDEN))
