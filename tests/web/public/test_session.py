"""A session's page, as a browser without JavaScript gets it."""

import re
from dataclasses import replace
from datetime import date, time

import pytest
from fastapi.testclient import TestClient

from api.deps import Deps
from ingest.archive.repository import Archive
from ingest.transcript import (
    AgendaItem,
    Generator,
    Recording,
    Session,
    Span,
    Speaker,
    Status,
    Transcript,
    Turn,
    Word,
)
from tests.support.small_site import COST, PUBLISHED, said, text_of
from web.app import create_app
from web.public.session import sections

SESSION = f"/seances/{PUBLISHED}"


def said_in(page: str) -> list[str]:
    return [text_of(p) for p in re.findall(r'<p class="said">(.*?)</p>', page)]


def test_a_session_page_has_every_word_speaker_and_gap(client: TestClient) -> None:
    page = client.get(SESSION).text
    assert said_in(page) == ["Bonsoir à toutes et à tous.", COST]
    text = text_of(page)
    assert "Intervenant·e non identifié·e 1" in text
    assert "Claire Fontanet conseillère municipale, PS nom déduit du débat" in text
    assert "[parole non transcrite, 0:00:16–0:00:17]" in text
    assert "le procès-verbal officiel fait foi" in text
    assert '<h2 id="point-2">' in page


def test_under_a_point_stands_who_speaks_on_it_from_when() -> None:
    agenda = (AgendaItem("1", "Divers", None, 0),)
    talk = [("S1", "Oui.", 1_000), ("S2", "Non.", 5_000), ("S1", "Si.", 9_000)]
    turns = tuple(Turn(n, who, said(text, at)) for n, (who, text, at) in enumerate(talk))
    speakers = (Speaker("S1", "Anne Roy"), Speaker("S2", "Ida Blanc"))
    session = Session("s", "Séance", date(2025, 3, 11), parts=(Recording("h", 0, 20_000),))
    transcript = Transcript("s", speakers, turns, (), Generator("fake", "fake", "1", {}))
    (point,) = sections(replace(session, agenda=agenda), transcript, None)
    assert [(turn.who.name, turn.start) for turn in point.voices] == [
        ("Anne Roy", "0:00:01"),
        ("Ida Blanc", "0:00:05"),
    ]


@pytest.mark.parametrize(
    ("t", "quoted"),
    [
        ("6000-8780", COST),
        ("6400-7180", "crédit demandé"),
        ("6500-6600", "crédit"),
        ("6390-6395", ""),
        ("0:06-0:09", COST),
        ("6s - 9s", COST),
    ],
)
def test_a_link_marks_the_quoted_words_without_javascript(
    client: TestClient, t: str, quoted: str
) -> None:
    page = client.get(SESSION, params={"t": t}).text
    assert said_in(page)[1] == COST
    marked = re.findall(r"<mark[^>]*>(.*?)</mark>", page)
    assert marked == ([quoted] if quoted else [])
    assert page.count('id="extrait"') == 1
    assert re.search(r'class="turn cited" id="tour-1"', page)


@pytest.mark.parametrize(
    ("t", "turn"),
    [
        *[("1100ms", 0), ("4500ms", 1), ("6000ms", 1)],
        *[("6s", 1), ("6", 1), ("0:06", 1), ("0:00:06", 1), ("0m6s", 1), ("0h0m6", 1)],
    ],
)
def test_an_instant_marks_its_turn_or_the_next(client: TestClient, t: str, turn: int) -> None:
    page = client.get(SESSION, params={"t": t}).text
    assert re.findall(r'class="turn cited" id="tour-(\d)"', page) == [str(turn)]


@pytest.mark.parametrize(
    "t", ["abc", "12-", "-5", "9s-0:06", "1e3", "9" * 30, "9-1", "9-9", "1:2:3:4", "1x"]
)
def test_a_moment_that_cannot_be_read_is_explained(client: TestClient, t: str) -> None:
    page = client.get(SESSION, params={"t": t})
    assert page.status_code == 422
    assert "ne se lit pas" in page.text


def test_markup_in_a_transcript_stays_text(deps: Deps, archive: Archive) -> None:
    words = said("<script>alert(1)</script> & <b>fin</b>", 0)
    session = Session("x", "<i>T</i>", date(2025, 3, 11), parts=(Recording("h", 0, 5000),))
    turns = (Turn(0, "<S>", words),)
    speakers = (Speaker("<S>", "<u>Nom</u>"),)
    generator = Generator("w", "d", "1", {})
    archive.save(session, Transcript("x", speakers, turns, (), generator))
    archive.set_status("x", Status.PUBLISHED)
    app = create_app(replace(deps, published=replace(deps.published, archive=archive)))
    with TestClient(app) as client:
        page = client.get("/seances/x?t=0-300").text + client.get("/seances").text
    assert not re.search(r"<(script>|b>|i>|u>)", page)


def test_the_page_tells_when_a_session_went_on(deps: Deps, archive: Archive) -> None:
    parts = (
        Recording("a", 0, 60_000, time(17, 30)),
        Recording("b", 60_000, 60_000, time(18, 1)),
        Recording("c", 120_000, 60_000),
    )
    session = Session("x", "Séance", date(2025, 3, 11), parts=parts)
    turns = tuple(Turn(n, "S1", said("Bonsoir.", 60_000 * n + 500)) for n in range(3))
    generator = Generator("w", "d", "1", {})
    archive.save(session, Transcript("x", (Speaker("S1"),), turns, (), generator))
    archive.set_status("x", Status.PUBLISHED)
    app = create_app(replace(deps, published=replace(deps.published, archive=archive)))
    with TestClient(app) as client:
        page = client.get("/seances/x").text
    told = [text_of(p) for p in re.findall(r'<p class="part">(.*?)</p>', page)]
    assert told == [
        "Partie 2 de l’enregistrement, à partir de 18 h 01, après une suspension de 30 min",
        "Partie 3 de l’enregistrement",
    ]
    assert page.index('id="tour-0"') < page.index('class="part"') < page.index('id="tour-1"')


def test_a_name_put_right_is_said_to_be_with_what_was_heard(deps: Deps, archive: Archive) -> None:
    words = (Word(0, 400, "Madame", 0.9), Word(400, 900, "Fontanet.", 0.4, "Fontané."))
    session = Session("x", "Séance", date(2025, 3, 11), parts=(Recording("h", 0, 5000),))
    generator = Generator("w", "d", "1", {})
    turns = (Turn(0, "S1", words),)
    archive.save(session, Transcript("x", (Speaker("S1"),), turns, (), generator))
    archive.set_status("x", Status.PUBLISHED)
    app = create_app(replace(deps, published=replace(deps.published, archive=archive)))
    with TestClient(app) as client:
        page = text_of(client.get("/seances/x").text)
        told = client.get("/api/sessions/x/transcript").json()["repairs"]
    assert "Fontanet (entendu : « Fontané »)" in page
    assert told == [{"start_ms": 400, "start": "0:00:00", "text": "Fontanet", "heard": "Fontané"}]


def test_a_long_session_has_a_light_page_without_endless_clips(
    deps: Deps, archive: Archive
) -> None:
    sentence = "Nous proposons de renvoyer cet objet à la commission des finances ce soir. "
    turns = tuple(Turn(n, "S0", said(sentence * 4, n * 20_000)) for n in range(540))
    session = Session("long", "Budget", date(2025, 3, 11), parts=(Recording("h", 0, 10_800_000),))
    transcript = Transcript(
        "long", (Speaker("S0"),), turns, (Span(1, 2),), Generator("", "", "", {})
    )
    archive.save(session, transcript)
    archive.set_status("long", Status.PUBLISHED)
    app = create_app(replace(deps, published=replace(deps.published, archive=archive)))
    with TestClient(app) as client:
        page = client.get("/seances/long").text
        long_extract = client.get("/seances/long?t=0-600000").text
    spoken = sum(len(turn.text) for turn in turns)
    assert len(page) < spoken + 1200 * len(turns)
    assert page.count("<") < 45 * len(turns)
    assert 'data-end="600000"' in long_extract
    assert "/clip.mp3?" not in long_extract  # too long to be cut: played, not offered as a file


def test_a_long_agenda_folds_after_its_first_points(deps: Deps, archive: Archive) -> None:
    points = tuple(AgendaItem(str(n), f"Point {n}") for n in range(1, 14))
    published = deps.published.archive
    session = replace(published.session(PUBLISHED), agenda=points)
    archive.save(session, published.transcript(PUBLISHED))
    archive.set_status(PUBLISHED, Status.PUBLISHED)
    app = create_app(replace(deps, published=replace(deps.published, archive=archive)))
    page = TestClient(app).get(SESSION).text
    [nav] = re.findall(r'<nav class="agenda".*?</nav>', page, re.S)
    before, folded = nav.split("<details>")
    assert (before.count("<li>"), folded.count("<li>")) == (8, 5)
    assert "Les 5 points suivants" in folded
