"""The review in a real Chromium, by keyboard alone: moving, listening, the page itself."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from ingest.transcript import Turn
from tests.support.browser import (
    DESKTOP,
    LOW,
    NARROWEST,
    PHONE,
    Scheme,
    longest_delay_ms,
    until,
    watch_delays,
)
from tests.support.review_site import (
    DRAFT,
    MARKED,
    NOW,
    PLAYS,
    SILENT,
    Arrive,
    Clerk,
    as_text,
    draft,
    texts,
    write,
)
from web.office.review import GROUPS

pytestmark = pytest.mark.browser


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


def test_a_turn_is_taken_to_where_it_is_kept_for_the_office(clerk: Clerk) -> None:
    clerk.keys("ArrowDown", "b")
    clerk.page.wait_for_url("**/publication/passage?motif=withheld**")
    assert "Merci" in (clerk.page.text_content(".going mark") or "")


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
    told = clerk.page.locator("[data-show=progress]").inner_text()
    assert "3 passages à réécouter · environ 3 erreurs restent probablement" in told


def test_voices_without_a_name_are_reached(clerk: Clerk) -> None:
    clerk.keys("n")
    assert clerk.word() == "Merci"
    clerk.keys("n")
    assert clerk.word() == "Je"
    clerk.keys("Shift+N")
    assert clerk.word() == "Merci"


# --- listening ------------------------------------------------------------------------------------


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


def test_the_waveform_shows_turns_and_doubts_and_goes_where_one_presses(clerk: Clerk) -> None:
    clerk.page.wait_for_selector("#onde:not([hidden])")
    wave = clerk.page.get_by_role("slider", name="Forme du son")
    drawn = {
        name: clerk.page.get_attribute(f"[data-draw={name}]", "d") or ""
        for name in ("silence", "speech", "turns", "doubts")
    }
    assert drawn["turns"].count("M") == 5 and drawn["doubts"].count("M") == 3
    assert 0 < drawn["speech"].count("M") < drawn["silence"].count("M")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * 10.6 / 20, "y": 10})
    assert clerk.here()["text"].startswith("Le quai des Verdets co")
    assert abs(clerk.page.evaluate(NOW) - 10_600) < 100
    wave.focus()
    clerk.keys("ArrowLeft", "ArrowLeft")
    assert wave.get_attribute("aria-valuetext") == "0:00:08"
    clerk.keys("End", "Home")
    assert clerk.page.evaluate(NOW) == 0 and not clerk.page.evaluate(PLAYS)
    clerk.page.get_by_role("button", name="1 min").click()
    assert clerk.page.get_by_role("button", name="10 min").is_visible()


def test_one_turn_is_played_to_its_end(clerk: Clerk) -> None:
    watch_delays(clerk)
    clerk.page.evaluate("""() => document.querySelector('audio').addEventListener(
      'pause', () => (window.stopped = true))""")
    clerk.keys("ArrowDown", "ArrowDown", "+", "+", "+", "+", "r")
    assert clerk.told() == "Vitesse 2×"
    until(clerk, "window.stopped")
    late_ms = 2 * longest_delay_ms(clerk)
    assert clerk.page.evaluate(NOW) == pytest.approx(9480, abs=250 + late_ms)
    assert clerk.here()["text"].startswith("Monsieur Rochas")


def test_one_key_checks_what_was_heard_without_a_break(clerk: Clerk, app: FastAPI) -> None:
    clerk.keys("+", "+", "+", "+", "Space")
    until(clerk, "document.querySelectorAll('.turn')[1].hasAttribute('aria-current')")
    until(clerk, f"{NOW} > 6500")
    clerk.keys("v")
    clerk.settled()
    assert clerk.told() == "2 interventions validées"
    assert clerk.here()["text"].startswith("Monsieur Rochas")
    assert (
        "Interventions relues : 2 sur 5" in clerk.page.locator("[data-show=progress]").inner_text()
    )


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
      const { Actions } = await import('/static/js/office/actions.js');
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
def test_axe_finds_nothing(arrive: Arrive, size: tuple[int, int], scheme: Scheme) -> None:
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


def test_a_long_session_is_as_quick_as_a_short_one(
    arrive: Arrive, app: FastAPI, tmp_path: Path
) -> None:
    """From a key to the next picture, with 1,500 turns and 20,000 words beside five turns."""
    session, transcript = draft()
    turns = tuple(
        Turn(5 * n + turn.index, turn.speaker, turn.words * 2)
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
        assert (
            "Interventions relues : 1 sur 5"
            in clerk.page.locator("[data-show=progress]").inner_text()
        )
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
