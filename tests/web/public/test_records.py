"""The pages over all sessions: an object's life line, who spoke on it, what was decided."""

import csv
import io
import re
from datetime import date

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from api.deps import Deps
from api.records.turns import year_line
from ingest.documents.roster import given_memberships
from ingest.intake.rosters import change_roster, kept_roster
from tests.support.recorded_council import FIRST, OPINION, VOTED, recorded_deps
from tests.support.small_site import CANARY, text_of
from web.public.decisions import _cell


@pytest.fixture(scope="module")
def deps(tmp_path_factory: pytest.TempPathFactory) -> Deps:
    return recorded_deps(tmp_path_factory.mktemp("records"))


def said(client: TestClient, address: str) -> str:
    """The words of a page, which has no hidden one; those of two cells do not run together."""
    page = client.get(address)
    assert page.status_code == 200, address
    assert CANARY not in page.text
    return " ".join(text_of(page.text.replace("<", " <")).split())


def test_the_list_of_objects_tells_their_last_decision(client: TestClient) -> None:
    page = said(client, "/objets")
    assert "PR-12 Piste cyclable mardi 8 avril 2025 3 séances" in page
    assert "Acceptée : 42 oui, 30 non (à confirmer)" in page
    assert "1 objet" in said(client, "/objets?mots=PISTE+pr-12&annee=2025")
    assert "1 objet" in said(client, "/objets?annee=2024")
    assert "Aucun objet" in said(client, "/objets?annee=2023")
    assert client.get("/objets?annee=hier").status_code == 422


def test_an_object_has_a_life_line_over_its_sessions(client: TestClient) -> None:
    page = said(client, "/objets/PR-12")
    first, second, third = (
        page.index(day) for day in ("mardi 12 novembre 2024", "mardi 11 mars", "mardi 8 avril 2025")
    )
    assert first < second < third
    assert page.index("Première fois à l’ordre du jour.") < second
    decided = page.index("La proposition PR-12 a été acceptée, par 42 oui contre 30 non")
    assert decided > third
    assert "Temps de parole par parti Parti Interventions Temps de parole PLR 2 23 s" in page
    assert "Un vote sur un amendement ou un article L'amendement de Julien Rochat" in page
    assert OPINION in page
    markup = client.get("/objets/PR-12").text
    assert markup.count('data-act="play"') == 3  # the vote, and the two speeches
    assert f'href="/seances/{VOTED}?t=0ms#point-1"' in markup
    assert '<input type="hidden" name="objet" value="PR-12">' in markup


def test_an_object_has_one_address_however_its_code_is_written(client: TestClient) -> None:
    for written in ("pr-12", "PR 12", "PR-12 A"):
        moved = client.get(f"/objets/{written}", follow_redirects=False)
        assert (moved.status_code, moved.headers["location"]) == (308, "/objets/PR-12")
    assert client.get("/objets/M-999").status_code == 404
    assert client.get("/objets/a/b").status_code == 404


def test_the_list_of_people_tells_who_speaks_how_long(client: TestClient) -> None:
    page = said(client, "/personnes")
    assert page.index("Hélène Baudin présidente, Le Centre") < page.index("Zoé Clerc")
    assert "Julien Rochat conseiller municipal, PLR 23 s" in page
    assert "Zoé Clerc conseillère municipale, PS aucune intervention" in page
    narrow = said(client, "/personnes?mots=rochat+conseiller&parti=PLR")
    assert "1 personne" in narrow and "Hélène" not in narrow
    assert "Personne ne réunit" in said(client, "/personnes?mots=nul")


def test_a_person_has_offices_times_objects_votes_and_words(client: TestClient) -> None:
    page = said(client, "/personnes/julien-rochat")
    assert "conseiller municipal, PLR 2024–2025" in page
    assert "2 interventions dans 2 séances publiées : 23 s" in page
    assert "mardi 8 avril 2025 annoncé 1 12 s" in page
    assert "Proposition PR-12 : piste cyclable 12 s" in page
    assert "L'amendement de Julien Rochat (PR-12) a été refusé" in page
    assert OPINION in page
    assert "mardi 12 novembre 2024 annoncé" in said(client, "/personnes/julien-rochat?annee=2024")
    assert "N’a pas pris la parole" in said(client, "/personnes/zoe-clerc")
    assert client.get("/personnes/personne-d-autre").status_code == 404


def test_a_persons_roles_and_parties_have_the_days_of_the_bodys_list(
    client: TestClient, deps: Deps
) -> None:
    listed = (
        "nom;fonction;groupe;du;au\n"
        "Julien Rochat;conseiller municipal;PLR;1.6.2020;31.5.2025\n"
        "Julien Rochat;maire;PLR;1.6.2026;\nHélène Baudin;présidente;Le Centre;1.1.2025;"
    )
    archive = deps.published.archive
    with archive.begin() as db:
        change_roster(db, "conseil municipal", "", given_memberships(listed), "greffe")
    page = said(client, "/personnes/julien-rochat")
    assert "conseiller municipal, PLR du 1er juin 2020 au 31 mai 2025" in page
    told = said(client, "/en/personnes/julien-rochat")
    assert "PLR from 1 June 2020 to 31 May 2025" in told
    assert "maire" not in page.replace("primaire", "")  # no published session says so
    assert "présidente, Le Centre 2024–2025" in said(client, "/personnes/helene-baudin")
    with archive.begin() as db:
        kept = kept_roster(db, "Conseil municipal")
        assert kept
        change_roster(db, kept.body, kept.seal, (), "greffe")


def test_a_topic_is_marked_on_the_days_of_its_year() -> None:
    days = [date(2025, 1, 1), date(2025, 7, 2), date(2024, 12, 31)]
    assert year_line(days) == "M0 0h25v1H0zM488 0h25v1H488zM975 0h25v1H975z"


def test_only_people_who_hold_an_office_are_for_search_engines(client: TestClient) -> None:
    guest, member = (client.get(f"/personnes/{one}").text for one in ("anna-gast", "zoe-clerc"))
    assert 'content="noindex"' in guest and 'content="noindex"' not in member
    plan = client.get("/sitemap.xml").text
    assert "/personnes/anna-gast<" not in plan and "/personnes/zoe-clerc<" in plan


def test_decisions_are_narrowed_and_shown_with_their_words(client: TestClient) -> None:
    page = said(client, "/decisions")
    assert "2 décisions." in page
    assert "« La proposition PR-12 est acceptée par 42 oui contre 30 non. »" in page
    for narrowing in ("resultat=refused", "parti=PLR", "auteur=Julien+Rochat"):
        assert "1 décision." in said(client, f"/decisions?{narrowing}"), narrowing
    assert "2 décisions." in said(client, "/decisions?annee=2025&objet=pr+12&organe=")
    for narrowing in ("annee=2024", "parti=PS", "objet=M-7", "annee=0000", "page=2"):
        assert "acceptée" not in said(client, f"/decisions?{narrowing}"), narrowing
    assert client.get("/decisions?resultat=perhaps").status_code == 422


def test_decisions_are_a_csv_file(client: TestClient) -> None:
    answer = client.get("/decisions.csv?annee=2025")
    assert answer.content.startswith(b"\xef\xbb\xbfdate,organe,")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert CANARY not in answer.text
    first, second = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert first["résultat"] == "Refusé" and first["parti de l’auteur·e"] == "PLR"
    assert (second["date"], second["oui"], second["non"]) == ("2025-04-08", "42", "30")
    assert (second["abstentions"], second["état"]) == ("", "à confirmer")
    assert client.get(second["adresse"]).status_code == 200
    again = client.get(
        "/decisions.csv?annee=2025", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_a_party_has_members_and_what_they_moved(client: TestClient) -> None:
    page = said(client, "/partis/plr")
    assert "Membres Personne Temps de parole Julien Rochat conseiller municipal 23 s" in page
    assert "L'amendement de Julien Rochat (PR-12) a été refusé" in page
    assert "Hélène" not in page
    assert client.get("/partis/vert").status_code == 404


def test_bodies_and_months_lead_to_their_sessions(client: TestClient) -> None:
    assert "Conseil municipal 3 séances publiées. 2024–2025" in said(client, "/organes")
    page = said(client, "/calendrier")
    assert page.index("avril 2025 mardi 8") < page.index("mars 2025 mardi 11")
    assert "novembre" not in page and "novembre 2024" in said(client, "/calendrier?annee=2024")
    assert "Aucune séance" in said(client, "/calendrier?organe=Commission")


def test_the_calendar_can_be_subscribed_to(client: TestClient) -> None:
    answer = client.get("/calendrier.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert CANARY not in answer.text
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    file = Calendar.from_ical(answer.content)
    first, *_ = events = list(file.walk("VEVENT"))
    assert len({str(event["uid"]) for event in events}) == len(events) == 3
    assert (first.decoded("dtstart"), str(first["summary"])) == (
        date(2025, 4, 8),
        f"Séance du {VOTED}",
    )
    assert str(first["url"]) == f"http://testserver/seances/{VOTED}"
    assert not [problem for event in events for problem in event.errors]
    assert client.get("/calendrier.ics").content == answer.content
    assert answer.headers["access-control-allow-origin"] == "*"
    assert client.get("/calendrier.ics?organe=a%0D%0AX:b").text.count("\r\nX:") == 0


def test_names_and_objects_lead_to_their_pages(client: TestClient) -> None:
    for address in (f"/seances/{VOTED}", "/?q=Combien+%3F"):
        page = client.get(address).text
        assert 'href="/objets/PR-12"' in page, address
        assert re.search(r'href="/personnes/(julien-rochat|claire-fontanet)"', page), address
    assert 'href="/objets/PR-12"' in client.get("/seances").text


def test_the_list_of_sessions_comes_in_pages(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.public.session.PER_PAGE", 2)
    first, second = (client.get(address).text for address in ("/seances", "/seances?page=2"))
    assert "3 séances publiées" in first and "3 séances publiées" in second
    assert f"/seances/{VOTED}" in first and f"/seances/{FIRST}" not in first
    assert f"/seances/{FIRST}" in second and 'href="/seances" rel="prev"' in second


@pytest.mark.parametrize(
    "begins",
    [
        *("=", "\n=", "\t+", " @", "\N{FULLWIDTH EQUALS SIGN}", "-"),
        *("\N{ZERO WIDTH NO-BREAK SPACE}=", "\N{ZERO WIDTH SPACE} \N{WORD JOINER}+", "\x00="),
    ],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_text(begins: str) -> None:
    assert _cell(f"{begins}1+1") == f"'{begins}1+1"
    assert _cell(f"a{begins}1") == f"a{begins}1" and _cell(None) == ""
