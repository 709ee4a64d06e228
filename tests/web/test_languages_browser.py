"""Readers' pages in a real browser: in the longest words, from right to left, enlarged, in the
reader's own colours."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.support.browser import DESKTOP, serving, visiting
from tests.support.recorded_council import VOTED, recorded_deps
from tests.support.small_site import PUBLISHED

pytestmark = pytest.mark.browser
ENLARGED = (320, 256)  # 1280 by 1024 at 400 % (WCAG 1.4.10)
PAGES = (
    *("/", "/?q=Combien+%3F", "/?q=rien", "/parcourir", "/seances", "/objets/PR-12", "/objets"),
    *("/personnes", "/personnes/julien-rochat", "/decisions", "/calendrier", "/api", "/sujets"),
    "/sujets/credit-demande",
    *(f"/seances/{VOTED}?t=6000-8780&r=1", f"/extrait/{PUBLISHED}?t=6000-8780&r=1"),
    *("/comment-ca-marche", f"/signaler?seance={PUBLISHED}&t=6000-8780&r=1"),
)
# WCAG 1.4.12: lines 1.5, paragraphs 2, letters 0.12 and words 0.16 times the size of the text.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
  return document.documentElement.scrollWidth - innerWidth;
}"""
EDGED = """() => [...document.querySelectorAll('.primary, .play, .round')].every((button) =>
  parseFloat(getComputedStyle(button).borderTopWidth) > 0)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(recorded_deps(tmp_path_factory.mktemp("languages"))) as address:
        yield address


def test_every_page_fits_and_has_no_violation(chromium: Browser, address: str) -> None:
    faults = []
    with visiting(chromium, address, size=DESKTOP) as visit:
        for path in (f"/{language}{page}" for language in ("de", "ar") for page in PAGES):
            visit.page.goto(address + path)
            read = Axe().run(visit.page).response["violations"] if path.startswith("/ar") else []
            faults += [f"{path}: {violation['id']}" for violation in read]
            wide = visit.overflow()
            visit.page.set_viewport_size({"width": ENLARGED[0], "height": ENLARGED[1]})
            enlarged, spaced = visit.overflow(), visit.page.evaluate(SPACED)
            visit.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
            if max(wide, enlarged, spaced) > 0:
                faults.append(f"{path}: {wide}, {enlarged}, {spaced} px wider than the window")
    assert faults == []


def test_what_can_be_pressed_has_an_edge_in_the_readers_own_colours(
    chromium: Browser, address: str
) -> None:
    context = chromium.new_context(forced_colors="active")
    page = context.new_page()
    for path in ("/?q=Combien+%3F", f"/seances/{VOTED}"):
        page.goto(address + path)
        assert page.locator(".primary").count() and page.evaluate(EDGED), path
    edges = "links => links.map((link) => getComputedStyle(link).borderTopColor)"
    edges_of_menu = page.locator("header nav:not(.languages) a").evaluate_all(edges)
    assert len(set(edges_of_menu)) == 2  # where one is, and where one is not
    bars = "e => getComputedStyle(e).fill === getComputedStyle(document.body).color"
    assert page.locator(".ribbon path").first.evaluate(bars)
    context.close()
