"""The review in a real Chromium: two clerks, answers lost, passages redacted meanwhile."""

import pytest
from fastapi import FastAPI
from playwright.sync_api import Route

from ingest.archive.redactions import RedactionReason
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Span
from search.index.withdraw import redact_passage
from tests.support.browser import until
from tests.support.review_site import (
    DRAFT,
    NEWS_MS,
    RETRY_MS,
    SAVED_MS,
    Arrive,
    Clerk,
    replacing,
    texts,
    write,
)

pytestmark = pytest.mark.browser


# --- lost answers ---------------------------------------------------------------------------------


def lose(clerk: Clerk, path: str, *, made: bool = True) -> None:
    """The next request there has no answer, though the server did what it asks if it was `made`."""
    lost: list[object] = []

    def once(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(made and route.fetch())
        return route.abort()

    clerk.page.route(f"**/{path}", once)


def test_a_text_whose_answer_is_lost_is_no_conflict(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        lose(clerk, "changes")
        clerk.keys("Enter")
        clerk.type("Chères")
        clerk.passes(SAVED_MS)
        until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
        clerk.type(" amies !")
        clerk.passes(RETRY_MS)
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
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
        write(marie, "Un.")
        write(marie, "Deux.")
        marie.settled()
        paul.keys("End")
        write(paul, "De Paul.")
        paul.settled()
        lose(marie, "undo", made=made)
        marie.keys("Control+z")
        until(marie, "document.getElementById('etat').dataset.state === 'offline'")
        marie.passes(RETRY_MS)
        marie.settled()
        assert marie.told() == "Annulé"
        assert (texts(app)[0], texts(app)[-1]) == ("Un.", "De Paul.")
        marie.complaints.clear()


def test_a_replacement_whose_answer_is_lost_is_made_once(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        lose(clerk, "changes")
        replacing(clerk, "quai", "beau quai")
        clerk.keys("Enter")
        until(clerk, "document.getElementById('etat').dataset.state === 'offline'")
        clerk.passes(RETRY_MS)
        clerk.settled()
        assert " ".join(texts(app)).count("beau quai") == 2
        assert "beau beau" not in " ".join(texts(app))
        assert clerk.told().startswith("Remplacé dans 2 interventions")
        clerk.complaints.clear()


# --- two clerks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "stands"), [("mine", "De Marie."), ("theirs", "De Paul.")])
def test_two_clerks_never_overwrite_each_other(
    arrive: Arrive, app: FastAPI, keep: str, stands: str
) -> None:
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
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
        marie.keys("Escape", "Escape")  # browsers let a page refuse the first one only
        assert marie.page.locator("#dialogue-conflit").is_visible()
        marie.page.locator(f"#dialogue-conflit [value={keep}]").focus()
        marie.keys("Enter")
        until(marie, f"document.querySelector('.said').textContent === '{stands}'")
        marie.settled()
        assert texts(app)[0] == stands
        assert marie.here()["focused"]
        marie.complaints.clear()  # the browser reports the 409


def test_what_another_clerk_does_is_shown_quietly(arrive: Arrive, app: FastAPI) -> None:
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
        marie.keys("End", "Enter")
        marie.type("Mais je")
        paul.keys("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "s")
        paul.keys("ArrowDown", "v")
        paul.settled()
        marie.passes(NEWS_MS)
        until(marie, "document.querySelectorAll('.turn').length === 6")
        marie.page.get_by_text("Modifié par Paul").first.wait_for()
        assert marie.page.evaluate("document.activeElement.value").startswith("Mais je ne suis")
        marie.keys("Enter")
        marie.settled()
        assert texts(app)[5].startswith("Mais je ne suis")
        assert len(texts(app)) == 6
        until(marie, "document.querySelectorAll('.turn.checked').length === 1")


def refused(clerk: Clerk, text: str, there: str) -> None:
    """Her text can only be copied, beside what stands there; then she is back in the session."""
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
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
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
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
        marie.keys("ArrowDown", "Enter", "End")
        paul.keys("j")
        paul.settled()
        joined = texts(app)
        marie.passes(NEWS_MS)
        until(marie, "document.querySelectorAll('.turn').length === 4")
        marie.keys("End", "j", "v")
        assert marie.page.locator(".turn.checked").count() == 0
        refused(marie, "Merci Madame la Présidente. Le quai des Verdets sera refait.jv", joined[0])
        assert texts(app) == joined


PRESS = """(button) => {
  button.click();
  return document.activeElement === document.querySelector('.turn[aria-current]');
}"""


@pytest.mark.parametrize("button", ["mine", "theirs", "close"])
def test_the_focus_is_back_in_the_text_before_another_key_can_be_pressed(
    arrive: Arrive, button: str
) -> None:
    with arrive("marie", stopped=True) as marie, arrive("paul") as paul:
        marie.keys("ArrowDown", "Enter", "End")
        marie.type(" Oui.")
        if button == "close":
            paul.keys("j")  # her turn is gone: her text can only be copied
        else:
            paul.keys("ArrowDown")
            write(paul, "De Paul.")
        paul.settled()
        marie.passes(SAVED_MS)  # hers is saved by itself, while she writes
        marie.page.locator("#dialogue-conflit").wait_for()
        pressed = marie.page.locator(f"#dialogue-conflit [value={button}]:visible")
        assert pressed.evaluate(PRESS)  # in one task: no other event comes in between
        marie.settled()
        marie.complaints.clear()  # the browser reports the 409


@pytest.mark.parametrize(("start_ms", "end_ms"), [(4000, 7000), (4500, 4740)])
def test_what_was_taken_out_is_not_written_back(
    arrive: Arrive, app: FastAPI, start_ms: int, end_ms: int
) -> None:
    with arrive(stopped=True) as clerk:
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


def test_what_was_taken_out_is_not_taken_up_after_a_crash(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        page = clerk.page
        page.route("**/changes", lambda route: route.abort())
        clerk.keys("ArrowDown", "Enter", "End")
        clerk.type(" Oui.")
        clerk.passes(SAVED_MS)
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
    arrive: Arrive, app: FastAPI
) -> None:
    with arrive(stopped=True) as clerk:
        clerk.keys("Enter", "Control+a", "Delete")
        clerk.passes(2 * SAVED_MS)
        clerk.type("Bonsoir.")
        clerk.keys("Enter")
        clerk.settled()
        assert texts(app)[0] == "Bonsoir."
        assert len(texts(app)) == 5


def close(app: FastAPI, start_ms: int, end_ms: int) -> None:
    """The office redacts a passage of the session."""
    asked = RedactionRequest(Span(start_ms, end_ms), RedactionReason.IN_CAMERA, "greffe")
    redact_passage(app.state.desk.archive, DRAFT, asked)


def test_what_a_redaction_leaves_is_shown_and_corrected(arrive: Arrive, app: FastAPI) -> None:
    with arrive(stopped=True) as clerk:
        close(app, 4500, 4740)  # « la »
        clerk.passes(NEWS_MS)
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
        # Nobody makes the sound anew here: what the page was still loading of it is refused.
        clerk.complaints = [one for one in clerk.complaints if "503" not in one]
