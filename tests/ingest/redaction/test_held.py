"""What is in camera is known, told, and not published: redacted, released, or else withheld."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.product import Product
from api.views.wording import read_clock_ms
from ingest.archive import audit
from ingest.archive.redactions import RedactionReason
from ingest.documents.agenda_store import PlacedPoint, agenda_of, change, seal
from ingest.editing.edits import TextEdit
from ingest.errors import BadInput
from ingest.redaction.held import Held, HeldBack, exact, held, sentence
from ingest.redaction.redact import RedactionRequest
from ingest.transcript import AgendaItem, Span, Status
from search.index.publish import order, reindex
from search.index.withdraw import give_back, withhold
from tests.support.closed_site import AGENDA, draft
from tests.support.redaction_site import AFTER, SECRET, SITTING
from web.app import create_app

RARE = "maladie"  # of the secret, and said nowhere else


def held_of(product: Product) -> tuple[Held, ...]:
    with product.archive.engine.connect() as db:
        return held(db, product.archive.session(SITTING))


def refused(product: Product) -> str:
    with pytest.raises(HeldBack) as error:
        product.publish(SITTING)
    assert product.archive.status(SITTING) is Status.DRAFT
    return str(error.value)


def public(product: Product) -> str:
    """All that readers get of the session: its page, the exports, what is found and answered."""
    reader = TestClient(create_app(product.deps(), product.desk()), raise_server_exceptions=False)
    forms = [f"export.{form}" for form in ("txt", "vtt", "srt", "json")]
    pages = [reader.get(f"/seances/{SITTING}/{part}".rstrip("/")).text for part in ("", *forms)]
    asked = [reader.get(f"/api/{act}", params={"q": RARE}).text for act in ("search", "ask")]
    return "\n".join([*pages, *asked, reader.get("/").text]).replace(f"q={RARE}", "")


def close(product: Product, span: Span) -> None:
    product.close(SITTING, RedactionRequest(span, RedactionReason.IN_CAMERA, "greffe"))


def test_redacted_it_is_published_without_its_words_and_sound(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    ((span,),) = [one.left for one in held_of(product)]
    close(product, span)
    assert product.publish(SITTING).status is Status.PUBLISHED
    shown = public(product)
    assert AFTER in shown and "Monsieur Untel" not in shown and "grave" not in shown


@pytest.mark.parametrize(
    "span", [Span(7_000, 8_000), Span(8_000, 10_000), Span(7_000, 9_000), Span(11_000, 12_000)]
)
def test_a_part_of_it_is_not_enough_and_the_rest_is_withheld(tmp_path: Path, span: Span) -> None:
    product = draft(tmp_path, *AGENDA)
    close(product, span)
    assert held_of(product)
    product.publish(SITTING)
    assert held_of(product) == ()
    assert "Untel" not in public(product) and "grave" not in public(product)


def test_points_below_a_point_in_camera_are_held_with_it(tmp_path: Path) -> None:
    below = AgendaItem("2.1", "Dossier A", None, 8_000), AgendaItem("2.10", "B", None, 9_000)
    product = draft(tmp_path, *AGENDA[:2], *below, replace(AGENDA[2], number="20"))
    assert [one.left for one in held_of(product)] == [(Span(7_000, 10_000),)]
    product.publish(SITTING)
    assert "Untel" not in public(product) and "grave" not in public(product)


def test_a_silence_at_an_edge_holds_nothing(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    close(product, Span(7_000, 9_790))  # its turn ends before the next point begins
    assert held_of(product) == ()


def test_a_release_is_logged_and_holds_for_the_point_as_it_stands(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    with pytest.raises(BadInput, match="9"):
        product.release(SITTING, ["9"])
    product.release(SITTING, ["2"], "greffe")
    with product.archive.engine.connect() as db:
        (entry,) = [e for e in audit.newest(db) if e.action == "session.release"]
        before = agenda_of(db, SITTING)
    assert (entry.who, entry.what) == ("greffe", f"{SITTING}, 2")
    assert held_of(product) == ()
    later = [replace(p, item=replace(p.item, start_ms=12_000)) for p in before[2:]]
    change(product.archive, SITTING, seal(before), (*before[:2], *later), "greffe")
    assert [one.left for one in held_of(product)] == [(Span(7_000, 12_000),)]


def test_a_point_that_is_listed_twice_is_released_at_once(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA[:2], *AGENDA[1:])
    seals = [one.seal for one in held_of(product)]
    assert len(seals) == 2
    order(product.archive, SITTING, seals, "greffe", without_times=True)
    assert held_of(product) == ()


def test_a_point_without_a_time_says_where_it_may_be(tmp_path: Path) -> None:
    item = replace(AGENDA[1], start_ms=None)
    product = draft(tmp_path / "a", AGENDA[0], item, AGENDA[2])
    told = refused(product)
    assert "n'a pas de temps : il se trouve entre le point 1 (0:00:00) et le point 3" in told
    product = draft(tmp_path / "b", AGENDA[0], item, announces=True)
    assert "(un huis clos y est annoncé de 0:00:05 à 0:00:10)" in refused(product)
    close(product, next(one.left[0] for one in held_of(product) if one.left))
    product.publish(SITTING)  # the chair's words say where it was, and that is redacted
    assert RARE not in public(product)


def test_a_stretch_that_the_chair_announces_is_held(tmp_path: Path) -> None:
    product = draft(tmp_path, announces=True)
    (one,) = held_of(product)
    told = sentence(one, product.archive.session(SITTING))
    assert "Un huis clos est annoncé dans la séance, de 0:00:05 à 0:00:10" in told
    assert one.name == "0:00:05"
    product.release(SITTING, ["0:00:05"])
    assert product.publish(SITTING).status is Status.PUBLISHED
    assert SECRET in public(product)


def announcing(root: Path, words: str, *agenda: AgendaItem) -> Product:
    """A draft whose chair opens it with these words, before anything else is said."""
    product = draft(root, *agenda)
    product.changes.make(SITTING, 1, "greffe", TextEdit(turn=0, text=words))
    return product


def test_a_point_that_the_chair_says_to_be_in_camera_is_withheld(tmp_path: Path) -> None:
    bare = replace(AGENDA[1], title="Recours")
    said = "Le point deux sera traité à huis clos."
    product = announcing(tmp_path, said, AGENDA[0], bare, AGENDA[2])
    (one,) = held_of(product)
    told = sentence(one, product.archive.session(SITTING))
    assert told.startswith("Le point 2 « Recours » est annoncé à huis clos (0:00:01), de 0:00:07")
    product.publish(SITTING)
    assert held_of(product) == ()
    assert "Untel" not in public(product) and "grave" not in public(product)


def test_one_without_a_time_is_asked_for(tmp_path: Path) -> None:
    said = "Le point deux sera traité à huis clos."
    untimed = AgendaItem("2", "Recours")
    product = announcing(tmp_path, said, AGENDA[0], untimed, AGENDA[2])
    assert "« Recours » est annoncé à huis clos (0:00:01) et n'a pas de temps" in refused(product)


def test_a_closing_for_later_is_asked_for_until_it_is_known(tmp_path: Path) -> None:
    product = announcing(tmp_path / "a", "Nous siégerons à huis clos dès vingt heures.", AGENDA[0])
    assert "Un huis clos est annoncé à 0:00:01 pour plus tard" in refused(product)
    number = withhold(product.archive, SITTING, Span(7_000, 10_000), "greffe").id
    assert product.publish(SITTING).status is Status.PUBLISHED
    assert "Untel" not in public(product)
    give_back(product.archive, SITTING, number, "greffe")  # and it is not asked for again
    assert held_of(product) == () and SECRET in public(product)
    product = announcing(tmp_path / "b", "Nous siégerons à huis clos à la fin.", *AGENDA)
    assert [one.name for one in held_of(product)] == ["2"]


def test_what_an_older_release_published_stays_so_until_it_is_touched(tmp_path: Path) -> None:
    product = draft(tmp_path, AGENDA[0])
    product.publish(SITTING)
    with product.archive.engine.connect() as db:
        before = agenda_of(db, SITTING)
    marks = (*before, *(PlacedPoint(item) for item in AGENDA[1:]))
    change(product.archive, SITTING, seal(before), marks, "greffe")
    reindex(product.archive, product.embedder)
    assert product.archive.status(SITTING) is Status.PUBLISHED and SECRET in public(product)
    assert [one.name for one in held_of(product)] == ["2"]
    product.refresh(SITTING)  # as the job does that a change of the agenda orders
    assert held_of(product) == () and "Untel" not in public(product)


def test_taking_the_mark_off_a_title_is_logged(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    with product.archive.engine.connect() as db:
        before = agenda_of(db, SITTING)
    bare = PlacedPoint(AgendaItem("2", "Recours", None, 7_000))
    change(product.archive, SITTING, seal(before), (before[0], bare, before[2]), "greffe")
    with product.archive.engine.connect() as db:
        lines = [(e.action, e.what) for e in audit.newest(db)]
    assert ("agenda.unmark", f"{SITTING}, 2") in lines


def test_an_edge_is_told_to_the_millisecond(tmp_path: Path) -> None:
    session = draft(tmp_path).archive.session(SITTING)
    for at_ms in (0, 7_000, 751_040, 3_723_999):
        assert read_clock_ms(exact(at_ms, session)) == at_ms
