"""What a fault of ours cannot read: published, searched, answered all the same, and listed.

`UNREAD` makes the stemmer raise, as the word "ions" once did; everything else is the product's own,
from the form to the page.
"""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.commands.integrity import findings
from api.product import Product
from api.worker.worker import Worker
from ingest.editing.edits import TextEdit
from ingest.jobs import queue
from ingest.transcript import AgendaItem, Status
from search.language import stemmer, stems
from search.query import followup
from tests.support.office import signed_in
from tests.support.redaction_site import OTHER, SITTING, product_at, sitting
from tests.support.small_site import text_of
from web.app import create_app

IONS = "La station retire les ions de l'eau."
UNREAD = "zgloub"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return product_at(tmp_path / "data")


@pytest.fixture
def clerk(product: Product) -> TestClient:
    return signed_in(create_app(product.deps(), product.desk()))


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def stem(word: str) -> str:
        if word == UNREAD:
            raise IndexError("string index out of range")
        return stemmer.stem(word)

    stems._stem.cache_clear()
    monkeypatch.setattr(stems, "stem", stem)
    return monkeypatch


def keep(product: Product, session_id: str = SITTING) -> None:
    """A session of two points: what is said first has a passage of its own."""
    session, transcript = sitting(session_id)
    points = (AgendaItem("1", "Ouverture", None, 0), AgendaItem("2", "Divers", None, 4_000))
    product.archive.save(replace(session, agenda=points), transcript)


def correct(product: Product, text: str) -> None:
    product.changes.make(SITTING, 1, "greffe", TextEdit(turn=0, text=text))
    Worker(product).work("short")


def publishing(product: Product) -> queue.Job:
    with product.archive.engine.connect() as db:
        job = queue.newest(db, SITTING, queue.JobKind.PUBLISH)
    assert job
    return job


def found(browser: TestClient, question: str) -> list[str]:
    answer = browser.get("/api/search", params={"q": question})
    assert answer.status_code == 200
    return [passage["session"] for passage in answer.json()]


def by_words(product: Product, question: str) -> list[str]:
    """The passages that contain a word of it, whatever they mean."""
    return [hit.passage.text for hit in product.search(question, 9) if "lexical" in hit.found_by]


def findings_of(product: Product) -> list[str]:
    """What `verify` finds of what is searched: these sessions have no sound to verify."""
    told = (f"{one.where} : {one.what}" for one in findings(product))
    return [one for one in told if "mots" in one or "votes" in one]


# --- the word that was found -------------------------------------------------------------------


def test_ions_are_published_found_and_answered(product: Product, clerk: TestClient) -> None:
    keep(product)
    product.publish(SITTING)
    assert by_words(product, "ions") == []
    correct(product, IONS)
    assert publishing(product).state is queue.JobState.DONE
    assert by_words(product, "ions") == by_words(product, "un ion") == [IONS]
    assert found(clerk, "ions")[0] == SITTING
    assert clerk.get("/", params={"q": "ions"}).status_code == 200
    asked = clerk.post("/api/ask", json={"question": "Qui retire les ions ?"})
    assert asked.status_code == 200 and asked.json()["citations"][0]["quote"] == IONS
    assert findings_of(product) == []


# --- a passage that cannot be read --------------------------------------------------------------


@pytest.mark.usefixtures("faulty")
def test_a_passage_that_cannot_be_read_is_published_without_its_stems(
    product: Product, clerk: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    keep(product)
    product.publish(SITTING)
    correct(product, f"Le {UNREAD} est arrivé au port.")
    job = publishing(product)
    told = f"{SITTING}, passage de l'intervention 1 : ne se trouve pas par ses mots"
    assert job.state is queue.JobState.DONE and job.found["unread"] == [told]
    shown = text_of(clerk.get("/bureau/travaux").text).replace("\u00a0", " ")
    assert f"Publié, mais prévenez l'informatique : {told}." in shown.replace("\u2019", "'")
    assert findings_of(product) == [told]
    assert "published without their stems" in caplog.text
    assert len(by_words(product, "piscine")) == 1, "the other passages are found as ever"


def test_it_is_found_again_once_it_can_be_read(
    product: Product, clerk: TestClient, faulty: pytest.MonkeyPatch
) -> None:
    keep(product)
    product.publish(SITTING)
    correct(product, f"Le {UNREAD} est arrivé au port.")
    faulty.undo()
    product.publish(SITTING)
    assert by_words(product, UNREAD) == [f"Le {UNREAD} est arrivé au port."]
    assert findings_of(product) == []


@pytest.mark.usefixtures("faulty")
def test_questions_about_it_are_answered(
    product: Product, clerk: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    keep(product)
    product.publish(SITTING)
    correct(product, f"Le {UNREAD} est arrivé au port.")
    assert by_words(product, f"le {UNREAD} et la piscine") != []
    for question in (UNREAD, f"Qui parle du {UNREAD} ?", f"la piscine et le {UNREAD}"):
        assert clerk.post("/api/ask", json={"question": question}).status_code == 200
        assert clerk.get("/", params={"q": question}).status_code == 200
    assert "is read word by word" in caplog.text
    assert UNREAD not in "".join(one.getMessage() for one in caplog.records), (
        "questions are private"
    )


# --- votes and questions that cannot be read ----------------------------------------------------


def test_votes_that_cannot_be_read_keep_no_session_from_its_readers(
    product: Product, clerk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexError

    keep(product)
    keep(product, OTHER)
    monkeypatch.setattr("search.votes.extract.record", fail)
    product.publish(SITTING)
    assert product.archive.status(SITTING) is Status.PUBLISHED
    assert findings_of(product) == [f"{SITTING} : ses votes n'ont pas pu être lus"]
    assert clerk.post("/api/ask", json={"question": "la piscine"}).status_code == 200
    monkeypatch.undo()
    product_at(product.settings.data).ask("la piscine")  # a server that starts reads them again
    assert findings_of(product) == []


def test_a_question_that_cannot_be_parsed_is_searched_for_by_its_words(
    product: Product,
    clerk: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError

    keep(product)
    product.publish(SITTING)
    monkeypatch.setattr("search.query.parse.people_in", fail)
    assert found(clerk, "Que dit Mme Fontanet de la piscine ?")[0] == SITTING
    asked = clerk.post("/api/ask", json={"question": "piscine municipale", "people": ["X"]}).json()
    assert asked["refused"], "what was chosen beside the question still narrows it"
    assert [one.levelno for one in caplog.records if "by its words" in one.message] == [
        logging.ERROR
    ] * 2


def test_a_question_whose_context_cannot_be_read_is_read_by_itself(
    product: Product, clerk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexError

    keep(product)
    product.publish(SITTING)
    monkeypatch.setattr(followup, "pointing", fail)
    answer = clerk.get("/api/search", params={"q": "Et la piscine ?", "avant": "q=la+crèche"})
    assert answer.status_code == 200 and answer.json()[0]["session"] == SITTING
