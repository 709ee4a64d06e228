"""A real server and a visit to it: what the tests in a real browser share."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from api.deps import Deps
from ingest.transcript import AgendaItem, Status
from tests.support.small_site import sitting, tones
from tests.support.waiting import PATIENCE_S
from web.app import create_app

ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP *.test 127.0.0.1",  # names that are not localhost
]
# Where the player's sound is, in seconds of the session: it may have loaded an interval alone.
SOUND_S = """(() => { const { currentTime, dataset } = document.querySelector('#son');
  return currentTime + Number(dataset.from ?? 0) / 1000; })()"""
PARTED = "2025-01-14"
PHONE, NARROW, NARROWEST, DESKTOP = (390, 844), (360, 640), (320, 568), (1440, 900)
LOW = (720, 450)  # 1440 by 900 at 200 %
Scheme = Literal["light", "dark"]


def serving(deps: Deps) -> AbstractContextManager[str]:
    """A real server of the readers' site, on a free port of the loopback."""
    return serving_app(create_app(deps))


@contextmanager
def serving_app(app: FastAPI) -> Iterator[str]:
    """A real server of a site, on a free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def announced_in_mid_turn(deps: Deps, root: Path) -> None:
    """An older session, whose second point is taken up at 2200 ms, with the chair's fourth word."""
    session, transcript = sitting(PARTED, "Bonsoir à toutes. Nous passons à la piste.")
    agenda = (AgendaItem("A", "Accueil", None, 0), AgendaItem("B", "Le quai", None, 2300))
    session = replace(session, date=date(2025, 1, 14), agenda=agenda)
    deps.published.archive.save(session, transcript)
    deps.published.archive.set_status(PARTED, Status.PUBLISHED)
    tones(root / "media" / PARTED / "listen.opus", "ogg", "libopus")


@dataclass
class Visit:
    """A page and everything that went wrong on it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_S * 1000)

    def watch(self) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"console: {message.text}")

        def request(sent: Request) -> None:
            if not sent.url.startswith((self.address, "data:")):
                self.complaints.append(f"external request: {sent.url}")

        self.page.on("console", console)
        self.page.on("request", request)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def overflow(self) -> int:
        beyond: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return beyond


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium; the test is skipped, or fails where one is required, if there is none."""
    # The shell is the same engine without the window around it: less than half the work a visit.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("VERBATIM_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("VERBATIM_REQUIRE_BROWSER") == "1":
        pytest.fail("No Chromium found, and VERBATIM_REQUIRE_BROWSER=1 asks for one.")
    if path is None:
        pytest.skip(
            "No Chromium found (apt-get install chromium-headless-shell, or set VERBATIM_CHROMIUM)."
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visiting(
    chromium: Browser, address: str, *, size: tuple[int, int] = DESKTOP, scripts: bool = True
) -> Iterator[Visit]:
    """A fresh visit; fails afterwards if the console, the CSP or the network complained."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    visit = Visit(context.new_page(), address)
    visit.watch()
    yield visit
    context.close()
    assert visit.complaints == []


def watch_delays(visit: Visit) -> None:
    """Begin to measure how late a page's own timers are: what has to happen at a moment is later
    by as much on a machine that is busy."""
    visit.page.evaluate("""() => {
      let last = performance.now();
      const look = () => {
        const now = performance.now();
        window.delay = Math.max(window.delay ?? 0, now - last);
        last = now;
        setTimeout(look);
      };
      look();
    }""")


def longest_delay_ms(visit: Visit) -> float:
    """The longest of them since."""
    longest: float = visit.page.evaluate("window.delay")
    return longest


def ask(visit: Visit, question: str) -> None:
    visit.page.fill("#q", question)
    visit.page.press("#q", "Enter")


def until(visit: Visit, expression: str) -> None:
    """Wait for a JavaScript expression (Playwright's own wait needs `eval`; the CSP forbids it)."""
    deadline = time.monotonic() + PATIENCE_S
    while not visit.page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        visit.page.wait_for_timeout(20)
