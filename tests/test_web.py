"""The pages, as a browser without JavaScript gets them."""

import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.answer import Verified
from api.app import SECURITY_HEADERS
from api.deps import Deps
from ingest.archive import Archive
from ingest.errors import ModelUnavailable
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
)
from tests.small_site import CANARY, COST, HIDDEN, PUBLISHED, said, small_deps
from web.app import create_app
from web.examples import example_questions
from web.text import load_catalogue, typeset
from web.theme import AA, PAPER_DARK, PAPER_LIGHT, contrast, initial, theme_css, tones

WEB = Path(__file__).parents[1] / "web"
PAGES = ("/", "/?q=Combien+%3F", "/?q=rien", "/seances", f"/seances/{PUBLISHED}", "/apropos")
SESSION = f"/seances/{PUBLISHED}"


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return small_deps(tmp_path_factory.mktemp("site"))


@pytest.fixture
def client(deps: Deps) -> Iterator[TestClient]:
    with TestClient(create_app(deps), raise_server_exceptions=False) as client:
        yield client


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


# --- every page -------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*PAGES, "/nulle-part", f"{SESSION}?t=6000-8780"])
def test_a_page_is_french_titled_and_has_no_inline_code(client: TestClient, url: str) -> None:
    page = client.get(url)
    assert '<html lang="fr">' in page.text
    assert len(re.findall(r"<h1\b", page.text)) == 1
    assert re.search(r"<title>[^<]+ · Ville de Rivemont</title>", page.text)
    assert 'href="#contenu"' in page.text
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page.text)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))
    assert page.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    assert "set-cookie" not in page.headers


def test_no_file_of_ours_names_another_origin() -> None:
    files = [*(WEB / "templates").rglob("*.html"), *(WEB / "static").rglob("*.*")]
    ours = [f for f in files if "vendor" not in f.parts]
    for file in ours:
        addresses = set(re.findall(r"(?:https?:)?//[a-z][^\s\"')]*", file.read_text("utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file


def test_every_address_a_page_names_exists(client: TestClient) -> None:
    for url in (*PAGES, f"{SESSION}?t=6000-8780"):
        page = client.get(url).text
        for address in set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page)):
            target = client.get(html.unescape(address), headers={"Range": "bytes=0-0"})
            assert target.status_code in (200, 206), (url, address)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_closed_session_has_the_page_of_an_absent_one(client: TestClient, hidden: str) -> None:
    closed, absent = client.get(f"/seances/{hidden}"), client.get("/seances/absente")
    assert closed.status_code == absent.status_code == 404
    assert closed.text.replace(hidden, "absente") == absent.text


def test_nothing_closed_shows_on_any_page(client: TestClient) -> None:
    for url in (*PAGES, "/flux?q=Combien+%3F", "/sitemap.xml"):
        assert CANARY not in client.get(url).text
    asked = client.get("/flux", params={"q": "x"}).text + client.get("/?q=x").text
    assert CANARY not in asked


def test_pages_answer_head(client: TestClient) -> None:
    for url in (*PAGES, "/theme.css", "/favicon.svg", "/logo"):
        assert client.head(url).status_code == 200, url


# --- questions --------------------------------------------------------------------------------


def test_a_question_is_answered_without_javascript(client: TestClient) -> None:
    page = client.get("/", params={"q": "Combien coûte la piste ?"})
    assert page.headers["cache-control"] == "no-store"
    text = text_of(page.text)
    assert f"«\N{NO-BREAK SPACE}{COST}\N{NO-BREAK SPACE}»" in text
    assert "Claire Fontanetconseillère municipale, PS" in text
    assert "Point 2. Piste cyclable (PR-12)" in text
    assert "mardi 11 mars 2025, 0:00:06" in text
    assert "2 citations, vérifiées" in text
    clips = re.findall(r'<source src="([^"]+)"', page.text)
    assert len(clips) == 4
    assert all(client.get(html.unescape(clip)).status_code == 200 for clip in clips)


def test_a_refusal_is_plain_and_helps(client: TestClient) -> None:
    text = text_of(client.get("/", params={"q": "rien"}).text)
    assert "Je n'ai rien trouvé." in text
    assert "Essayez d’autres mots" in text


@pytest.mark.parametrize("question", ["", "   ", "a" * 501])
def test_a_question_that_cannot_be_asked_is_kindly_returned(
    client: TestClient, question: str
) -> None:
    page = client.get("/", params={"q": question})
    assert page.status_code == 422
    assert "La question" in page.text
    assert f'value="{question}"' in page.text
    assert "La question" in client.get("/flux", params={"q": question}).text


def test_the_stream_is_the_page_in_pieces(client: TestClient) -> None:
    stream = client.get("/flux", params={"q": "Combien coûte la piste ?"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "no-store" in stream.headers["cache-control"]
    pieces = stream.text.strip().split("\n\n")
    assert len(pieces) == 4
    assert "Combien coûte la piste\N{NO-BREAK SPACE}?" in pieces[0]
    assert COST in pieces[1]
    assert "<hx-partial" in pieces[2]
    assert "2 citations" in pieces[3]
    identifier = re.search(r'id="(e\w+)"', pieces[0])
    assert identifier
    assert f'hx-target="#{identifier[1]}-citations"' in pieces[1]


def test_a_failure_is_told_in_the_stream_without_its_inside(deps: Deps) -> None:
    def fail(_: str) -> Verified:
        raise ModelUnavailable("/secret/model.bin")

    app = create_app(replace(deps, ask=fail))
    with TestClient(app, raise_server_exceptions=False) as client:
        stream = client.get("/flux", params={"q": "Combien ?"})
        page = client.get("/", params={"q": "Combien ?"})
    assert "n'a pas pu répondre" in html.unescape(stream.text)
    assert "secret" not in stream.text + page.text
    assert page.status_code == 503


def test_what_was_asked_is_never_markup(client: TestClient) -> None:
    attack = '"><script src=//x></script><b>?'
    for url in ("/", "/flux"):
        assert "<script src=//x>" not in client.get(url, params={"q": attack}).text


def test_examples_come_from_what_was_discussed() -> None:
    first = Session(
        "a",
        "A",
        date(2025, 3, 11),
        agenda=(
            AgendaItem("1", "Divers", None, 0),
            AgendaItem("2", "Proposition PR-12 : piste cyclable", "PR-12", 10),
        ),
    )
    second = Session(
        "b",
        "B",
        date(2025, 4, 8),
        agenda=(
            AgendaItem("1", "Divers", None, 0),
            AgendaItem("2", "Budget : deuxième débat", None, 10),
        ),
    )
    questions = example_questions((second, first), load_catalogue())
    assert [q.replace("\N{NO-BREAK SPACE}", " ") for q in questions] == [
        "Piste cyclable : qu’a-t-on dit ?",
        "Budget : deuxième débat : quels arguments ?",
    ]
    assert example_questions((), load_catalogue()) == ()


# --- one session ------------------------------------------------------------------------------


def said_in(page: str) -> list[str]:
    return [text_of(p) for p in re.findall(r'<p class="said">(.*?)</p>', page)]


def test_a_session_page_has_every_word_speaker_and_gap(client: TestClient) -> None:
    page = client.get(SESSION).text
    assert said_in(page) == ["Bonsoir à toutes et à tous.", COST]
    text = text_of(page)
    assert "Intervenant·e non identifié·e 1" in text
    assert "Claire Fontanet conseillère municipale, PS" in text
    assert "[parole non transcrite, 0:00:16–0:00:17]" in text
    assert "le procès-verbal officiel fait foi" in text
    assert '<h2 id="point-2">' in page


@pytest.mark.parametrize(
    ("t", "quoted"),
    [
        ("6000-8780", COST),
        ("6400-7180", "crédit demandé"),
        ("6500-6600", "crédit"),
        ("6390-6395", ""),
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


@pytest.mark.parametrize(("t", "turn"), [("1100", 0), ("4500", 1), ("6000", 1)])
def test_an_instant_marks_its_turn_or_the_next(client: TestClient, t: str, turn: int) -> None:
    page = client.get(SESSION, params={"t": t}).text
    assert re.findall(r'class="turn cited" id="tour-(\d)"', page) == [str(turn)]


@pytest.mark.parametrize("t", ["abc", "12-", "-5", "1e3", "9" * 30])
def test_a_moment_that_cannot_be_read_is_explained(client: TestClient, t: str) -> None:
    page = client.get(SESSION, params={"t": t})
    assert page.status_code == 422
    assert "ne se lit pas" in page.text


def test_a_link_to_words_since_corrected_says_so(client: TestClient) -> None:
    assert "a été corrigé depuis" in client.get(SESSION, params={"t": "6000-8780", "r": 7}).text
    assert "a été corrigé" not in client.get(SESSION, params={"t": "6000-8780", "r": 1}).text


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


def test_the_page_of_a_three_hour_sitting_is_light(deps: Deps, archive: Archive) -> None:
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
    spoken = sum(len(turn.text) for turn in turns)
    assert len(page) < spoken + 1200 * len(turns)
    assert page.count("<") < 45 * len(turns)


# --- looks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "colour", ["#9b1c31", "#ffffff", "#000000", "#ffe600", "#0b5cad", "#7f7f7f", "#00a651"]
)
@pytest.mark.parametrize("paper", [PAPER_LIGHT, PAPER_DARK])
def test_any_city_colour_stays_readable(colour: str, paper: str) -> None:
    found = tones(colour, paper)
    assert contrast(found.ink, paper) >= AA
    assert contrast(found.on_fill, found.fill) >= AA
    assert contrast(found.fill, paper) >= 3
    assert found.ink in theme_css(colour)


def test_a_colour_that_is_readable_is_kept() -> None:
    assert tones("#9b1c31", PAPER_LIGHT).fill == "#9b1c31"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("city", "letter"), [("Ville de Rivemont", "R"), ("Genève", "G"), ("1200", "V")]
)
def test_a_city_without_a_logo_has_its_initial(city: str, letter: str) -> None:
    assert initial(city) == letter


def test_a_city_shows_its_name_colour_and_logo(deps: Deps, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    settings = deps.settings.model_copy(
        update={"city": "Commune d'Aigle & Cie", "colour": "#0b5cad", "logo": logo}
    )
    with TestClient(create_app(replace(deps, settings=settings))) as client:
        assert "Commune d&#39;Aigle &amp; Cie" in client.get("/").text
        assert "#0b5cad" in client.get("/theme.css").text
        assert client.get("/logo").headers["content-type"].startswith("image/svg")


def test_static_files_are_kept_for_good_only_under_their_version(client: TestClient) -> None:
    [versioned] = re.findall(r'href="(/static/css/tokens\.css\?v=\w+)"', client.get("/").text)
    assert "immutable" in client.get(versioned).headers["cache-control"]
    assert client.get("/static/js/player.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(("url", "status"), [("/nulle-part", 404), ("/seances/absente", 404)])
def test_errors_are_pages_outside_of_the_api(client: TestClient, url: str, status: int) -> None:
    page = client.get(url)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert client.get(f"/api{url}").headers["content-type"] == "application/problem+json"


def test_a_crash_is_a_page_that_says_nothing_of_the_inside(deps: Deps) -> None:
    def crash(_: str) -> Verified:
        raise RuntimeError("secret")

    app = create_app(replace(deps, ask=crash))
    with TestClient(app, raise_server_exceptions=False) as client:
        page = client.get("/?q=Combien+%3F")
    assert page.status_code == 500
    assert "Erreur du serveur" in page.text
    assert "secret" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


# --- what the files promise -------------------------------------------------------------------


def test_vendored_files_are_what_they_claim() -> None:
    vendor = WEB / "static" / "vendor"
    claims = dict(
        line.split()[::-1] for line in (vendor / "vendor.sha256").read_text().splitlines()
    )
    found = {p.name for p in vendor.iterdir()} - {"vendor.sha256", "README.md"}
    assert found == set(claims)
    for name, claimed in claims.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == claimed, name


def test_every_text_is_used_and_every_use_has_a_text() -> None:
    texts = json.loads((WEB / "locale" / "fr.json").read_text("utf-8"))
    sources = [*(WEB / "templates").rglob("*.html"), *WEB.glob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in sources)
    exact = set(re.findall(r"\b(?:t|text)\(f?[\"']([\w.]+)[\"'][,)]", source))
    counted = set(re.findall(r"\bt\.count\([\"']([\w.]+)[\"']", source))
    families = {"nav", "about", "example"}  # their keys are put together
    used = exact | {f"{key}.{form}" for key in counted for form in ("one", "many")}
    assert used <= set(texts), used - set(texts)
    unused = {key for key in set(texts) - used if key.split(".")[0] not in families}
    assert not unused


def test_french_punctuation_never_begins_a_line() -> None:
    assert typeset("« Oui » : vraiment ?") == "«\xa0Oui\xa0»\xa0: vraiment\xa0?"


def test_modules_of_the_page_stay_small() -> None:
    for module in (WEB / "static" / "js").glob("*.js"):
        assert len(module.read_text("utf-8").splitlines()) < 300, module
