"""Publishing, finding, withdrawing: on a real database, with an embedder that counts words."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from ingest.archive import Archive
from ingest.errors import Conflict, ModelUnavailable, NotFound
from ingest.transcript import AgendaItem, Speaker, Status
from search import store
from search.chroma import ChromaIndex
from search.embed import WEIGHTS, SentenceTransformerEmbedder, Vectors
from search.evaluate import measure, measured
from search.french import tokens
from search.index import SyncedIndex, open_index, publish, reindex, withdraw
from search.lexical import NO_MATCH, FtsIndex, match
from search.retrieve import Retriever, fused
from search.vectors import ExactIndex
from tests.conftest import small_session

PISTE = "Le crédit demandé est de deux millions quatre cent mille francs."
BRUIT = "Les terrasses font du bruit la nuit et personne ne dort dans la vieille ville."
CRECHE = "La crèche accueillera soixante enfants dès septembre."


class WordEmbedder:
    """Texts are near when they share words: each word adds its own direction."""

    dimension = 64

    def __init__(self, name: str = "words") -> None:
        self.name = name
        self.embedded: list[str] = []

    def documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self.queries(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self._vector(one) for one in texts])

    def _vector(self, one: str) -> Vectors:
        total = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in tokens(one):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def index(archive: Archive, tmp_path: Path, embedder: WordEmbedder) -> Iterator[SyncedIndex]:
    opened = open_index(archive, tmp_path, embedder)
    yield opened
    opened.close()


@pytest.fixture
def retriever(archive: Archive, embedder: WordEmbedder, index: SyncedIndex) -> Retriever:
    return Retriever(archive, embedder, index, FtsIndex(archive))


def keep(archive: Archive, session_id: str, *texts: str, item: AgendaItem | None = None) -> None:
    session, transcript = small_session(session_id, texts)
    archive.save(replace(session, agenda=(item,)) if item else session, transcript)


def found(retriever: Retriever, question: str) -> list[str]:
    return [hit.passage.session for hit in retriever.search(question)]


# --- publishing and withdrawing -----------------------------------------------------------------


def test_a_draft_is_not_found_until_it_is_published(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    assert found(retriever, "crédit") == []
    assert publish(archive, "a", embedder) == 1
    assert archive.session("a").status is Status.PUBLISHED
    assert found(retriever, "crédit") == ["a"]


def test_what_is_withdrawn_is_gone_at_once(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder, index: SyncedIndex
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    assert "a" in found(retriever, "crédit demandé")
    withdraw(archive, "a")
    assert archive.session("a").status is Status.DRAFT
    assert "a" not in found(retriever, "crédit demandé")
    with archive.engine.connect() as db:
        assert store.counts(db).passages == 1
        stems = db.execute(text("SELECT stems FROM passage_stems")).scalars().all()
        assert len(stems) == 1 and "cred" not in stems[0]


def test_a_stale_index_cannot_bring_back_a_closed_session(
    archive: Archive, embedder: WordEmbedder
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    with archive.engine.connect() as db:
        ids = store.ids(db, embedder.name)
        vectors = np.stack(list(store.vectors(db, embedder.name, ids).values()))
    stale = ExactIndex(embedder.dimension)
    stale.add(ids, vectors)
    retriever = Retriever(archive, embedder, stale, FtsIndex(archive))
    assert found(retriever, "crédit") == ["a"]
    archive.set_status("a", Status.IN_CAMERA)
    assert found(retriever, "crédit") == []


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

    monkeypatch.setattr(Archive, "set_status", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        publish(archive, "a", embedder)
    assert archive.session("a").status is Status.DRAFT
    with archive.engine.connect() as db:
        assert store.ids(db, embedder.name) == []
        assert store.counts(db).stems == 0


def test_weights_that_are_not_the_expected_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / WEIGHTS).write_bytes(b"something else")
    monkeypatch.setattr("search.embed.package_dir", lambda package: tmp_path)
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        SentenceTransformerEmbedder()


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


def test_deleting_a_session_deletes_its_full_text(archive: Archive, embedder: WordEmbedder) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    with archive.begin() as db:
        db.execute(text("DELETE FROM sessions"))
        assert db.execute(text("SELECT count(*) FROM passage_stems")).scalar() == 0
        assert store.counts(db).passages == store.counts(db).stems == 0


def test_another_model_takes_over_by_reindexing(archive: Archive, tmp_path: Path) -> None:
    old, new = WordEmbedder("old"), WordEmbedder("new")
    keep(archive, "a", PISTE)
    publish(archive, "a", old)
    index = open_index(archive, tmp_path, new)
    retriever = Retriever(archive, new, index, FtsIndex(archive))
    (hit,) = retriever.search("crédit")
    assert hit.found_by == ("lexical",) and hit.dense == 0.0
    assert reindex(archive, new) == 1
    (hit,) = retriever.search("crédit")
    assert hit.found_by == ("dense", "lexical") and hit.dense > 0
    index.close()


# --- the index follows the database -------------------------------------------------------------


def test_a_publication_by_another_process_is_seen(
    archive: Archive, retriever: Retriever, embedder: WordEmbedder, index: SyncedIndex
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    assert found(retriever, "crédit") == ["a"]
    keep(archive, "b", CRECHE)
    publish(archive, "b", embedder)
    (hit,) = [h for h in retriever.search("crèche enfants") if h.passage.session == "b"]
    assert hit.found_by == ("dense", "lexical")


def test_asking_whether_anything_changed_is_one_query(
    archive: Archive, index: SyncedIndex, embedder: WordEmbedder
) -> None:
    asked: list[str] = []
    event.listen(archive.engine, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
    index.sync()
    assert len(asked) == 1 and "passage_index" in asked[0]


def test_the_exact_index_serves_while_another_process_owns_the_store(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder, index: SyncedIndex
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    second = open_index(archive, tmp_path, embedder)
    hits = Retriever(archive, embedder, second, FtsIndex(archive)).search("crédit")
    assert hits[0].found_by == ("dense", "lexical")
    second.close()


@pytest.mark.parametrize("ruin", ["deleted", "garbage"])
def test_a_lost_store_is_made_again_from_the_database(
    archive: Archive, tmp_path: Path, embedder: WordEmbedder, ruin: str
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    open_index(archive, tmp_path, embedder).close()
    if ruin == "deleted":
        shutil.rmtree(tmp_path / "index")
    else:
        for path in (tmp_path / "index").rglob("*.sqlite3"):
            path.write_bytes(b"garbage" * 2_000)
    index = open_index(archive, tmp_path, embedder)
    with archive.engine.connect() as db:
        assert sorted(index.search(embedder.queries([PISTE])[0], 5)[0][:1]) == store.ids(
            db, embedder.name
        )
    index.close()


def test_an_index_that_fails_is_replaced_and_the_search_goes_on(
    archive: Archive,
    embedder: WordEmbedder,
    index: SyncedIndex,
    retriever: Retriever,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(archive, "a", PISTE)
    publish(archive, "a", embedder)
    assert found(retriever, "crédit") == ["a"]

    def fail(*_: object) -> list[tuple[str, float]]:
        raise RuntimeError("hnsw segment reader: nothing found on disk")

    monkeypatch.setattr(ChromaIndex, "search", fail)
    monkeypatch.setattr(ChromaIndex, "clear", fail)
    (hit,) = retriever.search("crédit")
    assert hit.found_by == ("dense", "lexical")


# --- finding ------------------------------------------------------------------------------------


@pytest.fixture
def three(archive: Archive, embedder: WordEmbedder, retriever: Retriever) -> Retriever:
    item = AgendaItem("2", "Piste cyclable du quai du Soleil", "PR-12", 0)
    keep(archive, "piste", PISTE, item=item)
    keep(archive, "bruit", BRUIT)
    keep(archive, "creche", CRECHE)
    for session_id in ("piste", "bruit", "creche"):
        publish(archive, session_id, embedder)
    return retriever


@pytest.mark.parametrize(
    ("question", "session"),
    [
        ("Combien coûte la piste cyclable ?", "piste"),  # said by the agenda only
        ("2'400'000 francs", "piste"),
        ("PR douze", "piste"),
        ("la proposition PR-12", "piste"),
        ("bruit nocturne des TERRASSES", "bruit"),
        ("creche 60 enfants", "creche"),
        ("l'école ? la crèche !", "creche"),
    ],
)
def test_the_right_session_comes_first(three: Retriever, question: str, session: str) -> None:
    assert found(three, question)[0] == session


def test_the_agenda_is_searched_and_never_shown(three: Retriever) -> None:
    (hit,) = [h for h in three.search("piste cyclable") if h.passage.session == "piste"]
    assert hit.lexical == pytest.approx(1.0)
    assert hit.passage.text == PISTE


def test_coverage_is_the_share_of_the_questions_weight(three: Retriever) -> None:
    weights = three.weights("crédit licorne")
    (hit,) = [h for h in three.search("crédit licorne") if h.passage.session == "piste"]
    assert hit.lexical == pytest.approx(weights["cred"] / sum(weights.values()))
    assert weights["licorn"] >= weights["cred"]


@pytest.mark.parametrize(
    "question", ["", "   ", "Qui est-ce ?", "😀", '"', "*", "()", "et ou de la"]
)
def test_a_question_without_content_finds_nothing(three: Retriever, question: str) -> None:
    assert three.search(question) == ()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(question=st.text(max_size=300) | st.sampled_from(['"a', "NEAR(b c)", "x AND", "a*", "c:d"]))
def test_no_question_breaks_the_search(three: Retriever, question: str) -> None:
    for hit in three.search(question, 2):
        assert 0.0 <= hit.lexical <= 1.0 + 1e-9 and hit.found_by


def test_a_very_long_question_is_answered(three: Retriever) -> None:
    assert found(three, "crèche " + "bla " * 3_000)[0] == "creche"


def test_the_limit_and_the_order_are_kept(three: Retriever) -> None:
    hits = three.search("la crèche, le bruit et le crédit", 2)
    assert len(hits) == 2 and hits[0].score >= hits[1].score


# --- scores -------------------------------------------------------------------------------------


def test_scores_of_every_size_are_added_alike() -> None:
    assert fused([0.9, 0.8], [30.0, 0.0]) == pytest.approx([1.7, -1.7])
    assert fused([0.5, 0.5], [0.0, 0.0]) == [0.0, 0.0]
    assert fused([], []) == []


def test_a_shorter_passage_with_the_same_words_scores_higher() -> None:
    weights = {"vot": 1.0, "pist": 2.0}
    short = match(weights, ["pist"], 10)
    long = match(weights, ["pist"] + ["x"] * 30, 10)
    assert short.bm25 > long.bm25 and short.coverage == long.coverage == pytest.approx(2 / 3)
    assert match(weights, ["x"], 10) == NO_MATCH


def test_measured_counts_the_first_right_passage() -> None:
    scores = measured([["a", "b"], ["c", "b"], ["d"]], [{"a"}, {"b"}, {"x"}])
    assert (scores.questions, scores.r1, scores.r5) == (
        3,
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    )
    assert scores.mrr == pytest.approx(0.5)


def test_retrieval_is_measured_through_the_product(embedder: WordEmbedder) -> None:
    passages = {"p": PISTE, "b": BRUIT, "c": CRECHE}
    questions = [("crédit demandé", {"p"}), ("bruit des terrasses", {"b"}), ("crèche", {"c"})]
    evaluation = measure(passages, questions, embedder)
    assert evaluation.fused.r1 == evaluation.lexical.r1 == 1.0
    assert evaluation.scores()["fused mrr"] == 1.0


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
    with sqlite3.connect(str(archive.engine.url.database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (vector,) = db.execute("SELECT vector FROM passages").fetchone()
    db.close()
    assert np.linalg.norm(np.frombuffer(vector, dtype="<f4")) == pytest.approx(1.0, abs=1e-5)
