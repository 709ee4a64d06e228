"""Who may pass: by role over every route of the office, from other sites, as a reader."""

import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts.gate import is_cross_site
from api.accounts.roles import Role
from api.desk import Desk
from tests.api.accounts.test_sign_in import browser
from tests.support.office import quick_passwords, signed_in, small_office
from tests.support.routes import all_routes
from tests.support.small_site import PUBLISHED, small_deps
from web.app import create_app

WAYS_IN = ("/bureau/connexion", "/bureau/deconnexion", "/bureau/invitation")
ANYBODYS = ("/bureau/compte", "/bureau/compte/")  # for every account, readers too
CHIEFS = {
    *(("GET", f"/bureau/comptes{one}") for one in ("", "/1")),
    *(("POST", f"/bureau/comptes{one}") for one in ("", "/1/fermer", "/1/lien", "/1/ouvrir")),
    ("POST", "/bureau/comptes/1/role"),
    *(("GET", f"/bureau/journal{one}") for one in ("", "/chiffres")),
    *(("GET", f"/bureau/sauvegardes{one}") for one in ("", "/1")),
    ("POST", "/bureau/sauvegardes"),
    ("POST", "/bureau/conservation/regle"),
    ("POST", "/bureau/conservation/suspendre/1/lever"),
}
"""What administrators alone may ask; of jobs, also those of backups (`test_backups.py`)."""
SAFE = {"GET", "HEAD", "OPTIONS"}
OTHER_SITE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return small_office(tmp_path_factory.mktemp("office"))


def office_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every route of the office: method, and address with its parameters filled in."""
    filled = re.compile(r"\{[^}]+\}")
    return [
        (route.method, filled.sub("1", route.path))
        for route in all_routes(app)
        if route.path.startswith("/bureau")
    ]


def is_way_in(path: str) -> bool:
    return path.startswith(WAYS_IN)


def sent_away(response: httpx2.Response) -> bool:
    to = response.headers.get("location", "")
    return response.status_code == 401 or to.startswith("/bureau/connexion?vers=")


def test_a_stranger_is_sent_to_sign_in_from_every_page(app: FastAPI) -> None:
    routes = [(m, p) for m, p in office_routes(app) if not is_way_in(p)]
    assert len(routes) > 10
    client = browser(app)
    for method, path in routes:
        assert sent_away(client.request(method, path)), (method, path)


def test_a_reader_may_see_nothing_of_the_office_but_the_own_account(app: FastAPI) -> None:
    client = signed_in(app, "lectrice", Role.READER)
    for method, path in office_routes(app):
        if not is_way_in(path) and not (path == ANYBODYS[0] or path.startswith(ANYBODYS[1])):
            assert client.request(method, path).status_code == 403, (method, path)


def test_administrators_alone_do_these_and_clerks_all_the_rest(tmp_path: Path) -> None:
    app = small_office(tmp_path)
    client = signed_in(app, "greffe")
    refused = {
        (method, path)
        for method, path in office_routes(app)
        if method != "HEAD"
        and not is_way_in(path)
        and client.request(method, path).status_code == 403
    }
    assert refused == CHIEFS


def test_no_other_site_may_change_anything(app: FastAPI) -> None:
    client = signed_in(app, "chef", Role.ADMINISTRATOR)
    unsafe = [(m, p) for m, p in office_routes(app) if m not in SAFE]
    assert unsafe
    for method, path in unsafe:
        response = client.request(method, path, headers=OTHER_SITE)
        assert response.status_code == 403, (method, path)
    assert client.get("/bureau/compte").status_code == 200  # still signed in: it did not sign out


def test_no_page_of_the_office_is_kept_by_a_cache(app: FastAPI) -> None:
    client = signed_in(app, "chef", Role.ADMINISTRATOR)
    for method, path in office_routes(app):
        if method == "GET":
            kept = client.get(path).headers.get("cache-control", "")
            assert "no-store" in kept, path


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "same-site"}, True),  # a neighbour's subdomain
        ("POST", {"sec-fetch-site": "cross-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "origin": "https://a.ch", "host": "a.ch"}, True),
        ("GET", {"sec-fetch-site": "cross-site"}, False),
        ("POST", {}, False),  # a program
        ("POST", {"origin": "https://a.ch", "host": "a.ch"}, False),
        ("POST", {"origin": "https://a.ch", "host": "a.ch:443"}, False),
        ("POST", {"origin": "http://a.ch:8000", "host": "a.ch:8000"}, False),
        ("POST", {"origin": "http://[::1]:8000", "host": "[::1]:8000"}, False),
        ("POST", {"origin": "http://a.ch:8001", "host": "a.ch:8000"}, True),
        ("PATCH", {"origin": "https://b.a.ch", "host": "a.ch"}, True),
        ("DELETE", {"origin": "https://a.ch.evil", "host": "a.ch"}, True),
        ("PUT", {"origin": "null", "host": "a.ch"}, True),
        ("POST", {"origin": "http://a.ch:x", "host": "a.ch"}, True),
        ("POST", {"origin": "https://a.ch"}, True),
    ],
)
def test_where_a_request_comes_from(method: str, headers: dict[str, str], refused: bool) -> None:
    assert is_cross_site(method, headers) is refused


# --- restricted reading -------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """A site whose readers must have an account."""
    root: Path = tmp_path_factory.mktemp("closed")
    deps = small_deps(root)
    settings = deps.settings.model_copy(update={"data": root, "reading": "accounts"})
    desk = Desk(settings, deps.published.archive, deps.blobs, passwords=quick_passwords())
    return create_app(replace(deps, settings=settings), desk)


FREE = {"/api/health", "/favicon.svg", "/theme.css", "/logo"}


def test_where_reading_is_restricted_a_stranger_reads_nothing(closed: FastAPI) -> None:
    client = browser(closed)
    walked = 0
    for route in all_routes(closed):
        path = re.sub(r"\{[^}]+\}", PUBLISHED, route.path)
        if path in FREE or path.startswith("/bureau"):
            continue
        walked += 1
        response = client.request(route.method, path)
        assert sent_away(response), (route.method, path)
        if path.startswith("/api/"):
            assert response.status_code == 401, path
    assert walked > 15


def test_what_holds_no_word_said_is_free(closed: FastAPI) -> None:
    client = browser(closed)
    for path in (*FREE, "/static/css/base.css", "/bureau/connexion"):
        assert client.get(path).status_code == 200, path


def test_no_way_of_writing_an_address_goes_round_the_gate(closed: FastAPI) -> None:
    client = browser(closed)
    for path in (
        f"/static/../api/sessions/{PUBLISHED}",
        f"/static/%2e%2e/api/sessions/{PUBLISHED}",
        f"//api/sessions/{PUBLISHED}",
        f"/api/health/../sessions/{PUBLISHED}",
        f"/%61pi/sessions/{PUBLISHED}",
        f"/bureau/../api/sessions/{PUBLISHED}",
    ):
        response = client.get(path)
        assert "Bonsoir" not in response.text
        assert response.status_code in (303, 401, 404), path


def test_a_reader_who_is_signed_in_reads_and_no_shared_cache_keeps_it(closed: FastAPI) -> None:
    client: TestClient = signed_in(closed, "lectrice", Role.READER)
    for path in ("/", "/seances", f"/seances/{PUBLISHED}", f"/api/sessions/{PUBLISHED}"):
        response = client.get(path)
        assert response.status_code == 200, path
        kept = response.headers["cache-control"]
        assert "private" in kept or "no-store" in kept
        assert "public" not in kept
        assert "Cookie" in response.headers["vary"]
    ranged = client.get(f"/api/sessions/{PUBLISHED}/audio.opus", headers={"Range": "bytes=0-99"})
    assert ranged.status_code == 206


def test_a_piece_of_a_page_has_the_whole_page_asked_for_again(closed: FastAPI) -> None:
    response = browser(closed).get("/seances", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["hx-refresh"] == "true"


def test_readers_with_accounts_find_their_own(closed: FastAPI, app: FastAPI) -> None:
    own = 'href="/bureau/compte"'
    assert own in signed_in(closed, "lectrice", Role.READER).get("/").text
    assert own not in browser(app).get("/").text


def test_where_reading_is_open_the_office_changes_nothing_for_readers(app: FastAPI) -> None:
    response = browser(app).get("/seances")
    assert response.status_code == 200
    assert "vary" not in response.headers or "Cookie" not in response.headers["vary"]
