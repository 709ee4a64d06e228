"""The review in a real Chromium, by keyboard alone: what a clerk writes, shapes, checks."""

from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Dialog, Route

from ingest.editing.learned_terms import taught
from tests.support import waiting
from tests.support.browser import until
from tests.support.review_site import (
    MARKED,
    NOW,
    PLAYS,
    RETRY_MS,
    SAVED_MS,
    Arrive,
    Clerk,
    names,
    replacing,
    texts,
)

pytestmark = pytest.mark.browser


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


def test_a_doubtful_word_that_is_right_is_accepted_by_one_key(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("d", "a")
    clerk.settled()
    assert clerk.word() == "Rochas", "on to the next doubt"
    assert clerk.page.evaluate(MARKED) == ["Rochas"]
    assert "2 passages à réécouter" in clerk.page.locator("[data-show=progress]").inner_text()
    clerk.keys("Control+z")
    clerk.settled()
    assert sorted(clerk.page.evaluate(MARKED)) == ["Rochas", "Verdets"]


def test_writing_is_saved_by_itself_and_undone(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        before = texts(app)[0]
        clerk.keys("Enter")
        clerk.type("Mesdames,")
        clerk.passes(SAVED_MS)
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


def test_what_was_not_saved_is_offered_again_after_a_crash(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        page = clerk.page
        page.route("**/changes", lambda route: route.abort())
        clerk.keys("d", "Enter")
        clerk.type("Vernets")
        clerk.passes(SAVED_MS)
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
    waiting.until(lambda: texts(app)[0].startswith("Chères et"))


def test_a_server_that_fails_is_reported_and_tried_again(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        failing = [True]
        clerk.page.route(
            "**/changes",
            lambda route: route.fulfill(status=500) if failing[0] else route.continue_(),
        )
        clerk.keys("ArrowDown", "v")
        until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
        clerk.keys("Enter")
        clerk.type("Messieurs")
        clerk.keys("Enter")
        assert clerk.here()["text"].startswith("Messieurs Rochas")
        failing[0] = False
        clerk.passes(RETRY_MS)
        clerk.settled()
        assert texts(app)[2].startswith("Messieurs Rochas")
        clerk.complaints.clear()


def test_keys_pressed_while_the_server_works_are_not_lost(clerk: Clerk, app: FastAPI) -> None:
    def slowly(route: Route) -> None:
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
    assert (
        clerk.page.locator("#dialogue-voix [data-show=voice]")
        .inner_text()
        .endswith(", 2 interventions")
    )
    clerk.type("kel")
    clerk.keys("Control+Enter")  # everywhere, whoever speaks
    clerk.settled()
    assert clerk.told().startswith("Partout, 2 interventions : Nadia Keller")
    assert names(app) == [
        *("Claire Fontanet", "Nadia Keller", "Claire Fontanet", "Julien Rochat", "Nadia Keller")
    ]
    assert clerk.here()["focused"]
    clerk.keys("End", "q")
    clerk.type("sand mail")
    clerk.keys("Enter")  # here alone
    clerk.settled()
    assert clerk.told().startswith("Ici seulement : Sandrine Maillard")
    assert names(app)[1::3] == ["Nadia Keller", "Sandrine Maillard"]
    clerk.keys("Home", "q")
    clerk.type("Anne Perret")
    clerk.keys("Control+Enter")  # a name that no list has
    clerk.settled()
    assert names(app)[0] == names(app)[2] == "Anne Perret"
    clerk.keys("n")
    assert clerk.told() == "Toutes les voix ont un nom."


def test_a_voice_without_a_name_is_named_here_by_the_same_key(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("n", "q")
    clerk.type("kel")
    clerk.keys("Enter")
    clerk.settled()
    assert names(app).count("Nadia Keller") == 1
    clerk.keys("Control+z")
    clerk.settled()
    assert "Nadia Keller" not in names(app)


def test_two_persons_that_are_joined_are_told_and_parted_again(clerk: Clerk, app: FastAPI) -> None:
    before = texts(app)
    clerk.keys("Home", "j")
    clerk.settled()
    assert clerk.told().startswith("Deux personnes jointes")
    clerk.keys("Control+z")
    clerk.settled()
    assert texts(app) == before


def test_a_turn_that_is_emptied_is_told_and_comes_back(clerk: Clerk, app: FastAPI) -> None:
    before = texts(app)
    clerk.keys("Home", "Enter", "Control+a", "Delete", "Enter")
    clerk.settled()
    assert clerk.told().startswith("Intervention retirée : « ")
    assert len(texts(app)) == len(before) - 1
    clerk.keys("Control+z")
    clerk.settled()
    assert texts(app) == before


def test_a_link_to_the_words_opens_them(clerk: Clerk) -> None:
    start = clerk.page.evaluate("document.querySelectorAll('.turn')[1].textContent") and 4_000
    here = clerk.page.url
    clerk.page.goto(f"{here}?t={start}&mots=1")
    clerk.page.locator("textarea.writing").wait_for()
    assert clerk.page.evaluate("document.activeElement.className") == "writing"


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
    assert clerk.page.get_by_text("1 intervention à changer").is_visible()
    clerk.keys("Tab", "Enter")
    clerk.settled()
    assert "Vernets" in texts(app)[1]
    assert "Verdets" in texts(app)[3]
    assert "G : toujours écrire ainsi" in clerk.page.locator("#conseil").inner_text()


def test_a_name_is_left_out_of_a_replacement(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("c")
    clerk.page.get_by_label("aussi dans les noms").check()
    clerk.keys("Escape")
    replacing(clerk, "Rochat", "Rochaz")
    assert clerk.page.get_by_text("0 intervention à changer · 1 nom à changer").is_visible()
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
    while not held:  # the line is slow
        clerk.page.wait_for_timeout(20)
    held[0].continue_()
    until(clerk, "document.activeElement.dataset.does === 'apply'")
    clerk.keys("Enter")
    clerk.settled()
    assert "Verdets" not in " ".join(texts(app))


def test_a_replacement_is_made_where_it_was_shown_whatever_others_do(
    arrive: Arrive, app: FastAPI
) -> None:
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
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
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.locator("[data-action=finish]").focus()
    clerk.keys("Enter")
    while not asked:
        page.wait_for_timeout(50)
    assert asked[0].startswith("4 interventions ne sont pas relues")
    assert page.locator("[data-show=reviewed]").inner_text() == ""
    page.once("dialog", lambda dialog: dialog.accept())
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


def test_what_was_read_is_not_called_left_while_the_line_is_slow(clerk: Clerk) -> None:
    page = clerk.page
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    def slowly(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.on("dialog", accept)
    page.route("**/changes", slowly)
    clerk.keys("Home", *"v" * page.locator(".turn").count())
    page.locator("[data-action=finish]").focus()
    clerk.keys("Enter")
    page.get_by_text("Revu par Marie le ").wait_for()
    assert asked == []


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
    clerk.page.get_by_text("telle que la machine l'a écrite").wait_for()
