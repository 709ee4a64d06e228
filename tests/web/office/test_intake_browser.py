"""Bringing a session in, in a real browser: files dropped, cut off, resumed; ordered and sent."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Request, Route

from api.desk import Desk
from ingest.intake.intake import Arrival, ArrivalState, every, folder
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState, claim
from tests.support.browser import DESKTOP, PHONE, Scheme, Visit, serving_app, until
from tests.support.media import noise, short_sound, write_channels
from tests.support.office import signed_in, small_office
from tests.support.office_documents import word
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.browser
CHUNK = 16 * 2**20
Office = tuple[FastAPI, str]
AA, BB = (short_sound(number).decode("latin-1") for number in (0, 1))
DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { lastModified: 1 }));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const how = { dataTransfer: data, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent(kind, how));
  }
}"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    app = small_office(tmp_path)
    with serving_app(app) as address:
        yield app, address


@contextmanager
def visiting(
    chromium: Browser,
    office: Office,
    *,
    size: tuple[int, int] = DESKTOP,
    scheme: Scheme | None = None,
    scripts: bool | None = None,
) -> Iterator[Visit]:
    """A clerk's visit; fails afterwards if the console, the CSP or the network complained."""
    app, address = office
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        color_scheme=scheme,
        java_script_enabled=scripts,
    )
    cookies = dict(signed_in(app).cookies)
    context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
    visit = Visit(context.new_page(), address)
    visit.watch()
    yield visit
    context.close()
    assert visit.complaints == []


def arrival_of(office: Office) -> Arrival:
    desk: Desk = office[0].state.desk
    with desk.archive.engine.connect() as db:
        [found] = every(db, *ArrivalState)
    return found


def contents(office: Office) -> list[bytes]:
    desk: Desk = office[0].state.desk
    found = arrival_of(office)
    return [(folder(desk.settings.data, found.id) / f.id).read_bytes() for f in found.files]


def holding(visit: Visit, offset: int) -> list[Route]:
    """The first piece of a file at this offset is held back, and put into the list."""
    held: list[Route] = []

    def pass_on(route: Route) -> None:
        wanted = route.request.headers.get("upload-offset") == str(offset)
        held.append(route) if wanted and not held else route.continue_()

    visit.page.route("**/fichiers/*", pass_on)
    return held


def until_held(visit: Visit, held: list[Route]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not held:
        assert time.monotonic() < deadline, "no piece was sent"
        visit.page.wait_for_timeout(50)


def test_dropped_ordered_by_keyboard_and_sent(chromium: Browser, office: Office) -> None:
    with visiting(chromium, office) as visit:
        page = visit.page
        page.goto(f"{visit.address}/bureau/apporter")
        page.evaluate(DROP, [["b.mp4", BB], ["a.mp4", AA], ["a.vtt", "x"]])
        until(visit, "document.querySelectorAll('[data-whole=true]').length === 3")
        assert page.locator(".parts strong").all_inner_texts() == ["a.mp4", "b.mp4", "a.vtt"]
        assert page.url.endswith(arrival_of(office).id)
        page.focus("button[aria-label='Placer b.mp4 plus tôt']")
        page.keyboard.press("Enter")
        until(visit, "document.querySelector('.parts strong').textContent === 'b.mp4'")
        until(visit, "document.activeElement.closest('[data-name=\"b.mp4\"]') !== null")
        page.focus("button[aria-label='Retirer a.vtt']")
        page.keyboard.press("Enter")
        until(visit, "document.querySelectorAll('[data-file]').length === 2")
        page.fill("#date", "2025-05-13")
        page.fill("#agenda", "1. Accueil")
        page.focus("button.primary")
        page.keyboard.press("Enter")
        page.wait_for_selector("#avancement")
        assert "En attente" in page.inner_text("h1")
    found = arrival_of(office)
    assert found.state is ArrivalState.SENT and found.details.agenda == "1. Accueil"
    assert contents(office) == [BB.encode("latin-1"), AA.encode("latin-1")]


def test_files_of_an_office_are_shown_as_understood_and_sent_by_the_first_click(
    chromium: Browser, office: Office
) -> None:
    members = "Nom;Prénom;Parti\r\nDUPONT;Jean;PLR\r\nDupont;Jean;PS\r\n".encode("utf-16")
    agenda = word("ORDRE DU JOUR", numbered=[(0, "18h30 Ouverture"), (1, "Comptes (PR-12)")])
    with visiting(chromium, office, size=PHONE) as visit:
        page = visit.page
        page.goto(f"{visit.address}/bureau/apporter")
        page.fill("#date", "2025-05-13")
        page.evaluate(DROP, [["a.mp4", AA]])
        until(visit, "document.querySelectorAll('[data-whole=true]').length === 1")
        for name, file, content in (
            ("roster", "membres.csv", members),
            ("agenda", "odj.docx", agenda),
        ):
            given = {"name": file, "mimeType": "application/octet-stream", "buffer": content}
            page.set_input_files(f"#{name}_file", [given])  # type: ignore[arg-type]
            page.wait_for_selector(f"#{name}-read li", state="attached")
        points = page.locator("#agenda-read li").all_inner_texts()
        assert [" ".join(point.split()) for point in points] == [
            "1 Ouverture prévu à 18:30",
            "1.1 Comptes PR-12",
        ]
        assert "ORDRE DU JOUR" in page.inner_text("#agenda-read .hint >> nth=-1")
        people = page.locator("#roster-read li").all_text_contents()
        assert [one.strip() for one in people] == ["Jean Dupont (PLR) PLR", "Jean Dupont (PS) PS"]
        assert Axe().run(page).response["violations"] == []
        assert visit.overflow() <= 0
        page.click("button.primary")
        page.wait_for_selector("#avancement")
    assert arrival_of(office).state is ArrivalState.SENT


def test_an_upload_goes_on_after_the_page_was_closed(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "séance.mp4"
    file.write_bytes(os.urandom(2 * CHUNK + 5_000_000))
    with visiting(chromium, office) as visit:
        held = holding(visit, CHUNK)  # it never arrives: the laptop is closed
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.set_input_files("#files", file)
        until_held(visit, held)
        with visit.page.expect_response(lambda answer: answer.request.method == "POST"):
            visit.page.fill("#title", "Séance interrompue")
            visit.page.press("#title", "Tab")  # what was typed keeps itself
    assert [f.received for f in arrival_of(office).files] == [CHUNK]
    with visiting(chromium, office) as visit:
        offsets: list[int] = []

        def note(sent: Request) -> None:
            if sent.method == "PATCH":
                offsets.append(int(sent.headers["upload-offset"]))

        visit.page.on("request", note)
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.click("text=Séance interrompue")
        assert "Envoi arrêté à 43 %" in visit.page.inner_text("#parties").replace("\xa0", " ")
        assert visit.page.input_value("#title") == "Séance interrompue"
        visit.page.set_input_files("#files", file)
        until(visit, "document.querySelector('[data-whole=true]') !== null")
        assert min(offsets) == CHUNK
    assert contents(office) == [file.read_bytes()]


def test_what_is_chosen_before_the_script_came_travels(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "séance.mp4"
    file.write_bytes(os.urandom(10_000))
    with visiting(chromium, office) as visit:
        late: list[Route] = []

        def hold(route: Route) -> None:
            late.append(route)

        visit.page.route("**/office/bring.js*", hold)
        visit.page.goto(f"{visit.address}/bureau/apporter", wait_until="commit")
        visit.page.set_input_files("#files", file)
        while not late:
            visit.page.wait_for_timeout(20)
        late[0].continue_()
        until(visit, "document.querySelector('[data-whole=true]') !== null")
    assert contents(office) == [file.read_bytes()]


def test_asking_waits_until_everything_has_come(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "longue.mp4"
    write_channels(file, [noise(np.zeros(CHUNK // 2 + 500, np.int16), -20.0)])
    with visiting(chromium, office) as visit:
        held = holding(visit, 0)
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.fill("#date", "2025-05-13")
        visit.page.set_input_files("#files", file)
        until_held(visit, held)
        visit.page.click("button.primary")
        assert visit.page.is_visible("#attente")
        held[0].continue_()
        visit.page.wait_for_selector("#avancement")
    assert arrival_of(office).state is ArrivalState.SENT


def test_pausing_and_going_on(chromium: Browser, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "longue.mp4"
    file.write_bytes(os.urandom(3 * CHUNK))
    with visiting(chromium, office) as visit:
        held = holding(visit, CHUNK)
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.set_input_files("#files", file)
        visit.page.wait_for_selector("button.pause:visible")
        until_held(visit, held)
        visit.page.click("button.pause")
        assert visit.page.inner_text("button.pause") == "Reprendre"
        assert "suspendu" in visit.page.inner_text(".told")
        visit.page.click("button.pause")
        until(visit, "document.querySelector('[data-whole=true]') !== null")
        visit.complaints.clear()  # the request that was given up
    assert contents(office) == [file.read_bytes()]


def test_what_the_server_refuses_is_reported(chromium: Browser, office: Office) -> None:
    desk: Desk = office[0].state.desk
    object.__setattr__(desk.settings, "max_file_gib", 1e-9)
    with visiting(chromium, office) as visit:
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.evaluate(DROP, [["grand.mp4", "x" * 100]])
        visit.page.wait_for_selector("#depot .field-error")
        assert "VERBATIM_MAX_FILE_GIB" in visit.page.inner_text("#depot .field-error")
        visit.complaints.clear()  # the browser's own line on the answer 422


def keeps_itself(visit: Visit, field: str, text: str) -> int:
    """Type something and leave the field; what the server answers to the page that keeps it."""
    with visit.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        visit.page.fill(field, text)
        visit.page.press(field, "Tab")
    status: int = answer.value.status
    return status


def test_a_page_that_keeps_itself_leaves_what_another_clerk_typed(
    chromium: Browser, office: Office
) -> None:
    with visiting(chromium, office) as visit, visiting(chromium, office) as other:
        visit.page.goto(f"{visit.address}/bureau/apporter")
        visit.page.evaluate(DROP, [["partie 1.mp3", "one"]])
        until(visit, "document.querySelector('[data-whole=true]') !== null")
        other.page.goto(f"{visit.address}/bureau/apporter/{arrival_of(office).id}")
        assert keeps_itself(other, "#agenda", "1. Accueil") == 200
        assert keeps_itself(visit, "#title", "Une") == 200
        assert keeps_itself(visit, "#title", "Deux") == 200
        kept = arrival_of(office).details
        assert (kept.agenda, kept.title) == ("1. Accueil", "Deux")
        assert keeps_itself(visit, "#agenda", "1. Ouverture") == 422
        until(visit, "document.querySelector('#parties [role=alert]') !== null")
        visit.page.click(".go button[value=save]")
        until(visit, "document.querySelector('#agenda-error') !== null")
        assert "1. Accueil" in visit.page.inner_text("#agenda-error")
        assert visit.page.input_value("#agenda") == "1. Ouverture"
        assert arrival_of(office).details == kept
        visit.complaints[:] = [told for told in visit.complaints if "422" not in told]


def sent_off(visit: Visit) -> None:
    """Bring in a small recording, up to the page that follows the work on it."""
    page = visit.page
    page.goto(f"{visit.address}/bureau/apporter")
    page.evaluate(DROP, [["a.mp4", AA]])
    until(visit, "document.querySelector('[data-whole=true]') !== null")
    page.fill("#date", "2025-05-13")
    page.click("button.primary")
    page.wait_for_selector("#avancement")


def test_the_page_follows_the_work_by_itself(chromium: Browser, office: Office) -> None:
    desk: Desk = office[0].state.desk
    with visiting(chromium, office) as visit:
        page = visit.page
        sent_off(visit)
        lease = claim(desk.archive, "w", (JobKind.INGEST,))
        assert lease is not None
        lease.note("words", 0.42, {"duration_ms": 3_600_000, "words 0": 321})
        page.wait_for_selector(".percent")
        until(visit, "document.querySelector('.percent')?.textContent === '42 %'")
        assert "321" in page.inner_text(".found")
        page.click("button.danger")
        until(visit, "!document.querySelector('button.danger')")
        lease.cancelled()
        page.wait_for_selector("text=Relancer")
        page.click("text=Relancer")
        page.wait_for_selector("button.danger")
    with desk.archive.engine.connect() as db:
        [job] = queue.jobs(db, tuple(JobState))
    assert job.state is JobState.QUEUED


def test_who_is_on_the_way_elsewhere_is_not_taken_back(chromium: Browser, office: Office) -> None:
    desk: Desk = office[0].state.desk
    with visiting(chromium, office) as visit:
        page = visit.page
        sent_off(visit)
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/bureau/travaux", hold)  # the server is slow
        page.click("a[href='/bureau/travaux'] >> nth=-1", no_wait_after=True)
        until_held(visit, held)
        assert claim(desk.archive, "w", (JobKind.INGEST,)) is not None
        for _ in range(2):  # the page learns of it, and goes on
            with page.expect_response(lambda r: r.headers.get("x-state", "").startswith("running")):
                pass
        held[0].continue_()
        page.wait_for_url("**/bureau/travaux")


def test_the_form_works_without_javascript(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "séance.mp3"
    file.write_bytes(short_sound())
    with visiting(chromium, office, scripts=False) as visit:
        page = visit.page
        page.goto(f"{visit.address}/bureau/apporter")
        page.set_input_files("#files", file)
        page.fill("#date", "2025-05-13")
        page.press("#title", "Enter")  # a field's Enter keeps, it does not send off
        assert "Arrivé en entier" in page.inner_text("#parties")
        page.click("button.primary")
        assert "En attente" in page.inner_text("h1")
    assert contents(office) == [file.read_bytes()]


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_no_state_of_the_pages_has_a_violation(
    chromium: Browser, office: Office, size: tuple[int, int], scheme: Scheme
) -> None:
    desk: Desk = office[0].state.desk
    with visiting(chromium, office, size=size, scheme=scheme) as visit:
        page = visit.page

        def check() -> None:
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert visit.overflow() <= 0

        page.goto(f"{visit.address}/bureau/apporter")
        page.evaluate(DROP, [["partie 1.mp4", AA], ["partie 2.mp4", BB], ["b.vtt", "x"]])
        until(visit, "document.querySelectorAll('[data-whole=true]').length === 3")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        check()
        page.click("button.primary")
        page.wait_for_selector("#mistakes")
        visit.complaints.clear()  # the browser's own line on the answer 422
        check()
        page.click("button[aria-label='Retirer b.vtt']")
        until(visit, "document.querySelectorAll('[data-file]').length === 2")
        page.fill("#date", "2025-05-13")
        page.click("button.primary")
        page.wait_for_selector("#avancement")
        check()
        lease = claim(desk.archive, "w", (JobKind.INGEST,))
        assert lease is not None
        lease.note("voices", 0.8, {"duration_ms": 3_600_000, "words 0": 321, "voices": 4})
        page.goto(page.url)
        check()
        lease.failed("« partie 1.mp4 » n'est pas un enregistrement lisible.")
        page.goto(page.url)
        check()
        page.goto(f"{visit.address}/bureau/travaux")
        check()
