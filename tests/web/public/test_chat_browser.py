"""The site in a real Chromium: questions stream in, and a click plays exactly the quoted words.

Set VERBATIM_CHROMIUM to a browser's path if it is not found, and VERBATIM_REQUIRE_BROWSER=1 where
its absence must be a failure.
"""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.support.browser import (
    DESKTOP,
    LOW,
    NARROW,
    NARROWEST,
    PARTED,
    PHONE,
    SOUND_S,
    Visit,
    announced_in_mid_turn,
    ask,
    longest_delay_ms,
    serving,
    until,
    watch_delays,
)
from tests.support.small_site import COST, PUBLISHED, small_deps

pytestmark = pytest.mark.browser

TOLERANCE_MS = 60


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("site")
    deps = small_deps(root)
    announced_in_mid_turn(deps, root)
    with serving(deps) as address:
        yield address


MEASURE = """() => {
  const audio = document.querySelector('#son');
  const now = () => audio.currentTime * 1000 + Number(audio.dataset.from ?? 0);
  window.heard = {};
  audio.addEventListener('playing', () => window.heard.from ??= now());
  audio.addEventListener('pause', () => window.heard.to = now());
}"""


def measure(visit: Visit) -> None:
    visit.page.evaluate(MEASURE)
    watch_delays(visit)


def at(visit: Visit, ms: int, rate: int = 1) -> object:
    """About that moment of the sound, which goes on while a busy machine sees to other things."""
    return pytest.approx(ms, abs=TOLERANCE_MS + rate * longest_delay_ms(visit))


def slow_down(page: Page) -> None:
    """Play at a tenth of the speed from now on: the sound is still on when a busy machine looks."""
    page.locator(".speed select").evaluate("s => s.add(new Option('', '0.1', true, true))")


@pytest.mark.parametrize("visit", [{"size": DESKTOP}, {"size": PHONE}], indirect=True)
@pytest.mark.parametrize("rate", ["1", "2"])
def test_a_question_streams_in_and_a_click_plays_its_words(visit: Visit, rate: str) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    page.wait_for_selector(".verified")
    assert page.locator(".card").count() == 2
    assert COST in page.locator(".card blockquote").first.inner_text()
    assert page.input_value("#q") == ""

    measure(visit)
    page.locator(".speed select").evaluate("(select, rate) => select.value = rate", rate)
    page.locator(".card [data-act=play]").first.click()
    until(visit, "window.heard.to !== undefined")
    heard = page.evaluate("window.heard")
    assert heard["from"] == at(visit, 6000, int(rate))
    assert heard["to"] == at(visit, 8780, int(rate))
    assert page.locator(".player strong").inner_text() == "Claire Fontanet"


def test_the_player_goes_on_while_the_chat_does(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    slow_down(page)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").first.click()
    until(visit, "!document.querySelector('#son').paused")
    ask(visit, "rien")
    page.wait_for_selector(".refusal")
    assert page.locator(".exchange").count() == 2
    until(visit, f"{SOUND_S} > 6")
    page.locator("[aria-label='Mettre en pause Claire Fontanet à 0:00:06']").wait_for()
    page.locator(".player [data-act=toggle]").click()
    assert page.evaluate("document.querySelector('#son').paused")
    page.locator(".card [aria-label='Écouter Claire Fontanet à 0:00:06']").wait_for()


HIDDEN_BY_PLAYER = """element => element.getBoundingClientRect().bottom
  > document.querySelector('.player').getBoundingClientRect().top"""
COVERED = """element => {
  const { top, bottom } = element.getBoundingClientRect();
  return top < 0 || bottom > document.querySelector('.composer').getBoundingClientRect().top + 1;
}"""


@pytest.mark.parametrize("visit", [{"size": LOW}, {"size": PHONE}], indirect=True)
def test_spaces_are_no_question_below_an_answer_too(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").first.click()
    page.wait_for_selector(".player:not([hidden])")
    ask(visit, "   ")
    page.get_by_text("La question est vide").wait_for()
    until(visit, f"!({HIDDEN_BY_PLAYER})(document.querySelector('#avis'))")


@pytest.mark.parametrize("visit", [{"size": LOW}], indirect=True)
def test_a_low_window_belongs_to_the_answer(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").first.click()
    page.wait_for_selector(".player:not([hidden])")
    box = page.locator(".player").bounding_box()
    assert box and box["height"] < 60
    assert page.locator(".composer").evaluate("c => getComputedStyle(c).position") == "relative"


@pytest.mark.parametrize("visit", [{"size": NARROW}, {"size": PHONE}], indirect=True)
def test_nothing_hides_behind_the_question_field_nor_the_player(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.locator(".card [data-act=play]").last.click()
    until(visit, "!document.querySelector('#lecteur').hidden")
    for action in page.locator(".card a, .card button").all():
        action.focus()
        assert not action.evaluate(COVERED), action.inner_text()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not page.locator(".card .actions").last.evaluate(COVERED)
    ask(visit, "Combien, encore ?")
    until(visit, "document.querySelectorAll('.verified').length === 2")
    newest = "[...document.querySelectorAll('.question')].at(-1)"
    until(visit, f"{newest}.getBoundingClientRect().top < 100")  # the scrolling is smooth


def test_a_finished_quotation_plays_again_from_its_start(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    play = page.locator(".card [data-act=play]").nth(1)
    measure(visit)
    play.click()
    until(visit, "window.heard.to !== undefined")
    page.evaluate("window.heard = {}")
    play.click()
    until(visit, "window.heard.to !== undefined")
    heard = page.evaluate("window.heard")
    assert heard["from"] == at(visit, 1000)
    assert heard["to"] == at(visit, 1780)


def test_an_empty_question_and_a_long_one_get_a_kind_message(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "  ")
    page.get_by_text("La question est vide").wait_for()
    ask(visit, "mot " * 200)
    page.get_by_text("500 au plus").wait_for()
    assert len(page.input_value("#q")) == 800
    assert page.locator(".exchange").count() == 0


def test_an_example_is_a_question(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.locator(".examples a").first.click()
    page.wait_for_selector(".exchange .state > :not(.searching)")
    assert page.url.startswith(f"{visit.address}/?q=")
    assert page.locator(".state[role=status]").count() == 1  # streamed in, not a new page


@pytest.mark.parametrize("back", [True, False])
def test_both_answers_are_found_again_the_newest_last(visit: Visit, back: bool) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien ?")
    page.wait_for_selector(".verified")
    ask(visit, "Combien & pour qui ?")
    until(visit, "document.querySelectorAll('.verified').length === 2")
    if back:
        page.locator(".card .actions li:first-child a").last.click()
        page.wait_for_url("**/seances/**")
        page.go_back()
    else:
        page.reload()
    until(visit, "document.querySelectorAll('.verified').length === 2")
    questions = page.locator(".question").all_inner_texts()
    assert questions == ["Combien\xa0?", "Combien & pour qui\xa0?"]


def test_a_session_is_followed_word_by_word(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/seances/{PUBLISHED}")
    slow_down(page)
    page.locator("#tour-1 [data-from]").click()
    until(visit, "CSS.highlights.has('spoken')")
    spoken = page.evaluate("[...CSS.highlights.get('spoken')][0].toString()")
    assert spoken in COST.split()
    assert page.locator(".turn.spoken").get_attribute("id") == "tour-1"
    inks = page.locator(".turn .said").evaluate_all(
        "all => all.map(e => getComputedStyle(e).color)"
    )
    assert len(set(inks)) == 1  # what is heard is marked, and as black as the rest
    until(visit, f"{SOUND_S} > 5.9")


def test_a_point_announced_in_mid_turn_is_reached_and_followed(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/seances/{PARTED}")
    page.locator("nav.agenda a").nth(1).click()
    page.wait_for_url("**#point-2")
    part = page.locator(".point-head:has(#point-2) ~ .turn").first
    assert part.locator(".said").inner_text() == "Nous passons à la piste."
    slow_down(page)
    part.locator("[data-from]").click()
    until(visit, "CSS.highlights.has('spoken')")
    spoken = page.evaluate("[...CSS.highlights.get('spoken')][0].toString()")
    assert spoken in ("Nous", "passons", "à", "la", "piste.")
    assert page.locator(".turn.spoken").count() == 1
    assert page.evaluate("document.querySelector('.turn.spoken').id") == "tour-0-3"


def test_words_are_followed_after_a_transcript_that_failed_to_come(visit: Visit) -> None:
    page = visit.page
    page.route("**/transcript", lambda route: route.abort())
    page.goto(f"{visit.address}/seances/{PUBLISHED}")
    page.locator("#tour-1 [data-from]").click()
    until(visit, f"{SOUND_S} > 6.1")
    visit.complaints.clear()  # the browser itself reports the failed request
    page.unroute("**/transcript")
    slow_down(page)
    page.locator("#tour-1 [data-from]").click()
    page.locator(".player [data-act=toggle]").click()
    page.locator(".player [data-act=toggle]").click()
    until(visit, "CSS.highlights.has('spoken')")


def test_a_link_scrolls_to_the_quoted_words_and_plays_them(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/seances/{PUBLISHED}?t=6400-7180")
    mark = page.locator("mark")
    assert mark.inner_text() == "crédit demandé"
    assert mark.evaluate("m => m.getBoundingClientRect().top < innerHeight")
    measure(visit)
    page.locator(".extract [data-act=play]").click()
    until(visit, "window.heard.to !== undefined")
    assert page.evaluate("window.heard.to") == at(visit, 7180)


def select(visit: Visit, words: str) -> None:
    """Select words of the page, as a mouse or a finger would."""
    visit.page.evaluate(
        """words => {
          const said = [...document.querySelectorAll('.said')];
          const text = said.find(p => p.textContent.includes(words)).firstChild;
          const at = text.data.indexOf(words);
          getSelection().setBaseAndExtent(text, at, text, at + words.length);
        }""",
        words,
    )
    visit.page.locator("#citer").wait_for()


@pytest.mark.parametrize("visit", [{"size": DESKTOP}, {"size": PHONE}], indirect=True)
def test_selected_words_are_copied_with_their_source_heard_and_kept(visit: Visit) -> None:
    page, bar = visit.page, visit.page.locator("#citer")
    page.goto(f"{visit.address}/seances/{PUBLISHED}")
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    select(visit, "rédit deman")
    assert "« crédit demandé »" in bar.inner_text() and "0:00:06–0:00:07" in bar.inner_text()
    bar.locator("[data-quote=copy]").click()
    until(visit, "window.copied")
    quoted, source, link = page.evaluate("window.copied").split("\n")
    assert quoted == "« crédit demandé »"
    assert source.startswith("Claire Fontanet (conseillère municipale, PS), ")
    assert source.endswith("séance du mardi 11 mars 2025, point 2, Piste cyclable, 0:00:06.")
    assert link == f"{visit.address}/seances/{PUBLISHED}?t=6400-7180&r=1#extrait"
    bar.locator("[data-end=last][data-step='1']").click()
    assert "« crédit demandé est »" in bar.inner_text()
    with page.expect_download() as kept:
        bar.locator("[data-quote=download]").click()
    assert kept.value.suggested_filename == "2025-03-11 Claire Fontanet 0-00-06.mp3"
    measure(visit)
    bar.locator("[data-quote=play]").click()
    until(visit, "window.heard.to !== undefined")
    assert page.evaluate("window.heard.to") == at(visit, 7580)
    assert visit.overflow() <= 0
    page.keyboard.press("Escape")
    assert bar.is_hidden()


def test_words_are_quoted_by_keyboard_and_heard_by_a_click(visit: Visit) -> None:
    page, bar = visit.page, visit.page.locator("#citer")
    page.goto(f"{visit.address}/seances/{PUBLISHED}")
    button = page.locator("#tour-1 [data-quote-turn]")
    button.focus()
    page.keyboard.press("Enter")
    bar.wait_for()
    assert f"« {COST} »" in bar.inner_text()
    page.wait_for_timeout(400)  # what a selection might still do is done
    assert bar.evaluate("bar => bar.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert button.evaluate("button => button === document.activeElement")
    slow_down(page)
    page.evaluate("getSelection().removeAllRanges()")
    place = page.evaluate("""() => {
      const text = document.querySelector('#tour-1 .said').firstChild;
      const range = document.createRange();
      range.setStart(text, 4); range.setEnd(text, 8);
      const { left, top, width, height } = range.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    }""")
    page.mouse.click(*place)
    until(visit, "CSS.highlights.has('spoken')")
    until(visit, f"{SOUND_S} > 6.2")
    assert page.evaluate(SOUND_S) == pytest.approx(6.4, abs=0.2)


INSIDE = """() => [...document.querySelectorAll('.player *')].every((element) => {
  const { left, right } = element.getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}) && document.querySelector('.player .close').getBoundingClientRect().right <= innerWidth - 8"""


@pytest.mark.parametrize("visit", [{"size": NARROWEST}, {"size": PHONE}], indirect=True)
def test_no_page_scrolls_sideways_on_a_phone(visit: Visit) -> None:
    for path in ("/", "/?q=Combien+%3F", "/seances", f"/seances/{PUBLISHED}?t=6000", "/apropos"):
        visit.page.goto(visit.address + path)
        assert visit.overflow() <= 0, path
    visit.page.goto(visit.address + "/?q=Combien+%3F")
    visit.page.locator(".card [data-act=play]").first.click()
    visit.page.wait_for_selector(".player:not([hidden])")
    assert visit.overflow() <= 0
    assert visit.page.evaluate(INSIDE)
    visit.page.get_by_role("button", name="Demander", exact=True).wait_for()


@pytest.mark.parametrize("visit", [{"scripts": False, "size": PHONE}], indirect=True)
def test_everything_works_without_javascript(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    ask(visit, "Combien coûte la piste ?")
    page.wait_for_url("**/?q=*")
    assert page.locator(".card").count() == 2
    assert page.locator(".card noscript audio, .card audio").count() == 2
    assert not page.locator(".card [data-act=play]").first.is_visible()
    page.locator(".card .actions a").first.click()
    page.wait_for_url("**/seances/**")
    assert page.locator("mark").inner_text() == COST
    assert page.locator("mark").is_visible()
    for player in (page.locator(".sitting audio"), page.locator(".extract audio")):
        assert player.evaluate("player => player.clientWidth") > PHONE[0] / 2
    page.locator("header nav:not(.languages) a").nth(1).click()
    page.locator("ol.sessions h2 a").first.click()
    assert page.locator(".turn").count() == 2


def test_a_printed_answer_has_no_empty_page(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/?q=Combien+co%C3%BBte+la+piste+%3F")
    page.locator(".verified").wait_for()
    (printed,) = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    assert COST in " ".join(printed.extract_text().split())


def test_the_keyboard_reaches_the_answer(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    ask(visit, "Combien ?")
    page.wait_for_selector(".verified")
    slow_down(page)
    page.locator(".card [data-act=play]").first.focus()
    page.keyboard.press("Enter")
    until(visit, "!document.querySelector('#son').paused")
    page.locator(".player [data-act=close]").click()
    assert page.evaluate("document.activeElement.dataset.act") == "play"
