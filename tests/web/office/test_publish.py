"""The office's page of who may read a session, and the three steps of redacting a passage."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.product import Product
from api.views.wording import read_clock_ms, write_clock
from api.worker.worker import Worker
from ingest.archive import audit, schema
from ingest.archive.redactions import RedactionReason
from ingest.audio.waveform import PER_S
from ingest.documents.agenda_store import agenda_of, change, placed, seal
from ingest.errors import BadInput
from ingest.jobs import queue
from ingest.jobs.queue import claim, release
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import AgendaItem, ImportedText, Span, Status, Turn, Word
from search.index.withdraw import redact_passage
from tests.support.closed_site import AGENDA, draft
from tests.support.office import signed_in
from tests.support.redaction_site import AFTER, SECRET, SECRET_SPAN, SITTING, sitting
from tests.support.small_site import text_of
from tests.support.word_embedder import Interrupted
from web.app import create_app

PAGE = f"/bureau/seances/{SITTING}/publication"
PASSAGE = f"{PAGE}/passage"
WANTED = {"motif": "in_camera", "de": "0:07", "a": "0:09,7"}


@pytest.fixture
def anyone(clerk: TestClient) -> TestClient:
    return TestClient(clerk.app, raise_server_exceptions=False)


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def status(product: Product) -> Status | None:
    return product.archive.status(SITTING)


def test_publishing_is_ordered_and_shown_until_it_is_done(
    product: Product, clerk: TestClient, anyone: TestClient
) -> None:
    clerk.post(f"{PAGE}/retirer")
    assert status(product) is Status.WITHDRAWN
    assert "Retirée" in clerk.get(PAGE).text
    assert anyone.get(f"/seances/{SITTING}").status_code == 404
    assert clerk.post(f"{PAGE}/publier").headers["location"] == PAGE
    waiting = clerk.get(PAGE).text
    assert "Publication en cours" in waiting and 'http-equiv="refresh"' in waiting
    assert status(product) is Status.WITHDRAWN
    Worker(product).work("short")
    assert status(product) is Status.PUBLISHED
    done = clerk.get(PAGE).text
    assert "Publication en cours" not in done and "par greffe" in done and "refresh" not in done
    assert anyone.get(f"/seances/{SITTING}").status_code == 200


def test_a_publishing_that_was_asked_for_before_withdrawing_is_not_done(
    product: Product, clerk: TestClient
) -> None:
    clerk.post(f"{PAGE}/retirer")
    clerk.post(f"{PAGE}/publier")
    clerk.post(f"{PAGE}/huis-clos", data={"certain": "oui"})
    Worker(product).work("short")
    assert status(product) is Status.IN_CAMERA
    assert clerk.post(f"{PAGE}/publier").status_code == 409


def stop(product: Product, clerk: TestClient) -> None:
    clerk.post(f"/bureau/travaux/{publishing(product).id}/annuler")


def close_and_reopen(product: Product, clerk: TestClient) -> None:
    for act in ("huis-clos", "brouillon"):
        clerk.post(f"{PAGE}/{act}", data={"certain": "oui"})


def close_and_ask_again(product: Product, clerk: TestClient) -> None:
    close_and_reopen(product, clerk)
    clerk.post(f"{PAGE}/publier")


def publishing(product: Product) -> queue.Job:
    with product.archive.engine.connect() as db:
        job = queue.newest(db, SITTING, queue.JobKind.PUBLISH)
    assert job is not None
    return job


@pytest.mark.parametrize(
    ("meanwhile", "after"),
    [
        (stop, Status.DRAFT),
        (close_and_reopen, Status.DRAFT),
        (close_and_ask_again, Status.PUBLISHED),
    ],
)
def test_a_publishing_under_way_is_stopped_by_a_clerk_who_changes_her_mind(
    product: Product,
    clerk: TestClient,
    anyone: TestClient,
    meanwhile: Callable[[Product, TestClient], None],
    after: Status,
) -> None:
    close_and_reopen(product, clerk)
    clerk.post(f"{PAGE}/publier")
    asked = publishing(product).id
    product.__dict__["embedder"] = Interrupted(lambda: meanwhile(product, clerk))
    Worker(product).work("short")
    with product.archive.engine.connect() as db:
        assert queue.job(db, asked).state is queue.JobState.CANCELLED
    assert status(product) is after
    page = anyone.get(f"/seances/{SITTING}")
    assert page.status_code == (200 if after is Status.PUBLISHED else 404)


def test_a_publishing_that_was_killed_is_not_done_after_the_session_was_withdrawn(
    product: Product, clerk: TestClient
) -> None:
    clerk.post(f"{PAGE}/retirer")
    clerk.post(f"{PAGE}/publier")
    dead = claim(product.archive, "dead", (queue.JobKind.PUBLISH,))
    assert dead is not None
    product.publish(SITTING)  # and it dies before it says so
    clerk.post(f"{PAGE}/retirer")
    release(product.archive, lambda owner: owner == "dead")
    Worker(product).work("short")
    assert status(product) is Status.WITHDRAWN


def test_a_publishing_that_another_has_taken_over_is_left_to_it(
    product: Product, clerk: TestClient
) -> None:
    close_and_reopen(product, clerk)
    clerk.post(f"{PAGE}/publier")

    def taken_over() -> None:
        release(product.archive, lambda owner: True)
        assert claim(product.archive, "another", (queue.JobKind.PUBLISH,))

    product.__dict__["embedder"] = Interrupted(taken_over)
    Worker(product).work("short")
    assert status(product) is Status.DRAFT and publishing(product).state is queue.JobState.RUNNING


def test_a_whole_session_is_hidden_and_reopened_only_by_who_is_certain(
    product: Product, clerk: TestClient
) -> None:
    for act, after in (("huis-clos", Status.IN_CAMERA), ("brouillon", Status.DRAFT)):
        before = status(product)
        assert clerk.post(f"{PAGE}/{act}").status_code == 422 and status(product) is before
        clerk.post(f"{PAGE}/{act}", data={"certain": "oui"})
        assert status(product) is after


def test_what_is_left_to_review_is_shown_before_publishing(
    product: Product, clerk: TestClient
) -> None:
    clerk.post(f"{PAGE}/retirer")
    page = clerk.get(PAGE).text
    told = text_of(page)
    assert "Texte présent Fait" in " ".join(told.split())
    assert "Interventions relues : 0 sur 3 À voir" in " ".join(told.split())
    assert "Passages à réécouter : 2" in told and "Points à huis clos sans temps : 0" in told
    checks = page.split('class="checks"')[1].split("</section>")[0]
    links = re.findall(r'href="([^"]+)"', checks)
    assert len(links) == 7
    assert {clerk.get(link).status_code for link in links} == {200}


def test_the_very_words_are_shown_before_anything_is_erased(
    product: Product, clerk: TestClient
) -> None:
    shown = clerk.get(PASSAGE, params=WANTED).text
    assert f"<del>{SECRET.replace(chr(39), '&#39;')}</del>" in shown
    assert "6 mots seront effacés" in shown and AFTER in text_of(shown)
    assert shown.count("data-from=") == 2  # both edges can be heard
    assert SECRET in product.archive.transcript(SITTING).turns[1].text


def test_a_passage_is_redacted_once_it_is_confirmed(
    product: Product, clerk: TestClient, anyone: TestClient
) -> None:
    form = fields(clerk.get(PASSAGE, params=WANTED).text)
    refused = clerk.post(PASSAGE, data=form)
    assert refused.status_code == 422 and "rien n&#39;a encore été effacé" in refused.text
    assert SECRET in product.archive.transcript(SITTING).turns[1].text

    answer = clerk.post(PASSAGE, data={**form, "certain": "oui"})
    assert answer.status_code == 303
    told = text_of(clerk.get(answer.headers["location"]).text)
    assert "6 mots effacés." in told and "n'y sont plus" in told
    assert "Le son se prépare sans lui" in told and "En cours" in told
    assert anyone.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 503
    assert clerk.get(f"/bureau/api/seances/{SITTING}/audio.mp3").status_code == 503
    Worker(product).work("short")
    told = text_of(clerk.get(PAGE).text)
    assert "Huis clos" in told and "Effacé" in told and "En cours" not in told
    assert anyone.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 200


def test_turns_can_be_picked_instead_of_times(product: Product, clerk: TestClient) -> None:
    form = clerk.get(PASSAGE).text
    assert "0:00:14 · Hélène Baudin · La crèche ouvrira en septembre." in text_of(form)
    shown = clerk.get(PASSAGE, params={"motif": "erased", "premier": "1", "dernier": "2"}).text
    assert "15 mots" in shown or "20 mots" in shown or "mots seront effacés" in shown
    assert "Effacer ce passage" in shown


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"motif": "in_camera", "de": "0:07"}, "Donnez le début et la fin"),
        ({"motif": "in_camera", "de": "sept", "a": "0:09"}, "ne se lit pas"),
        ({"motif": "in_camera", "de": "0:09", "a": "0:07"}, "n'est pas dans la séance"),
        ({"motif": "in_camera", "de": "0:09", "a": "1:00:00"}, "n'est pas dans la séance"),
        ({"motif": "in_camera", "premier": "2", "dernier": "0"}, "ne la précède pas"),
        ({"motif": "in_camera", "premier": "1"}, "Choisissez une première intervention"),
        ({"de": "0:07", "a": "0:09"}, "Choisissez le motif"),
    ],
)
def test_what_cannot_be_redacted_is_reported_and_nothing_has_to_be_typed_again(
    clerk: TestClient, params: dict[str, str], told: str
) -> None:
    answer = clerk.get(PASSAGE, params=params)
    assert answer.status_code == 422 and told in text_of(answer.text)
    for name in ("de", "a"):
        assert f'name="{name}" value="{params.get(name, "")}"' in answer.text


def test_words_changed_since_they_were_read_are_read_again(
    product: Product, clerk: TestClient
) -> None:
    form = fields(clerk.get(PASSAGE, params=WANTED).text)
    redact_passage(
        product.archive,
        SITTING,
        RedactionRequest(Span(7_000, 7_300), RedactionReason.IN_CAMERA, "autre"),
    )
    answer = clerk.post(PASSAGE, data={**form, "certain": "oui"})
    assert answer.status_code == 422 and "ont changé" in text_of(answer.text)
    assert fields(answer.text)["vu"] != form["vu"]


def test_only_clerks_see_it(product: Product) -> None:
    app = create_app(product.deps(), product.desk())
    reader = signed_in(app, "lectrice", Role.READER)
    for address in (PAGE, PASSAGE):
        assert reader.get(address).status_code == 403
        assert TestClient(app, follow_redirects=False).get(address).status_code == 303
    for act in ("publier", "retirer", "huis-clos", "brouillon", "passage"):
        assert reader.post(f"{PAGE}/{act}", data={"certain": "oui"}).status_code == 403
    assert status(product) is Status.PUBLISHED


def test_a_link_to_a_redacted_passage_says_so(product: Product, anyone: TestClient) -> None:
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    page = anyone.get(f"/seances/{SITTING}?t=7000-9000&r=1").text
    assert "Une partie de ce que ce lien citait a été retirée" in page
    assert 'id="extrait"' in page and "Passage à huis clos, 0:00:07–0:00:09" in text_of(page)
    view = anyone.get(f"/api/sessions/{SITTING}/transcript").json()
    (closed,) = view["closed"]
    assert (closed["start_ms"], closed["end_ms"], closed["erased"]) == (7_000, 9_780, False)


def test_a_failed_redaction_is_shown(product: Product, clerk: TestClient) -> None:
    (product.settings.data / "media" / SITTING / "listen.opus").unlink()
    redact_passage(
        product.archive, SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe")
    )
    Worker(product).work("short")
    with product.archive.engine.connect() as db:
        job = queue.newest(db, SITTING, queue.JobKind.CLOSE)
    assert job is not None and job.state is queue.JobState.FAILED
    assert "la suite s'est arrêtée" in text_of(clerk.get(PAGE).text)


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [("1:02:03", 3_723_000), ("62:03", 3_723_000), ("3723,5", 3_723_500), ("0:00:07", 7_000)],
)
def test_clocks_are_read_as_people_write_them(text: str, at_ms: int) -> None:
    assert read_clock_ms(text) == at_ms
    assert read_clock_ms(write_clock(at_ms)) == at_ms


@pytest.mark.parametrize("text", ["", "sept", "1:2:3:4", "1:75:00", "12:75", "-3"])
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_clock_ms(text)


def test_a_text_is_redacted_by_its_words(product: Product, clerk: TestClient) -> None:

    session, transcript = sitting("2025-04-01-texte")
    words = tuple(Word(n, n + 1, f"mot{n}", 1.0) for n in range(10))
    of_text = replace(session, parts=(), agenda=(), text=ImportedText("e" * 64, 10))
    turns = (Turn(0, "S1", words),)
    product.archive.save(
        of_text, replace(transcript, turns=turns, review=(), unheard=(), speakers=())
    )
    address = PASSAGE.replace(SITTING, session.id)
    shown = clerk.get(address, params={"motif": "erased", "de": "3", "a": "6"}).text
    assert "<del>mot3 mot4 mot5</del>" in shown and "Écouter les bords" not in shown
    clerk.post(address, data={**fields(shown), "certain": "oui"})
    Worker(product).work("short")
    said = [turn.text for turn in product.archive.transcript(session.id).turns]
    assert said == ["mot0 mot1 mot2", "mot6 mot7 mot8 mot9"]


# --- what is in camera --------------------------------------------------------------------------


@pytest.fixture
def closed(tmp_path: Path) -> Product:
    return draft(tmp_path / "closed", *AGENDA)


def plain(page: str) -> str:
    return text_of(page).replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def test_a_point_in_camera_is_kept_for_the_office_unless_it_is_ticked(closed: Product) -> None:
    clerk = signed_in(create_app(closed.deps(), closed.desk()))
    shown = clerk.get(PAGE).text
    assert "Le point 2 « Recours (huis clos) » est à huis clos" in plain(shown)
    assert "Sera réservé au bureau" in plain(shown)
    (link,) = re.findall(r'href="([^"]*/passage\?[^"]*)"', shown)
    preview = clerk.get(html.unescape(link)).text
    assert SECRET in text_of(preview) and 'name="start_ms" value="7000"' in preview
    assert clerk.post(f"{PAGE}/publier").headers["location"] == PAGE
    Worker(closed).work("short")
    assert status(closed) is Status.PUBLISHED
    reader = TestClient(clerk.app, raise_server_exceptions=False)
    assert "Untel" not in reader.get(f"/seances/{SITTING}").text
    page = clerk.get(PAGE).text
    assert "0:00:07–0:00:10" in plain(page) and "Réservé" in plain(page)
    (number,) = re.findall(r'name="passage" value="(\d+)"', page)
    assert clerk.post(f"{PAGE}/rendre", data={"passage": number}).headers["location"] == PAGE
    assert "redevient public" in plain(clerk.get(PAGE).text)
    Worker(closed).work("short")
    assert "Untel" in reader.get(f"/seances/{SITTING}").text
    assert "Réservé" not in plain(clerk.get(PAGE).text).replace("Réservé au bureau", "")


def test_a_ticked_point_is_public_and_a_point_without_a_time_stops_publishing(
    tmp_path: Path,
) -> None:
    product = draft(tmp_path, AGENDA[0], replace(AGENDA[1], start_ms=None))
    clerk = signed_in(create_app(product.deps(), product.desk()))
    (seal,) = re.findall(r'name="public" value="(\w+)"', clerk.get(PAGE).text)
    refused = clerk.post(f"{PAGE}/publier", data={"public": "autre"})
    assert refused.status_code == 409 and "Rien n'a été publié" in plain(refused.text)
    Worker(product).work("short")
    assert status(product) is Status.DRAFT
    assert clerk.post(f"{PAGE}/publier", data={"public": seal}).headers["location"] == PAGE
    Worker(product).work("short")
    assert status(product) is Status.PUBLISHED
    with product.archive.engine.connect() as db:
        assert ("greffe", "session.release", f"{SITTING}, 2") in {
            (e.who, e.action, e.what) for e in audit.newest(db)
        }


def test_a_point_of_the_agenda_is_chosen_and_kept_for_the_office(
    closed: Product,
) -> None:
    clerk = signed_in(create_app(closed.deps(), closed.desk()))
    form = clerk.get(PASSAGE).text
    assert "0:00:10 · 3 Piscine" in text_of(form) and 'value="withheld" required checked' in form
    shown = clerk.get(PASSAGE, params={"motif": "withheld", "point": "2"}).text
    assert f"<mark>{AFTER}" in shown and 'name="certain"' not in shown
    assert "Rien n'est effacé" in plain(shown)
    answer = clerk.post(PASSAGE, data=fields(shown))
    assert answer.headers["location"] == PAGE
    told = plain(clerk.get(PAGE).text)
    assert "Piscine" in told
    assert "réservé au bureau : les lecteurs n'en ont plus rien" in told
    assert "rien garder" not in told
    assert AFTER in closed.archive.transcript(SITTING).turns[-2].text
    for motif in ("returned", "autre"):
        assert clerk.post(PASSAGE, data=fields(shown) | {"motif": motif}).status_code == 422
        assert clerk.get(PASSAGE, params={"motif": motif, "point": "2"}).status_code == 422


def test_a_program_publishes_keeps_and_gives_back(closed: Product) -> None:
    clerk = signed_in(create_app(closed.deps(), closed.desk()))
    address = f"/bureau/api/seances/{SITTING}/publication"
    (one,) = clerk.get(address).json()["held"]
    assert one["stretches"] == [{"start_ms": 7_000, "end_ms": 10_000}]
    assert clerk.post(address, json={}).status_code == 202
    Worker(closed).work("short")
    kept = clerk.post(f"{address}/passages", json={"start_ms": 14_000, "end_ms": 15_000})
    assert kept.status_code == 201
    state = clerk.get(address).json()
    assert state["status"] == "published" and state["held"] == []
    assert [(one["start_ms"], one["end_ms"]) for one in state["withheld"]] == [
        (7_000, 10_000),
        (14_000, 15_180),
    ]
    for one in state["withheld"]:
        assert clerk.delete(f"{address}/passages/{one['passage']}").status_code == 200
        assert clerk.delete(f"{address}/passages/{one['passage']}").status_code == 404
    assert clerk.get(address).json()["withheld"] == []
    reader = signed_in(clerk.app, "lectrice", Role.READER)  # type: ignore[arg-type]
    assert reader.post(address, json={}).status_code == 403


def test_a_program_is_told_which_point_has_no_time(tmp_path: Path) -> None:
    product = draft(tmp_path, AGENDA[0], replace(AGENDA[1], start_ms=None))
    clerk = signed_in(create_app(product.deps(), product.desk()))
    refused = clerk.post(f"/bureau/api/seances/{SITTING}/publication", json={"public": []})
    assert refused.status_code == 409
    (one,) = refused.json()["held"]
    again = {"public": [one["seal"]]}
    answer = clerk.post(f"/bureau/api/seances/{SITTING}/publication", json=again)
    assert answer.status_code == 202


def test_a_published_session_says_that_some_of_it_is_in_camera(
    product: Product, clerk: TestClient
) -> None:
    assert "Huis clos à vérifier" not in clerk.get("/bureau").text
    page = clerk.get(f"/bureau/seances/{SITTING}/ordre-du-jour").text
    base = fields(page)["base"]
    row = {"rows": "1", "number-0": "1", "title-0": "Divers", "start-0": "0", "time-0": "0:00:00"}
    data = row | {"base": base, "closed-0": "oui", "act": "save"}
    assert clerk.post(f"/bureau/seances/{SITTING}/ordre-du-jour", data=data).status_code == 303
    assert "Divers (huis clos)" in clerk.get(f"/bureau/seances/{SITTING}/ordre-du-jour").text
    assert status(product) is Status.PUBLISHED
    assert "Huis clos à vérifier" in clerk.get("/bureau").text
    assert "Huis clos à vérifier" in clerk.get(f"/bureau/seances/{SITTING}").text
    shown = clerk.get(PAGE).text
    assert "paraît à huis clos" in shown.replace("\xa0", " ")
    seals = re.findall(r'name="public" value="(\w+)"', shown)
    clerk.post(f"{PAGE}/publier", data={"public": seals})
    assert "Huis clos à vérifier" not in clerk.get("/bureau").text


POINTS = (
    AgendaItem("1", "Accueil", None, 0),
    AgendaItem("2", "Motion M-7 : la piscine", "M-7"),
    AgendaItem("3", "Divers", None, None),
)


def test_points_without_a_time_are_asked_for_before_publication(tmp_path: Path) -> None:
    product = draft(tmp_path, *POINTS)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    page = clerk.get(PAGE).text
    assert "2 points de l'ordre du jour n'ont pas de temps" in text_of(page).replace("’", "'")
    refused = clerk.post(f"{PAGE}/publier")
    assert refused.status_code == 409 and "Motion M-7" in refused.text
    by_program = f"/bureau/api/seances/{SITTING}/publication"
    assert clerk.post(by_program, json={}).status_code == 409
    assert product.archive.status(SITTING) is Status.DRAFT
    assert clerk.post(f"{PAGE}/publier", data={"sans_temps": "oui"}).status_code == 303
    Worker(product).work("short")
    assert product.archive.status(SITTING) is Status.PUBLISHED
    shown = TestClient(clerk.app).get(f"/seances/{SITTING}").text
    assert "Point de l’ordre du jour non précisé" in shown
    exported = TestClient(clerk.app).get(f"/seances/{SITTING}/export.txt").text
    assert "Point de l'ordre du jour non précisé" in exported


def test_points_that_were_not_taken_up_are_not_asked_for(tmp_path: Path) -> None:
    product = draft(tmp_path, *POINTS)
    archive = product.archive
    with archive.engine.connect() as db:
        kept = agenda_of(db, SITTING)
    untaken = placed(placed(kept, 1, None), 2, None)
    change(archive, SITTING, seal(kept), untaken, "greffe")
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert "pas de temps" not in clerk.get(PAGE).text
    assert clerk.post(f"{PAGE}/publier").status_code == 303
    Worker(product).work("short")
    shown = TestClient(clerk.app).get(f"/seances/{SITTING}").text
    assert "non précisé" not in shown


# --- at a date ----------------------------------------------------------------------------------


def test_a_session_is_published_at_the_moment_that_was_given(
    product: Product, clerk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.post(f"{PAGE}/retirer")
    to_come = (datetime.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert clerk.post(f"{PAGE}/publier", data={"quand": to_come}).headers["location"] == PAGE
    shown = plain(clerk.get(PAGE).text)
    assert "La séance sera publiée le" in shown and "http-equiv" not in clerk.get(PAGE).text
    assert "Interventions relues" in shown
    Worker(product).work("short")
    assert status(product) is Status.WITHDRAWN
    monkeypatch.setattr(queue, "now", lambda: schema.now() + timedelta(days=3))
    Worker(product).work("short")
    assert status(product) is Status.PUBLISHED


def test_a_date_is_taken_back_or_replaced(product: Product, clerk: TestClient) -> None:
    clerk.post(f"{PAGE}/retirer")
    clerk.post(f"{PAGE}/publier", data={"quand": "2999-01-01T08:00"})
    first = publishing(product).id
    clerk.post(f"{PAGE}/publier", data={"quand": "2999-02-01T08:00"})
    with product.archive.engine.connect() as db:
        assert queue.job(db, first).state is queue.JobState.CANCELLED
    assert "février 2999" in plain(clerk.get(PAGE).text)
    assert clerk.post(f"{PAGE}/deprogrammer").headers["location"] == PAGE
    assert "sera publiée" not in clerk.get(PAGE).text
    clerk.post(f"{PAGE}/publier")
    Worker(product).work("short")
    assert status(product) is Status.PUBLISHED


@pytest.mark.parametrize("typed", ["2001-01-01T08:00", "demain", "9999-99-99"])
def test_a_moment_that_cannot_be_is_told(clerk: TestClient, typed: str) -> None:
    clerk.post(f"{PAGE}/retirer")
    answer = clerk.post(f"{PAGE}/publier", data={"quand": typed})
    assert answer.status_code == 422 and ("passé" in answer.text or "ne se lit pas" in answer.text)


def test_the_waveform_is_the_offices_and_made_anew_once_words_are_destroyed(
    product: Product, clerk: TestClient, anyone: TestClient
) -> None:
    address = f"/bureau/api/seances/{SITTING}/waveform"
    assert anyone.get(address).status_code == 401
    whole = clerk.get(address).content
    second = slice(8 * PER_S, 9 * PER_S)
    assert len(whole) == 20 * PER_S and min(whole[second]) > 0
    product.withhold(SITTING, SECRET_SPAN)
    assert clerk.get(address).content == whole, "the office keeps what is withheld"
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.ERASED, "greffe"))
    left = clerk.get(address).content
    assert set(left[second]) == {0} and left[: 6 * PER_S] == whole[: 6 * PER_S]


def test_work_on_a_session_is_told_beside_what_is_checked_before_publishing(
    product: Product, clerk: TestClient
) -> None:
    assert 'class="working"' not in clerk.get(PAGE).text
    with product.archive.begin() as db:
        queue.add(db, queue.JobKind.AGAIN, SITTING, "greffe")
        later = schema.now() + timedelta(days=2)
        queue.add(db, queue.JobKind.PUBLISH, SITTING, "greffe", {"open": True}, later)
    assert "Transcrire de nouveau" in text_of(clerk.get(PAGE).text)
    lease = claim(product.archive, "w", [queue.JobKind.AGAIN])
    assert lease is not None
    lease.note("words", 0.43, {})
    page = clerk.get(PAGE).text
    assert 'value="43"' in page and page.count("<progress") == 1
