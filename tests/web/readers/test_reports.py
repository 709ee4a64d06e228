"""Errors that readers report: without an account, for the office alone, gone with the words."""

import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.mail import outbox
from api.product import Product
from api.readers.reports import FROM_ADDRESS, LONGEST
from ingest.archive import reports
from ingest.archive.redactions import RedactionReason
from ingest.archive.reports import Report, ReportState
from ingest.editing.edits import TextEdit
from ingest.redaction.redact import RedactionRequest
from tests.support.office import signed_in
from tests.support.redaction_site import AFTER, SECRET, SECRET_SPAN, SITTING, published_at
from tests.support.small_site import text_of
from web.app import create_app

ABOUT_SECRET = {"seance": SITTING, "t": "7000-9780", "r": "1"}
ABOUT_END = {"seance": SITTING, "t": "14000-15980", "r": "1"}
WRONG = {"faux": "« crèche » se dit <b>garderie</b>", "dit": "La garderie ouvrira."}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return published_at(tmp_path / "data")


@pytest.fixture
def reader(product: Product) -> TestClient:
    app = create_app(product.deps(), product.desk())
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def kept(product: Product, state: ReportState = ReportState.OPEN) -> list[Report]:
    with product.archive.engine.connect() as db:
        return list(reports.in_state(db, state, 10))


def test_a_report_lands_in_the_office_with_its_words_its_sound_and_its_review(
    product: Product, reader: TestClient
) -> None:
    page = reader.get(f"/seances/{SITTING}").text
    links = re.findall(r'href="(/signaler\?[^"]+)"', page)
    form = text_of(reader.get(html.unescape(links[-1])).text)
    assert "La crèche ouvrira en septembre." in form and "Hélène Baudin" in form
    sent = reader.post("/signaler", data=ABOUT_END | WRONG)
    assert (sent.status_code, sent.headers["location"]) == (303, "/signaler/recu")
    assert "Merci" in reader.get("/signaler/recu").text

    product.changes.make(SITTING, 1, "greffe", TextEdit(turn=2, text="La garderie ouvrira."))
    clerk = signed_in(reader.app)  # type: ignore[arg-type]
    assert "1 erreur signalée" in clerk.get("/bureau").text
    listed = clerk.get("/bureau/signalements").text
    assert "&lt;b&gt;garderie&lt;/b&gt;" in listed and "<b>garderie" not in listed
    assert "La garderie ouvrira." in listed and "Corrigé depuis" in listed
    assert f"/bureau/seances/{SITTING}/relecture?t=14000" in listed
    assert f"/bureau/api/seances/{SITTING}/audio.mp3#t=14.0" in listed


def test_a_report_is_settled_opened_again_and_erased(product: Product, reader: TestClient) -> None:
    reader.post("/signaler", data=ABOUT_END | WRONG)
    clerk = signed_in(reader.app)  # type: ignore[arg-type]
    (report,) = kept(product)
    for act, state in (("corriger", ReportState.CORRECTED), ("ecarter", ReportState.DISMISSED)):
        assert clerk.post(f"/bureau/signalements/{report.id}/{act}").status_code == 303
        assert [one.settled_by for one in kept(product, state)] == ["greffe"]
    assert "erreur signalée" not in clerk.get("/bureau").text
    clerk.post(f"/bureau/signalements/{report.id}/rouvrir")
    assert [one.id for one in kept(product)] == [report.id]
    assert clerk.post(f"/bureau/signalements/{report.id}/brûler").status_code == 422
    clerk.post(f"/bureau/signalements/{report.id}/effacer")
    assert clerk.post(f"/bureau/signalements/{report.id}/effacer").status_code == 404
    assert not kept(product)
    assert reader.post(f"/bureau/signalements/{report.id}/effacer").status_code == 401


def test_what_is_empty_too_long_or_too_much_is_refused_and_stays_typed(
    product: Product, reader: TestClient
) -> None:
    empty = reader.post("/signaler", data=ABOUT_END | {"faux": " \u200b\n", "dit": "Autre chose"})
    assert empty.status_code == 422 and "Dites ce qui est faux" in empty.text
    assert "Autre chose" in empty.text
    assert (
        reader.post("/signaler", data=ABOUT_END | {"faux": "x" * (LONGEST + 1)}).status_code == 422
    )
    answers = [
        reader.post("/signaler", data=ABOUT_END | WRONG) for _ in range(FROM_ADDRESS.count + 1)
    ]
    assert [one.status_code for one in answers] == [303] * FROM_ADDRESS.count + [429]
    assert "retry-after" in answers[-1].headers and "garderie" in answers[-1].text
    assert len(kept(product)) == FROM_ADDRESS.count
    elsewhere = {"Origin": "https://ailleurs.example"}
    assert reader.post("/signaler", data=ABOUT_END | WRONG, headers=elsewhere).status_code == 403


@pytest.mark.parametrize("t", ["", "x", "14000", "19000-19500", "9-8"])
def test_a_place_without_words_takes_no_report(
    product: Product, reader: TestClient, t: str
) -> None:
    answer = reader.post("/signaler", data={"seance": SITTING, "t": t, **WRONG})
    assert answer.status_code in (404, 422)
    assert not kept(product)


def test_what_is_withheld_later_is_seen_by_the_office_and_what_is_destroyed_by_nobody(
    product: Product, reader: TestClient
) -> None:
    reader.post("/signaler", data=ABOUT_SECRET | WRONG)
    reader.post("/signaler", data=ABOUT_END | WRONG)
    clerk = signed_in(reader.app)  # type: ignore[arg-type]
    product.withhold(SITTING, SECRET_SPAN)
    assert SECRET in text_of(clerk.get("/bureau/signalements").text)
    withheld = reader.get("/signaler", params=ABOUT_SECRET)
    silent = reader.get("/signaler", params=ABOUT_SECRET | {"t": "19000-19500"})
    assert (withheld.status_code, withheld.text) == (404, silent.text)
    beside = reader.get("/signaler", params=ABOUT_SECRET | {"t": "4500-12000"}).text
    assert AFTER in beside and "maladie" not in beside

    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.ERASED, "greffe"))
    assert [one.place.span.start_ms for one in kept(product)] == [14_000]
    product.erase(SITTING)
    assert not kept(product)


def test_who_leaves_an_address_is_told_once_without_a_word_and_forgotten(tmp_path: Path) -> None:
    mail = {"smtp": "smtp://localhost", "mail_from": "a@b.ch", "address": "https://seances.ch"}
    product = published_at(tmp_path / "data", **mail)
    app = create_app(product.deps(), product.desk())
    reader = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    assert 'name="courriel"' in reader.get("/signaler", params=ABOUT_END).text
    wrong = reader.post("/signaler", data=ABOUT_END | WRONG | {"courriel": "a@b.ch,c@d.ch"})
    assert wrong.status_code == 422 and "a@b.ch,c@d.ch" in wrong.text
    for address in ("un@exemple.ch", "deux@exemple.ch"):
        reader.post("/signaler", data=ABOUT_END | WRONG | {"courriel": address})
    clerk = signed_in(app)
    assert "deux@exemple.ch" in clerk.get("/bureau/signalements").text
    second, first = kept(product)
    clerk.post(f"/bureau/signalements/{first.id}/corriger")
    clerk.post(f"/bureau/signalements/{second.id}/ecarter")
    with product.archive.begin() as db:
        letter, nothing = outbox.claim(db), outbox.claim(db)
    assert letter and not nothing and letter.to == "un@exemple.ch"
    assert f"https://seances.ch/seances/{SITTING}?t=14000-15980" in letter.body
    assert "crèche" not in letter.body and "garderie" not in letter.body
    settled = kept(product, ReportState.CORRECTED) + kept(product, ReportState.DISMISSED)
    assert [one.email for one in settled] == [None, None]


def test_without_a_mail_server_no_address_is_asked_for_or_kept(
    product: Product, reader: TestClient
) -> None:
    assert 'name="courriel"' not in reader.get("/signaler", params=ABOUT_END).text
    reader.post("/signaler", data=ABOUT_END | WRONG | {"courriel": "un@exemple.ch"})
    assert [one.email for one in kept(product)] == [None]
