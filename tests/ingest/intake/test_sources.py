"""A session's recordings are kept until it is published, or for so many days, and no longer."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from api.product import Product
from ingest.archive import audit
from ingest.archive.backup import back_up, restore
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.redactions import RedactionReason
from ingest.archive.schema import now
from ingest.intake import intake
from ingest.intake.intake import Arrival, ArrivalState, TypedDetails, arrivals, folder, new_id
from ingest.intake.uploads import sweep
from ingest.redaction.redact import RedactionRequest
from search.index.withdraw import erase_session, redact_passage
from tests.support.media import short_sound
from tests.support.redaction_site import SECRET_SPAN, SITTING, product_at, sitting
from tests.support.small_site import tones


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return product_at(tmp_path / "data")


def brought(product: Product, wordless: bool = False) -> Path:
    """A session that was brought in and is kept as a draft; its one recording."""
    data, arrival_id = product.settings.data, new_id()
    place = folder(data, arrival_id)
    place.mkdir(parents=True)
    session, transcript = sitting()
    if wordless:
        transcript = type(transcript)(session.id, (), (), (), transcript.generator)
    with product.archive.begin() as db:
        intake.keep(db, arrival_id, TypedDetails(date="2025-03-11", roster="Anne Rey"), "greffe")
        file = new_id()
        (place / file).write_bytes(short_sound())
        intake.add_file(db, arrival_id, "séance.wav", len(short_sound()), came_as=file)
        intake.send(db, arrival_id, "greffe")
    product.archive.save(session, transcript)
    with product.archive.begin() as db:
        intake.finish(db, arrival_id, session.id)
    return place / file


def later(product: Product, days: int) -> None:
    with product.archive.begin() as db:
        db.execute(update(arrivals).values(touched_at=now() - timedelta(days=days)))


def tidy(product: Product) -> None:
    sweep(product.archive, product.settings.data, 30, 30)


def arrival_of(product: Product) -> Arrival:
    with product.archive.engine.connect() as db:
        (one,) = intake.every(db, ArrivalState.DONE)
    return one


def test_a_drafts_recordings_are_kept_for_so_many_days(product: Product) -> None:
    source = brought(product)
    later(product, 29)
    tidy(product)
    assert source.is_file()
    assert arrival_of(product).details.roster == "Anne Rey"
    later(product, 31)
    tidy(product)
    assert not source.parent.exists()
    with product.archive.engine.connect() as db:
        assert [one.files for one in intake.every(db, ArrivalState.DONE)] in ([], [()])


def test_they_go_when_the_session_is_published(product: Product) -> None:
    source = brought(product)
    product.publish(SITTING)
    tidy(product)
    assert not source.parent.exists()
    assert arrival_of(product).files == ()


def test_those_in_which_no_word_was_heard_are_never_removed(product: Product) -> None:
    source = brought(product, wordless=True)
    product.publish(SITTING, wordless=True)
    later(product, 400)
    tidy(product)
    assert source.is_file()


def test_what_is_destroyed_is_destroyed_in_them_too(product: Product) -> None:
    source = brought(product)
    media = product.settings.data / "media" / SITTING
    tones(media / "listen.opus", "ogg", "libopus")
    tones(media / "listen.mp3", "mp3", "libmp3lame")
    redact_passage(
        product.archive,
        SITTING,
        RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, audit.CONSOLE),
    )
    product.redactor.finish(SITTING)
    assert not source.parent.exists()
    assert arrival_of(product).files == ()


def test_an_erased_session_leaves_none(product: Product) -> None:
    source = brought(product)
    erase_session(product.archive, SITTING)
    tidy(product)
    product.redactor.finish_erasing(SITTING, {"arrivals": [source.parent.name]})
    assert not source.parent.exists()


def test_a_backup_leaves_them_out(product: Product, tmp_path: Path) -> None:
    source = brought(product, wordless=True)
    media = product.settings.data / "media" / SITTING
    media.mkdir(parents=True)
    for form in ("opus", "mp3"):
        (media / f"listen.{form}").write_bytes(b"sound")
    saved = tmp_path / "sauvegarde.tar"
    back_up(product.archive, product.settings.data, product.blobs, saved, lambda _: None)
    new = tmp_path / "neuf"
    restore(
        saved, new, DirectoryBlobs(new / "media"), f"sqlite:///{new}/archive.sqlite", lambda _: None
    )
    assert (tmp_path / "neuf" / "media" / SITTING / "listen.mp3").is_file()
    assert not (tmp_path / "neuf" / "arrivals" / source.parent.name).exists()
