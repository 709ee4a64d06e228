"""From the first link to an invited clerk in a real browser, by keyboard alone, without scripts.

Over plain http under a name that is not localhost, as in a town hall's network: browsers send no
`Sec-Fetch-Site` there, and what tells our own forms from others' is `Origin` alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser

from api.accounts import accounts, invitations
from api.accounts.roles import Role
from api.deps import Deps
from tests.api.accounts.test_sign_in import PASSWORD
from tests.support.browser import DESKTOP, PHONE, Visit, serving_app, visiting
from tests.support.office import empty_office
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.browser
ATTACK = """<form method="post" action="{address}/bureau/compte/nom">
<input name="name" value="Pirate"><button autofocus>Gagner un vélo</button></form>"""


@pytest.fixture(scope="module")
def app(deps: Deps, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return empty_office(deps, tmp_path_factory.mktemp("accounts"))


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with serving_app(app) as address:
        own = address.replace("127.0.0.1", "seances.test")
        object.__setattr__(app.state.desk.settings, "address", own)  # VERBATIM_ADDRESS
        yield own


@contextmanager
def visited(chromium: Browser, address: str, *, size: tuple[int, int] = DESKTOP) -> Iterator[Visit]:
    """A visit without scripts; that a browser ignores COOP over plain http is no news."""
    with visiting(chromium, address, scripts=False, size=size) as visit:
        yield visit
        known = "Cross-Origin-Opener-Policy header has been ignored"
        visit.complaints[:] = [told for told in visit.complaints if known not in told]


def keys(visit: Visit, *typed: str) -> None:
    """Type into one field after the other, and send the form with Enter."""
    visit.page.locator("input:focus").wait_for()  # the first one gets it with the first picture
    for number, text in enumerate(typed):
        if number:
            visit.page.keyboard.press("Tab")
        visit.page.keyboard.type(text)
    visit.page.keyboard.press("Enter")


def tab_to(visit: Visit, selector: str) -> None:
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        if visit.page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"no Tab leads to {selector}")


def test_from_the_first_link_to_an_invited_clerk_by_keyboard_alone(
    app: FastAPI, address: str, chromium: Browser
) -> None:
    archive = app.state.desk.archive
    with archive.begin() as db:
        first = invitations.first(db)
    with visited(chromium, address) as chief:
        chief.page.goto(f"{address}{invitations.PATH}{first}")
        keys(chief, "Claire Fontanet", "claire", PASSWORD, PASSWORD)
        chief.page.wait_for_url("**/bureau")
        tab_to(chief, 'a[href="/bureau/comptes"]')
        chief.page.keyboard.press("Enter")
        chief.page.wait_for_url("**/bureau/comptes")
        tab_to(chief, "#name")
        keys(chief, "Bruno Girard", "b.girard@ville.test")
        chief.page.wait_for_selector("#link:focus")
        link = chief.page.locator("#link").input_value()
        with visited(chromium, address, size=PHONE) as clerk:
            clerk.page.goto(link)
            tab_to(clerk, "#password")
            keys(clerk, PASSWORD, PASSWORD)
            clerk.page.wait_for_url("**/bureau")
            tab_to(clerk, "header button")
            clerk.page.keyboard.press("Enter")
            clerk.page.wait_for_url("**/bureau/connexion?fait=sortie")
            clerk.page.goto(f"{address}/bureau?etat=draft")
            keys(clerk, "b.girard@ville.test", PASSWORD)
            clerk.page.wait_for_url("**/bureau?etat=draft")


def test_a_page_of_a_neighbouring_site_changes_nothing(
    app: FastAPI, address: str, chromium: Browser, tmp_path: Path
) -> None:
    archive, evil = app.state.desk.archive, FastAPI()
    evil.get("/", response_class=HTMLResponse)(lambda: ATTACK.format(address=address))
    with archive.begin() as db:
        made = accounts.add(db, "tests", "dora", "Dora", Role.CLERK)
        link = invitations.PATH + invitations.invite(db, "tests", made)
    with serving_app(evil) as elsewhere:
        # The same site to cookies (they are sent), another origin.
        neighbour = elsewhere.replace("127.0.0.1", "voisin.seances.test")
        context = chromium.new_context()
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(address + link)
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.press("#again", "Enter")
        page.wait_for_url("**/bureau")
        page.goto(neighbour)
        with page.expect_response("**/bureau/compte/nom") as answered:
            page.click("button")
        sent = answered.value.request.all_headers()
        assert "cookie" in sent  # or this would test nothing
        assert answered.value.status == 403
        context.close()
    with archive.engine.connect() as db:
        assert accounts.of_login(db, "dora").account.name == "Dora"
