"""A link to words says that they were corrected if they were, and only then, wherever they went."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.views import link_history as since_module
from api.views.link_history import Fate, Quoted, quoted_since
from ingest.archive.change_log import NO_VOICES, Change, ChangeKind, since
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import Archive
from ingest.archive.splices import Splice
from ingest.editing.changes import Changes, Drawn, Edit, redo, undo
from ingest.editing.edits import Boundary, Merge, Split, TextEdit, Voice
from ingest.redaction.redact import RedactionRequest
from ingest.text import fold
from ingest.transcript import Span, Status, Turn
from search.index.withdraw import hold_in_camera, redact_passage, withdraw
from tests.conftest import turn
from tests.support.small_site import COST, PUBLISHED, sitting, small_deps
from tests.support.splicing import applied
from web.app import create_app

# Three turns of ten seconds; the second is quoted, from "crédit" (10300) to "millions." (13000).
TEXTS = (
    "Bonsoir à toutes et à tous.",
    "Le crédit demandé est de deux millions pour la piscine.",
    "Merci beaucoup.",
)
QUOTED = (10_300, 12_100)  # crédit demandé est de deux millions
SAME, CORRECTED, UNKNOWN = Fate.SAME, Fate.CORRECTED, Fate.UNKNOWN


@pytest.fixture
def kept(archive: Archive) -> Archive:
    session, transcript = sitting("x", *TEXTS[:2])
    turns = tuple(turn(n, f"S{n}", text, 10_000 * n) for n, text in enumerate(TEXTS))
    parts = tuple(replace(part, duration_ms=60_000) for part in session.parts)
    archive.save(replace(session, parts=parts), replace(transcript, turns=turns, unheard=()))
    return archive


def fate(archive: Archive, revision: int = 1, interval: tuple[int, int] = QUOTED) -> Quoted:
    turns = archive.transcript("x").turns
    with archive.engine.connect() as db:
        return quoted_since(turns, since(db, "x", revision), *interval)


Act = Callable[[Archive], object]
Site = tuple[TestClient, Archive]


def edit(*edits: Edit) -> Act:
    def act(archive: Archive) -> None:
        for base, one in enumerate(edits, 1):
            Changes(archive).make("x", base, "a", one)

    return act


def realign(archive: Archive) -> None:
    """As the machine does: the same words, all 400 ms later."""
    second = archive.transcript("x").turns[1]
    words = (replace(w, start_ms=w.start_ms + 400, end_ms=w.end_ms + 400) for w in second.words)
    with archive.begin() as db:
        splice = Splice(1, (second,), (replace(second, words=tuple(words)),))
        Changes(archive).write(db, "x", "machine", ChangeKind.ALIGN, Drawn((splice,), NO_VOICES))


def undone(archive: Archive) -> None:
    edit(TextEdit(turn=1, text="Le crédit demandé est de trois millions."))(archive)
    undo(Changes(archive), "x", 2, "a")


def done_again(archive: Archive) -> None:
    undone(archive)
    redo(Changes(archive), "x", 3, "a")


HARMLESS: dict[str, Act] = {
    "nothing": lambda _: None,
    "timed anew": realign,
    "edited before the words": edit(
        TextEdit(turn=1, text="Ce crédit demandé est de deux millions.")
    ),
    "edited after the words": edit(
        TextEdit(turn=1, text="Le crédit demandé est de deux millions pour les écoles.")
    ),
    "edited elsewhere": edit(TextEdit(turn=0, text="Bonjour à tout le monde, et merci d'être là.")),
    "a capital and a comma": edit(
        TextEdit(turn=1, text="Le Crédit, demandé, est de deux millions.")
    ),
    "cut in two": edit(Split(turn=1, word=3)),
    "cut in two before": edit(Split(turn=0, word=2)),
    "merged": edit(Merge(turn=0)),
    "cut and put together": edit(Split(turn=1, word=3), Merge(turn=1)),
    "its end moved to the next turn": edit(Boundary(turn=1, word=4)),
    "spoken by somebody else": edit(Voice(turn=1, person="Claire Fontanet", everywhere=True)),
    "undone": undone,
    "edited twice and back": edit(TextEdit(turn=1, text="Rien."), TextEdit(turn=1, text=TEXTS[1])),
}
ALARMING: dict[str, Act] = {
    "a word": edit(
        TextEdit(turn=1, text="Le crédit demandé est de trois millions pour la piscine.")
    ),
    "a word added": edit(
        TextEdit(turn=1, text="Le crédit demandé est de deux ou trois millions pour la piscine.")
    ),
    "a word less": edit(TextEdit(turn=1, text="Le crédit est de deux millions pour la piscine.")),
    "all of it": edit(TextEdit(turn=1, text="Rien de tel.")),
    "in a half": edit(Split(turn=1, word=3), TextEdit(turn=2, text="est de dix millions.")),
    "done again": done_again,
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_leaves_the_words_alone_is_no_change(kept: Archive, kind: str) -> None:
    HARMLESS[kind](kept)
    found = fate(kept)
    assert found.fate is SAME and found.at is None
    words = [w for t in kept.transcript("x").turns for w in t.words]
    inside = [w.text for w in words if found.start_ms <= w.start_ms < found.end_ms]
    said = " ".join(inside).lower().replace(",", "").rstrip(".")
    assert said == "crédit demandé est de deux millions"


@pytest.mark.parametrize("kind", ALARMING)
def test_words_that_were_corrected_say_so_and_when(kept: Archive, kind: str) -> None:
    ALARMING[kind](kept)
    found = fate(kept)
    assert found.fate is CORRECTED and found.at is not None
    assert 10_000 <= found.start_ms < found.end_ms <= 20_000


def test_a_link_made_after_the_correction_is_good(kept: Archive) -> None:
    ALARMING["a word"](kept)
    assert fate(kept, revision=2).fate is SAME
    assert fate(kept, revision=9).fate is SAME


def test_where_the_log_was_emptied_the_answer_is_unknown(kept: Archive) -> None:
    ALARMING["a word"](kept)
    redact_passage(kept, "x", RedactionRequest(Span(12_200, 13_000), RedactionReason.ERASED, "a"))
    assert fate(kept).fate is UNKNOWN
    assert fate(kept, interval=(0, 1_000)).fate is SAME


def test_words_taken_out_themselves_are_not_called_corrected(kept: Archive) -> None:
    redact_passage(
        kept, "x", RedactionRequest(Span(10_000, 14_000), RedactionReason.IN_CAMERA, "a")
    )
    assert fate(kept).fate is UNKNOWN


def test_an_interval_without_words_claims_nothing(kept: Archive) -> None:
    assert fate(kept, interval=(40_000, 41_000)) == Quoted(40_000, 41_000, SAME)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), st.booleans()), max_size=8))
def test_cutting_and_joining_in_any_order_never_alarms(steps: list[tuple[int, int, bool]]) -> None:
    turns = tuple(turn(n, "S", text, 10_000 * n) for n, text in enumerate(TEXTS))
    changes = []
    for number, (step, word, joins) in enumerate(steps, 1):
        at = step % len(turns)
        here = turns[at]
        if joins and at + 1 < len(turns):
            both = replace(here, words=here.words + turns[at + 1].words)
            splice = Splice(at, (here, turns[at + 1]), (both,))
        elif 0 < word < len(here.words):
            halves = (here.words[:word], here.words[word:])
            splice = Splice(at, (here,), tuple(Turn(0, "S", half) for half in halves))
        else:
            continue
        changes.append(
            Change(number, datetime(2025, 3, 1), "a", ChangeKind.SPLIT, None, (splice,), NO_VOICES)
        )
        turns = applied(turns, (splice,), number + 1)
    assert quoted_since(turns, changes, *QUOTED).fate is SAME


def test_any_reader_may_ask_of_a_whole_session_that_was_much_corrected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A word is read a few times, not once more for each change that was made elsewhere."""
    turns = tuple(turn(n, "S", f"{TEXTS[1]} {n}", 10_000 * n) for n in range(300))
    words, changes = sum(len(one.words) for one in turns), []
    read: list[str] = []
    for number in range(1, 101):
        here = turns[number]
        last = replace(here.words[-1], text="bis")
        splice = Splice(number, (here,), (replace(here, words=(*here.words[:-1], last)),))
        changes.append(
            Change(number, datetime(2025, 3, 1), "a", ChangeKind.TEXT, None, (splice,), NO_VOICES)
        )
        turns = applied(turns, (splice,), number + 1)

    def noted(text: str) -> str:
        read.append(text)
        return fold(text)

    monkeypatch.setattr(since_module, "fold", noted)
    assert quoted_since(turns, changes, 0, 999_999_999).fate is CORRECTED
    assert len(read) < 5 * words
    read.clear()
    assert quoted_since(turns, changes, 2_990_000, 2_999_000).fate is SAME
    assert len(read) < 50


# --- on the page --------------------------------------------------------------------------------

LINK: dict[str, str | int] = {"t": "6000-8780", "r": 1}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    deps = small_deps(tmp_path)
    return TestClient(create_app(deps), raise_server_exceptions=False), deps.published.archive


def test_the_page_marks_the_words_where_they_stand_now(site: Site) -> None:
    client, archive = site
    address = f"/seances/{PUBLISHED}"
    assert "corrigé depuis" not in client.get(address, params=LINK).text
    Changes(archive).make(PUBLISHED, 1, "a", Merge(turn=0))
    page = client.get(address, params=LINK).text
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", page) == [COST] and "corrigé depuis" not in page
    text = f"Bonsoir. {COST.replace('deux', 'trois')}"
    Changes(archive).make(PUBLISHED, 2, "a", TextEdit(turn=0, text=text))
    page = client.get(address, params=LINK).text
    assert "a été corrigé depuis que ce lien a été fait, en dernier le " in page
    assert "trois millions" in page and "deux millions" not in page
    for odd in (LINK | {"r": 0}, LINK | {"r": -3}, LINK | {"r": 99}, LINK | {"t": "6000"}):
        assert client.get(address, params=odd).status_code == 200


def test_an_address_copied_from_the_page_tells_of_later_corrections_only(site: Site) -> None:
    client, archive = site
    Changes(archive).make(PUBLISHED, 1, "a", TextEdit(turn=1, text=f"Oui. {COST}"))
    page = client.get(f"/seances/{PUBLISHED}", params={"t": "6000-8780"}).text
    copied = html.unescape(re.findall(r'data-clip .*data-page="([^"]+)"', page)[-1])
    marked = client.get(copied).text
    assert COST.split()[-1] in re.findall(r"<mark[^>]*>(.*?)</mark>", marked)[0]
    assert "corrigé depuis" not in marked
    Changes(archive).make(PUBLISHED, 2, "a", TextEdit(turn=1, text=COST.replace("deux", "trois")))
    assert "corrigé depuis" in client.get(copied).text


def test_a_link_into_a_redacted_passage_says_so_and_no_more(site: Site) -> None:
    client, archive = site
    redact_passage(
        archive, PUBLISHED, RedactionRequest(Span(6_000, 9_000), RedactionReason.IN_CAMERA, "a")
    )
    page = client.get(f"/seances/{PUBLISHED}", params=LINK).text
    assert (
        "a été retirée depuis" in page and "pu changer" not in page and "deux millions" not in page
    )


@pytest.mark.parametrize("hide", [withdraw, hold_in_camera])
def test_a_link_to_a_session_that_is_hidden_is_answered_as_to_none(
    site: Site, hide: Callable[[Archive, str], object]
) -> None:
    client, archive = site
    archive.set_status(PUBLISHED, Status.PUBLISHED)
    hide(archive, PUBLISHED)
    hidden = client.get(f"/seances/{PUBLISHED}", params=LINK)
    absent = client.get("/seances/absente", params=LINK)
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.text.replace(PUBLISHED, "") == absent.text.replace("absente", "")
