"""The conversation in a real Chromium: nothing that was typed or asked is lost on the way."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, Route

from api.answers.answer import Verified
from search.query.parsed import Query
from tests.support.browser import SOUND_S, Visit, ask, serving, until, visiting
from tests.support.small_site import small_deps
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(small_deps(tmp_path_factory.mktemp("site"))) as address:
        yield address


def questions(page: Page) -> list[str]:
    return page.locator(".exchange .question").all_inner_texts()


def answered(visit: Visit, count: int) -> None:
    done = ".exchange[id] .state > :not(.searching)"
    until(visit, f"document.querySelectorAll('{done}').length === {count}")


def test_a_question_stands_before_the_server_answers_and_is_asked_once(visit: Visit) -> None:
    page, sent = visit.page, list[Route]()
    page.goto(visit.address)
    page.route("**/flux?*", lambda route: sent.append(route))  # noqa: PLW0108  a built-in takes no attribute
    page.fill("#q", "Combien coûte la piste ?")
    page.locator("#question [type=submit]").evaluate("button => (button.click(), button.click())")
    page.get_by_text("Recherche dans les séances").wait_for()
    assert questions(page) == ["Combien coûte la piste ?"]
    assert page.input_value("#q") == ""
    page.fill("#q", "Et le délai")
    until(visit, "document.querySelectorAll('.exchange').length === 1")
    assert len(sent) == 1
    sent[0].continue_()
    answered(visit, 1)
    assert page.input_value("#q") == "Et le délai"


def test_a_conversation_comes_back_with_its_page(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    answered(visit, 1)
    ask(visit, "Et le délai ?")
    answered(visit, 2)
    before = questions(page)
    page.locator(".exchange a", has_text="Dans la séance").first.click()
    page.wait_for_selector("#seance")
    page.go_back()
    until(visit, "document.querySelectorAll('.exchange').length === 2")
    assert questions(page) == before
    page.reload()
    until(visit, "document.querySelectorAll('.exchange').length === 2")
    assert questions(page) == before
    page.locator("a.fresh").click()
    page.wait_for_selector(".examples")
    assert questions(page) == []


def test_a_cut_answer_says_so_and_can_be_asked_again(visit: Visit) -> None:
    page = visit.page

    def cut(route: Route) -> None:
        whole = route.fetch().body()
        event = whole[: whole.index(b"\n\n") + 2]
        route.fulfill(status=200, content_type="text/event-stream", body=event)

    page.goto(visit.address)
    page.route("**/flux?*", cut)
    ask(visit, "Combien coûte la piste ?")
    page.get_by_text("La réponse a été interrompue").wait_for()
    assert page.locator(".searching:visible").count() == 0
    page.get_by_text("Poser la question de nouveau").click()
    page.wait_for_selector(".verified")
    assert questions(page) == ["Combien coûte la piste\u00a0?"]


def test_an_answer_that_is_waited_for_can_be_stopped(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    deps, stopped = small_deps(tmp_path_factory.mktemp("slow")), Event()

    def slow(query: Query) -> Verified:
        stopped.wait(PATIENCE_S)
        return deps.ask(query)

    with serving(replace(deps, ask=slow)) as address, visiting(chromium, address) as visit:
        visit.page.goto(address)
        ask(visit, "Combien coûte la piste ?")
        visit.page.get_by_role("button", name="Arrêter").click()
        visit.page.get_by_text("Poser la question de nouveau").wait_for()
        assert visit.page.locator(".searching:visible").count() == 0
        assert visit.page.evaluate("document.activeElement.id") == "q"
        stopped.set()
        ask(visit, "Et le délai ?")
        visit.page.wait_for_selector(".verified")
        assert len(questions(visit.page)) == 2 and visit.page.locator(".verified").count() == 1


def test_without_a_network_the_question_stays_and_icons_too(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    answered(visit, 1)
    page.context.set_offline(True)
    ask(visit, "Et le délai ?")
    page.get_by_text("Le serveur n’a pas répondu").wait_for()
    assert page.input_value("#q") == "Et le délai ?"
    assert len(questions(page)) == 1
    assert page.locator(".card .play use").first.evaluate("icon => icon.getBBox().width > 0")
    page.context.set_offline(False)
    visit.complaints.clear()  # what the browser says of a lost network


def test_each_button_says_what_it_does_when_another_quotation_is_chosen(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    answered(visit, 1)
    page.locator(".speed select").evaluate("s => s.add(new Option('', '0.1', true, true))")
    buttons = page.locator(".card [data-act=play]")
    buttons.nth(0).click()
    until(visit, "!document.querySelector('#son').paused")
    buttons.nth(1).click()
    page.locator(".card [aria-label^='Mettre en pause']").wait_for()
    names = [button.get_attribute("aria-label") or "" for button in buttons.all()]
    assert [name.startswith("Mettre en pause") for name in names[:2]] == [False, True]


def test_a_refused_sound_waits_at_its_place_for_the_next_press(visit: Visit) -> None:
    """As Safari does where it takes no press for one: asked again, it plays the quoted words."""
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    answered(visit, 1)
    page.evaluate("""() => {
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        HTMLMediaElement.prototype.play = play;
        this.load();
        return Promise.reject(new DOMException('', 'NotAllowedError'));
      };
    }""")
    button = page.locator(".card [data-act=play]").first
    button.click()
    until(visit, f"{SOUND_S} > 5.9")
    assert (button.get_attribute("aria-label") or "").startswith("Écouter")
    button.click()
    until(visit, "!document.querySelector('#son').paused")
    assert page.evaluate(SOUND_S) > 5.9


def test_beyond_a_quotation_the_session_goes_on_from_there(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").first.click()
    until(visit, f"document.querySelector('#son').paused && {SOUND_S} > 8.7")
    page.locator(".player [data-act=back]").click()
    page.locator(".player [data-act=back]").click()
    assert page.locator("[data-show=clock]").inner_text() == "0:00:00"  # before the quotation
    page.locator(".player [data-act=toggle]").click()
    until(visit, f"!document.querySelector('#son').paused && {SOUND_S} > 0.2")
    assert page.evaluate(SOUND_S) < 5


def test_where_an_interval_does_not_come_the_session_is_played(visit: Visit) -> None:
    page = visit.page
    page.route("**/interval.opus*", lambda route: route.fulfill(status=503))
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").first.click()
    until(visit, f"{SOUND_S} > 6 && {SOUND_S} < 8.8")
    assert "audio.opus" in page.evaluate("document.querySelector('#son').src")
    visit.complaints.clear()  # the browser itself reports the refused request


def test_a_press_asks_again_for_sound_that_did_not_come(visit: Visit) -> None:
    page = visit.page
    for sound in ("interval.opus", "audio.opus", "audio.mp3"):
        page.route(f"**/{sound}*", lambda route: route.fulfill(status=503))
    page.goto(visit.address)
    ask(visit, "Combien ?")
    button = page.locator(".card [data-act=play]").first
    button.click()
    page.locator("#lecteur strong", has_text="son").wait_for()
    page.unroute_all()
    visit.complaints.clear()  # the browser itself reports the refused requests
    button.click()
    until(visit, f"{SOUND_S} > 6 && !document.querySelector('#son').paused")
