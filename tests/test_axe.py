"""Every page, read by axe-core in a real browser: no violation, on light and on dark paper."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.auth import Role
from tests.browsing import DESKTOP, PHONE, serving_app
from tests.office import signed_in, small_office
from tests.routes import all_routes
from tests.small_site import HIDDEN, PUBLISHED

pytestmark = pytest.mark.browser
DRAFT = next(iter(HIDDEN))
NOT_PAGES = (
    "/api/",
    "/bureau/api/",
    "/bureau/travaux/liste",
    "/flux",
    "/theme.css",
    "/favicon",
    "/logo",
    "/robots",
    "/sitemap",
)
QUERIES = {
    "/": ("", "?q=Combien+%3F", "?q=rien"),
    "/parcourir": ("", "?session=" + PUBLISHED),
    "/seances/{session_id}": ("", "?t=6000-8780&r=1"),
}


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Where the site is, who is signed in, and the addresses of its pages."""
    app = small_office(tmp_path_factory.mktemp("axe"))
    pages = [
        route.path.replace("{session_id}", session) + query
        for route in all_routes(app)
        if route.method == "GET" and not route.path.startswith(NOT_PAGES)
        for query in QUERIES.get(route.path, ("",))
        for session in ((PUBLISHED, DRAFT) if route.path.startswith("/bureau") else (PUBLISHED,))
        if session == PUBLISHED or "{session_id}" in route.path
    ]
    with serving_app(app) as address:
        yield (
            address,
            dict(signed_in(app, role=Role.ADMINISTRATOR).cookies),
            [page for page in pages if "{" not in page],
        )


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_no_page_has_a_violation(
    chromium: object,
    office: tuple[str, dict[str, str], list[str]],
    size: tuple[int, int],
    scheme: str,
) -> None:
    address, cookie, pages = office
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookie.items()])
    page, found, read = context.new_page(), [], 0
    for path in pages:
        answer = page.goto(address + path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        read += 1
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["html"][:120] for node in violation["nodes"][:3]]
            found.append(f"{path}: {violation['id']} {nodes}")
        if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append(f"{path}: {wide} px wider than the window")
    context.close()
    assert not found, "\n".join(found)
    assert read > 8
