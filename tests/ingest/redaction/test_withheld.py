"""What the office keeps for itself: hidden from readers as if it were gone, and back by one act."""

import tarfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.product import Product
from api.worker.worker import Worker
from ingest.archive import audit
from ingest.archive.backup import back_up
from ingest.archive.change_log import revision
from ingest.archive.redactions import Redaction, RedactionReason, RedactionStage, of_session
from ingest.audio.excerpt import excerpt
from ingest.editing.edits import Merge, TextEdit
from ingest.errors import Corrupt, NotFound
from ingest.integrity import redactions, sound
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import Span, Status
from search.index import withdraw
from search.integrity import one_session
from tests.ingest.redaction.test_held import public
from tests.support.closed_site import AGENDA, draft
from tests.support.office import signed_in
from tests.support.redaction_site import AFTER, BEFORE, SECRET, SECRET_SPAN, SITTING, published_at
from web.app import create_app

OFFICE = f"/bureau/api/seances/{SITTING}"


def rows(product: Product) -> tuple[Redaction, ...]:
    with product.archive.engine.connect() as db:
        return of_session(db, SITTING)


def kept_number(product: Product) -> int:
    (row,) = (row for row in rows(product) if row.why is RedactionReason.WITHHELD)
    return row.id


def loudest(product: Product, name: str, form: str) -> int:
    path = product.settings.data / "media" / SITTING / f"{name}.{form}"
    return int(abs(excerpt(path, 7_200, 9_600, 48_000)).max())


def words_of_office(product: Product) -> str:
    return signed_in(create_app(product.deps(), product.desk())).get(f"{OFFICE}/document").text


@pytest.fixture
def withheld(tmp_path: Path) -> Product:
    """A published session of which the secret is withheld, its sound done too."""
    product = published_at(tmp_path)
    product.withhold(SITTING, SECRET_SPAN, "greffe")
    return product


def test_a_flagged_point_is_withheld_when_the_rest_is_published(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    assert product.publish(SITTING, "greffe").status is Status.PUBLISHED
    reader = TestClient(create_app(product.deps()), raise_server_exceptions=False)
    assert reader.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 503
    Worker(product).work("short")
    assert reader.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 200
    (row,) = rows(product)
    assert (row.span, row.why, row.by) == (Span(7_000, 10_000), RedactionReason.WITHHELD, "greffe")
    shown = public(product)
    assert AFTER in shown and "Passage à huis clos" in shown
    assert "Untel" not in shown and "grave" not in shown
    assert "Untel" in words_of_office(product)


def test_readers_hear_silence_and_the_office_all_of_it(withheld: Product) -> None:
    for form in ("opus", "mp3"):
        assert loudest(withheld, "listen", form) <= 2
        assert loudest(withheld, "office", form) > 1_000
    clerk = signed_in(create_app(withheld.deps(), withheld.desk()))
    path = withheld.settings.data / "media" / SITTING / "office.opus"
    assert clerk.get(f"{OFFICE}/audio.opus").content == path.read_bytes()


def test_what_the_office_exports_is_without_it(withheld: Product) -> None:
    clerk = signed_in(create_app(withheld.deps(), withheld.desk()))
    for form in ("txt", "vtt", "json", "rttm"):
        assert "Untel" not in clerk.get(f"/bureau/seances/{SITTING}/export.{form}").text


def test_it_comes_back_by_one_act_words_and_sound_alike(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    listened = product.settings.data / "media" / SITTING / "listen.opus"
    before = loudest(product, "listen", "opus")
    product.publish(SITTING)
    product.redactor.finish(SITTING)
    product.give_back(SITTING, kept_number(product), "greffe")
    assert SECRET in public(product) and "huis clos" not in public(product)
    assert [item.title for item in product.archive.session(SITTING).agenda][1] == "Recours"
    assert loudest(product, "listen", "opus") == before
    assert sorted(path.name for path in listened.parent.iterdir()) == ["listen.mp3", "listen.opus"]
    assert rows(product) == ()
    product.publish(SITTING)  # and it is not withheld again
    product.refresh(SITTING)
    assert SECRET in public(product)
    with product.archive.engine.connect() as db:
        acts = [entry.action for entry in audit.newest(db)]
    assert {"session.withhold", "session.give_back", "agenda.unmark"} <= set(acts)


def test_words_corrected_while_they_were_withheld_are_told_by_no_link(withheld: Product) -> None:
    turn = next(one for one in withheld.archive.transcript(SITTING).turns if "Untel" in one.text)
    with withheld.archive.engine.connect() as db:
        at = revision(db, SITTING)
    edit = TextEdit(turn=turn.index, text=turn.text.replace("Untel", "X"))
    withheld.changes.make(SITTING, at, "greffe", edit)
    withheld.give_back(SITTING, kept_number(withheld), "greffe")
    reader = TestClient(create_app(withheld.deps()))
    page = reader.get(f"/seances/{SITTING}?t={turn.start_ms}-{turn.end_ms}&r={at}").text
    assert "a été corrigé depuis" in page and "Untel" not in page


def test_a_passage_is_given_back_once(withheld: Product) -> None:
    number = kept_number(withheld)
    withheld.give_back(SITTING, number)
    for gone in (number, 99):
        with pytest.raises(NotFound):
            withheld.give_back(SITTING, gone)


def test_a_passage_given_back_stays_silent_until_its_sound_is_made(withheld: Product) -> None:
    withdraw.give_back(withheld.archive, SITTING, kept_number(withheld), "greffe")
    assert loudest(withheld, "listen", "opus") <= 2
    reader = TestClient(create_app(withheld.deps()), raise_server_exceptions=False)
    assert reader.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 200
    Worker(withheld).work("short")
    assert loudest(withheld, "listen", "opus") > 1_000


def test_destroying_what_is_withheld_destroys_it_for_the_office_too(withheld: Product) -> None:
    withheld.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    for name in ("listen", "office"):
        for form in ("opus", "mp3"):
            assert loudest(withheld, name, form) <= 2
    assert "Untel" not in words_of_office(withheld)
    withheld.give_back(SITTING, kept_number(withheld))
    assert loudest(withheld, "listen", "opus") <= 2
    assert [row.why for row in rows(withheld)] == [RedactionReason.IN_CAMERA]


def test_a_correction_of_withheld_words_stays_with_the_office(withheld: Product) -> None:
    turns = withheld.archive.transcript(SITTING).turns
    (place,) = (turn.index for turn in turns if "Untel" in turn.text)
    edit = TextEdit(turn=place, text="Monsieur Ferblantier est malade.")
    withheld.changes.make(SITTING, 2, "greffe", edit)
    withheld.refresh(SITTING)
    shown = public(withheld)
    assert "Ferblantier" not in shown and "Untel" not in shown and AFTER in shown
    assert "Ferblantier" in words_of_office(withheld)


def test_words_typed_beside_a_withheld_stretch_hide_nothing_from_readers(tmp_path: Path) -> None:
    product = published_at(tmp_path)
    product.withhold(SITTING, Span(6_950, 9_980), "greffe")  # and the silence around its words
    for said, text in ((BEFORE, f"{BEFORE} Merci à vous."), (AFTER, f"Bien. Alors. {AFTER}")):
        with product.archive.engine.connect() as db:
            now = revision(db, SITTING)
        (place,) = (t.index for t in product.archive.transcript(SITTING).turns if t.text == said)
        product.changes.make(SITTING, now, "greffe", TextEdit(turn=place, text=text))
    product.refresh(SITTING)
    shown = public(product)
    assert BEFORE in shown and AFTER in shown and "Alors." in shown and "Untel" not in shown


def test_what_is_joined_with_withheld_words_is_withheld_with_them(withheld: Product) -> None:
    turns = withheld.archive.transcript(SITTING).turns
    (place,) = (turn.index for turn in turns if "Untel" in turn.text)
    withheld.changes.make(SITTING, 2, "greffe", Merge(turn=place))
    assert "Untel" not in public(withheld)
    withheld.refresh(SITTING)
    assert "Untel" not in public(withheld)


def test_a_link_made_before_says_that_some_of_it_is_not_shown(withheld: Product) -> None:
    reader = TestClient(create_app(withheld.deps()), raise_server_exceptions=False)
    page = reader.get(f"/seances/{SITTING}?t=7000-9780&r=1").text
    assert "Une partie de ce que ce lien citait a été retirée" in page
    page = reader.get(f"/seances/{SITTING}?t=4500-6480&r=1").text  # of the same turn, and open
    assert "ce lien" not in page


def test_the_archive_is_whole_with_it_and_after_it(withheld: Product) -> None:
    for _ in range(2):
        session = withheld.archive.session(SITTING)
        transcript = withheld.archive.transcript(SITTING)
        found = [
            *redactions(withheld.archive, session),
            *sound(session, transcript, withheld.blobs),
            *one_session(withheld.archive, SITTING, withheld.embedder),
        ]
        assert found == []
        if any(row.why is RedactionReason.WITHHELD for row in rows(withheld)):
            withheld.give_back(SITTING, kept_number(withheld))


def test_a_backup_holds_the_sound_that_the_office_keeps(
    withheld: Product, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("sauvegardes")
    target = place / "tout.tar"
    back_up(withheld.archive, withheld.settings.data, withheld.blobs, target, lambda _name: None)
    with tarfile.open(target) as tar:
        names = set(tar.getnames())
    assert {f"media/{SITTING}/office.{form}" for form in ("opus", "mp3")} <= names
    (withheld.settings.data / "media" / SITTING / "office.opus").unlink()
    found = sound(
        withheld.archive.session(SITTING),
        withheld.archive.transcript(SITTING),
        withheld.blobs,
    )
    assert [one.where for one in found] == [f"{SITTING}, office.opus"]
    with pytest.raises(Corrupt, match=r"office\.opus"):
        back_up(
            withheld.archive,
            withheld.settings.data,
            withheld.blobs,
            place / "2.tar",
            lambda _n: None,
        )


def test_a_killed_worker_leaves_nothing_that_readers_hear(tmp_path: Path) -> None:
    product = published_at(tmp_path)
    withdraw.withhold(product.archive, SITTING, SECRET_SPAN, "greffe")
    reader = TestClient(create_app(product.deps()), raise_server_exceptions=False)
    assert reader.get(f"/api/sessions/{SITTING}/audio.opus").status_code == 503
    assert "Untel" not in public(product)
    sound = product.settings.data / "media" / SITTING / "listen.opus"
    product.blobs.put(f"{SITTING}/office.opus", _copy(sound, tmp_path))  # and there it was killed
    product.redactor.finish(SITTING)
    assert loudest(product, "listen", "opus") <= 2 and loudest(product, "office", "opus") > 1_000
    assert all(row.has(RedactionStage.DONE) for row in rows(product))


def _copy(source: Path, folder: Path) -> Path:
    made = folder / "copy.opus"
    made.write_bytes(source.read_bytes())
    return made
