"""An archive of release 0.1.0 opens under today's code, with everything in place.

What that release said of its own archive stands beside it; `tests/support/archive_0_1_0.py` wrote
both. Its sound is not kept: silence of the same length takes its place.
"""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.commands.integrity import findings, no_trace
from api.product import Product
from api.readers import alerts
from api.views.editor import document, history
from api.views.link_history import quoted_since
from ingest.archive import retention
from ingest.archive.change_log import revision, since
from ingest.archive.repository import open_archive
from ingest.audio.encode import LINE_RATE, Encoder
from ingest.documents.roster import Membership
from ingest.editing.changes import redo, undo
from ingest.editing.edits import Merge, Split, TextEdit
from ingest.editing.learned_terms import taught
from ingest.errors import Conflict
from ingest.intake.rosters import kept_rosters
from ingest.transcript import DOUBTFUL_BELOW, Person
from search.votes.store import votes
from tests.support.paths import GOLDEN
from tests.support.redaction_site import product_at

PUBLISHED, DRAFT = "2025-03-11-conseil", "2025-04-08-brouillon"
TOLD: dict[str, Any] = json.loads((GOLDEN / "archive-0.1.0.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def silence(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder, made = tmp_path_factory.mktemp("silence"), {}
    for name, container, codec in (("opus", "ogg", "libopus"), ("mp3", "mp3", "libmp3lame")):
        encoder = Encoder(folder / name, container, codec, LINE_RATE, 24_000)
        encoder.write(np.zeros(60 * LINE_RATE, np.int16))
        encoder.close()
        made[name] = (folder / name).read_bytes()
    return made


@pytest.fixture
def product(tmp_path: Path, silence: dict[str, bytes]) -> Iterator[Product]:
    database = gzip.decompress((GOLDEN / "archive-0.1.0.sqlite.gz").read_bytes())
    (tmp_path / "archive.sqlite").write_bytes(database)
    for session_id in (PUBLISHED, DRAFT):
        media = tmp_path / "media" / session_id
        media.mkdir(parents=True)
        for name, content in silence.items():
            (media / f"listen.{name}").write_bytes(content)
    yield product_at(tmp_path)


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, default=str))


def at(product: Product, session_id: str) -> int:
    with product.archive.engine.connect() as db:
        return revision(db, session_id)


def said(product: Product, session_id: str) -> list[str]:
    return [turn.text for turn in product.archive.transcript(session_id).turns]


@pytest.mark.parametrize("session_id", [PUBLISHED, DRAFT])
def test_the_editor_shows_what_it_showed(product: Product, session_id: str) -> None:
    shown = as_json(document(product.archive, session_id, "ada", "/media"))
    before = TOLD["documents"][session_id]
    reopened = shown["review"]  # words are doubts, and a cut or a join settles none, since then
    assert all(item in reopened for item in before["review"])
    since = {
        "withheld": [],
        "review": reopened,
        "likely_errors": None,
        "doubtful_below": DOUBTFUL_BELOW,
        "session": before["session"] | {"is_recorded": True},
    }
    assert shown == before | since
    assert as_json(history(product.archive, session_id, None)) == TOLD["history"][session_id]


def test_each_turn_comes_of_the_changes_it_came_of(product: Product) -> None:
    for place, past in enumerate(TOLD["history_of_turns"]):
        assert as_json(history(product.archive, PUBLISHED, place)) == past, place


def test_links_that_readers_kept_lead_to_the_words_they_led_to(product: Product) -> None:
    for link in TOLD["links"]:
        past = product.published.past(PUBLISHED, link["revision"])
        now = quoted_since(past.turns, past.changes, link["start_ms"], link["end_ms"])
        told = as_json(asdict(now))  # what was said of a link then is said still, and more
        assert told | link["now"] == told, link["text"]


def test_nobody_is_told_of_what_was_published_before(product: Product) -> None:
    with product.archive.engine.connect() as db:
        assert alerts.unannounced(db) == []
    assert product.published.count()


def test_no_sound_of_what_was_kept_before_falls_due(product: Product) -> None:
    with product.archive.engine.connect() as db:
        assert not retention.rules_by_body(db) and not retention.all_holds(db)
        assert not retention.due(db) and not retention.erased(db)
    assert all(product.archive.session(one).has_audio for one in (PUBLISHED, DRAFT))


def test_votes_stand_in_the_words_that_say_them_with_what_was_judged(product: Product) -> None:
    transcript = product.published.transcript(PUBLISHED)
    kept = votes(product.published)
    assert [vote.said for vote in kept] == [vote["said"] for vote in TOLD["votes"]]
    for vote, before in zip(kept, TOLD["votes"], strict=True):
        (turn,) = (turn for turn in transcript.turns if turn.text.endswith(vote.said))
        assert product.published.turn(PUBLISHED, vote.turn, vote.revision) == turn
        assert vote.confirmed and before["confirmed"]


def test_the_stems_of_the_full_text_table_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(gzip.decompress((GOLDEN / "archive-0.1.0.sqlite.gz").read_bytes()))
    with closing(sqlite3.connect(path)) as db:
        before = db.execute("SELECT rowid, stems FROM passage_stems ORDER BY rowid").fetchall()
    archive = open_archive(f"sqlite:///{path}")
    with archive.engine.connect() as db:
        after = db.exec_driver_sql("SELECT key, stems FROM passages ORDER BY key").fetchall()
        tables = db.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert [tuple(row) for row in after] == before and before
    assert not [name for name in tables if name.startswith(("passage_stems", "passage_terms"))]


def test_a_bodys_last_list_is_kept_without_days(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/archive.sqlite"
    (tmp_path / "archive.sqlite").write_bytes(
        gzip.decompress((GOLDEN / "archive-0.1.0.sqlite.gz").read_bytes())
    )
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as db:
        given = '[["Anne Rey", "maire", "PS"]]'
        db.execute("INSERT INTO rosters VALUES ('Commission', ?, '2025-01-01 00:00:00')", (given,))
        db.commit()
    archive = open_archive(url)
    with archive.engine.connect() as db:
        lists = {one.body: one for one in kept_rosters(db)}
    assert lists["Commission"].memberships == (Membership(Person("Anne Rey", "maire", "PS")),)
    of_session = archive.session(DRAFT).roster
    assert lists["Conseil municipal"].on(date(2025, 1, 1)) == of_session and of_session


def test_passages_are_found_as_they_were(product: Product) -> None:
    hits = product.search("la crèche de septembre", 3)
    assert [[hit.passage.id, hit.passage.text] for hit in hits] == TOLD["passages"]


def test_everything_is_whole_and_nothing_of_what_was_redacted_is_left(product: Product) -> None:
    with product.archive.begin() as db:
        db.exec_driver_sql("DELETE FROM jobs")  # what waits for a job would not be looked at
    assert list(findings(product)) == []
    assert list(no_trace(product, ["Monsieur Untel", "souffre d'une maladie grave"])) == []
    assert (
        as_json([asdict(s) for s in product.archive.transcript(PUBLISHED).closed])
        == (TOLD["closed"])
    )


def test_what_clerks_did_is_taken_back_and_made_again_up_to_the_redaction(
    product: Product,
) -> None:
    before = said(product, PUBLISHED)
    undo(product.changes, PUBLISHED, at(product, PUBLISHED), "bea")  # a split
    assert said(product, PUBLISHED) == ["Bonsoir à tous. La séance est ouverte.", *before[2:]]
    undo(product.changes, PUBLISHED, at(product, PUBLISHED), "bea")  # what she wrote in that turn
    assert said(product, PUBLISHED)[0] == "Bonsoir à toutes et à tous. La séance est ouverte."
    undo(product.changes, PUBLISHED, at(product, PUBLISHED), "bea")  # who speaks
    undo(product.changes, PUBLISHED, at(product, PUBLISHED), "ada")  # the split of the last turn
    assert said(product, PUBLISHED)[-1] == "Merci à chacun. La séance est levée."
    for author in ("ada", "bea"):
        with pytest.raises(Conflict, match="rien à annuler"):
            undo(product.changes, PUBLISHED, at(product, PUBLISHED), author)
    for author in ("ada", "bea", "bea", "bea"):
        redo(product.changes, PUBLISHED, at(product, PUBLISHED), author)
    assert said(product, PUBLISHED) == before
    assert product.archive.transcript(PUBLISHED).turns[3].speaker == "C1"


def test_the_draft_goes_back_to_how_it_was_ingested(product: Product) -> None:
    for author in ("bea", "ada", "ada"):
        undo(product.changes, DRAFT, at(product, DRAFT), author)
    turns = product.archive.transcript(DRAFT).turns
    assert [turn.index for turn in turns] == list(range(8))
    with product.archive.engine.connect() as db:
        first = since(db, DRAFT, 1)[0].splices[0].before[0]
    assert turns[1].text == first.text


def test_it_is_corrected_and_published_on(product: Product) -> None:
    changes, base = product.changes, at(product, PUBLISHED)
    changes.make(PUBLISHED, base, "ada", Merge(turn=0))
    changes.make(PUBLISHED, base, "bea", Split(turn=8, word=2))  # as of before ada's change
    changes.make(PUBLISHED, base, "bea", TextEdit(turn=5, text="Nous entrons en matière ici."))
    product.publish(PUBLISHED)
    with product.archive.begin() as db:
        db.exec_driver_sql("DELETE FROM jobs")
    assert list(findings(product)) == []
    assert said(product, PUBLISHED)[-4:-2] == ["La crèche", "ouvrira en septembre."]
    (hit, *_) = product.search("nous entrons en matière ici", 3)
    assert "matière ici." in hit.passage.text
    assert [vote.confirmed for vote in votes(product.published)] == [True]


def test_what_corrections_taught_is_kept(product: Product) -> None:
    with product.archive.engine.connect() as db:
        (term,) = (one.term for one in taught(db))
    assert (term.text, tuple(term.spoken)) == ("Fontanet", ("fontanelle",))
