"""A conversation: the queries of questions, what they take over, what helps, what narrows."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.answers.answer import Verified
from api.deps import Deps
from search.filters import Filters
from search.query.parsed import Query
from tests.support.small_site import CANARY, PUBLISHED, text_of
from tests.support.talking_site import COST, NOTHING, OLDER, POOL, REFUSED, UNSURE, talking_deps
from web.app import create_app

FIRST = "Qu'a dit Mme Fontanet sur la piste ?"
URLS = ("/", "/flux")


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return talking_deps(tmp_path_factory.mktemp("talking"))


@pytest.fixture
def client(deps: Deps) -> Iterator[TestClient]:
    with TestClient(create_app(deps), raise_server_exceptions=False) as client:
        yield client


def chips(page: str) -> dict[str, str]:
    """The address without each chip, by what a screen reader says of it."""
    found = re.findall(r'<a class="chip[^"]*" href="([^"]+)".*?>(<span>.*?)<svg', page)
    return {" ".join(text_of(name).split()): html.unescape(address) for address, name in found}


def hidden(page: str, name: str) -> str:
    """A hidden field of the page's form."""
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return html.unescape(found[-1])


def follow(client: TestClient, url: str, page: str, question: str, **filters: str) -> str:
    """The next question as the form of a page sends it."""
    form = {"q": question, "avant": hidden(page, "avant"), "encore": hidden(page, "encore")}
    return client.get(url, params={**form, "personne": "", "du": "", **filters}).text


@pytest.mark.parametrize("url", URLS)
def test_a_filter_read_from_the_words_is_shown_and_can_be_taken_away(
    client: TestClient, url: str
) -> None:
    page = client.get(url, params={"q": FIRST}).text
    without = chips(page)["Retirer le filtre Claire Fontanet"]
    again = client.get(url, params=tuple(parse_qsl(urlsplit(without).query))).text
    assert "Retirer le filtre" not in text_of(again)
    assert FIRST.replace(" ?", "\xa0?") in html.unescape(again)


@pytest.mark.parametrize("url", URLS)
def test_an_exchange_is_shared_with_all_that_it_was(client: TestClient, url: str) -> None:
    asked = {"q": FIRST, "du": "2025-01-01", "sans": "personne:Claire Fontanet"}
    page = client.get(url, params=asked).text
    shared = html.unescape(re.findall(r'class="question"[^>]*><a href="([^"]+)"', page)[0])
    assert dict(parse_qsl(urlsplit(shared).query)) == asked
    assert "Retirer le filtre depuis 2025" in chips(client.get(shared).text)


@pytest.mark.parametrize("url", URLS)
def test_a_preferred_filter_looks_and_sounds_like_one(client: TestClient, url: str) -> None:
    page = client.get(url, params={"q": "Quel vote sur la PR-12 ?"}).text
    assert 'class="chip soft"' in page
    assert "Retirer le filtre de préférence\xa0: PR-12, Piste cyclable" in text_of(page)


@pytest.mark.parametrize("url", URLS)
def test_the_next_question_takes_over_what_it_leaves_out(client: TestClient, url: str) -> None:
    page = client.get(url, params={"q": FIRST}).text
    assert parse_qs(hidden(page, "avant"))["reponse"] == ["Claire Fontanet"]
    page = follow(client, url, page, "Et M. Girard ?")
    taken = [name for name in chips(page) if "comme avant" in name]
    assert taken == ["Retirer le filtre comme avant : la piste"]
    assert POOL in html.unescape(page)
    page = follow(client, url, page, "Et en 2024 ?")
    assert {"Retirer le filtre comme avant : Bruno Girard", "Retirer le filtre 2024"} <= set(
        chips(page)
    )


def test_what_may_be_asked_next_was_asked_already_and_gives_other_words(deps: Deps) -> None:
    def answers_the_udc(asked: Query) -> Verified:
        of_girard = replace(asked, explicit=Filters(people=("Bruno Girard",)))
        return deps.ask(of_girard if asked.filters.groups == ("UDC",) else asked)

    with TestClient(create_app(replace(deps, ask=answers_the_udc))) as client:
        question = {"q": "Que dit-on du prix ?"}
        page = client.get("/", params=question).text
        load = re.findall(r'hx-get="(/flux/suite\?[^"]+)"', page)[0]
        for after in (client.get(html.unescape(load)), client.get("/flux", params=question)):
            [(address, name)] = re.findall(
                r'<li><a href="([^"]+)" hx-get[^>]*>(.*?)</a>', after.text
            )
            assert html.unescape(name) == "Et le groupe UDC\xa0?"
            assert POOL in html.unescape(client.get(html.unescape(address)).text)
        refused = client.get("/", params={"q": "Combien coûte le téléphérique ?"}).text
        assert "/flux/suite" not in refused


@pytest.mark.parametrize("url", URLS)
def test_a_pronoun_means_who_answered(client: TestClient, url: str) -> None:
    page = client.get(url, params={"q": "Combien coûte la piste ?"}).text
    page = follow(client, url, page, "Qu'a-t-elle dit d'autre ?")
    assert "Retirer le filtre comme avant : Claire Fontanet" in chips(page)


def test_a_new_conversation_forgets(client: TestClient) -> None:
    page = client.get("/", params={"q": FIRST}).text
    assert re.search(r'<a class="fresh" href="/">.*Nouvelle conversation', page)
    fresh = client.get("/").text
    assert 'name="avant"' not in fresh and 'name="encore"' not in fresh
    assert not chips(client.get("/", params={"q": "Et M. Girard ?"}).text).keys() & {
        "Retirer le filtre comme avant : la piste"
    }


@pytest.mark.parametrize("url", URLS)
def test_a_refusal_says_why_and_where_to_look(client: TestClient, url: str) -> None:
    question = "Qu'a dit Mme Fontanet du téléphérique ?"
    page = client.get(url, params={"q": question}).text
    text = text_of(page)
    assert NOTHING in text and "Retirez un filtre" in text and "d’autres mots" in text
    assert f'<a href="/seances/{PUBLISHED}?t=5500ms#extrait">Piste cyclable (PR-12)</a>' in page
    assert "mardi 11 mars 2025" in text
    [others] = re.findall(r'<a href="/\?([^"]+)"[^>]*>Bruno Girard</a>', page)
    asked = dict(parse_qsl(html.unescape(others)))
    assert asked["q"] == "Qu'a dit Bruno Girard du téléphérique ?"
    assert asked["personne"] == "Bruno Girard"


@pytest.mark.parametrize("url", URLS)
def test_what_comes_nearest_is_never_shown_as_an_answer(client: TestClient, url: str) -> None:
    page = client.get(url, params={"q": "Combien coûte le trottoir ?"}).text
    text = " ".join(html.unescape(text_of(page)).split())
    places = [
        text.index(part) for part in (UNSURE, "Voici ce qui s’en approche", COST, "Bruno Girard")
    ]
    assert places == sorted(places)
    assert "conforme mot pour mot" not in text


@pytest.mark.parametrize("url", URLS)
def test_a_false_premise_is_corrected_before_what_was_said(client: TestClient, url: str) -> None:
    page = html.unescape(client.get(url, params={"q": "Pourquoi a-t-on refusé la piste ?"}).text)
    text = text_of(page).replace("\xa0", " ")
    places = [text.index(part) for part in (REFUSED, "Voici ce qui a été dit", COST, "conforme")]
    assert places == sorted(places)
    assert "Essayez d’autres mots" not in text


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(
    ("question", "language", "notice"),
    [
        ("How much does the cycle track cost?", "en", "Answers are quotations"),
        ("Was hat Frau Keller über die Badi gesagt?", "de", "Die Antworten sind Zitate"),
        ("كم تبلغ تكلفة مسار الدراجات؟", "ar", "الإجابات اقتباسات"),
        ("¿Cuánto cuesta la piscina?", "es", "Las respuestas son citas"),
        ("Quanto custa a piscina e quem disse não?", "pt", "As respostas são citações"),
        ("Quanto costa la piscina e chi ha detto no?", "it", "Le risposte sono citazioni"),
    ],
)
def test_readers_of_other_languages_learn_what_answers_are_made_of(
    client: TestClient, url: str, question: str, language: str, notice: str
) -> None:
    page = client.get(url, params={"q": question}).text
    marked = f'lang="{language}"' + (' dir="rtl"' if language == "ar" else "")
    assert f'<p class="spoken" {marked}>{notice}' in page
    assert f'<h2 class="question" {marked}>' in page


def test_french_needs_no_such_notice(client: TestClient) -> None:
    assert 'class="spoken"' not in client.get("/", params={"q": FIRST}).text


def test_the_stream_is_the_page_in_pieces(client: TestClient) -> None:
    asked = {"q": "Que dit-on ?", "organe": "Conseil municipal"}
    page, stream = (client.get(url, params=asked).text for url in URLS)
    assert chips(page) == chips(stream)
    for name in ("avant", "encore"):
        assert hidden(page, name) == hidden(stream, name)
    for piece in (r'<select id="f.*?</select>', r'<p class="verified">.*?</p>'):
        first, second = (
            re.findall(piece, " ".join(text.replace("\ndata:", "\n").split()))
            for text in (page, stream)
        )
        assert first == second and first


# --- filters ----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", URLS)
def test_after_the_start_answers_say_that_not_all_is_read_yet(
    client: TestClient, url: str, deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "les séances les plus anciennes ne sont pas encore lues"
    assert told not in client.get(url, params={"q": FIRST}).text
    monkeypatch.setattr(type(deps.finder), "is_whole", property(lambda _: False))
    assert told in client.get(url, params={"q": FIRST}).text


def options(page: str, name: str) -> list[str]:
    select = re.search(rf'<select [^>]*name="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="[^"]+">([^<]+)', select[0]) if select else []


def test_filters_are_counted_and_offered_only_where_they_leave_a_choice(
    client: TestClient,
) -> None:
    page = client.get("/").text
    assert options(page, "personne") == ["Bruno Girard (1)", "Claire Fontanet (1)"]
    assert options(page, "seance")[1].startswith("Séance d&#39;octobre, 8 octobre 2024 (")
    assert options(page, "organe") == []  # both sessions are the council's
    assert 'type="date" id="f-du" name="du" min="2024-10-08" max="2025-03-11"' in page


def test_after_a_question_counts_are_of_what_speaks_of_it(client: TestClient) -> None:
    page = client.get("/", params={"q": "piscine prix"}).text
    assert options(page, "personne") == []  # one person spoke of it: no choice
    assert "Rien de plus" not in page  # the dates are one


def test_filters_narrow_the_question_that_stands(client: TestClient) -> None:
    page = client.get("/", params={"q": "Que dit-on du prix ?"}).text
    narrowed = follow(client, "/", page, "", personne="Bruno Girard")
    assert POOL in html.unescape(narrowed)
    assert list(chips(narrowed)) == ["Retirer le filtre Bruno Girard"]
    streamed = follow(client, "/flux", page, " ", personne="Bruno Girard")
    assert chips(streamed) == chips(narrowed)
    assert "La question est vide" in follow(client, "/flux", page, " ")


def test_filters_narrow_a_new_question(client: TestClient) -> None:
    page = client.get("/", params={"q": "Que dit-on du prix ?", "personne": "Bruno Girard"}).text
    assert POOL in html.unescape(page)
    assert "Retirer le filtre Bruno Girard" in chips(page)


def test_filters_alone_are_browsed(client: TestClient) -> None:
    asked = {"q": "", "personne": "Bruno Girard", "du": "", "seance": ""}
    sent = client.get("/", params=asked, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/parcourir?personne=Bruno+Girard"
    page = client.get("/", params=asked).text
    assert POOL in html.unescape(page) and COST not in page
    assert f'href="/seances/{OLDER}?t=' in page and 'data-act="play"' in page
    assert chips(page) == {"Retirer le filtre Bruno Girard": "/parcourir?"}
    assert hidden(page, "personne") == "Bruno Girard"


def test_everything_is_browsed_newest_first_a_page_at_a_time(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.public.browse.PER_PAGE", 2)
    seen, address = [], "/parcourir?organe=Conseil+municipal"
    while address:
        page = client.get(address).text
        seen += re.findall(r'<blockquote cite="/seances/([\d-]+)', page)
        found = re.search(r'<a href="([^"]+)" rel="next">Suite', page)
        address = html.unescape(found[1]) if found else ""
        assert "Retirer le filtre Conseil municipal" in chips(page)
    assert set(seen) == {PUBLISHED, OLDER} and seen == sorted(seen, reverse=True)
    assert 'rel="prev">Précédents' in page
    assert len(seen) == int(re.findall(r'id="passages">(\d+) passages', page)[0])


def test_filters_that_nothing_meets_are_reported(client: TestClient) -> None:
    page = client.get("/parcourir?personne=Personne").text
    assert "Aucun passage ne réunit ces filtres" in page


@pytest.mark.parametrize("path", ["/", "/flux", "/parcourir"])
def test_a_date_that_cannot_be_read_is_reported(client: TestClient, path: str) -> None:
    page = client.get(path, params={"q": "piste", "du": "11 mars"})
    assert "La date « 11 mars »" in page.text.replace("\xa0", " ")
    assert page.status_code == (200 if path == "/flux" else 422)


def test_nothing_hidden_can_be_chosen_nor_browsed(client: TestClient) -> None:
    for path in ("/", "/?q=piste", "/flux?q=piste", "/parcourir", "/parcourir?organe=Conseil"):
        page = client.get(path).text
        assert CANARY not in page and "2025-06-0" not in page, path
    for hidden_id in ("2025-06-01-brouillon", "2025-06-02-huis-clos"):
        page = client.get("/parcourir", params={"seance": hidden_id}).text
        assert "<blockquote" not in page and "chante" not in page


def test_an_address_that_is_no_exchange_is_not_narrowed(client: TestClient) -> None:
    asked = {"q": "", "encore": "x" * 9_000, "personne": "Bruno Girard"}
    sent = client.get("/", params=asked, follow_redirects=False)
    assert sent.headers["location"].startswith("/parcourir?")
