"""An index that follows the database, whatever happens to it on disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, event

from ingest.archive.repository import Archive, opened
from search.engine import synced
from search.engine.chroma import ChromaIndex, IndexBusy
from search.engine.live import open_corpus
from search.engine.retrieve import Retriever
from search.engine.synced import EMBEDDED, SyncedIndex, held, open_index, remove_indexes
from search.index import store
from search.index.publish import publish
from search.index.withdraw import withdraw
from search.integrity import in_chroma
from tests.support.chroma_server import chroma_server
from tests.support.waiting import PATIENCE_S, free_port, until
from tests.support.word_embedder import BRUIT, CRECHE, PISTE, WordEmbedder, found, keep


def nearest(index: SyncedIndex | None, embedder: WordEmbedder, text: str) -> list[int]:
    """Keys of all that is found, nearest first, once the index has taken up what is published."""
    assert index
    index.sync(patience_s=None)
    found = index.nearest(embedder.queries([text])[0], 10)
    assert found is not None
    return found


def _opened(
    archive: Archive, data: Path, embedder: WordEmbedder, where: str = EMBEDDED
) -> SyncedIndex:
    index = open_index(archive, data, embedder, where)
    assert index
    return index


def test_a_publication_by_another_process_is_seen(
    archive: Archive, embedder: WordEmbedder, index: SyncedIndex
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    assert len(nearest(index, embedder, CRECHE)) == 1
    keep(archive, "b", CRECHE)
    publish(archive, "b", embedder)
    assert len(nearest(index, embedder, CRECHE)) == 2


def test_what_is_published_while_older_work_is_under_way_is_found(
    archive: Archive,
    embedder: WordEmbedder,
    index: SyncedIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.sync(patience_s=None)
    begun, go_on, ids = Event(), Event(), store.ids

    def slowly(db: Connection, embedder: str) -> list[str]:
        found = ids(db, embedder)
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(store, "ids", slowly)
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    index.sync(patience_s=0)
    assert begun.wait(PATIENCE_S)
    keep(archive, "b", CRECHE)
    publish(archive, "b", embedder)
    assert index.nearest(embedder.queries([CRECHE])[0], 10) is None
    go_on.set()
    assert len(nearest(index, embedder, CRECHE)) == 2


def test_asking_whether_anything_changed_is_one_query(
    archive: Archive, index: SyncedIndex, embedder: WordEmbedder
) -> None:
    index.sync(patience_s=None)
    asked: list[str] = []
    event.listen(archive.engine, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
    index.sync(patience_s=0)
    (query,) = [statement for statement in asked if not statement.startswith("BEGIN")]
    assert "passage_index" in query


@pytest.mark.usefixtures("index")
def test_a_store_that_another_process_owns_is_left_to_it(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    assert open_index(archive, tmp_path, embedder) is None


@pytest.mark.parametrize("ruin", ["deleted", "garbage"])
def test_a_lost_store_is_made_again_from_the_database(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder, ruin: str
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    _opened(archive, tmp_path, embedder).close()
    if ruin == "deleted":
        shutil.rmtree(tmp_path / "index")
    else:
        for path in (tmp_path / "index").rglob("*.sqlite3"):
            path.write_bytes(b"garbage" * 2_000)
    index = _opened(archive, tmp_path, embedder)
    assert len(nearest(index, embedder, PISTE)) == 1
    index.close()


def test_the_store_of_another_model_does_not_survive_on_disk(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    _opened(archive, tmp_path, embedder).close()
    (old,) = (tmp_path / "index").iterdir()
    other = _opened(archive, tmp_path, WordEmbedder("other"))
    assert not old.exists()
    third = _opened(archive, tmp_path, WordEmbedder("third"))  # the second is still in use
    assert len(list((tmp_path / "index").iterdir())) == 2
    other.close()
    third.close()


def test_an_index_that_fails_is_made_again(
    archive: Archive, embedder: WordEmbedder, index: SyncedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    before = nearest(index, embedder, PISTE)

    def fail(*_: object) -> list[tuple[str, float]]:
        raise RuntimeError("hnsw segment reader: nothing found on disk")

    with monkeypatch.context() as patch:
        patch.setattr(ChromaIndex, "search", fail)
        assert index.nearest(embedder.queries([PISTE])[0], 10) is None  # compared in memory
    assert nearest(index, embedder, PISTE) == before


def test_a_server_that_is_away_keeps_nobody_waiting(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synced, "_REST_S", 0.0)
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    asked = embedder.queries([PISTE])[0]
    with chroma_server(tmp_path / "server") as address:
        index = _opened(archive, tmp_path, embedder, address)
        second = _opened(archive, tmp_path, embedder, address)
        assert nearest(index, embedder, PISTE) == nearest(second, embedder, PISTE)
    assert index.nearest(asked, 10) is None
    with chroma_server(tmp_path / "another", int(address.rpartition(":")[2])):
        assert len(nearest(index, embedder, PISTE)) == 1
        withdraw(archive, "a")
        assert nearest(index, embedder, PISTE) == []
        second.close()
        index.close()


def test_two_archives_share_a_server_without_each_others_vectors(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    with (
        opened(f"sqlite:///{tmp_path}/other.sqlite") as other,
        chroma_server(tmp_path / "server") as address,
    ):
        keep(other, "b", CRECHE)
        publish(other, "b", embedder)
        indexes = [
            _opened(archive, tmp_path, embedder, f"{address}/rivemont"),
            _opened(other, tmp_path, embedder, f"{address}/valbourg"),
        ]
        assert [len(nearest(index, embedder, PISTE)) for index in indexes] == [1, 1]
        first, second = (index._index.ids() for index in indexes)
        assert first and second and not first & second
        for index in indexes:
            index.close()


def test_a_search_that_nothing_narrows_finds_the_same_with_a_store_on_disk(
    archive: Archive, embedder: WordEmbedder, index: SyncedIndex, retriever: Retriever
) -> None:
    for session_id, said in (("piste", PISTE), ("creche", CRECHE), ("bruit", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    corpus = open_corpus(archive, embedder)
    corpus.consult(index)
    with_store = Retriever(archive, embedder, corpus)
    index.sync(patience_s=None)
    assert index.nearest(embedder.queries([PISTE])[0], 3) is not None
    for question in (PISTE, CRECHE, "personne ne dort"):
        assert found(with_store, question) == found(retriever, question)
    withdraw(archive, "piste")
    assert "piste" not in found(with_store, PISTE)


def test_stores_that_are_no_longer_used_are_removed(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    index = _opened(archive, tmp_path, embedder)
    index.sync(patience_s=None)
    remove_indexes(tmp_path)
    assert list((tmp_path / "index").iterdir())  # in use
    index.close()
    remove_indexes(tmp_path)
    assert not list((tmp_path / "index").iterdir())


def test_what_is_withdrawn_leaves_the_disk_without_a_search(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    keep(archive, "piste", PISTE)
    publish(archive, "piste", embedder)
    index = _opened(archive, tmp_path, embedder)
    index.sync(patience_s=None)
    before = set((tmp_path / "index").rglob("store-*"))
    index.watch(every_s=0.05)
    withdraw(archive, "piste")
    assert before
    until(lambda: not before & set((tmp_path / "index").rglob("store-*")))
    index.close()


# --- reading back -------------------------------------------------------------------------------


def read_back(
    archive: Archive, data: Path, embedder: WordEmbedder, where: str = EMBEDDED
) -> list[str]:
    parts = held(data, embedder, where)
    assert parts is not None
    found = list(in_chroma(archive, embedder, parts))
    assert all(one.where == "Chroma" and one.advice for one in found)
    return [one.what for one in found]


@pytest.fixture(params=[EMBEDDED, "server"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store on disk, and a server."""
    if request.param == EMBEDDED:
        yield EMBEDDED
        return
    with chroma_server(tmp_path / "server") as address:
        yield f"{address}/rivemont"


def test_what_chroma_lacks_or_holds_besides_is_told(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder, where: str
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    index = _opened(archive, tmp_path, embedder, where)
    index.sync(patience_s=None)
    index.close()
    assert read_back(archive, tmp_path, embedder, where) == []
    (a,) = ids(archive, embedder)
    withdraw(archive, "a")
    keep(archive, "b", CRECHE)
    publish(archive, "b", embedder)
    (b,) = ids(archive, embedder)
    assert read_back(archive, tmp_path, embedder, where) == [
        f"1 vecteur(s) manquent, dont {b}",
        f"1 vecteur(s) ne sont pas, ou plus, dans la base, dont {a}",
    ]
    index = _opened(archive, tmp_path, embedder, where)  # as a server at its start
    index.sync(patience_s=None)
    index._index.drop([b])
    index._index.add([b], embedder.queries([BRUIT]))
    index.close()
    assert read_back(archive, tmp_path, embedder, where) == [
        f"1 vecteur(s) ne sont pas ceux de la base, dont {b}"
    ]


def test_a_store_is_read_back_by_its_owner_alone_and_never_made(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    assert held(tmp_path, embedder, "off") is held(tmp_path, embedder, EMBEDDED) is None
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    index = _opened(archive, tmp_path, embedder)
    index.sync(patience_s=None)
    with pytest.raises(IndexBusy):
        read_back(archive, tmp_path, embedder)
    index.close()
    for path in (tmp_path / "index").rglob("*.sqlite3"):
        path.write_bytes(b"garbage" * 2_000)
    for _ in range(2):  # the next owner makes it again, not who reads it back
        assert read_back(archive, tmp_path, embedder) == ["shard-00 ne se lit pas"]


def test_a_server_that_is_away_is_told(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder
) -> None:
    (what,) = read_back(archive, tmp_path, embedder, f"http://127.0.0.1:{free_port()}")
    assert what.startswith("ne répond pas")


def ids(archive: Archive, embedder: WordEmbedder) -> list[str]:
    with archive.engine.connect() as db:
        return store.ids(db, embedder.name)
