"""The review in a real Chromium, by keyboard alone: what a clerk relies on, one by one."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import Environment

from ingest.closed import Why
from ingest.closing.transaction import Asked
from ingest.correcting.terms import taught
from ingest.settings import Settings
from ingest.transcript import Span
from search.hiding import close_passage
from tests.browsing import DESKTOP, LOW, NARROWEST, PHONE, serving_app, until
from tests.review_site import (
    DRAFT,
    SILENT,
    Clerk,
    as_text,
    clerk_at,
    draft,
    names,
    review_office,
    texts,
)
from web.bureau.keys import GROUPS
from web.site import build_site

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

MARKED = """[...CSS.highlights.get('doubt')].map(
  (range) => range.startContainer.data.slice(range.startOffset, range.endOffset))"""
Arrive = Callable[..., AbstractContextManager[Clerk]]


@pytest.fixture(scope="module")
def templates() -> Environment:
    """Compiled once for all tests: they are all that these share beside the browser."""
    return build_site(Settings(_env_file=None)).templates


@pytest.fixture
def app(tmp_path: Path, templates: Environment) -> FastAPI:
    app = review_office(tmp_path)
    app.state.site = replace(app.state.site, templates=templates)
    return app


@pytest.fixture
def arrive(chromium: object, app: FastAPI) -> Iterator[Arrive]:
    """Clerks come to the same sitting, each in a browser of their own."""
    with serving_app(app) as address:
        yield partial(clerk_at, chromium, address, app)


@pytest.fixture
def clerk(arrive: Arrive) -> Iterator[Clerk]:
    with arrive() as clerk:
        yield clerk


def write(clerk: Clerk, text: str) -> None:
    clerk.keys("Enter", "Control+a")
    clerk.type(text)
    clerk.keys("Enter")


# --- moving and marking ---------------------------------------------------------------------------


def test_arrows_go_from_turn_to_turn_and_from_word_to_word(clerk: Clerk) -> None:
    assert clerk.here()["focused"]
    assert clerk.word() == "Mesdames"
    clerk.keys("ArrowRight", "ArrowRight")
    assert clerk.word() == "Messieurs,"
    clerk.keys("ArrowDown")
    assert clerk.word() == "Merci"
    clerk.keys("ArrowLeft")
    assert clerk.word() == "ouverte."
    clerk.keys("End")
    assert clerk.here()["text"] == "Je ne suis pas d'accord. Nous voterons oui."
    clerk.keys("Home", "ArrowUp")
    assert clerk.word() == "Mesdames"


def test_sentences_are_reached_and_a_word_taken_out(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("Control+ArrowRight")
    assert clerk.word() == "La"
    clerk.keys("Control+ArrowRight", "Control+ArrowRight")
    assert clerk.word() == "Le"
    clerk.keys("Control+ArrowLeft", "ArrowRight", "Delete")
    assert clerk.word() == "la"
    clerk.settled()
    assert texts(app)[1].startswith("Merci la Présidente.")
    clerk.keys("Control+z")
    clerk.settled()
    assert texts(app)[1].startswith("Merci Madame la Présidente.")


def test_doubtful_words_and_stretches_are_marked_and_reached(clerk: Clerk) -> None:
    assert sorted(clerk.page.evaluate(MARKED)) == ["Rochas", "Verdets"]
    clerk.keys("d")
    assert clerk.word() == "Verdets"
    clerk.keys("d")
    assert clerk.word() == "Rochas"
    clerk.keys("d")
    assert clerk.word() == "Je"
    assert "plusieurs voix à la fois" in clerk.told()
    clerk.keys("d")
    assert clerk.word() == "Verdets"
    clerk.keys("Shift+D")
    assert clerk.word() == "Je"
    assert "2 mots douteux restants" in clerk.page.locator("[data-show=progress]").inner_text()


def test_voices_without_a_name_are_reached(clerk: Clerk) -> None:
    clerk.keys("n")
    assert clerk.word() == "Merci"
    clerk.keys("n")
    assert clerk.word() == "Je"
    clerk.keys("Shift+N")
    assert clerk.word() == "Merci"


# --- listening ------------------------------------------------------------------------------------

NOW = "document.querySelector('audio').currentTime * 1000"
PLAYS = "!document.querySelector('audio').paused"


def test_a_click_on_a_word_plays_from_it_and_marks_follow(clerk: Clerk) -> None:
    page = clerk.page
    box = page.evaluate("""() => {
      const said = document.querySelectorAll('.said')[3];
      const range = document.createRange();
      range.setStart(said.firstChild, 13);
      range.setEnd(said.firstChild, 14);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }""")
    page.mouse.click(box["x"], box["y"])
    assert clerk.word() == "Verdets"
    until(clerk, f"{PLAYS} && {NOW} > 11300")
    assert page.evaluate(NOW) < 12500
    spoken = page.evaluate("[...CSS.highlights.get('spoken')][0]?.startContainer.data")
    assert spoken == "Le quai des Verdets coûte trop cher."
    until(clerk, f"{NOW} > 13200")
    assert clerk.here()["text"].startswith("Je ne suis")  # the cursor went along


def test_space_plays_and_goes_on_two_seconds_before(clerk: Clerk) -> None:
    clerk.keys("End", "Space")
    until(clerk, f"{PLAYS} && {NOW} > 13300")
    assert clerk.page.evaluate(NOW) < 14500
    until(clerk, f"{NOW} > 15200")
    clerk.keys("Space")
    until(clerk, f"!({PLAYS})")
    stopped = clerk.page.evaluate(NOW)
    clerk.page.evaluate("""() => document.querySelector('audio').addEventListener(
      'seeked', (e) => (window.resumed = e.target.currentTime * 1000), { once: true })""")
    clerk.keys("Space")
    until(clerk, "window.resumed !== undefined")
    assert clerk.page.evaluate("window.resumed") == pytest.approx(stopped - 2000, abs=100)


def test_one_turn_is_played_to_its_end(clerk: Clerk) -> None:
    clerk.keys("ArrowDown", "ArrowDown", "+", "+", "+", "+", "r")
    assert clerk.told() == "Vitesse 2×"
    until(clerk, PLAYS)
    until(clerk, f"!({PLAYS})")
    assert clerk.page.evaluate(NOW) == pytest.approx(9480, abs=250)
    assert clerk.here()["text"].startswith("Monsieur Rochas")


def test_one_key_checks_what_was_heard_without_a_break(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("+", "+", "+", "+", "Space")
    until(clerk, "document.querySelectorAll('.turn')[1].hasAttribute('aria-current')")
    until(clerk, f"{NOW} > 6500")
    clerk.keys("v")
    clerk.settled()
    assert clerk.told() == "2 tours validés"
    assert clerk.here()["text"].startswith("Monsieur Rochas")
    assert "Tours relus : 2 sur 5" in clerk.page.locator("[data-show=progress]").inner_text()


# --- writing --------------------------------------------------------------------------------------


def test_a_doubtful_word_is_put_right_in_three_keys(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("d", "d", "Enter")
    clerk.type("Rochat")
    clerk.keys("Enter")
    clerk.settled()
    assert texts(app)[2] == "Monsieur Rochat vous avez la parole."
    assert clerk.here()["focused"]
    assert clerk.word() == "Rochat"
    assert clerk.page.evaluate(MARKED) == ["Verdets"]


def test_writing_is_saved_by_itself_and_undone(clerk: Clerk, app: FastAPI) -> None:
    before = texts(app)[0]
    clerk.keys("Enter")
    clerk.type("Mesdames,")
    until(clerk, "document.getElementById('etat').dataset.state === 'saved'")
    assert texts(app)[0].startswith("Mesdames, et")
    assert clerk.page.evaluate("document.activeElement.className") == "writing"
    clerk.type(" chères")
    clerk.keys("Control+Enter")
    clerk.settled()
    assert texts(app)[0].startswith("Mesdames, chères et")
    assert clerk.word() == "Merci"
    clerk.keys("Control+z")
    clerk.settled()
    clerk.keys("Control+z")
    clerk.settled()
    assert texts(app)[0] == before
    clerk.keys("Control+y")
    clerk.settled()
    assert texts(app)[0].startswith("Mesdames, et")


def test_what_was_not_saved_is_offered_again_after_a_crash(clerk: Clerk, app: FastAPI) -> None:
    page = clerk.page
    page.route("**/changes", lambda route: route.abort())
    clerk.keys("d", "Enter")
    clerk.type("Vernets")
    until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
    assert "1 modification attend" in page.locator("#etat").inner_text()
    again = Clerk(page.context.new_page(), clerk.address)
    again.page.goto(page.url)
    again.page.locator("#retrouves button").first.wait_for()
    assert "Vernets sera refait" in again.page.locator("#retrouves q").inner_text()
    assert "Vernets" not in texts(app)[1]
    again.keys("Enter", "Enter")  # take it up, and save it
    again.settled()
    assert texts(app)[1].endswith("Le quai des Vernets sera refait.")
    assert again.page.evaluate("Object.keys(localStorage).length") == 0
    page.close()  # which would go on trying
    clerk.complaints.clear()  # the browser itself reports the requests that failed


def test_a_page_that_is_left_sends_what_it_still_has(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("Enter")
    clerk.type("Chères")
    clerk.page.goto("about:blank")
    deadline = time.monotonic() + 5
    while not texts(app)[0].startswith("Chères et") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert texts(app)[0].startswith("Chères et")


def test_a_server_that_fails_is_told_and_asked_again(clerk: Clerk, app: FastAPI) -> None:
    failing = [True]
    clerk.page.route(
        "**/changes", lambda route: route.fulfill(status=500) if failing[0] else route.continue_()
    )
    clerk.keys("ArrowDown", "v")
    until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
    clerk.keys("Enter")
    clerk.type("Messieurs")
    clerk.keys("Enter")
    assert clerk.here()["text"].startswith("Messieurs Rochas")
    failing[0] = False
    clerk.settled()
    assert texts(app)[2].startswith("Messieurs Rochas")
    clerk.complaints.clear()


def lose(clerk: Clerk, path: str, *, made: bool = True) -> None:
    """The next request there has no answer, though the server did what it asks if it was `made`."""
    lost: list[Any] = []

    def once(route: Any) -> None:
        if lost:
            return route.continue_()
        lost.append(made and route.fetch())
        return route.abort()

    clerk.page.route(f"**/{path}", once)


def test_a_text_whose_answer_is_lost_is_no_conflict(clerk: Clerk, app: FastAPI) -> None:
    lose(clerk, "changes")
    clerk.keys("Enter")
    clerk.type("Chères")
    until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
    clerk.type(" amies !")
    clerk.settled()
    assert texts(app)[0].startswith("Chères")
    clerk.keys("Enter", "d", "d", "s")
    clerk.settled()
    assert clerk.page.locator("#dialogue-conflit").is_hidden()
    assert texts(app)[0].startswith("Chères amies\xa0! et")
    assert texts(app)[2] == "Monsieur"
    assert clerk.page.evaluate("Object.keys(localStorage).length") == 0
    clerk.complaints.clear()  # the browser reports what was lost


@pytest.mark.parametrize("made", [True, False])
def test_an_undo_whose_answer_is_lost_is_made_once(
    arrive: Arrive, app: FastAPI, made: bool
) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.page.clock.install()  # her page asks for no news by itself
        write(marie, "Un.")
        write(marie, "Deux.")
        marie.settled()
        paul.keys("End")
        write(paul, "De Paul.")
        paul.settled()
        lose(marie, "undo", made=made)
        marie.keys("Control+z")
        until(marie, "document.getElementById('etat').dataset.state === 'offline'")
        marie.page.clock.run_for(1100)
        marie.settled()
        assert marie.told() == "Annulé"
        assert (texts(app)[0], texts(app)[-1]) == ("Un.", "De Paul.")
        marie.complaints.clear()


def test_a_replacement_whose_answer_is_lost_is_made_once(clerk: Clerk, app: FastAPI) -> None:
    lose(clerk, "changes")
    replacing(clerk, "quai", "beau quai")
    clerk.keys("Enter")
    until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
    clerk.settled()
    assert " ".join(texts(app)).count("beau quai") == 2
    assert "beau beau" not in " ".join(texts(app))
    assert clerk.told().startswith("Remplacé dans 2 tours")
    clerk.complaints.clear()


def test_keys_pressed_while_the_server_works_are_not_lost(clerk: Clerk, app: FastAPI) -> None:
    def slowly(route: object) -> None:
        clerk.page.wait_for_timeout(300)
        route.continue_()

    clerk.keys("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    clerk.page.route("**/changes", slowly)
    clerk.keys("s", "Enter")
    clerk.type("Cette")
    clerk.keys("Enter")
    clerk.settled()
    assert texts(app)[:2] == ["Mesdames et Messieurs, bonsoir.", "Cette séance est ouverte."]


# --- shaping --------------------------------------------------------------------------------------


def test_a_turn_is_split_joined_and_its_boundary_moved(clerk: Clerk, app: FastAPI) -> None:
    first, second, *_ = texts(app)
    clerk.keys(*["ArrowRight"] * 4, "s")
    clerk.settled()
    assert clerk.word() == "La"
    assert texts(app)[:2] == ["Mesdames et Messieurs, bonsoir.", "La séance est ouverte."]
    clerk.keys("ArrowUp", "j")
    clerk.settled()
    assert clerk.word() == "La"
    assert texts(app)[0] == first
    clerk.keys("Shift+ArrowDown")
    clerk.settled()
    assert texts(app)[:2] == ["Mesdames et Messieurs, bonsoir.", f"La séance est ouverte. {second}"]
    clerk.keys("ArrowDown", *["ArrowRight"] * 3, "Shift+ArrowUp")
    clerk.settled()
    assert texts(app)[:2] == [first, second]
    for _ in range(4):
        clerk.keys("Control+z")
    clerk.settled()
    assert texts(app)[:2] == [first, second]
    assert not clerk.page.locator("[data-action=undo]").is_enabled()


def test_a_name_is_given_everywhere_or_here(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("n", "q")
    assert clerk.page.locator("#dialogue-voix [data-show=voice]").inner_text().endswith(", 2 tours")
    clerk.type("kel")
    clerk.keys("Enter")  # a voice without a name gets one everywhere
    clerk.settled()
    assert names(app) == [
        *("Claire Fontanet", "Nadia Keller", "Claire Fontanet", "Julien Rochat", "Nadia Keller")
    ]
    assert clerk.here()["focused"]
    clerk.keys("End", "q")
    clerk.type("sand mail")
    clerk.keys("Enter")  # a named one, here alone
    clerk.settled()
    assert names(app)[1::3] == ["Nadia Keller", "Sandrine Maillard"]
    clerk.keys("Home", "q")
    clerk.type("Anne Perret")
    clerk.keys("Control+Enter")  # the other way round; a name that no list has
    clerk.settled()
    assert names(app)[0] == names(app)[2] == "Anne Perret"
    clerk.keys("n")
    assert clerk.told() == "Toutes les voix ont un nom."


def test_a_voice_is_heard_before_it_is_named(clerk: Clerk) -> None:
    clerk.keys("n", "q", "F8")
    until(clerk, f"{PLAYS} && {NOW} > 4000 && {NOW} < 6500")
    clerk.keys("Escape")
    until(clerk, f"!({PLAYS})")
    assert clerk.here()["focused"]


def test_find_and_replace_shows_what_will_change_first(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("c")
    clerk.type("Verdets")
    clerk.keys("Tab")
    clerk.type("Vernets")
    clerk.keys("Enter")
    until(clerk, "document.activeElement.dataset.does === 'apply'")
    assert clerk.page.locator(".matches del").all_inner_texts() == ["Verdets", "Verdets"]
    assert clerk.page.locator(".matches ins").all_inner_texts() == ["Vernets", "Vernets"]
    clerk.keys("Shift+Tab", "Space")  # leave the last one out
    assert clerk.page.get_by_text("1 tour à changer").is_visible()
    clerk.keys("Tab", "Enter")
    clerk.settled()
    assert "Vernets" in texts(app)[1]
    assert "Verdets" in texts(app)[3]
    assert "G : toujours écrire ainsi" in clerk.page.locator("#conseil").inner_text()


def replacing(clerk: Clerk, find: str, by: str) -> None:
    """Ask for a replacement, and wait for what it would change."""
    clerk.keys("c", "Control+a")
    clerk.type(find)
    clerk.keys("Tab", "Control+a")
    clerk.type(by)
    clerk.keys("Enter")
    until(clerk, "document.activeElement.dataset.does === 'apply'")


def test_a_name_is_left_out_of_a_replacement(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("c")
    clerk.page.get_by_label("aussi dans les noms").check()
    clerk.keys("Escape")
    replacing(clerk, "Rochat", "Rochaz")
    assert clerk.page.get_by_text("0 tour à changer · 1 nom à changer").is_visible()
    clerk.keys("Shift+Tab", "Space")
    assert clerk.page.locator("[data-does=apply]").get_attribute("aria-disabled") == "true"
    clerk.keys("Space", "Tab", "Enter")
    clerk.settled()
    assert names(app)[3] == "Julien Rochaz"


def test_what_was_just_written_is_not_in_the_way_of_a_replacement(
    clerk: Clerk, app: FastAPI
) -> None:
    held: list[Any] = []
    clerk.page.route("**/changes", lambda route: route.continue_() if held else held.append(route))
    clerk.keys("d", "Enter")
    clerk.type("Vernets")
    clerk.keys("Enter", "c", "Enter")
    clerk.page.wait_for_timeout(300)  # the line is slow
    held[0].continue_()
    until(clerk, "document.activeElement.dataset.does === 'apply'")
    clerk.keys("Enter")
    clerk.settled()
    assert "Verdets" not in " ".join(texts(app))


def test_a_replacement_is_made_where_it_was_shown_whatever_others_do(
    arrive: Arrive, app: FastAPI
) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.page.clock.install()  # her page asks for no news by itself
        paul.keys(*["ArrowRight"] * 4, "s")
        paul.settled()
        replacing(marie, "Verdets", "Vernets")
        assert marie.page.locator(".matches .clock").all_inner_texts() == ["0:00:04", "0:00:10"]
        marie.keys("Enter")
        until(marie, "document.querySelectorAll('.turn').length === 6")
        assert " ".join(texts(app)).count("Vernets") == 2


def test_a_correction_becomes_a_rule(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("d", "Enter")
    clerk.type("Vernets")
    clerk.keys("Enter")
    hint = clerk.page.locator("#conseil").inner_text()
    assert "« Verdets » → « Vernets »" in hint
    assert "remplacer 1 autre fois" in hint
    clerk.keys("c", "Enter")
    until(clerk, "document.activeElement.dataset.does === 'apply'")
    clerk.keys("Enter")
    clerk.settled()
    assert "Verdets" not in " ".join(texts(app))
    clerk.keys("g", "Enter")
    until(clerk, "document.getElementById('annonce').textContent.includes('glossaire')")
    with app.state.desk.archive.engine.connect() as db:
        assert [(one.term.text, one.term.spoken) for one in taught(db)] == [
            ("Vernets", ("Verdets",))
        ]


# --- checking -------------------------------------------------------------------------------------


def test_what_is_left_to_see_shrinks_and_the_review_is_finished(clerk: Clerk, app: FastAPI) -> None:
    page = clerk.page
    clerk.keys("f", "v", "v")
    clerk.settled()
    assert page.locator(".slot:visible").count() == 3
    clerk.keys("f", "Home", "Shift+V")
    clerk.settled()
    assert page.locator(".slot:visible").count() == 5
    assert page.locator(".turn.checked").count() == 1
    page.locator("[data-action=finish]").focus()
    clerk.keys("Enter")
    page.get_by_text("Revu par Marie le ").wait_for()
    page.reload()
    page.locator(".turn[aria-current]").wait_for()
    assert page.locator("[data-show=reviewed]").inner_text().startswith("Revu par Marie le ")
    assert page.locator(".turn.checked").count() == 1
    page.locator("[data-action=finish]").focus()
    clerk.keys("Enter")
    until(clerk, "document.querySelector('[data-show=reviewed]').textContent === ''")
    clerk.keys("Escape")
    assert clerk.here()["focused"]


def test_the_past_of_a_turn_is_shown(clerk: Clerk) -> None:
    clerk.keys("d", "Enter")
    clerk.type("Vernets")
    clerk.keys("Enter")
    clerk.settled()
    clerk.keys("h")
    clerk.page.locator(".past li").wait_for()
    assert clerk.page.locator(".past del").inner_text() == "Verdets"
    assert clerk.page.locator(".past ins").inner_text() == "Vernets"
    assert clerk.page.locator(".past .hint").inner_text().startswith("Marie, le ")
    clerk.keys("Escape", "Home", "h")
    clerk.page.get_by_text("tel que la machine l'a écrit").wait_for()


# --- two clerks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "stands"), [("mine", "De Marie."), ("theirs", "De Paul.")])
def test_two_clerks_never_overwrite_each_other(
    arrive: Arrive, app: FastAPI, keep: str, stands: str
) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.page.clock.install()  # her page asks for no news by itself
        marie.keys("Enter", "Control+a")
        marie.type("De Marie.")
        write(paul, "De Paul.")
        paul.settled()
        marie.keys("Enter")
        marie.page.locator("#dialogue-conflit").wait_for()
        assert texts(app)[0] == "De Paul."
        assert marie.page.locator("#conflit-mien").input_value() == "De Marie."
        assert "De Paul." in marie.page.locator("[data-show=theirs]").inner_text()
        marie.page.get_by_text("Le texte de Paul").wait_for()
        marie.keys("Escape")
        assert marie.page.locator("#dialogue-conflit").is_visible()
        marie.page.locator(f"#dialogue-conflit [value={keep}]").focus()
        marie.keys("Enter")
        until(marie, f"document.querySelector('.said').textContent === '{stands}'")
        marie.settled()
        assert texts(app)[0] == stands
        assert marie.here()["focused"]
        marie.complaints.clear()  # the browser reports the 409


def test_what_another_clerk_does_is_shown_quietly(arrive: Arrive, app: FastAPI) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.keys("End", "Enter")
        marie.type("Mais je")
        paul.keys("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "s")
        paul.keys("ArrowDown", "v")
        paul.settled()
        until(marie, "document.querySelectorAll('.turn').length === 6")
        marie.page.get_by_text("Modifié par Paul").first.wait_for()
        assert marie.page.evaluate("document.activeElement.value").startswith("Mais je ne suis")
        marie.keys("Enter")
        marie.settled()
        assert texts(app)[5].startswith("Mais je ne suis")
        assert len(texts(app)) == 6
        until(marie, "document.querySelectorAll('.turn.checked').length === 1")


def refused(clerk: Clerk, text: str, there: str) -> None:
    """Her text can only be copied, beside what stands there; then she is back in the sitting."""
    clerk.page.locator("#dialogue-conflit").wait_for()
    assert clerk.page.locator("#conflit-mien").input_value() == text
    assert there in clerk.page.locator("[data-show=theirs]").inner_text()
    shown = clerk.page.locator("#dialogue-conflit button:visible").all_inner_texts()
    assert shown == ["Copier mon texte", "Fermer"]
    clerk.page.get_by_text("Copier mon texte").focus()
    clerk.keys("Enter")
    clerk.page.get_by_text("Votre texte est copié").wait_for()
    clerk.page.get_by_role("button", name="Fermer").locator("visible=true").focus()
    clerk.keys("Enter")
    assert clerk.page.locator("#dialogue-conflit").is_hidden()
    assert clerk.here()["focused"]
    assert clerk.page.evaluate("Object.keys(localStorage).length") == 0


def test_a_text_is_not_written_over_the_turn_that_its_own_was_joined_to(
    arrive: Arrive, app: FastAPI
) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.page.clock.install()  # her page asks for no news by itself
        marie.keys("ArrowDown", "Enter", "Control+a")
        marie.type("De Marie.")
        paul.keys("j")
        paul.settled()
        joined = texts(app)
        marie.keys("Enter")
        refused(marie, "De Marie.", joined[0])
        assert texts(app) == joined
        marie.keys("Home", "Enter", "Control+End", "Control+v")
        marie.keys("Enter")
        marie.settled()
        assert texts(app)[0] == f"{joined[0]}De Marie."
        marie.complaints.clear()  # the browser reports the 409


def test_keys_do_nothing_when_the_turn_that_was_written_in_is_gone(
    arrive: Arrive, app: FastAPI
) -> None:
    with arrive("marie") as marie, arrive("paul") as paul:
        marie.keys("ArrowDown", "Enter", "End")
        paul.keys("j")
        paul.settled()
        joined = texts(app)
        until(marie, "document.querySelectorAll('.turn').length === 4")
        marie.keys("End", "j", "v")
        assert marie.page.locator(".turn.checked").count() == 0
        refused(marie, "Merci Madame la Présidente. Le quai des Verdets sera refait.jv", joined[0])
        assert texts(app) == joined


@pytest.mark.parametrize(("start_ms", "end_ms"), [(4000, 7000), (4500, 4740)])
def test_what_was_taken_out_is_not_written_back(
    clerk: Clerk, app: FastAPI, start_ms: int, end_ms: int
) -> None:
    clerk.page.clock.install()  # her page asks for no news by itself
    clerk.keys("ArrowDown", "Enter", "End")
    clerk.type(" Oui.")
    close(app, start_ms, end_ms)
    left = texts(app)
    clerk.keys("Enter")
    refused(
        clerk,
        "Merci Madame la Présidente. Le quai des Verdets sera refait. Oui.",
        "Ce passage a été retiré.",
    )
    assert texts(app) == left
    clerk.complaints.clear()  # the browser reports the 409


def test_what_was_taken_out_is_not_taken_up_after_a_crash(clerk: Clerk, app: FastAPI) -> None:
    page = clerk.page
    page.route("**/changes", lambda route: route.abort())
    clerk.keys("ArrowDown", "Enter", "End")
    clerk.type(" Oui.")
    until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
    close(app, 4500, 4740)
    left = texts(app)
    again = Clerk(page.context.new_page(), clerk.address)
    again.page.goto(page.url)
    page.close()  # which would go on trying
    again.page.locator("#retrouves button").first.wait_for()
    again.keys("Enter")
    refused(
        again,
        "Merci Madame la Présidente. Le quai des Verdets sera refait. Oui.",
        "Ce passage a été retiré.",
    )
    assert texts(app) == left
    clerk.complaints.clear()  # the browser itself reports the requests that failed


def test_letters_do_nothing_while_a_text_is_open_and_the_page_has_the_focus(clerk: Clerk) -> None:
    clerk.keys("Enter")
    clerk.page.evaluate("document.activeElement.blur()")
    clerk.keys("v", "Delete", "j")
    assert clerk.page.locator(".turn.checked").count() == 0
    clerk.keys("Escape")
    clerk.type("Chères")
    clerk.keys("Enter")
    clerk.settled()
    assert clerk.here()["text"].startswith("Chères et Messieurs, bonsoir.")


def test_a_text_that_is_emptied_to_be_written_anew_keeps_its_turn(
    clerk: Clerk, app: FastAPI
) -> None:
    clerk.keys("Enter", "Control+a", "Delete")
    clerk.page.wait_for_timeout(2000)  # longer than it takes to be saved by itself
    clerk.type("Bonsoir.")
    clerk.keys("Enter")
    clerk.settled()
    assert texts(app)[0] == "Bonsoir."
    assert len(texts(app)) == 5


def close(app: FastAPI, start_ms: int, end_ms: int) -> None:
    """The office takes a passage of the sitting out for good."""
    asked = Asked(Span(start_ms, end_ms), Why.IN_CAMERA, "greffe")
    close_passage(app.state.desk.archive, DRAFT, asked)


def test_what_a_closing_leaves_is_shown_and_corrected(clerk: Clerk, app: FastAPI) -> None:
    close(app, 4500, 4740)  # « la »
    until(clerk, "document.querySelectorAll('.turn').length === 6")
    shown = clerk.page.locator(".turn .said").all_text_contents()
    assert shown == texts(app)
    assert shown[1:3] == ["Merci Madame", "Présidente. Le quai des Verdets sera refait."]
    assert clerk.page.get_by_text("Huis clos de").is_visible()
    clerk.keys("ArrowDown", "h")
    clerk.page.get_by_text("passage retiré").wait_for()
    clerk.keys("Escape", "Enter", "End")
    clerk.type(" Oui.")
    clerk.keys("Enter")
    clerk.settled()
    assert texts(app)[1] == "Merci Madame Oui."


# --- the page itself ------------------------------------------------------------------------------


def test_the_help_is_the_table_and_every_action_is_done(clerk: Clerk) -> None:
    clerk.keys("F1")
    rows = clerk.page.locator("#dialogue-aide tr").evaluate_all(
        "rows => rows.map(({ dataset: d }) => [d.mode, d.keys, d.does])"
    )
    table = [[s.mode.value, s.all_keys, s.action] for group in GROUPS for s in group.shortcuts]
    assert rows == table
    done = clerk.page.evaluate(
        """async (actions) => {
      const { Actions } = await import('/static/js/bureau/actions.js');
      return actions.filter((action) => !(action in Actions.prototype));
    }""",
        [action for *_, action in table],
    )
    assert done == []
    clerk.keys("Escape")
    assert clerk.here()["focused"]


def test_letters_do_nothing_while_a_button_has_the_focus(clerk: Clerk) -> None:
    clerk.page.locator("[data-action=help]").focus()
    clerk.keys("v", "d", "s")
    assert clerk.word() == "Mesdames"
    clerk.keys("Escape")
    assert clerk.here()["focused"]


def test_tab_leaves_the_text_and_comes_back(clerk: Clerk) -> None:
    clerk.keys("Enter", "Tab")
    assert clerk.page.evaluate("document.activeElement.closest('#barre') !== null")
    clerk.keys("Shift+Tab")
    assert clerk.page.evaluate("document.activeElement.className") == "writing"


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_axe_finds_nothing(arrive: Arrive, size: tuple[int, int], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with arrive(size=size, scheme=scheme) as clerk:
        opened = {"": (), "Escape": ("n", "q"), "Escape ": ("c",), "Escape  ": ("F1",)}
        opened |= {"Escape   ": ("h",), "Escape    ": ("g",), "Escape     ": ("Enter",)}
        for close, keys in opened.items():
            clerk.keys(*keys)
            clerk.page.wait_for_timeout(150)
            found = Axe().run(clerk.page).response["violations"]
            assert [(v["id"], v["nodes"][0]["html"][:100]) for v in found] == [], keys
            assert clerk.overflow() <= 0
            if close:
                clerk.keys("Escape")


TO_AND_FRO = """async () => {
  const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const shown = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const start = performance.now();
  for (let n = 0; n < 40; n++) {
    press(n % 8 < 4 ? 'ArrowDown' : 'ArrowUp');
    await shown();
  }
  return (performance.now() - start) / 40;
}"""


def test_a_long_sitting_is_as_quick_as_a_short_one(
    arrive: Arrive, app: FastAPI, tmp_path: Path
) -> None:
    """From a key to the next picture, with 1,500 turns and 20,000 words beside five turns."""
    session, transcript = draft()
    turns = tuple(
        replace(turn, index=5 * n + turn.index, words=turn.words * 2)
        for n in range(300)
        for turn in transcript.turns
    )
    long = replace(session, id="longue", parts=(replace(session.parts[0], id="1" * 64),))
    app.state.desk.archive.save(long, replace(transcript, session="longue", turns=turns))
    shutil.copytree(tmp_path / "media" / DRAFT, tmp_path / "media" / "longue")
    with arrive() as short, arrive(session="longue") as clerk:
        few = min(short.page.evaluate(TO_AND_FRO) for _ in range(3))
        many = min(clerk.page.evaluate(TO_AND_FRO) for _ in range(3))
        assert many < 3 * few + 30, f"{many:.0f} ms with 1,500 turns, {few:.0f} ms with five"
        clerk.keys("End", "v")
        clerk.settled()


def test_an_imported_text_is_reviewed_without_sound(arrive: Arrive, app: FastAPI) -> None:
    app.state.desk.archive.save(*as_text(*draft()))
    with arrive(session=SILENT) as clerk:
        assert clerk.page.locator("audio").count() == 0
        clerk.keys("Space")
        assert "texte importé" in clerk.told()
        write(clerk, "Bonsoir à toutes.")
        clerk.keys("v")
        clerk.settled()
        assert texts(app, SILENT)[0] == "Bonsoir à toutes."
        assert "Tours relus : 1 sur 5" in clerk.page.locator("[data-show=progress]").inner_text()
        assert "voix sans nom" not in clerk.page.locator("[data-show=progress]").inner_text()


@pytest.mark.parametrize("size", [PHONE, NARROWEST, LOW])
def test_a_phone_reads_hears_and_checks(arrive: Arrive, size: tuple[int, int]) -> None:
    with arrive(size=size) as clerk:
        assert clerk.overflow() <= 0
        clerk.page.locator(".said").nth(1).click()
        until(clerk, PLAYS)
        if size != LOW:
            clerk.page.locator("[data-action=check]").click()
            clerk.settled()
            assert clerk.page.locator(".turn.checked").count() == 1
