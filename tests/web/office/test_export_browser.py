"""The agenda and the votes in a real browser: by keyboard alone, and heard from where they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from operator import eq
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from api.catalogue import catalogue
from ingest.documents.agenda_store import agenda_of
from ingest.transcript import AgendaItem
from search.votes.confirm import judged_session
from tests.support.browser import serving_app
from tests.support.office import signed_in, small_office
from tests.support.small_site import sitting, tones
from tests.support.waiting import PATIENCE_S
from web.site import LOCALE

pytestmark = pytest.mark.browser
HERE = "/bureau/seances/x"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    app = small_office(tmp_path)
    said = "Nous passons au point deux. La motion 7 est acceptée par 40 oui contre 30 non."
    session, transcript = sitting("x", said)
    agenda = (AgendaItem("1", "Accueil"), AgendaItem("2", "Motion M-7 : la piscine", "M-7"))
    app.state.desk.archive.save(replace(session, agenda=agenda), transcript)
    tones(tmp_path / "media" / "x" / "listen.opus", "ogg", "libopus")
    tones(tmp_path / "media" / "x" / "listen.mp3", "mp3", "libmp3lame")
    return app


@pytest.fixture
def page(chromium: Browser, app: FastAPI) -> Iterator[Page]:
    with serving_app(app) as address:
        context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        cookies = signed_in(app).cookies
        context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        assert complaints == []
        context.close()


def agenda(app: FastAPI) -> list[tuple[str, int | None, bool]]:
    with app.state.desk.archive.engine.connect() as db:
        return [(p.item.title, p.item.start_ms, p.confirmed) for p in agenda_of(db, "x")]


def test_the_agenda_is_placed_by_keyboard_alone(page: Page, app: FastAPI) -> None:
    page.goto(f"{HERE}/ordre-du-jour")
    press_until(page, lambda told: told == "Placer à 0:00:01")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("fait=garde"))
    assert agenda(app)[1] == ("Motion M-7 : la piscine", 1000, True)
    press_until(page, lambda told: told == "title-0")
    page.keyboard.press("Control+A")
    page.keyboard.type("Ouverture")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the first button of a form is what Enter presses: to save
    assert agenda(app)[0][0] == "Ouverture"


def test_a_vote_is_heard_and_confirmed_by_keyboard_alone(page: Page, app: FastAPI) -> None:
    page.goto(f"{HERE}/votes")
    press_until(page, lambda told: told.startswith("▶"))
    page.keyboard.press("Enter")
    playing = "document.querySelector('#ecoute audio').currentTime"
    while not page.evaluate(playing) > 3:  # the words begin at 3 s
        page.wait_for_timeout(50)
    press_until(page, lambda told: told == "Confirmer")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#vote-"))
    [one] = judged_session(app.state.desk.archive, "x").votes
    assert one.verdict == "confirmed"
    assert page.get_by_text("0 reste à confirmer.").is_visible()


def test_a_passage_is_redacted_by_keyboard_alone(page: Page, app: FastAPI) -> None:
    texts = catalogue("fr", LOCALE)
    page.goto(f"{HERE}/publication")
    press_until(page, lambda told: told == texts("publish.redact"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/passage$"))
    press_until(page, lambda told: told == "motif-bureau")  # chosen already: the mildest
    page.keyboard.press("ArrowDown")
    for field, clock in (("de", "0:00:03"), ("a", "0:00:10")):
        press_until(page, partial(eq, field))
        page.keyboard.type(clock)
    press_until(page, lambda told: told == texts("publish.see"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("motif=in_camera"))
    assert "La motion 7" in page.inner_text(".going del")
    press_until(page, lambda told: told == "certain")
    page.keyboard.press("Space")
    press_until(page, lambda told: told == texts("publish.redact_in_camera"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("mots=11"))
    [turn] = app.state.desk.archive.transcript("x").turns
    assert turn.text == "Nous passons au point deux."
    assert "motion 7" not in page.content()


def press_until(page: Page, is_there: Callable[[str], bool], most: int = 80) -> None:
    """Tab to the element that says this, or has this id."""
    told: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        told.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )
        if is_there(told[-1]):
            return
    raise AssertionError(told)
