"""Every page, read by axe-core in a real browser: no violation, on light and on dark paper."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from api.accounts import accounts, invitations
from api.accounts.roles import Role
from tests.support.browser import DESKTOP, PHONE, Scheme, serving_app
from tests.support.office import signed_in, small_office
from tests.support.routes import all_routes
from tests.support.small_site import HIDDEN, PUBLISHED
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.browser
DRAFT = next(iter(HIDDEN))
NOT_PAGES = (
    "/api/",
    "/v1/",
    "/bureau/api/",
    "/bureau/travaux/liste",
    "/flux",
    "/filtres",
    "/theme.css",
    "/favicon",
    "/logo",
    "/robots",
    "/llms",
    "/sitemap",
    "/oembed",
    "/decisions.csv",
    "/calendrier.ics",
    "/fiche.md",
)
QUERIES = {
    "/": ("", "?q=Combien+%3F", "?q=rien", "?"),  # at last with the list of what was asked
    "/parcourir": ("", "?session=" + PUBLISHED),
    "/seances/{session_id}": ("", "?t=6000-8780&r=1"),
    "/extrait/{session_id}": ("?t=6000-8780&r=1",),
    "/signaler": ("?seance=" + PUBLISHED + "&t=6000-8780&r=1",),
    "/bureau/seances/{session_id}/ordre-du-jour/choisir": ("?point=1",),
    "/bureau/seances/{session_id}/publication/passage": (
        "",
        "?motif=in_camera",
        "?motif=in_camera&premier=0&dernier=0",
        "?motif=withheld&premier=0&dernier=0",
        "?motif=in_camera&premier=1&dernier=0",
    ),
}
# Read by another test, or no page.
ELSEWHERE = (
    ".atom",
    "chapitres.json",
    "{arrival_id}",
    "export.{form}",
    "{which}.docx",
    "apercu/",
    "{name}",
)
# No script asks how large a window is, or in which colours: a page is loaded once for both.
LOOKS: tuple[tuple[tuple[int, int], Scheme], ...] = ((DESKTOP, "light"), (PHONE, "dark"))
Read = list[tuple[dict[str, str], list[str]]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Read]]:
    """Where the site is; the cookies of those who read, each with the addresses of their pages."""
    root = tmp_path_factory.mktemp("axe")
    app = small_office(root)
    (root / "backups").mkdir()
    (root / "backups" / "verbatim-20260101T023000Z.tar").touch()
    chief = signed_in(app, "chef", Role.ADMINISTRATOR)
    reader = signed_in(app, "lecteur", Role.READER)
    with app.state.desk.archive.begin() as db:
        account = accounts.of_login(db, "lecteur").account
        token = invitations.invite(db, "chef", account)
    named = {"{account_id}": str(account.id), "{token}": token, "{code:path}": "PR-12"}
    named |= {"{called}": "claire-fontanet", "{party}": "ps", "{subject}": "credit-demande"}
    pages = [
        filled(route.path, named | {"{session_id}": session}) + query
        for route in all_routes(app)
        if route.method == "GET" and not route.path.startswith(NOT_PAGES)
        for query in QUERIES.get(route.path, ("",))
        for session in ((PUBLISHED, DRAFT) if route.path.startswith("/bureau") else (PUBLISHED,))
        if session == PUBLISHED or "{session_id}" in route.path
    ]
    pages = [page for page in pages if not any(name in page for name in ELSEWHERE)]
    assert not [page for page in pages if "{" in page]
    anybody = ["/bureau/connexion", f"/bureau/invitation/{token}", "/bureau/invitation/perdu"]
    with serving_app(app) as address:
        yield (
            address,
            [
                (dict(chief.cookies), [*pages, "/nulle-part", "/bureau/nulle-part"]),
                (dict(reader.cookies), ["/bureau", "/bureau/compte", f"/seances/{DRAFT}"]),
                ({}, anybody),
            ],
        )


def filled(path: str, named: dict[str, str]) -> str:
    for name, value in named.items():
        path = path.replace(name, value)
    return path


def test_no_page_has_a_violation(chromium: Browser, office: tuple[str, Read]) -> None:
    address, visits = office
    found: list[str] = []
    read = 0
    for cookie, pages in visits:
        context = chromium.new_context(reduced_motion="reduce")
        context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookie.items()])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        for path in pages:
            answer = page.goto(address + path)
            assert answer
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            read += 1
            found += [f"{path}: {fault}" for look in LOOKS for fault in faults(page, *look)]
        context.close()
    assert not found, "\n".join(found)
    assert read > 40


def faults(page: Page, size: tuple[int, int], scheme: Scheme) -> Iterator[str]:
    """What is wrong with a page in a window of that size, on paper of that colour."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    for violation in Axe().run(page).response["violations"]:
        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
        yield f"{scheme}, {violation['id']} {nodes}"
    if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        yield f"{wide} px wider than the window of {size[0]}"
