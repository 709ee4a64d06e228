"""Finding and scoring: on a real database, with an embedder that counts words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archive.repository import Archive
from ingest.errors import ModelUnavailable
from ingest.transcript import AgendaItem
from search.engine.projection import turned
from search.engine.retrieve import Retriever, fused, preferences, with_neighbours
from search.filters import Filters
from search.index.embed import PACKAGED_NAME, ModelEmbedder
from search.index.publish import publish
from search.query.parsed import Query
from tests.eval.retrieval import Said, measure, measured
from tests.support.bm25_reference import NO_MATCH, match
from tests.support.word_embedder import BRUIT, CRECHE, PISTE, WordEmbedder, found, keep


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
    assert found(three, "crèche " + "de la " * 3_000)[0] == "creche"


def test_the_limit_and_the_order_are_kept(three: Retriever) -> None:
    hits = three.search("la crèche, le bruit et le crédit", 2)
    assert len(hits) == 2 and hits[0].score >= hits[1].score


def test_what_a_named_person_says_comes_sooner_unless_the_reader_took_them_away() -> None:
    query = Query("Que craint M. Girard ?", "craint", mentioned=("Paul Girard", "Ana Roy"))
    assert preferences(query) == (Filters(people=("Paul Girard", "Ana Roy")),)
    without = replace(query, removed=frozenset({"personne:Paul Girard"}))
    assert preferences(without) == (Filters(people=("Ana Roy",)),)
    assert preferences(replace(query, mentioned=())) == ()


def test_only_questions_to_the_packaged_embedder_are_turned() -> None:
    vector = np.zeros(384, dtype=np.float32)
    vector[7] = 1.0
    ahead = turned(vector, PACKAGED_NAME)
    assert np.linalg.norm(ahead) == pytest.approx(1.0)
    assert 0.5 < ahead @ vector < 1.0
    assert turned(vector, "another") is vector


# --- scores -------------------------------------------------------------------------------------


def test_scores_are_fused_not_ranks() -> None:
    def scores(cosines: list[float], words: list[float], preferred: int = -1) -> object:
        ahead = np.arange(len(cosines)) == preferred
        coverage = np.full(len(cosines), 0.5, dtype=np.float32)
        return fused(np.array(cosines), np.array(words), coverage, ahead).tolist()

    assert scores([0.9, 0.8], [30.0, 0.0]) == pytest.approx([1.9, -1.9])
    assert scores([0.9, 0.8], [0.0, 1.0]) == pytest.approx([0.1, -0.1])
    assert scores([0.5, 0.5], [0.0, 0.0]) == [0.0, 0.0]
    assert scores([0.5, 0.5], [0.0, 0.0], preferred=1) == [0.0, 2.0]
    assert scores([], []) == []


def test_words_tell_the_less_the_less_of_the_question_is_said() -> None:
    def lead(coverage: float) -> float:
        shares, nobody = np.array([coverage, 0.0], dtype=np.float32), np.zeros(2, dtype=np.bool_)
        first, second = fused(np.array([0.8, 0.9]), np.array([9.0, 0.0]), shares, nobody)
        return float(first - second)

    assert lead(1.0) > 0 > lead(0.5)


def test_neighbours_count_the_less_the_further_they_are() -> None:
    around = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    near = with_neighbours(np.zeros(2), around, (0.15, 0.05))
    assert near.tolist() == pytest.approx([0.2, 0.15])


def test_a_shorter_passage_with_the_same_words_scores_higher() -> None:
    weights = {"vot": 1.0, "pist": 2.0}
    short = match(weights, ["pist"], 10)
    long = match(weights, ["pist"] + ["x"] * 30, 10)
    assert short.bm25 > long.bm25 and short.coverage == long.coverage == pytest.approx(2 / 3)
    assert match(weights, ["x"], 10) == NO_MATCH


def test_measured_counts_the_first_right_passage() -> None:
    scores = measured([["a", "b"], ["c", "b"], ["d"]], [{"a"}, {"b"}, {"x"}])
    assert scores.questions == 3
    assert (scores.r1, scores.r5) == pytest.approx((1 / 3, 2 / 3))
    assert scores.mrr == pytest.approx(0.5)


def test_retrieval_is_measured_through_the_product(embedder: WordEmbedder) -> None:
    passages = {"p": Said(PISTE), "b": Said(BRUIT), "c": Said(CRECHE)}
    questions = [("crédit demandé", {"p"}), ("bruit des terrasses", {"b"}), ("crèche", {"c"})]
    evaluation = measure(passages, questions, embedder)
    assert evaluation.fused.r1 == evaluation.lexical.r1 == 1.0
    assert evaluation.scores()["fused mrr"] == 1.0


def test_weights_that_are_not_the_expected_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e5.onnx").write_bytes(b"something else")
    monkeypatch.setattr("search.index.embed.NETWORK", tmp_path / "e5.onnx")
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        ModelEmbedder()
