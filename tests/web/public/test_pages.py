"""Every page, as a browser without JavaScript gets it: French, safe, nothing hidden on it."""

import html
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.answers.answer import Verified
from api.app import SECURITY_HEADERS
from api.deps import Deps
from search.query.parsed import Query
from tests.support.small_site import CANARY, HIDDEN, PUBLISHED
from web.app import create_app

PAGES = (
    "/",
    "/?q=Combien+%3F",
    "/?q=rien",
    "/seances",
    "/sujets",
    "/sujets/credit-demande",
    f"/seances/{PUBLISHED}",
    "/apropos",
    "/api",
)
SESSION = f"/seances/{PUBLISHED}"


@pytest.mark.parametrize("url", [*PAGES, "/nulle-part", f"{SESSION}?t=6000-8780"])
def test_a_page_is_french_titled_and_has_no_inline_code(client: TestClient, url: str) -> None:
    page = client.get(url)
    assert '<html lang="fr">' in page.text
    assert len(re.findall(r"<h1\b", page.text)) == 1
    assert re.search(r"<title>[^<]+ · Ville de Rivemont</title>", page.text)
    assert 'href="#contenu"' in page.text
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page.text)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))
    assert page.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    assert "set-cookie" not in page.headers


def test_every_address_a_page_names_exists(client: TestClient) -> None:
    for url in (*PAGES, f"{SESSION}?t=6000-8780"):
        page = client.get(url).text
        for address in set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page)):
            target = client.get(html.unescape(address), headers={"Range": "bytes=0-0"})
            assert target.status_code in (200, 206), (url, address)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_session_has_the_page_of_an_absent_one(client: TestClient, hidden: str) -> None:
    closed, absent = client.get(f"/seances/{hidden}"), client.get("/seances/absente")
    assert closed.status_code == absent.status_code == 404
    assert closed.text.replace(hidden, "absente") == absent.text


def test_nothing_hidden_shows_on_any_page(client: TestClient) -> None:
    for url in (*PAGES, "/flux?q=Combien+%3F", "/sitemap.xml"):
        assert CANARY not in client.get(url).text
    asked = client.get("/flux", params={"q": "x"}).text + client.get("/?q=x").text
    assert CANARY not in asked


def test_pages_answer_head(client: TestClient) -> None:
    for url in (*PAGES, "/theme.css", "/favicon.svg", "/logo"):
        assert client.head(url).status_code == 200, url


def test_text_travels_compressed_and_sound_as_it_is(client: TestClient) -> None:
    for url in ("/", "/static/css/base.css", f"/api/sessions/{PUBLISHED}/transcript"):
        answer = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["vary"]
    sound = client.get(f"/api/sessions/{PUBLISHED}/audio.opus", headers={"Range": "bytes=0-99"})
    assert sound.status_code == 206 and "content-encoding" not in sound.headers
    assert len(sound.content) == 100


@pytest.mark.parametrize(("url", "status"), [("/nulle-part", 404), ("/seances/absente", 404)])
def test_errors_are_pages_outside_of_the_api(client: TestClient, url: str, status: int) -> None:
    page = client.get(url)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert client.get(f"/api{url}").headers["content-type"] == "application/problem+json"


def test_a_crash_is_a_page_that_says_nothing_of_the_inside(deps: Deps) -> None:
    def crash(_: Query) -> Verified:
        raise RuntimeError("secret")

    app = create_app(replace(deps, ask=crash))
    with TestClient(app, raise_server_exceptions=False) as client:
        page = client.get("/?q=Combien+%3F")
    assert page.status_code == 500
    assert "Erreur du serveur" in page.text
    assert "secret" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
