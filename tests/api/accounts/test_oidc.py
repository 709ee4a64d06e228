"""Signing in at the city's provider: a real one over HTTP, and one that lies."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.accounts import accounts
from api.accounts.oidc import Client, Provider
from api.accounts.oidc_accounts import Claims, Elsewhere, elsewhere, read_roles
from api.accounts.roles import Role
from api.accounts.schema import visits
from api.deps import Deps
from ingest.archive.schema import now
from ingest.errors import BadInput
from ingest.settings import Settings
from tests.api.accounts.test_sign_in import browser
from tests.support import identity_provider
from tests.support.identity_provider import CLIENT, PASSWORD, SECRET
from tests.support.office import empty_office, signed_in
from tests.support.waiting import PATIENCE_S, free_port

BACK = "http://testserver/bureau/connexion/retour"
ROLES = {"greffe": Role.CLERK, "admins": Role.ADMINISTRATOR}


@dataclass(frozen=True)
class City:
    """The provider's issuer, and its database."""

    issuer: str
    database: Path

    def run(self, query: str, *values: object) -> None:
        with sqlite3.connect(self.database, timeout=10) as db:
            db.execute(query, values)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """django-oauth-toolkit in a process of its own."""
    folder, port = tmp_path_factory.mktemp("city"), free_port()
    script = Path(identity_provider.__file__)
    command = [sys.executable, str(script), str(port), str(folder), BACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            yield City(f"http://127.0.0.1:{port}/o", folder / "provider.sqlite")
        finally:
            process.terminate()


Office = Callable[..., FastAPI]


@pytest.fixture
def office(deps: Deps, tmp_path: Path) -> Office:
    """Makes an office that knows a provider."""

    def made(issuer: str, claim: str = "email", roles: dict[str, Role] = ROLES) -> FastAPI:
        provider = Provider(Client(issuer, CLIENT, SECRET, "openid profile email"))
        claims = Claims(claim, "groups", roles)
        return empty_office(deps, tmp_path, Elsewhere(provider, claims, "le compte de la ville"))

    return made


@pytest.fixture
def app(city: City, office: Office) -> FastAPI:
    return office(city.issuer)


def depart(client: TestClient, vers: str = "") -> str:
    response = client.get("/bureau/connexion/ville", params={"vers": vers})
    assert response.status_code == 303, response.text
    return response.headers["location"]


def at_the_provider(address: str, login: str, password: str = PASSWORD) -> str:
    """What a person does there: sign in, agree. The address it sends the browser back to."""
    with httpx.Client(follow_redirects=True, timeout=PATIENCE_S) as there:
        page = there.get(address)
        here = str(page.url)
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        form = {"username": login, "password": password, "csrfmiddlewaretoken": token[0]}
        page = there.post(here, data=form)
        fields = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page.text))
        assert fields.get("allow"), page.text
        answer = there.post(str(page.url), data=fields, follow_redirects=False)
        return answer.headers["location"]


def come_back(client: TestClient, address: str) -> httpx2.Response:
    assert address.startswith(BACK)
    return client.get(address.removeprefix("http://testserver"))


def sign_in(client: TestClient, login: str, vers: str = "") -> httpx2.Response:
    return come_back(client, at_the_provider(depart(client, vers), login))


def role_of(app: FastAPI, login: str) -> Role:
    with app.state.desk.archive.engine.connect() as db:
        return accounts.of_login(db, login).account.role


def test_a_member_of_the_group_comes_in_with_its_role(app: FastAPI) -> None:
    client = browser(app)
    assert "Se connecter avec le compte de la ville" in client.get("/bureau/connexion").text
    response = sign_in(client, "claire", vers="/bureau?etat=draft")
    assert response.headers["location"] == "/bureau?etat=draft"
    page = client.get("/bureau/compte").text
    assert "Claire Fontanet" in page
    assert "pas de mot de passe ici" in page
    assert role_of(app, "claire@ville.test") is Role.CLERK


def test_the_highest_role_counts_and_follows_the_provider(app: FastAPI, city: City) -> None:
    signed_in(app, "chef", Role.ADMINISTRATOR)
    first = browser(app)
    sign_in(first, "dominique")
    assert role_of(app, "dominique@ville.test") is Role.ADMINISTRATOR
    out = "DELETE FROM auth_user_groups WHERE user_id = 3 AND group_id IN "
    city.run(out + "(SELECT id FROM auth_group WHERE name = 'admins')")
    again = browser(app)
    assert sign_in(again, "dominique").status_code == 303
    assert role_of(app, "dominique@ville.test") is Role.CLERK
    assert again.get("/bureau/comptes").status_code == 403
    assert first.get("/bureau").status_code == 303  # the change of role signed it out
    city.run(out + "(SELECT id FROM auth_group)")
    told = sign_in(browser(app), "dominique")
    assert told.status_code == 403


def test_a_member_of_no_group_learns_so_and_has_no_account(app: FastAPI) -> None:
    response = sign_in(browser(app), "bruno")
    assert response.status_code == 403
    assert "pas accès" in response.text
    with app.state.desk.archive.engine.connect() as db:
        assert accounts.find(db, "bruno@ville.test") is None


def test_an_account_that_waits_is_found_by_its_verified_mail(app: FastAPI) -> None:
    with app.state.desk.archive.begin() as db:
        accounts.add(db, "tests", "bruno@ville.test", "Bruno", Role.READER)
    client = browser(app)
    assert sign_in(client, "bruno").headers["location"] == "/"
    assert role_of(app, "bruno@ville.test") is Role.READER
    assert sign_in(browser(app), "bruno").status_code == 303  # known by its subject now


def test_a_name_one_chooses_oneself_opens_no_account_with_a_password(
    city: City, office: Office
) -> None:
    app = office(city.issuer, claim="preferred_username", roles={})
    with app.state.desk.archive.begin() as db:
        made = accounts.add(db, "tests", "bruno", "Un autre Bruno", Role.ADMINISTRATOR)
        accounts.set_password(db, "tests", made, "hash")
    assert sign_in(browser(app), "bruno").status_code == 403


def test_a_closed_account_stays_closed(app: FastAPI) -> None:
    sign_in(browser(app), "claire")
    with app.state.desk.archive.begin() as db:
        accounts.set_active(db, "tests", accounts.of_login(db, "claire@ville.test").account, False)
    response = sign_in(browser(app), "claire")
    assert response.status_code == 403
    assert "Claire" not in response.text


@pytest.mark.parametrize("what", ["nonce", "verifier", "state", "expires_at"])
def test_what_does_not_fit_the_departure_is_refused(app: FastAPI, what: str) -> None:
    client = browser(app)
    address = at_the_provider(depart(client), "claire")
    changed = {what: now() if what == "expires_at" else "x" * 64}
    with app.state.desk.archive.begin() as db:
        db.execute(update(visits).values(changed))
    response = come_back(client, address)
    assert response.status_code == 401
    assert "n&#39;a pas abouti" in response.text
    assert client.get("/bureau").status_code == 303


def test_an_answer_serves_once_and_in_the_browser_that_left(app: FastAPI) -> None:
    client = browser(app)
    address = at_the_provider(depart(client), "claire")
    victim = browser(app)
    depart(victim)
    assert come_back(victim, address).status_code == 401  # an attacker's answer, planted
    assert come_back(client, address).status_code == 303
    assert come_back(client, address).status_code == 401


def test_giving_up_there_is_reported_here(app: FastAPI) -> None:
    client = browser(app)
    state = parse_qs(urlsplit(depart(client)).query)["state"][0]
    response = client.get(f"/bureau/connexion/retour?error=access_denied&state={state}")
    assert response.status_code == 401


def test_it_leaves_with_pkce_a_state_and_a_nonce(app: FastAPI) -> None:
    asked = parse_qs(urlsplit(depart(browser(app))).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert len(asked["state"][0]) > 20
    assert len(asked["nonce"][0]) > 20


def test_a_provider_that_is_down_is_reported_plainly(office: Office) -> None:
    app = office(f"http://127.0.0.1:{free_port()}")
    response = browser(app).get("/bureau/connexion/ville")
    assert response.status_code == 502
    assert "ne répond pas" in response.text
    assert 'name="password"' in response.text  # the other way in stays


def test_without_a_provider_nothing_of_it_is_there(deps: Deps, tmp_path: Path) -> None:
    app = empty_office(deps, tmp_path)
    client = browser(app)
    assert "connexion/ville" not in client.get("/bureau/connexion").text
    assert client.get("/bureau/connexion/ville").status_code == 404
    assert elsewhere(deps.settings) is None


def test_settings_say_which_provider_and_which_roles() -> None:
    settings = Settings(
        _env_file=None,
        oidc_issuer="https://id.ville.ch",
        oidc_roles="greffe = clerk, admins=administrator",
    )
    made = elsewhere(settings)
    assert made is not None
    assert made.claims.roles == ROLES
    for wrong in ("greffe", "greffe=roi", "=clerk"):
        with pytest.raises(BadInput, match="VERBATIM_OIDC_ROLES"):
            read_roles(wrong)
    with pytest.raises(ValueError, match="oidc_issuer"):
        Settings(_env_file=None, oidc_issuer="http://id.ville.ch")
