"""A conversation in a real Chromium: a question, a second one, chips, filters by keyboard."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.browser import LOW, NARROWEST, PHONE, Visit, ask, serving, until
from tests.support.talking_site import POOL, talking_deps

pytestmark = pytest.mark.browser

FIRST = "Qu'a dit Mme Fontanet sur la piste ?"
FOCUS = "document.activeElement"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(talking_deps(tmp_path_factory.mktemp("talking"))) as address:
        yield address


def answered(visit: Visit, exchanges: int) -> None:
    until(visit, f"document.querySelectorAll('.state > :not(.searching)').length === {exchanges}")


def chips(visit: Visit) -> list[str]:
    """What a screen reader calls the chips of the newest question."""
    newest = visit.page.locator(".exchange").last
    return [" ".join(name.split()) for name in newest.locator(".chip").all_text_contents()]


@pytest.mark.parametrize("visit", [{}, {"size": PHONE}], indirect=True)
def test_a_conversation_goes_on_and_is_undone(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, FIRST)
    answered(visit, 1)
    assert chips(visit) == ["Retirer le filtre Claire Fontanet"]
    ask(visit, "Et M. Girard ?")
    answered(visit, 2)
    assert chips(visit)[1] == "Retirer le filtre comme avant : la piste"
    assert POOL in page.locator(".exchange").last.inner_text()
    assert page.input_value("#q") == ""

    page.get_by_role("link", name="Retirer le filtre comme avant : la piste").click()
    answered(visit, 3)
    assert chips(visit) == ["Retirer le filtre Bruno Girard"]
    newest = page.locator(".question a").last
    assert newest.evaluate(f"link => link === {FOCUS}")
    assert parse_qs(urlsplit(page.url).query)["sans"] == ["sujet:la piste"]
    english = page.get_by_role("link", name="English").get_attribute("href") or ""
    assert english.endswith(f"/en/?{urlsplit(page.url).query}")  # the switch asks the same
    page.reload()
    answered(visit, 3)
    assert chips(visit) == ["Retirer le filtre Bruno Girard"]

    page.get_by_role("link", name="Nouvelle conversation").click()
    page.wait_for_selector(".examples")
    assert page.locator("[name=avant]").count() == 0
    page.go_back()
    answered(visit, 3)


def test_questions_are_kept_by_the_browser_alone_saved_and_erased(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    assert not page.locator("#posees").is_visible()
    ask(visit, FIRST)
    answered(visit, 1)
    ask(visit, "Et M. Girard ?")
    answered(visit, 2)
    page.goto(visit.address)
    asked = page.locator("#posees a")
    assert asked.all_text_contents() == ["Et M. Girard ?", FIRST]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Enregistrer (Markdown)").click()
    assert saved.value.suggested_filename == "questions.md"
    assert f"[{FIRST}](<{visit.address}/?q=" in saved.value.path().read_text("utf-8")
    asked.first.click()
    answered(visit, 1)
    assert "Retirer le filtre comme avant : la piste" in chips(visit)
    page.goto(visit.address)
    page.get_by_role("button", name="Tout effacer").click()
    assert not page.locator("#posees").is_visible()
    assert page.evaluate("localStorage.length") == 0


def choose(visit: Visit, name: str, typed: str) -> None:
    """Reach a select with the tabulator, and choose by typing."""
    for _ in range(20):
        if visit.page.evaluate(f"{FOCUS}.name") == name:
            break
        visit.page.keyboard.press("Tab")
    visit.page.keyboard.type(typed)


def test_filters_narrow_the_last_question_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Que dit-on ?")
    answered(visit, 1)
    page.focus("#filtres summary")
    page.keyboard.press("Enter")
    choose(visit, "personne", "Bruno")
    page.get_by_role("button", name="Appliquer").focus()
    page.keyboard.press("Enter")
    answered(visit, 2)
    assert chips(visit) == ["Retirer le filtre Bruno Girard"]
    assert not page.locator("#filtres").evaluate("filters => filters.open")
    assert page.evaluate(f"{FOCUS}.tagName") == "SUMMARY"
    assert parse_qs(urlsplit(page.url).query) == {
        "q": ["Que dit-on ?"],
        "personne": ["Bruno Girard"],
    }
    page.keyboard.press("Enter")  # the panel is renewed: what is chosen is not offered again
    assert page.locator("#f-personne option", has_text="Bruno").count() == 0


@pytest.mark.parametrize("by_button", [True, False])
def test_filters_alone_are_browsed_by_keyboard(visit: Visit, by_button: bool) -> None:
    page = visit.page
    page.goto(visit.address)
    page.focus("#filtres summary")
    page.keyboard.press("Enter")
    choose(visit, "personne", "Bruno")
    if by_button:
        page.get_by_role("button", name="Voir les passages").press("Enter")
    else:
        page.press("#q", "Enter")
    page.wait_for_url("**/parcourir?**")
    assert POOL in page.locator(".passage").first.inner_text()
    page.locator(".passage [data-act=play]").first.click()
    until(visit, "!document.querySelector('#son').paused")
    page.get_by_role("link", name="Retirer le filtre Bruno Girard").press("Enter")
    page.wait_for_url("**/parcourir?")
    until(visit, "document.querySelectorAll('.passage').length > 1")


def test_help_after_a_refusal_asks_in_the_conversation(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Qu'a dit Mme Fontanet du téléphérique ?")
    answered(visit, 1)
    page.get_by_role("link", name="Bruno Girard").press("Enter")
    answered(visit, 2)
    assert chips(visit) == ["Retirer le filtre Bruno Girard"]
    assert page.locator(".question a").last.evaluate(f"link => link === {FOCUS}")


@pytest.mark.parametrize("visit", [{"scripts": False, "size": PHONE}], indirect=True)
def test_all_of_it_works_without_javascript(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, FIRST)
    page.wait_for_url("**/?q=*")
    ask(visit, "Et M. Girard ?")
    page.wait_for_url("**/?q=Et*")
    assert chips(visit)[1] == "Retirer le filtre comme avant : la piste"
    page.get_by_role("link", name="Retirer le filtre comme avant : la piste").click()
    page.wait_for_url("**sans=*")
    assert chips(visit) == ["Retirer le filtre Bruno Girard"]
    page.locator("#filtres summary").click()
    page.fill("#f-du", "2025-01-01")
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url("**du=2025-01-01*")
    assert "Retirer le filtre depuis 2025" in chips(visit)
    page.get_by_role("link", name="Nouvelle conversation").click()
    page.locator("#filtres summary").click()
    page.select_option("#f-personne", "Bruno Girard")
    page.get_by_role("button", name="Demander").click()
    page.wait_for_url("**/parcourir?personne=Bruno+Girard")
    assert page.locator(".passage audio").count() == page.locator(".passage").count() > 0


OUTSIDE = """() => [...document.querySelectorAll('#filtres *, #suite *')].some((element) => {
  const { left, right } = element.getBoundingClientRect();
  return left < 0 || right > innerWidth;
})"""


@pytest.mark.parametrize(
    "visit", [{"size": NARROWEST}, {"size": PHONE}, {"size": LOW}], indirect=True
)
def test_open_filters_stay_within_the_window(visit: Visit) -> None:
    page = visit.page
    for path in ("/", "/?q=Que+dit-on+%3F", "/parcourir", "/parcourir?personne=Bruno+Girard"):
        page.goto(visit.address + path)
        page.locator("#filtres").evaluate("filters => filters.open = true")
        assert visit.overflow() <= 0, path
        assert not page.evaluate(OUTSIDE), path
        page.locator("#filtres button").focus()
        assert page.locator("#filtres button").evaluate(
            "b => b.getBoundingClientRect().bottom <= innerHeight"
        ), path


def test_a_party_narrows_the_other_fields_before_anything_is_asked(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.locator(".filters summary").click()
    people = page.locator("#f-personne option")
    before = people.count()
    group = page.locator("#f-groupe option").nth(1).get_attribute("value") or ""
    page.select_option("#f-groupe", group)
    until(visit, f"document.querySelectorAll('#f-personne option').length < {before}")
    assert page.input_value("#f-groupe") == group
