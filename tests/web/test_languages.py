"""Readers' pages in other languages: whole, with links that stay, and the record's words marked."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from string import Formatter

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.answers.worded import Worded
from api.catalogue import Catalogue, catalogue
from api.problems import _HTTP_KINDS, _KINDS
from tests.support import paths
from tests.support.council_votes import told as decided
from tests.support.office import empty_office
from tests.support.recorded_council import VOTED, recorded_deps
from tests.support.small_site import PUBLISHED, text_of
from web.filters import TextFilters
from web.languages import LANGUAGES, in_language
from web.site import LOCALE

OTHERS = LANGUAGES[1:]
API = paths.ROOT / "api" / "locale"
PAGES = (
    *("/", "/?q=Combien+%3F", "/?q=rien", "/parcourir", "/seances", f"/seances/{VOTED}"),
    *(f"/seances/{PUBLISHED}?t=6000-8780&r=1", f"/extrait/{PUBLISHED}?t=6000-8780&r=1"),
    *("/objets", "/objets/PR-12", "/personnes", "/personnes/julien-rochat", "/partis/plr"),
    *(
        "/sujets",
        "/sujets/credit-demande",
        "/decisions",
        "/calendrier",
        "/organes",
        "/apropos",
        "/api",
    ),
    *("/comment-ca-marche", "/mentions", "/accessibilite", "/accessibilite/rgaa"),
    *("/fiche", "/nulle-part"),
    f"/signaler?seance={PUBLISHED}&t=6000-8780&r=1",
)
# What is code in French (dates, errors, sentences on votes), or said in other languages alone.
OWN = ("date.", "problem.", "vote.", "spoken")

FRENCH = (
    "next.party",
    "next.vote",
    "next.who",
    "next.why",
    "next.when",
    *(f"example.rare.{n}" for n in range(3)),
)  # read as questions


def own_texts(language: str) -> dict[str, str]:
    """The texts that a language has itself."""
    files = (*API.glob(f"{language}*.json"), *LOCALE.glob(f"{language}*.json"))
    return {key: text for f in files for key, text in json.loads(f.read_text("utf-8")).items()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The whole site, in which no language borrows a French text."""
    root = tmp_path_factory.mktemp("languages")
    app = empty_office(recorded_deps(root), root)
    for language, one in app.state.translated.items():
        alone = Catalogue(language, own_texts(language))
        one.templates.globals["t"] = alone
        app.state.translated[language] = replace(one, text=alone)
    return app


@pytest.fixture
def client(site: FastAPI) -> Iterator[TestClient]:
    with TestClient(site, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_texts_that_readers_meet_and_their_values(language: str) -> None:
    source, theirs = catalogue("fr", LOCALE).texts, own_texts(language)
    plural = {"other", *catalogue(language).locale.plural_form.tags}
    counted = {key.removesuffix(".other") for key in theirs if key.endswith(".other")}
    forms = {f"{key}.{form}" for key in counted for form in plural}
    assert {key for key in theirs if key.rpartition(".")[0] in counted} == forms
    assert set(theirs) - forms - set(source) <= {key for key in theirs if key.startswith(OWN)}
    assert {key for key in source if key.startswith("refusal.")} <= set(theirs)
    for key, text in theirs.items():
        base = key.rpartition(".")[0]
        french = source.get(f"{base}.other" if base in counted else key, text)
        assert values(text) <= values(french), key
        assert base in counted or values(text) == values(french), key
    files = [path.name[2:] for path in LOCALE.glob("en*.json")]  # those of readers
    met = {key for f in files for key in json.loads((LOCALE / f"fr{f}").read_text("utf-8"))}
    assert {key for key in met - set(theirs) if not key.startswith(FRENCH)} == set()
    same = own_texts(OTHERS[0])
    assert {k for k in same if k.rpartition(".")[0] not in counted} == set(theirs) - forms


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_each_sort_of_problem_has_a_title(language: str) -> None:
    slugs = {kind.slug for kind in (*_KINDS.values(), *_HTTP_KINDS.values())}
    assert {f"problem.{slug}" for slug in slugs} <= set(own_texts(language))


def test_a_number_takes_the_plural_of_its_language() -> None:
    def told(language: str, number: int) -> str:
        return catalogue(language, LOCALE).count("browse.count", number)

    assert (told("fr", 0), told("en", 0)) == ("0 passage", "0 passages")
    assert catalogue("en", LOCALE).day("2025-05-01") == "Thursday 1 May 2025"
    assert catalogue("fr", LOCALE).day("2025-05-01") == "jeudi 1er mai 2025"
    assert catalogue("en", LOCALE).percent(0.9966, 1) == "99.7%"


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_is_whole_in_each_language(client: TestClient, language: str) -> None:
    direction = catalogue(language).direction
    for page in PAGES:
        answer = client.get(f"/{language}{page}")
        assert answer.status_code == (404 if page == "/nulle-part" else 200), page
        rtl = ' dir="rtl"' if direction == "rtl" else ""
        assert f'<html lang="{language}"{rtl}>' in answer.text, page
        staying = re.sub(r'hreflang="\w\w" href="[^"]*"', "", answer.text)
        led = re.findall(r'\s(?:href|action|hx-get)="(/[^"]*)"', staying)
        alike = ("/static/", "/api/", "/theme.css", "/favicon.svg", "/logo", "/llms.txt")
        away = [to for to in led if not to.startswith((f"/{language}/", *alike))]
        assert away == [], page


def test_words_of_the_record_are_marked_as_of_their_language(client: TestClient) -> None:
    page = client.get("/en/objets/PR-12").text
    assert '<h1><bdi lang="fr">Piste cyclable</bdi></h1>' in page
    assert '<p class="words" lang="fr"><q>«' in page
    assert "Tuesday 8 April 2025" in text_of(page)
    decided = 'Adopted: 42 yes, 30 no (to be confirmed) <bdi lang="fr">proposition PR-12</bdi>'
    assert decided in page and "Acceptée" not in page
    assert "<bdi lang" not in client.get("/objets/PR-12").text


def test_a_page_leads_to_itself_in_the_other_languages(client: TestClient) -> None:
    page = client.get("/en/objets?mots=piste&annee=2025").text
    assert 'lang="fr" hreflang="fr" href="/objets?mots=piste&amp;annee=2025"' in page
    assert 'aria-label="English" title="English" aria-current="true">EN</a>' in page
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/objets?' in page
    assert "ailleurs" not in client.get("//ailleurs.ch/x").text


def test_redirections_and_forms_stay_in_the_language(client: TestClient) -> None:
    assert client.get("/en/seances/").headers["location"] == "/en/seances"
    assert client.get("/en/objets/pr-12").headers["location"] == "/en/objets/PR-12"
    assert client.get("/en/?personne=x").headers["location"].startswith("/en/parcourir?")
    form = {"seance": PUBLISHED, "t": "6000-8780", "r": "1", "faux": "Un mot."}
    assert client.post("/en/signaler", data=form).headers["location"] == "/en/signaler/recu"
    assert client.get("/en").text == client.get("/en/").text


def test_the_office_and_the_api_have_one_address_each(client: TestClient) -> None:
    office = ("/bureau", "/bureau/connexion", f"/bureau/seances/{PUBLISHED}/relecture")
    for page in (*office, "/api/sessions", "/static/css/base.css", "//ailleurs.ch/"):
        assert client.get(f"/en{page}").status_code == 404, page


def test_a_question_is_refused_in_its_own_language(client: TestClient) -> None:
    """Not in the page's: who asks in German on an English page reads German."""
    page = client.get("/en/?q=Was+wurde+von+Frau+Keller+gesagt").text
    assert "Die Antworten sind Zitate" in page and '<p class="spoken" lang="de">' in page


def test_only_what_we_wrote_ourselves_is_led_elsewhere() -> None:
    quoted = "<p>href=&#34;/seances</p>"
    assert in_language(quoted, "en") == quoted


def test_words_of_the_record_keep_the_punctuation_of_their_language() -> None:
    english = TextFilters(catalogue("en", LOCALE), spoken="fr")
    assert (
        english.record("8 avril : piscine")
        == '<bdi lang="fr">8 avril\N{NO-BREAK SPACE}: piscine</bdi>'
    )
    assert "8 avril : piscine" in TextFilters(catalogue("en", LOCALE), "de").record(
        "8 avril : piscine"
    )


def test_our_own_sentences_on_the_record_are_in_the_language_of_the_page() -> None:
    (vote,) = decided("La motion est refusée par 45 non contre 24 oui.")
    told = (
        Worded("Corrigé depuis, le 13 mai", "vote.corrected_since", day=date(2025, 5, 13)),
        Worded("Ce n'est pas ce qui a été dit : [...].", "vote.instead", told=vote),
        Worded("Je n'ai rien trouvé.", "refusal.not_found"),
    )
    english = TextFilters(catalogue("en", LOCALE), "fr")
    assert english.worded(told[0]) == "Corrected since, on 13 May 2025"
    assert english.worded(told[1]).startswith("That is not what was said. Rejected: 45 no, 24 yes")
    assert english.worded(told[2]) == "I found nothing on this in the published sittings."
    assert TextFilters(catalogue("fr", LOCALE), "fr").worded(told[2]) == "Je n'ai rien trouvé."
    assert english.worded("Un mot") == '<bdi lang="fr">Un mot</bdi>'
