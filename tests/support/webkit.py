"""WebKit, Safari's engine, as Debian builds it: driven by WebDriver, for what Chromium cannot tell.

Playwright drives only a WebKit of its own, which no registry of packages has. Needs
`apt-get install webkit2gtk-driver xvfb`; a test that asks for it is skipped without.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.waiting import PATIENCE_S, free_port, until

_BROWSERS = "*/webkit2gtk-4.*/MiniBrowser"  # below /usr/lib


@dataclass(frozen=True)
class WebKit:
    """One window, by the commands of WebDriver (W3C)."""

    client: httpx2.Client
    session: str

    def visit(self, address: str) -> None:
        """Load a page."""
        self._post("/url", url=address)

    def run(self, script: str) -> Any:
        """What a script returns in the page."""
        return self._post("/execute/sync", script=script, args=[])

    def click(self, selector: str) -> None:
        """Press an element as a finger does: what a page may do after a press, it may do."""
        element = self._post("/element", using="css selector", value=selector)
        self._post(f"/element/{next(iter(element.values()))}/click")

    def _post(self, path: str, **values: object) -> Any:
        answer = self.client.post(f"/session/{self.session}{path}", json=values)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@contextmanager
def webkit() -> Iterator[WebKit]:
    """A WebKit in a display of its own."""
    driver, screen, browser = (
        shutil.which("WebKitWebDriver"),
        shutil.which("Xvfb"),
        next(Path("/usr/lib").glob(_BROWSERS), None),
    )
    if not (driver and screen and browser):
        pytest.skip("No WebKit found (apt-get install webkit2gtk-driver xvfb).")
    with ExitStack() as stack:
        port = free_port()
        display = f":{port % 10_000 + 100}"  # one that no desktop has
        _started(stack, [screen, display, "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
        # Without a compositor, and without a sandbox of its own: containers have neither.
        environment = {
            "DISPLAY": display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        }
        _started(stack, [driver, f"--port={port}"], environment)
        client = stack.enter_context(
            httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)
        )
        until(lambda: _answers(client))
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        session = client.post("/session", json=wanted).json()["value"]["sessionId"]
        yield WebKit(client, session)
        client.delete(f"/session/{session}")


def _started(
    stack: ExitStack, command: list[str], environment: dict[str, str] | None = None
) -> None:
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/status").status_code == 200
    except httpx2.HTTPError:
        return False
