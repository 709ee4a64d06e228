"""Signing in and out: what a browser holds, how long, and what takes it away."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select, update

from api.accounts import accounts, cookies, sessions
from api.accounts.passwords import require_good
from api.accounts.roles import Account, Role
from api.accounts.schema import kept, logins
from api.desk import Desk
from ingest.archive.schema import now
from ingest.errors import BadInput
from tests.support.office import quick_passwords, signed_in, small_office

PASSWORD = "trois mots au hasard"
SIGN_IN = "/bureau/connexion"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return small_office(tmp_path_factory.mktemp("office"))


def person(app: FastAPI, login: str, role: Role = Role.CLERK) -> Account:
    """A person with a password."""
    desk: Desk = app.state.desk
    with desk.archive.begin() as db:
        made = accounts.add(db, "tests", login, login.title(), role)
        accounts.set_password(db, "tests", made, quick_passwords().hash(PASSWORD))
    return made


def browser(app: FastAPI, base_url: str = "http://testserver") -> TestClient:
    return TestClient(app, base_url, raise_server_exceptions=False, follow_redirects=False)


def enter(
    client: TestClient, login: str, password: str = PASSWORD, vers: str = ""
) -> httpx2.Response:
    return client.post(SIGN_IN, data={"login": login, "password": password, "vers": vers})


def test_a_person_who_knows_the_password_comes_in_and_goes_out(app: FastAPI) -> None:
    person(app, "anne")
    client = browser(app)
    assert client.get("/bureau").headers["location"] == f"{SIGN_IN}?vers=/bureau"
    response = enter(client, " Anne ", vers="/bureau?etat=draft")
    assert response.status_code == 303
    assert response.headers["location"] == "/bureau?etat=draft"
    assert client.get("/bureau").status_code == 200
    assert client.post("/bureau/deconnexion").status_code == 303
    assert client.get("/bureau").status_code == 303


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(app: FastAPI) -> None:
    person(app, "bea")
    refusals = [enter(browser(app), login, "pas le bon mot") for login in ("bea", "beb")]
    assert [r.status_code for r in refusals] == [401, 401]
    texts = [r.text.replace('value="bea"', "").replace('value="beb"', "") for r in refusals]
    assert texts[0] == texts[1]
    assert "Identifiant ou mot de passe incorrect" in texts[0]
    assert "pas le bon mot" not in texts[0]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI) -> None:
    person(app, "carl")
    plain = enter(browser(app), "carl").headers.get_list("set-cookie")
    assert all("HttpOnly" in c and "SameSite=lax" in c and "Path=/" in c for c in plain)
    assert not any("Secure" in c for c in plain)
    secure = enter(browser(app, base_url="https://seances.test"), "carl")
    found = secure.headers.get_list("set-cookie")
    assert all("Secure" in c and c.startswith("__Host-") for c in found)


def test_only_the_hash_of_a_token_is_stored(app: FastAPI) -> None:
    person(app, "dora")
    client = browser(app)
    enter(client, "dora")
    token = client.cookies[cookies.SESSION]
    with app.state.desk.archive.engine.connect() as db:
        stored = set(db.execute(select(logins.c.token)).scalars())
    assert token not in stored
    assert kept(token) in stored


def test_a_planted_token_is_not_the_one_that_is_signed_in(app: FastAPI) -> None:
    person(app, "emma")
    client = browser(app)
    client.cookies.set(cookies.SESSION, "planted")
    enter(client, "emma")
    attacker = browser(app)
    attacker.cookies.set(cookies.SESSION, "planted")
    assert attacker.get("/bureau").status_code == 303


def test_signing_in_again_ends_the_former_session(app: FastAPI) -> None:
    person(app, "fred")
    client = browser(app)
    enter(client, "fred")
    former = client.cookies[cookies.SESSION]
    enter(client, "fred")
    other = browser(app)
    other.cookies.set(cookies.SESSION, former)
    assert other.get("/bureau").status_code == 303
    assert client.get("/bureau").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": now() - timedelta(seconds=1)},
        {"seen_at": now() - sessions.IDLE - timedelta(seconds=1)},
    ],
)
def test_a_session_ends_by_itself(app: FastAPI, values: dict[str, object]) -> None:
    client = signed_in(app, "gaia")
    assert client.get("/bureau").status_code == 200
    mine = logins.c.token == kept(client.cookies[cookies.SESSION])
    with app.state.desk.archive.begin() as db:
        db.execute(update(logins).where(mine).values(values))
    assert client.get("/bureau").status_code == 303


def test_only_a_person_keeps_a_session_alive(app: FastAPI) -> None:
    client = signed_in(app, "hugo")
    mine = logins.c.token == kept(client.cookies[cookies.SESSION])
    before = now() - timedelta(hours=1)

    def seen() -> datetime:
        with app.state.desk.archive.engine.connect() as db:
            at: datetime = db.execute(select(logins.c.seen_at).where(mine)).scalar_one()
        return at

    with app.state.desk.archive.begin() as db:
        db.execute(update(logins).where(mine).values(seen_at=before))
    client.get("/bureau", headers={"Sec-Fetch-Mode": "cors"})
    assert seen() == before
    client.get("/bureau", headers={"Sec-Fetch-Mode": "navigate"})
    assert seen() > before


def test_what_takes_rights_away_signs_out(app: FastAPI) -> None:
    archive = app.state.desk.archive
    changes: dict[str, Callable[[Connection, Account], None]] = {
        "role": lambda db, who: accounts.set_role(db, "tests", who, Role.READER),
        "active": lambda db, who: accounts.set_active(db, "tests", who, False),
        "password": lambda db, who: accounts.set_password(db, "tests", who, "hash"),
    }
    for name, change in changes.items():
        client = signed_in(app, f"ida.{name}")
        assert client.get("/bureau").status_code == 200
        with archive.begin() as db:
            change(db, accounts.of_login(db, f"ida.{name}").account)
        assert client.get("/bureau").status_code == 303, name


def test_a_closed_account_does_not_come_in(app: FastAPI) -> None:
    who = person(app, "jean")
    with app.state.desk.archive.begin() as db:
        accounts.set_active(db, "tests", who, False)
    response = enter(browser(app), "jean")
    assert response.status_code == 401
    assert "Identifiant ou mot de passe incorrect" in response.text


def test_ones_own_password_is_changed_here_and_ends_every_other_session(app: FastAPI) -> None:
    person(app, "kim")
    here, there = browser(app), browser(app)
    enter(here, "kim")
    enter(there, "kim")
    new = {"password": "quatre mots tout autres", "again": "quatre mots tout autres"}
    url = "/bureau/compte/mot-de-passe"
    wrong = here.post(url, data={"former": "pas celui-là", **new})
    assert wrong.status_code == 422
    assert "Le mot de passe actuel" in wrong.text
    assert here.post(url, data={"former": PASSWORD, **new}).status_code == 303
    assert here.get("/bureau").status_code == 200
    assert there.get("/bureau").status_code == 303
    assert enter(browser(app), "kim").status_code == 401
    assert enter(browser(app), "kim", new["password"]).status_code == 303


@pytest.mark.parametrize(
    ("password", "told"),
    [
        *(
            ("court", "il en faut 12"),
            ("x" * 201, "trop long"),
            ("Lea.Longuement@x", "identifiant"),
        ),
        *(("aaaaaaaaaaaa", "se devine vite"), ("Rivemont2025", "se devine vite")),
    ],
)
def test_a_password_that_must_not_be_chosen_is_refused(
    app: FastAPI, password: str, told: str
) -> None:
    login = "lea.longuement@x"
    with app.state.desk.archive.begin() as db:
        if accounts.find(db, login) is None:
            made = accounts.add(db, "tests", login, "Léa", Role.CLERK)
            accounts.set_password(db, "tests", made, quick_passwords().hash(PASSWORD))
    client = browser(app)
    enter(client, login)
    data = {"former": PASSWORD, "password": password, "again": password}
    response = client.post("/bureau/compte/mot-de-passe", data=data)
    assert response.status_code == 422
    assert told in response.text
    assert password not in response.text or len(password) < 6


@pytest.mark.parametrize(
    "password",
    [
        *(" " * 12, "éàéàéàéàéàéà", "abcabcabcabc", "\0" * 12, "👍" * 12, "x" * 200),
        *("123456789012", "passwordpassword", "azertyuiopqs", "motdepasse2025", "Bienvenue123!"),
        *("administrateur", "conseilmunicipal", "greffegreffe", "bonjourbonjour"),
        *(
            "Claire Fontanet",
            "fontanet2025",
            "clairefontanet1",
            "Ville de Rivemont",
            "VilleDeRivemont",
        ),
    ],
)
def test_a_password_that_is_guessed_early_is_refused_without_showing_it(password: str) -> None:
    with pytest.raises(BadInput, match="se devine vite") as refused:
        require_good(password, "greffe", "Claire Fontanet", "Ville de Rivemont")
    assert password.strip() == "" or password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "cheval agrafe soleil",
        "trois mots au hasard",
        "ma phrase de passe",
        "x9#kQ2!vLm4p",
        "ж п ц щ ы э",
    ],
)
def test_some_words_that_have_nothing_to_do_with_each_other_are_a_good_password(
    password: str,
) -> None:
    require_good(password + "  ", "greffe", "Claire Fontanet", "Ville de Rivemont")


def test_every_other_browser_is_signed_out_at_once(app: FastAPI) -> None:
    here, there = signed_in(app, "max"), signed_in(app, "max")
    assert here.post("/bureau/compte/sortir-partout").status_code == 303
    assert here.get("/bureau/compte").status_code == 200
    assert there.get("/bureau/compte").status_code == 303


@pytest.mark.parametrize(
    "vers",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example"),
        *("/\t/evil.example", "javascript:alert(1)", "evil.example", "/bureau\r\nSet-Cookie: a=b"),
        *("///evil.example", "/ /evil.example", "http:evil.example", "/bureau/deconnexion"),
        "//[evil",
    ],
)
def test_signing_in_leads_nowhere_else(app: FastAPI, vers: str) -> None:
    with app.state.desk.archive.begin() as db:
        known = accounts.find(db, "nina")
    if known is None:
        person(app, "nina")
    client = browser(app)
    assert enter(client, "nina", vers=vers).headers["location"] == "/bureau"
    again = client.get(SIGN_IN, params={"vers": vers})
    assert again.headers["location"] == "/bureau"


def test_a_reader_begins_at_the_readers_page(app: FastAPI) -> None:
    person(app, "omar", Role.READER)
    client = browser(app)
    assert enter(client, "omar").headers["location"] == "/"
    page = client.get("/bureau/compte").text
    assert 'href="/bureau/comptes"' not in page
    assert "Omar" in page


def test_requests_without_the_cookie_ask_the_database_nothing(app: FastAPI) -> None:
    from sqlalchemy import event

    client, asked = browser(app), []
    engine = app.state.desk.archive.engine
    listen = ("before_cursor_execute", lambda *given: asked.append(given[2]))
    event.listen(engine, *listen)
    try:
        client.get("/bureau")
        client.get("/theme.css")
        client.cookies.set(cookies.SESSION, "anything")
        client.get("/theme.css")
        assert asked == []
        client.get("/bureau")
        assert len([query for query in asked if query.startswith("SELECT")]) == 1
    finally:
        event.remove(engine, *listen)


def test_a_form_of_many_megabytes_is_not_taken_from_strangers(app: FastAPI) -> None:
    data = {"login": "x" * 100_000, "password": "y"}
    assert browser(app).post(SIGN_IN, data=data).status_code == 401

    def chunks() -> Iterator[bytes]:
        yield b"login=x&"

    response = browser(app).post(SIGN_IN, content=chunks())
    assert response.status_code == 401
