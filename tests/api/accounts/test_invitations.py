"""One-time links: the first administrator, an invited person, a password that was forgotten."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from api.accounts import accounts, invitations, schema
from api.accounts.roles import Role
from api.commands.users import first_link
from api.deps import Deps
from api.product import Product
from ingest.archive.schema import now
from ingest.settings import Settings
from tests.api.accounts.test_sign_in import PASSWORD, browser, enter
from tests.support.office import empty_office, signed_in

NEW = {"password": PASSWORD, "again": PASSWORD}
FIRST = {"name": "Claire Fontanet", "login": "Claire", **NEW}


@pytest.fixture
def app(deps: Deps, tmp_path: Path) -> FastAPI:
    return empty_office(deps, tmp_path)


def first(app: FastAPI) -> str:
    with app.state.desk.archive.begin() as db:
        token = invitations.first(db)
    assert token is not None
    return f"{invitations.PATH}{token}"


def link_in(page: str) -> str:
    found: str
    [found] = re.findall(r'value="http://[^/"]+(/bureau/invitation/[\w-]+)"', html.unescape(page))
    return found


def test_the_first_link_makes_who_manages_and_signs_in(app: FastAPI) -> None:
    link, client = first(app), browser(app)
    assert "Personne ne gère encore ce site" in client.get("/bureau/connexion").text
    for _ in range(2):  # looking uses nothing up
        assert "Premier compte" in client.get(link).text
    assert client.post(link, data=FIRST).headers["location"] == "/bureau"
    assert client.get("/bureau/comptes").status_code == 200
    assert "Personne ne gère encore" not in browser(app).get("/bureau/connexion").text
    assert enter(browser(app), "claire").status_code == 303
    with app.state.desk.archive.begin() as db:
        assert invitations.first(db) is None


def test_a_link_serves_once(app: FastAPI) -> None:
    link = first(app)
    browser(app).post(link, data=FIRST)
    late = browser(app)
    assert late.get(link).status_code == 404
    again = late.post(link, data={**FIRST, "login": "pirate"})
    assert again.status_code == 404
    assert "déjà servi" in again.text


def test_a_newer_first_link_ends_the_older(app: FastAPI) -> None:
    old, new = first(app), first(app)
    assert browser(app).get(old).status_code == 404
    assert browser(app).get(new).status_code == 200


def test_a_first_link_ends_with_the_first_administrator(app: FastAPI) -> None:
    link = first(app)
    signed_in(app, "chef", Role.ADMINISTRATOR)
    assert browser(app).post(link, data=FIRST).status_code == 404


def test_a_link_grows_old(app: FastAPI) -> None:
    link = first(app)
    with app.state.desk.archive.begin() as db:
        db.execute(update(schema.invitations).values(expires_at=now() - timedelta(seconds=1)))
    assert browser(app).get(link).status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "court", "again": "court"}, "il en faut 12"),
        ({"again": "autre chose"}, "diffèrent"),
        ({"login": "a b"}, "ne peut être un identifiant"),
        ({"login": "console"}, "ne peut être un identifiant"),
        ({"name": "  "}, "ne peut être un nom"),
    ],
)
def test_a_mistake_leaves_the_link_good(app: FastAPI, changes: dict[str, str], told: str) -> None:
    link, client = first(app), browser(app)
    response = client.post(link, data={**FIRST, **changes})
    assert response.status_code == 422
    assert told in html.unescape(response.text)
    assert PASSWORD not in response.text
    assert client.post(link, data=FIRST).status_code == 303


def test_who_manages_invites_and_the_link_is_shown_once(app: FastAPI) -> None:
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    invited = {"name": "Bruno Girard", "login": "b.girard@ville.ch", "role": "reader"}
    page = chief.post("/bureau/comptes", data=invited)
    link = link_in(page.text)
    assert link not in chief.get("/bureau/comptes").text
    guest = browser(app)
    assert "Bienvenue, Bruno Girard" in guest.get(link).text
    assert guest.post(link, data=NEW).headers["location"] == "/"
    assert guest.get(link).status_code == 404
    assert guest.get("/bureau").status_code == 403
    taken = chief.post("/bureau/comptes", data={**invited, "login": "B.Girard@ville.ch"})
    assert taken.status_code == 409
    assert "déjà pris" in taken.text


def invited_at(app: FastAPI, host: str) -> str:
    """The page that shows an administrator an invitation's link, asked for at a host."""
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    invited = {"name": "Bruno Girard", "login": "b.girard", "role": "reader"}
    page = chief.post("/bureau/comptes", data=invited, headers={"host": host})
    assert page.status_code == 200
    return html.unescape(page.text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[evil", "localhost:x"])
def test_an_invitation_never_leads_to_the_host_that_a_request_names(
    app: FastAPI, host: str
) -> None:
    object.__setattr__(app.state.desk.settings, "address", None)
    page = invited_at(app, host)
    [link] = re.findall(r'value="([^"]*/bureau/invitation/[\w-]+)"', page)
    assert link.startswith("/bureau/invitation/") and "VERBATIM_ADDRESS" in page
    assert browser(app).get(link).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_an_invitation_made_on_this_very_machine_is_whole(app: FastAPI, host: str) -> None:
    object.__setattr__(app.state.desk.settings, "address", None)
    assert f'value="http://{host}/bureau/invitation/' in invited_at(app, host)


def test_an_invitation_leads_to_the_address_that_is_set(app: FastAPI) -> None:
    object.__setattr__(app.state.desk.settings, "address", "https://seances.test")
    assert 'value="https://seances.test/bureau/invitation/' in invited_at(app, "evil.example")


def test_a_forgotten_password_is_replaced_through_a_link(app: FastAPI) -> None:
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    clerk = signed_in(app, "greffe")
    with app.state.desk.archive.begin() as db:
        clerk_id = accounts.of_login(db, "greffe").account.id
    old = link_in(chief.post(f"/bureau/comptes/{clerk_id}/lien").text)
    link = link_in(chief.post(f"/bureau/comptes/{clerk_id}/lien").text)
    assert browser(app).get(old).status_code == 404
    guest = browser(app)
    assert guest.post(link, data=NEW).status_code == 303
    assert clerk.get("/bureau").status_code == 303  # signed out by the new password
    assert guest.get("/bureau").status_code == 200


def test_a_closed_account_has_no_use_for_its_link(app: FastAPI) -> None:
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    page = chief.post("/bureau/comptes", data={"name": "B", "login": "b", "role": "clerk"})
    with app.state.desk.archive.begin() as db:
        guest_id = accounts.of_login(db, "b").account.id
    assert chief.post(f"/bureau/comptes/{guest_id}/fermer").status_code == 303
    assert browser(app).post(link_in(page.text), data=NEW).status_code == 404


def test_an_account_is_closed_opened_and_given_a_role_in_pages(app: FastAPI) -> None:
    chief, clerk = signed_in(app, "chef", Role.ADMINISTRATOR), signed_in(app, "greffe")
    with app.state.desk.archive.begin() as db:
        one = f"/bureau/comptes/{accounts.of_login(db, 'greffe').account.id}"
    assert chief.post(f"{one}/fermer").headers["location"] == f"{one}?fait=ferme"
    assert clerk.get("/bureau").status_code == 303
    assert "Rouvrir" in chief.get(one).text
    chief.post(f"{one}/ouvrir")
    chief.post(f"{one}/role", data={"role": "administrator"})
    assert "Le rôle est changé" in chief.get(f"{one}?fait=role").text
    assert chief.post(f"{one}/role", data={"role": "roi"}).status_code == 422
    assert chief.get("/bureau/comptes/999").status_code == 404


def test_the_server_prints_the_first_link_while_it_is_needed(tmp_path: Path) -> None:
    product = Product(Settings(data=tmp_path, _env_file=None))
    link = first_link(product, "http://127.0.0.1:8000")
    assert link and link.startswith("http://127.0.0.1:8000/bureau/invitation/")
    with product.archive.begin() as db:
        accounts.add(db, "tests", "chef", "Chef", Role.ADMINISTRATOR)
    assert first_link(product, "http://127.0.0.1:8000") is None
