"""From the first start of an empty machine to a published session, by keyboard alone.

The real command, worker, models and browser, with the files that colleagues send: an MP4 of two
tracks, captions of Teams, a list in Excel, an agenda in Word of which one point is in camera. Only
the file dialog, which belongs to the system, is answered for the clerk; everything else is keys.
Beside her somebody who is not signed in looks for what was said in camera, from the first moment.
"""

import io
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import av
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Error, FileChooser, Page

from tests.conftest import SAMPLES
from tests.support.browser import visiting
from tests.support.media import RATE, silence, speech, write_streams
from tests.support.office_documents import sheet, word
from tests.support.waiting import PATIENCE_S, until

pytestmark = [pytest.mark.browser, pytest.mark.models]
SAMPLE = SAMPLES / "2025-03-11-piste-cyclable"
PASSWORD = "quatre mots sans rapport"
TITLE = "Séance ordinaire de mars"
IN_CAMERA = "3"  # the number of that point
# The debate between the report and the votes: without it half as much is to be heard.
LEFT_OUT_MS = (45_000, 133_000)
SECRET = re.compile(r"signatures|marchands", re.IGNORECASE)  # said on it alone
SESSION = "2025-03-11-seance-ordinaire-de-mars"
PUBLIC = (
    "/",
    "/seances",
    "/decisions",
    f"/seances/{SESSION}",
    f"/seances/{SESSION}/export.txt",
    "/?q=Combien+de+personnes+ont+sign%C3%A9+la+p%C3%A9tition+P-3+%3F",
    f"/api/sessions/{SESSION}/transcript",
    "/api/passages",
)


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


@contextmanager
def looking_for_secrets(site: str) -> Iterator[list[str]]:
    """Somebody reads every public page again and again; the pages that were read."""
    over, looks, leaks = threading.Event(), [], []

    def look() -> None:
        with httpx.Client(base_url=site, timeout=PATIENCE_S) as anybody:
            while not over.is_set():
                for address in PUBLIC:
                    looks.append(address)
                    if SECRET.search(anybody.get(address).text):
                        leaks.append(address)
                over.wait(5)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()
    assert not leaks


@dataclass(frozen=True)
class ClerksFiles:
    """What colleagues sent, by the field of the form that takes it."""

    files: Sequence[Path]
    agenda_file: Path
    roster_file: Path

    @classmethod
    def made(cls, folder: Path) -> "ClerksFiles":
        """A sample, as a meeting on Teams and two secretaries would hand it over."""
        heard = np.delete(speech(240), slice(*(at * RATE // 1000 for at in LEFT_OUT_MS)))
        recording = write_streams(folder / "Réunion.mp4", [silence(heard), heard])
        captions = folder / "Réunion.vtt"
        captions.write_text(teams_captions(), "utf-8")
        agenda = folder / "Ordre du jour.docx"
        points = json.loads((SAMPLE / "agenda.json").read_text("utf-8"))
        marks = {IN_CAMERA: " (huis clos)"}
        listed = [(0, point["title"] + marks.get(point["number"], "")) for point in points]
        agenda.write_bytes(word("Séance du 11 mars 2025", numbered=listed))
        roster = folder / "Conseil.xlsx"
        rows = (SAMPLE / "roster.csv").read_text("utf-8").splitlines()[1:]
        roster.write_bytes(sheet(("Nom", "Fonction", "Parti"), *(row.split(",") for row in rows)))
        return cls((recording, captions), agenda, roster)

    def choose(self, dialog: FileChooser) -> None:
        """Answer the dialog of whichever field opened it."""
        given = getattr(self, str(dialog.element.get_attribute("id")))
        dialog.set_files(given if isinstance(given, Path) else list(given))


def teams_captions() -> str:
    """The sample's words as Teams writes them, who speaks in a tag of each cue."""
    turns = json.loads((SAMPLE / "reference.json").read_text("utf-8"))["turns"]
    cues = [(turn["speaker"], said) for turn in turns for said in turn["sentences"]]
    first, last = LEFT_OUT_MS
    return "WEBVTT\n\n" + "\n\n".join(
        f"{moment(said['start_ms'])} --> {moment(said['end_ms'])}\n<v {who}>{said['text']}</v>"
        for who, said in cues
        if said["end_ms"] < first or said["start_ms"] > last
    )


def moment(at_ms: int) -> str:
    """A moment of the sample in what is left of it, as captions write it."""
    first, last = LEFT_OUT_MS
    at_ms -= last - first if at_ms > first else 0
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


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
    files = ClerksFiles.made(tmp_path)
    data = tmp_path / "data"
    with (
        serving_for_real(data) as (site, link),
        looking_for_secrets(site) as looks,
        visiting(chromium, site) as visit,
    ):
        hands = Hands(visit.page)
        become_administrator(hands, link)
        bring_in(hands, files)
        session = wait_for_the_transcript(hands)
        review(hands, session)
        confirm(hands, session)
        publish(hands, session)
        what_readers_find(site, session)
    assert len(looks) > 10


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


def bring_in(hands: Hands, files: ClerksFiles) -> None:
    hands.press("a[href='/bureau/apporter']")
    hands.arrive("/bureau/apporter")
    # Answered from here on: `expect_file_chooser` at times begins after the dialog is gone.
    hands.page.on("filechooser", lambda dialog: files.choose(dialog))  # noqa: PLW0108
    hands.reach("#files")
    hands.page.keyboard.press("Enter")
    hands.reach("#date")
    hands.page.keyboard.type("03112025")  # the browser of the tests speaks English
    hands.write("#title", TITLE)
    for field, holds in (("agenda", "(huis clos)"), ("roster", "Thomas Blanc")):
        hands.reach(f"#{field}_file")
        hands.page.keyboard.press("Enter")
        hands.page.wait_for_function(
            "([field, holds]) => document.getElementById(field).value.includes(holds)",
            arg=[field, holds],
        )
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
    # The office has it; not all turns are laid out, and only those that are have inner text.
    assert SECRET.search(hands.page.text_content("#tours") or "")
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


def loudest(anybody: httpx.Client, session: str, start_ms: int) -> int:
    """The largest sample of five seconds that a reader is given; in camera there is silence."""
    interval = {"start_ms": start_ms, "end_ms": start_ms + 5_000}
    clips: list[httpx.Response] = []

    def prepared() -> bool:
        clips.append(anybody.get(f"/api/sessions/{session}/clip.mp3", params=interval))
        return clips[-1].status_code != 503

    until(prepared, each_s=0.5)  # the withheld passage is being taken out of the listening file
    clip = clips[-1]
    assert clip.status_code == 200, clip.text
    with av.open(io.BytesIO(clip.content)) as file:
        return max(int(abs(frame.to_ndarray()).max() * 32_768) for frame in file.decode(audio=0))


def what_readers_find(site: str, session: str) -> None:
    with httpx.Client(base_url=site, timeout=PATIENCE_S) as anybody:
        assert session == SESSION
        page = anybody.get(f"/seances/{session}").text
        assert "Attention. " in page and "huis clos" in page
        assert loudest(anybody, session, 20_000) > 1_000
        assert loudest(anybody, session, 77_000) <= 2
        assert "Anne Rochat" in page
        asked = {"question": "Quel est le crédit demandé pour la piste cyclable ?"}
        answer = anybody.post("/api/ask", json=asked).json()
        assert not answer["refused"], answer["why"]
        quoted = answer["citations"][0]
        clip = anybody.get(quoted["links"]["clip_opus"])
        assert clip.headers["content-type"].startswith("audio/")
        assert "Anne Rochat" in anybody.get(f"/seances/{session}/export.vtt").text
