"""Publishing and withdrawing: whole or not at all, and nothing that was redacted comes back."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import select, text

from ingest import integrity
from ingest.archive.repository import Archive
from ingest.errors import Conflict, NotFound
from ingest.transcript import Speaker, Status
from search.engine.live import open_corpus
from search.engine.retrieve import Retriever
from search.index import sentence_vectors, store
from search.index.publish import publish, reindex
from search.index.withdraw import withdraw
from tests.support import paths
from tests.support.word_embedder import BRUIT, CRECHE, PISTE, Interrupted, WordEmbedder, found, keep


def test_a_draft_is_not_found_until_it_is_published(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    assert found(retriever, "crédit") == []
    assert publish(archive, "a", embedder) == 1
    assert archive.session("a").status is Status.PUBLISHED
    assert found(retriever, "crédit") == ["a"]


def test_what_is_withdrawn_is_gone_at_once(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    assert "a" in found(retriever, "crédit demandé")
    withdraw(archive, "a")
    assert archive.session("a").status is Status.WITHDRAWN
    assert "a" not in found(retriever, "crédit demandé")
    with archive.engine.connect() as db:
        assert store.counts(db).passages == 1
        stems = db.execute(select(store.passages.c.stems)).scalars().all()
        assert len(stems) == 1 and "cred" not in stems[0]


def test_a_session_hidden_by_its_status_alone_is_not_found(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    assert found(retriever, "crédit") == ["a"]
    archive.set_status("a", Status.IN_CAMERA)
    assert found(retriever, "crédit") == []
    assert retriever.facets().passages == 0 and retriever.browse() == ()


def test_publishing_again_embeds_nothing_and_changes_nothing(
    archive: Archive, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE, BRUIT)
    first = publish(archive, "a", embedder)
    embedder.embedded.clear()
    with archive.engine.connect() as db:
        before = store.counts(db)
    assert publish(archive, "a", embedder) == first
    assert embedder.embedded == []
    with archive.engine.connect() as db:
        assert store.counts(db) == before


def test_a_failure_while_publishing_leaves_a_draft(
    archive: Archive, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, "a", PISTE)

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(sentence_vectors, "replace", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        publish(archive, "a", embedder)
    assert archive.session("a").status is Status.DRAFT
    with archive.engine.connect() as db:
        assert store.ids(db, embedder.name) == []
        assert store.counts(db).stems == 0


def test_in_camera_and_unknown_sessions_are_refused(
    archive: Archive, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    archive.set_status("a", Status.IN_CAMERA)
    with pytest.raises(Conflict, match="huis clos"):
        publish(archive, "a", embedder)
    with pytest.raises(NotFound, match="rien"):
        publish(archive, "rien", embedder)
    with pytest.raises(NotFound, match="rien"):
        withdraw(archive, "rien")


def execute(archive: Archive, statement: str) -> None:
    with archive.begin() as db:
        db.execute(text(statement))


def nothing_is_kept(archive: Archive) -> bool:
    with archive.engine.connect() as db:
        said = db.execute(text("SELECT count(*) FROM sentence_vectors")).scalar()
        return said == store.counts(db).passages == store.counts(db).stems == 0


def test_a_session_hidden_while_it_is_being_published_stays_hidden(archive: Archive) -> None:
    keep(archive, "a", PISTE)
    embedder = Interrupted(lambda: archive.set_status("a", Status.IN_CAMERA))
    with pytest.raises(Conflict, match="pendant sa publication"):
        publish(archive, "a", embedder)
    assert archive.status("a") is Status.IN_CAMERA
    assert nothing_is_kept(archive)


@pytest.mark.parametrize(
    "correction",
    [
        "UPDATE turns SET revision = 2",
        "UPDATE speakers SET person = 'Nadia Keller' WHERE label = 'S2'",
        "UPDATE agenda_items SET object = 'PR-12'",
    ],
    ids=["words", "name", "agenda"],
)
def test_what_is_corrected_while_it_is_being_published_is_not_published_as_it_was(
    archive: Archive, correction: str
) -> None:
    keep(archive, "a", PISTE)
    with pytest.raises(Conflict, match="publiez-la de nouveau"):
        publish(archive, "a", Interrupted(lambda: execute(archive, correction)))
    assert archive.status("a") is Status.DRAFT
    assert nothing_is_kept(archive)


def test_withdrawing_a_session_held_in_camera_does_not_open_it(
    archive: Archive, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    archive.set_status("a", Status.IN_CAMERA)
    withdraw(archive, "a")
    assert archive.status("a") is Status.IN_CAMERA
    assert nothing_is_kept(archive)


def test_reindexing_does_not_bring_back_what_is_withdrawn_meanwhile(
    archive: Archive, embedder: WordEmbedder
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)

    def meanwhile() -> None:
        for session in archive.sessions((Status.PUBLISHED,)):
            withdraw(archive, session.id)

    other = Interrupted(meanwhile)
    other.name = "other"
    assert reindex(archive, other) == 0
    assert {session.status for session in archive.sessions()} == {Status.WITHDRAWN}
    assert nothing_is_kept(archive)


def test_a_reindexing_that_is_killed_goes_on_where_it_was(archive: Archive) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT), ("c", CRECHE)):
        keep(archive, session_id, said)
        publish(archive, session_id, WordEmbedder("old"))
    script = (
        "import os, signal, sys\n"
        "from ingest.archive.repository import open_archive\n"
        "from search.index.publish import reindex\n"
        "from tests.support.word_embedder import WordEmbedder\n"
        "class Killed(WordEmbedder):\n"
        "    def documents(self, texts):\n"
        "        if any('terrasses' in text for text in texts):\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return super().documents(texts)\n"
        "reindex(open_archive(sys.argv[1]), Killed('new'))"
    )
    command = [sys.executable, "-c", script, str(archive.engine.url)]
    killed = subprocess.run(command, check=False, cwd=paths.ROOT)
    assert killed.returncode == -signal.SIGKILL
    new = WordEmbedder("new")
    reindex(archive, new)
    assert not any(CRECHE in one for one in new.embedded)  # the newest session was done
    assert any(BRUIT in one for one in new.embedded)
    found_by = {
        hit.passage.session: hit.found_by
        for hit in Retriever(archive, new, open_corpus(archive, new)).search("crédit bruit crèche")
    }
    assert set(found_by.values()) == {("dense", "lexical")} and len(found_by) == 3


def test_counts_follow_a_deleted_session(archive: Archive, embedder: WordEmbedder) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    with archive.begin() as db:
        db.execute(text("DELETE FROM sessions"))
        assert store.counts(db).passages == store.counts(db).stems == 0


def test_another_model_takes_over_by_reindexing(archive: Archive) -> None:
    old, new = WordEmbedder("old"), WordEmbedder("new")
    keep(archive, "a", PISTE)
    publish(archive, "a", old)
    retriever = Retriever(archive, new, open_corpus(archive, new))
    (hit,) = retriever.search("crédit")
    assert hit.found_by == ("lexical",) and hit.dense == 0.0
    assert reindex(archive, new) == 1
    (hit,) = retriever.search("crédit")
    assert hit.found_by == ("dense", "lexical") and hit.dense > 0


def test_a_name_given_later_is_searched_after_publishing_again(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder
) -> None:
    keep(archive, "a", f"{PISTE} {CRECHE}", BRUIT)
    publish(archive, "a", embedder)
    assert all(hit.lexical == 0 for hit in retriever.search("Keller"))
    with archive.begin() as db:
        db.execute(text("UPDATE speakers SET person = 'Nadia Keller' WHERE label = 'S2'"))
    publish(archive, "a", embedder)
    assert [hit.passage.text for hit in retriever.search("Keller") if hit.lexical == 1] == [BRUIT]
    assert archive.transcript("a").speaker("S2") == Speaker("S2", "Nadia Keller")


def test_the_database_is_an_ordinary_one(archive: Archive, embedder: WordEmbedder) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    assert list(integrity.database(archive)) == []
    with archive.engine.connect() as db:
        vector = db.exec_driver_sql("SELECT vector FROM passages").scalar_one()
    assert np.linalg.norm(np.frombuffer(vector, dtype="<f4")) == pytest.approx(1.0, abs=1e-5)
