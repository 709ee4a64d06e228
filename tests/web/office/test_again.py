"""A session is transcribed again: what is told before, what the worker does, what is left."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.commands import sessions
from api.product import Product
from api.worker.worker import Worker
from ingest.archive import redactions
from ingest.archive.redactions import RedactionReason
from ingest.archive.schema import checkpoints
from ingest.editing.edits import TextEdit
from ingest.errors import InPreparation
from ingest.jobs import queue
from ingest.redaction.redact import RedactionRequest
from ingest.redaction.silence import loudest
from ingest.transcript import SpeakerSpan, Status
from search.index.withdraw import redact_passage
from tests.ingest.intake.test_sources import brought
from tests.ingest.test_pipeline import FakeSteps, World
from tests.support.office import signed_in
from tests.support.redaction_site import LAST, SECRET_SPAN, SITTING, product_at, published_at
from tests.support.small_site import text_of
from web.app import create_app

HERE = f"/bureau/seances/{SITTING}"
PAGE = f"{HERE}/transcrire"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """A published session with its sound, whose models are fakes."""
    made = published_at(tmp_path / "data")
    made.__dict__["steps"] = FakeSteps(World(made.archive, tmp_path))
    return made


def test_its_page_tells_what_is_kept_and_lists_what_is_left(
    product: Product, clerk: TestClient
) -> None:
    product.changes.make(SITTING, 1, "greffe", TextEdit(turn=2, text=LAST.replace("La", "Une")))
    before = text_of(clerk.get(PAGE).text)
    assert "1 correction, ou mot" in before and "(environ 1 min)" in before
    assert "son gardé de la séance" in before
    assert "les lecteurs voient les nouveaux mots" in before

    assert clerk.post(PAGE, data={"quoi": "tout", "voix": "beaucoup"}).status_code == 422
    assert clerk.post(PAGE, data={"quoi": "tout", "voix": "3"}).status_code == 303
    assert "En attente" in clerk.get(PAGE).text
    assert clerk.get(f"/bureau/api/seances/{SITTING}/transcription").headers["x-state"]
    Worker(product).work("long")

    session = product.archive.session(SITTING)
    assert product.archive.transcript(SITTING).turns[0].text.startswith("mot0. mot1.")
    assert (session.status, session.most_voices) == (Status.PUBLISHED, 3)
    page = clerk.get(PAGE)
    assert "0 refaites, 1 à reporter" in text_of(page.text)
    assert 'value="3"' in page.text and f"{HERE}/relecture?t=14000" in page.text
    (one,) = [item for item in product.archive.review(SITTING) if item.doubt == "carry"]
    where = {"debut": one.start_ms, "fin": one.end_ms}
    assert clerk.post(f"{PAGE}/laisser", data=where).status_code == 303
    assert f"{HERE}/relecture?t=14000" not in clerk.get(PAGE).text


def test_voices_alone_are_told_apart_of_at_most_so_many(
    product: Product, clerk: TestClient
) -> None:
    hints = []

    def diarize(*_: object) -> Sequence[SpeakerSpan]:
        hints.append(_[-1])
        return (SpeakerSpan(0, 13_000, "S1"), SpeakerSpan(13_000, 20_000, "S2"))

    product.steps.diarize = diarize  # type: ignore[method-assign, assignment]
    words = [word for turn in product.archive.transcript(SITTING).turns for word in turn.words]
    clerk.post(PAGE, data={"quoi": "voix", "voix": "2"})
    Worker(product).work("long")
    after = product.archive.transcript(SITTING)
    assert hints == [2]
    assert [word for turn in after.turns for word in turn.words] == words
    assert [turn.start_ms for turn in after.turns] == [1_000, 14_000]


def test_readers_never_hear_or_read_what_is_withheld_whatever_is_heard(
    product: Product, clerk: TestClient
) -> None:
    product.withhold(SITTING, SECRET_SPAN, "greffe")
    clerk.post(PAGE, data={"quoi": "tout"})
    Worker(product).work("long")
    words = [w for turn in product.published.transcript(SITTING).turns for w in turn.words]
    assert words and not any(SECRET_SPAN.overlap_ms(w.start_ms, w.end_ms) for w in words)
    with product.archive.engine.connect() as db:
        (kept,) = redactions.of_session(db, SITTING)
        with pytest.raises(InPreparation):  # until a word at its edge is silent too
            redactions.check_sound(db, SITTING, "opus")
    Worker(product).work("short")
    sound = product.settings.data / "media" / SITTING / "listen.opus"
    assert sound is not None and loudest(sound, (kept.span,)) == 0
    assert kept.span.start_ms < SECRET_SPAN.start_ms


def test_one_that_is_stopped_leaves_nothing_of_what_it_heard(
    product: Product, clerk: TestClient
) -> None:
    def diarize(*_: object) -> Sequence[SpeakerSpan]:
        redact_passage(
            product.archive,
            SITTING,
            RedactionRequest(SECRET_SPAN, RedactionReason.ERASED, "greffe"),
        )
        return (SpeakerSpan(0, 20_000, "S1"),)

    product.steps.diarize = diarize  # type: ignore[method-assign, assignment]
    clerk.post(PAGE, data={"quoi": "tout"})
    Worker(product).work("long")
    with product.archive.engine.connect() as db:
        job = queue.newest(db, SITTING, queue.JobKind.AGAIN)
        assert db.execute(select(checkpoints.c.job)).first() is None
    assert job is not None and job.state is queue.JobState.CANCELLED
    assert not list((product.settings.data / "work").glob("again-*"))
    assert product.archive.transcript(SITTING).generator.version == "1"


def test_the_command_line_does_it_and_tells_what_is_left(
    product: Product, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sessions, "open_product", lambda: product)
    product.changes.make(SITTING, 1, "greffe", TextEdit(turn=2, text=LAST.replace("La", "Une")))
    sessions.retranscribe(SITTING, voices=2)
    told = capsys.readouterr().out
    assert "Corrections : 0 reportées, 1 à revoir" in told and "« Une »" in told
    assert product.archive.session(SITTING).most_voices == 2


def test_while_its_recordings_are_there_they_serve(tmp_path: Path) -> None:
    product = product_at(tmp_path / "data")
    source = brought(product)
    product.__dict__["steps"] = FakeSteps(World(product.archive, tmp_path))
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert "enregistrements d'origine sont encore là" in text_of(clerk.get(PAGE).text)
    clerk.post(PAGE, data={"quoi": "tout"})
    Worker(product).work("long")
    with product.archive.engine.connect() as db:
        job = queue.newest(db, SITTING, queue.JobKind.AGAIN)
    assert job is not None and "ce n'est pas le même son" in job.error  # it is a second of sound
    assert source.is_file() and product.archive.transcript(SITTING).generator.version == "1"
