"""Alerts: only to addresses that said yes, of published matter alone, ended by one click."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.answers.answer import Answer, Verified, refusal
from api.digests import Digests
from api.mail import outbox
from api.mail.outbox import Mail
from api.product import Product
from api.readers import alerts
from api.readers.alerts import MOST_WAITING, UNCONFIRMED, forget_address
from ingest.archive.schema import now
from ingest.settings import Settings
from ingest.transcript import AgendaItem
from search.query.parsed import Query
from tests.support.mail_server import mail_server
from tests.support.redaction_site import OTHER, SECRET_SPAN, SITTING, published_at, sitting
from tests.support.small_site import citation, text_of
from web.app import create_app

MAIL = {"smtp": "smtp://localhost", "mail_from": "a@b.ch", "address": "https://seances.ch"}
POOL = {"sur": "mot", "quoi": "piscine", "courriel": "lectrice@exemple.ch"}


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Two sessions that were published before anybody asked."""
    product = published_at(tmp_path / "data", **MAIL)
    told(product)
    yield product


@pytest.fixture
def reader(product: Product) -> TestClient:
    app = create_app(product.deps(), product.desk())
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def asked(query: Query) -> Verified:
    if "crèche" in query.question:
        return Verified(Answer(query, (citation(SITTING),)))
    return Verified(refusal(query, "Je n'ai rien trouvé."))


def told(product: Product, *, again: bool = False) -> list[Mail]:
    """The mails that wait, once all that was published is looked at; `again`: as if it were new."""
    if again:
        with product.archive.begin() as db:
            db.execute(alerts.announced.delete())
    Digests(product.archive, replace(product.deps(), ask=asked)).collect()
    mails = []
    with product.archive.begin() as db:
        while mail := outbox.claim(db):
            outbox.drop(db, mail)
            mails.append(mail)
    return mails


def key_in(mail: Mail) -> str:
    (key,) = set(re.findall(r"cle=([\w-]+)", mail.body))
    return str(key)


def follow(reader: TestClient, product: Product, **asked_for: str) -> str:
    """Ask for an alert and confirm it; its key."""
    assert reader.post("/alertes", data=POOL | asked_for).status_code == 303
    (mail,) = told(product)
    key = key_in(mail)
    assert "confirmée" in reader.post(f"/alertes/confirmer?cle={key}").text
    return key


def test_an_address_is_told_only_once_it_said_yes_and_by_a_button(
    product: Product, reader: TestClient
) -> None:
    assert 'name="courriel"' in reader.get("/alertes").text
    sent = reader.post("/alertes", data=POOL)
    assert (sent.status_code, sent.headers["location"]) == (303, "/alertes/demandee")
    (mail,) = told(product, again=True)  # the question, and no digest
    assert mail.to == POOL["courriel"] and "piscine" not in mail.body + mail.subject
    page = f"/alertes/suivi?cle={key_in(mail)}"
    assert "Le mot « piscine »" in text_of(reader.get(page).text).replace("\xa0", " ")
    assert told(product, again=True) == []  # a link that is opened says nothing yet
    reader.post(f"/alertes/confirmer?cle={key_in(mail)}")
    (digest,) = told(product, again=True)
    assert digest.session == SITTING and "1 passage" in digest.body
    assert f"https://seances.ch/seances/{SITTING}?t=4500-" in digest.body
    assert "municipale" not in digest.body and "Revenons" not in digest.body
    assert told(product) == []  # once a session


def test_mails_are_in_the_language_of_the_page_on_which_they_were_asked_for(
    product: Product, reader: TestClient
) -> None:
    sent = reader.post("/en/alertes", data=POOL)
    assert sent.headers["location"] == "/en/alertes/demandee"
    (mail,) = told(product)
    assert mail.subject == "Confirm your alert" and "Si ce n'est pas vous" not in mail.body
    assert "https://seances.ch/en/alertes/suivi?cle=" in mail.body
    reader.post(f"/alertes/confirmer?cle={key_in(mail)}")
    (digest,) = told(product, again=True)
    assert "The word “piscine”: 1 passage" in digest.body and "Sitting published" in digest.subject
    assert f"https://seances.ch/en/seances/{SITTING}?t=4500-" in digest.body


def test_one_mail_an_address_tells_of_words_people_objects_and_questions(
    product: Product, reader: TestClient
) -> None:
    follow(reader, product)
    follow(reader, product, sur="personne", quoi="Claire Fontanet")
    follow(reader, product, sur="question", quoi="Quand ouvrira la crèche ?")
    follow(reader, product, sur="objet", quoi="pr-99")
    follow(reader, product, sur="mot", quoi="tramway", courriel="autre@exemple.ch")
    (digest,) = [mail for mail in told(product, again=True) if mail.session == SITTING]
    assert digest.to == POOL["courriel"]
    for label in ("Le mot « piscine »", "Les interventions de Claire Fontanet", "crèche ? »"):
        assert label in digest.body
    assert "pr-99" not in digest.body and "tramway" not in digest.body


def test_an_object_may_be_followed_before_it_is_debated_however_its_code_is_typed(
    product: Product, reader: TestClient
) -> None:
    follow(reader, product, sur="objet", quoi="pr 12")
    session, transcript = sitting("2025-03-13-objet")
    items = (AgendaItem("1", "Piste cyclable", "PR-12", 0),)
    product.archive.save(replace(session, agenda=items), transcript)
    product.publish(session.id)
    product.corpus.now(patience_s=None)
    (digest,) = told(product)
    assert digest.session == session.id and "L'objet pr 12 : " in digest.body


def test_one_click_ends_all_and_forgets_the_address_and_what_waits(
    product: Product, reader: TestClient
) -> None:
    follow(reader, product)
    follow(reader, product, quoi="crèche")
    (digest,) = told(product, again=True)
    with product.archive.begin() as db:
        outbox.put(db, digest)
    assert digest.unsubscribe and digest.unsubscribe.startswith("https://seances.ch/alertes/")
    path = digest.unsubscribe.removeprefix("https://seances.ch")
    assert reader.get(path).status_code == 405  # a scanner that opens links ends nothing
    for _ in range(2):
        done = reader.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
    with product.archive.engine.connect() as db:
        assert not alerts.of_address(db, POOL["courriel"])
        assert not outbox.is_due(db)


def test_an_address_is_deleted_wherever_it_is_kept(product: Product, reader: TestClient) -> None:
    follow(reader, product)
    place = {"seance": SITTING, "t": "14000-15980", "faux": "garderie"}
    reader.post("/signaler", data=place | {"courriel": POOL["courriel"]})
    (digest,) = told(product, again=True)
    with product.archive.begin() as db:
        outbox.put(db, digest)
        forget_address(db, POOL["courriel"].upper())
    product.archive.engine.dispose()
    files = (product.settings.data / "archive.sqlite").read_bytes()
    with product.archive.engine.connect() as db:
        assert not alerts.of_address(db, POOL["courriel"]) and not outbox.is_due(db)
    assert POOL["courriel"].encode() not in files


def test_one_alert_is_ended_alone(product: Product, reader: TestClient) -> None:
    key = follow(reader, product)
    follow(reader, product, quoi="crèche")
    reader.post(f"/alertes/arreter?cle={key}")
    assert reader.get(f"/alertes/suivi?cle={key}").status_code == 404
    (digest,) = told(product, again=True)
    assert "crèche" in digest.body and "piscine" not in digest.body


def test_what_readers_do_not_see_is_not_told(product: Product, reader: TestClient) -> None:
    follow(reader, product, quoi="maladie")
    follow(reader, product, quoi="crèche")
    product.withhold(SITTING, SECRET_SPAN)
    (digest,) = told(product, again=True)
    assert "crèche" in digest.body and "maladie" not in digest.body
    product.withdraw(SITTING)
    assert [mail for mail in told(product, again=True) if mail.session != OTHER] == []


def test_a_stranger_can_have_an_address_written_to_a_few_times_at_most(
    product: Product, reader: TestClient
) -> None:
    answers = [reader.post("/alertes", data=POOL | {"quoi": f"piscine {n}"}) for n in range(12)]
    assert [one.status_code for one in answers] == [303] * 10 + [429] * 2
    assert len(told(product)) == MOST_WAITING
    with product.archive.begin() as db:
        old = now() - UNCONFIRMED - timedelta(minutes=1)
        db.execute(update(alerts.table).values(created_at=old))
    told(product)
    with product.archive.engine.connect() as db:
        assert db.execute(select(alerts.table)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"quoi": " "},
        {"quoi": "les"},
        {"quoi": "x" * 201},
        {"sur": "personne", "quoi": "Personne Inconnue"},
        {"courriel": "a@b.ch, c@d.ch"},
        {"courriel": "a@b.ch\nBcc: c@d.ch"},
    ],
)
def test_what_cannot_be_followed_is_told_and_stays_typed(
    product: Product, reader: TestClient, wrong: dict[str, str]
) -> None:
    answer = reader.post("/alertes", data=POOL | wrong)
    assert answer.status_code in (404, 422) and 'role="alert"' in answer.text
    assert told(product) == []


@pytest.mark.parametrize("more", [{"smtp": None}, {"reading": "accounts"}])
def test_without_a_mail_server_or_where_reading_is_restricted_there_are_none(
    tmp_path: Path, more: dict[str, object]
) -> None:
    product = published_at(tmp_path / "data")
    settings = Settings(_env_file=None, **{**MAIL, **more})  # type: ignore[arg-type]
    app = create_app(replace(product.deps(), settings=settings))
    reader = TestClient(app, raise_server_exceptions=False)
    assert reader.get("/alertes").status_code == 404
    assert reader.post("/alertes", data=POOL).status_code == 404


def test_the_server_sends_what_it_collects(tmp_path: Path) -> None:
    with mail_server() as post:
        product = published_at(tmp_path / "data", **MAIL | {"smtp": post.url})
        app = create_app(product.deps(), product.desk())
        TestClient(app, raise_server_exceptions=False).post("/alertes", data=POOL)
        postman = product.postman()
        assert postman
        for _ in range(2):
            postman.round()
    assert [mail["Subject"] for mail in post.sent] == ["Confirmez votre alerte"]
