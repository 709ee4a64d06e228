"""From the first start of an empty machine to a published session, by keyboard alone.

The real command, worker, models and browser. Only the file dialog, which belongs to the system, is
answered for the clerk; everything else is keys.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page

from tests.conftest import SAMPLES
from tests.support.browser import visiting
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.models]
SAMPLE = SAMPLES / "2025-03-11-piste-cyclable"
PASSWORD = "quatre mots sans rapport"
TITLE = "Séance ordinaire de mars"


@contextmanager
def serving_for_real(data: Path) -> Iterator[tuple[str, str]]:
    """`verbatim serve` with its worker; its address, and the one-time link it prints."""
    env = {**os.environ, "VERBATIM_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    told = data.parent / "serve.log"
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", "0"]
    with told.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out, env=env) as run:
        try:
            deadline = time.monotonic() + 300
            while not (link := re.search(r"http://\S+/bureau/invitation/\S+", told.read_text())):
                assert run.poll() is None, told.read_text()
                assert time.monotonic() < deadline, told.read_text()
                time.sleep(0.2)
            yield urljoin(link.group(0), "/"), link.group(0)
        finally:
            run.terminate()
            run.wait(PATIENCE_S)


class Hands:
    """What a clerk does without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, selector: str, key: str = "Tab") -> None:
        """Press Tab until the focus is there."""
        for _ in range(150):
            if self._is_at(selector):
                return
            self.page.keyboard.press(key)
        pytest.fail(f"{selector} is not reached by {key} on {self.page.url}")

    def _is_at(self, selector: str) -> bool:
        try:
            found = self.page.evaluate("s => document.activeElement?.matches(s)", selector)
        except Error:  # the page that was left is going, the next one is not there yet
            self.page.wait_for_load_state()
            return False
        return bool(found)

    def press(self, selector: str) -> None:
        """Reach a link or a button, and press it."""
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        """Reach a field and write in it."""
        self.reach(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def arrive(self, address: str) -> None:
        """Wait for the page of that path."""
        self.page.wait_for_url(lambda url: urlsplit(url).path == address and "?" not in url)


def test_a_clerk_brings_in_corrects_and_publishes_a_session_without_a_mouse(
    tmp_path: Path, chromium: Browser
) -> None:
    data = tmp_path / "data"
    with serving_for_real(data) as (site, link), visiting(chromium, site) as visit:
        hands = Hands(visit.page)
        become_administrator(hands, link)
        bring_in(hands)
        session = wait_for_the_transcript(hands)
        review(hands, session)
        confirm(hands, session)
        publish(hands, session)
        what_readers_find(site, session)


def become_administrator(hands: Hands, link: str) -> None:
    hands.page.goto(link)
    hands.write("#name", "Anne Rochat")
    hands.write("#login", "rochat")
    hands.write("input[type=password]", PASSWORD)
    hands.page.keyboard.press("Tab")
    hands.write("input[type=password]", PASSWORD)
    hands.page.keyboard.press("Enter")
    hands.arrive("/bureau")
    hands.press("form[action='/bureau/deconnexion'] button")
    hands.page.wait_for_url(lambda url: not url.endswith("/bureau"))
    hands.page.goto(urljoin(link, "/bureau"))
    hands.write("#login", "rochat")
    hands.write("input[type=password]", PASSWORD)
    hands.page.keyboard.press("Enter")
    hands.arrive("/bureau")


def bring_in(hands: Hands) -> None:
    hands.press("a[href='/bureau/apporter']")
    hands.arrive("/bureau/apporter")
    # Answered from here on: `expect_file_chooser` at times begins after the dialog is gone.
    hands.page.on("filechooser", lambda dialog: dialog.set_files([str(SAMPLE / "part1.opus")]))
    hands.reach("#files")
    hands.page.keyboard.press("Enter")
    hands.reach("#date")
    hands.page.keyboard.type("03112025")  # the browser of the tests speaks English
    hands.write("#title", TITLE)
    agenda = json.loads((SAMPLE / "agenda.json").read_text("utf-8"))
    hands.write("#agenda", "\n".join(f"{item['number']}. {item['title']}" for item in agenda))
    hands.write("#roster", (SAMPLE / "roster.csv").read_text("utf-8"))
    hands.page.wait_for_selector("[data-whole=true]", state="attached")
    hands.press("button[name=do][value=send]")


def wait_for_the_transcript(hands: Hands) -> str:
    """Nothing is pressed: the page follows by itself. Its link leads to the draft."""
    hands.page.wait_for_selector("a.primary[href^='/bureau/seances/']", timeout=600_000)
    hands.press("a.primary[href^='/bureau/seances/']")
    hands.page.wait_for_url(re.compile(r"/bureau/seances/[^/]+$"))
    return str(hands.page.url).rsplit("/", 1)[1]


def review(hands: Hands, session: str) -> None:
    """Correct the first turn's beginning, read every turn, say that it is done."""
    hands.press(f"a[href='/bureau/seances/{session}/relecture']")
    hands.page.wait_for_selector("#tours .turn")
    keys = hands.page.keyboard
    hands.reach("#tours .turn")
    keys.press("Enter")
    keys.press("Control+Home")
    keys.insert_text("Attention. ")
    keys.press("Control+Enter")
    turns = hands.page.evaluate("document.querySelectorAll('#tours .turn').length")
    for _ in range(turns):
        keys.press("v")
        hands.page.wait_for_timeout(80)
    hands.press("[data-action=finish]")
    hands.page.wait_for_selector("[data-show=reviewed]:not(:empty)")
    assert "Anne Rochat" in hands.page.inner_text("[data-show=reviewed]")


def go_to(hands: Hands, session: str, part: str) -> None:
    """Back to the session's own page, and on to a part of it."""
    for address in (f"/bureau/seances/{session}", f"/bureau/seances/{session}/{part}"):
        hands.press(f"a[href='{address}']")
        hands.arrive(address)


def confirm(hands: Hands, session: str) -> None:
    """The agenda's times, all at once, and the first vote."""
    go_to(hands, session, "ordre-du-jour")
    hands.press("button[name=act][value=all]")
    hands.page.wait_for_selector("button[name=act][value=all]", state="detached")
    go_to(hands, session, "votes")
    hands.press("button[value=confirmed]")
    hands.page.wait_for_selector("button[value=none]")


def publish(hands: Hands, session: str) -> None:
    """Points that nobody announces have no time: the page asks, and she publishes without."""
    go_to(hands, session, "publication")
    hands.reach("#sans-temps")
    hands.page.keyboard.press("Space")
    hands.press("form[action$='/publication/publier'] button")
    hands.page.wait_for_selector(".badge.published")


def what_readers_find(site: str, session: str) -> None:
    with httpx.Client(base_url=site) as anybody:
        assert session == "2025-03-11-seance-ordinaire-de-mars"
        page = anybody.get(f"/seances/{session}").text
        assert "Attention. " in page
        assert "Anne Rochat" in page
        asked = {"question": "Combien coûte la piste cyclable du quai du Soleil ?"}
        answer = anybody.post("/api/ask", json=asked, timeout=PATIENCE_S).json()
        assert not answer["refused"], answer["why"]
        quoted = answer["citations"][0]
        clip = anybody.get(quoted["links"]["clip_opus"])
        assert clip.headers["content-type"].startswith("audio/")
        assert "Anne Rochat" in anybody.get(f"/seances/{session}/export.vtt").text
