"""A session in which no word was heard: told plainly, opened without error, published on a yes."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.product import Product
from api.worker.worker import Worker
from ingest.archive import retention
from ingest.errors import Conflict
from ingest.transcript import Span, Status, Transcript
from search.filters import Outcome
from search.index.publish import NoWords
from search.index.withdraw import withhold
from search.votes.confirm import add
from search.votes.entered import Entered
from tests.ingest.intake.test_sources import brought
from tests.support.office import signed_in
from tests.support.redaction_site import OTHER, SITTING, product_at, sitting
from tests.support.small_site import text_of
from web.app import create_app

HERE = f"/bureau/seances/{SITTING}"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    made = product_at(tmp_path / "data")
    session, transcript = sitting()
    made.archive.save(session, Transcript(session.id, (), (), (), transcript.generator))
    return made


def test_its_pages_say_so_and_need_no_script(clerk: TestClient) -> None:
    for page in (HERE, f"{HERE}/relecture", f"{HERE}/publication"):
        answer = clerk.get(page)
        assert answer.status_code == 200
        assert "Aucun mot n'a été entendu dans cette séance" in text_of(answer.text)
    assert "review.js" not in clerk.get(f"{HERE}/relecture").text
    assert "<audio controls" in clerk.get(f"{HERE}/relecture").text


def test_it_is_published_only_where_a_clerk_says_yes(product: Product, clerk: TestClient) -> None:
    refused = clerk.post(f"{HERE}/publication/publier")
    assert refused.status_code == 409
    assert "si vous le confirmez" in text_of(refused.text)
    assert product.archive.status(SITTING) is Status.DRAFT
    assert clerk.post(f"{HERE}/publication/publier", data={"wordless": "oui"}).status_code == 303
    Worker(product).work("short")
    assert product.archive.status(SITTING) is Status.PUBLISHED


def test_programs_must_say_yes_too(product: Product, clerk: TestClient) -> None:
    address = f"/bureau/api/seances/{SITTING}/publication"
    assert clerk.post(address, json={}).status_code == 409
    assert clerk.post(address, json={"wordless": True}).status_code == 202


def test_it_is_transcribed_again_from_its_kept_recording(tmp_path: Path) -> None:
    product = product_at(tmp_path / "data")
    source = brought(product, wordless=True)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert "Transcrire de nouveau" in clerk.get(HERE).text
    assert clerk.post(f"{HERE}/reprendre").status_code == 422  # not without her yes
    answer = clerk.post(f"{HERE}/reprendre", data={"certain": "oui"})
    address = f"/bureau/apporter/{source.parent.name}"
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    Worker(product).work("short")  # what erases the draft
    assert product.archive.status(SITTING) is None
    assert source.is_file()
    page = clerk.get(address).text
    assert "séance.wav" in page and "Anne Rey" in page  # what was typed is there
    typed = {"do": "send", "date": "2025-03-11", "body": "Conseil municipal"}
    assert clerk.post(address, data=typed, files=[("x", ("", b""))]).status_code == 303


def test_a_draft_that_was_corrected_or_published_is_not(tmp_path: Path) -> None:
    product = product_at(tmp_path / "data")
    source = brought(product)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    product.name(SITTING, "S2", "Claire Fontanet")
    assert "reprendre" not in clerk.get(HERE).text
    assert clerk.post(f"{HERE}/reprendre", data={"certain": "oui"}).status_code == 409
    assert source.is_file() and product.archive.status(SITTING) is Status.DRAFT


def test_a_draft_whose_votes_were_judged_does_not_go_back_to_its_form(tmp_path: Path) -> None:
    product = product_at(tmp_path / "data")
    brought(product)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    entered = Entered(Outcome.ACCEPTED, 12, 3, noun="crédit")
    add(product.archive, SITTING, 4_500, entered, "greffe")
    assert clerk.post(f"{HERE}/reprendre", data={"certain": "oui"}).status_code == 409
    assert product.archive.status(SITTING) is Status.DRAFT


def test_a_draft_of_which_something_is_withheld_is_not(tmp_path: Path) -> None:
    product = product_at(tmp_path / "data")
    source = brought(product)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    turn = product.archive.transcript(SITTING).turns[0]
    span = Span(turn.start_ms, turn.end_ms)  # which parts no turn: no change is logged
    withhold(product.archive, SITTING, span, "greffe")
    assert clerk.post(f"{HERE}/reprendre", data={"certain": "oui"}).status_code == 409
    assert source.is_file() and product.archive.status(SITTING) is Status.DRAFT


def test_the_command_line_says_how(product: Product) -> None:
    from api.commands.sessions import published

    with pytest.raises(NoWords):
        product.publish(SITTING)
    with pytest.raises(Conflict, match=f"verbatim publish {SITTING} --without-words"):
        published(product, SITTING)
    assert product.publish(SITTING, wordless=True).status is Status.PUBLISHED
    assert product.publish(SITTING).status is Status.PUBLISHED  # readers see it already


def test_its_sound_is_all_there_is_and_no_rule_erases_it(product: Product) -> None:
    with product.archive.begin() as db:
        retention.set_rule(db, "Conseil municipal", 1, "chef")
        assert retention.due(db) == ()
        session, transcript = sitting(OTHER)
    product.archive.save(session, transcript)
    with product.archive.begin() as db:
        assert [one.session for one in retention.due(db)] == [OTHER]
