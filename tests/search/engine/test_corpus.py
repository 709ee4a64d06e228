"""The passages in memory: what is scored, narrowed and counted is what the database holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from ingest.archive.repository import Archive, open_archive
from ingest.transcript import Generator, Session, Status, Transcript
from search.engine.bm25 import posted
from search.engine.corpus import Block, Corpus, Segment, empty
from search.engine.facets import Values, columns
from search.engine.live import LiveCorpus, open_corpus
from search.engine.retrieve import Retriever
from search.engine.vectors import cosines
from search.filters import EVERYTHING, Count, Filters
from search.index import store
from search.index.publish import publish
from search.index.withdraw import withdraw
from search.passage import About, Embedder, Passage, Vectors
from tests.support.bm25_reference import match
from tests.support.waiting import PATIENCE_S, until
from tests.support.word_embedder import BRUIT, CRECHE, PISTE, WordEmbedder, found, keep

PEOPLE = {"Claire Fontanet": "PS", "Julien Rochat": "PLR", "Nadia Keller": "Verts"}
OPENING = "Nous vous proposons ce soir de renvoyer cet objet en commission pour une étude."
ANSWER = (
    "Le vote est acquis et je remercie chacune des personnes qui ont travaillé à ce projet depuis"
    " deux longues années avec une patience que nous saluons ce soir."
)
WORDS = ("piste", "credit", "ecol", "vot", "bruit", "pr12")


@dataclass(frozen=True)
class Row:
    """A passage as a test makes it up."""

    session: str
    stems: tuple[str, ...]
    about: About


def sessions_of(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {id_: [row for row in rows if row.session == id_] for id_ in {r.session for r in rows}}


def day(session_id: str) -> date:
    return date(2020 + int(session_id), 3, 11)


def fill(archive: Archive, session_id: str, rows: Sequence[Row]) -> None:
    """Write a published session of these passages, with vectors that nothing depends on."""
    body = f"Conseil {int(session_id) % 2}"
    session = Session(session_id, "", day(session_id), body, status=Status.PUBLISHED)
    archive.save(session, Transcript(session_id, (), (), (), Generator("", "", "", {})))
    vectors = np.random.default_rng(int(session_id)).normal(size=(len(rows), 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    entries = [
        store.PassageEntry(
            Passage(f"{session_id}-{n}", session_id, n, n, n, n + 1, " ".join(row.stems)),
            vectors[n].astype(np.float32),
            row.stems,
            row.about,
        )
        for n, row in enumerate(rows)
    ]
    with archive.begin() as db:
        store.insert_entries(db, entries, "words")


_people = st.lists(st.sampled_from(sorted(PEOPLE)), max_size=2, unique=True)
_rows = st.builds(
    lambda session, stems, people, item, code: Row(
        str(session),
        tuple(stems),
        About(item, code, tuple(people), tuple(dict.fromkeys(PEOPLE[p] for p in people))),
    ),
    st.integers(0, 3),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    _people,
    st.sampled_from(["", "Piste cyclable", "Budget"]),
    st.sampled_from(["", "PR-12", "M-7"]),
)


def some_of(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([*values, "inconnu"]), max_size=2, unique=True).map(tuple)


_filters = st.builds(
    Filters,
    people=some_of(sorted(PEOPLE)),
    groups=some_of(sorted(PEOPLE.values())),
    sessions=some_of(["0", "1", "2"]),
    bodies=some_of(["Conseil 0", "Conseil 1"]),
    objects=some_of(["PR-12", "M-7"]),
    items=some_of(["Piste cyclable", "Budget"]),
    since=st.none() | st.just(date(2021, 3, 11)),
    until=st.none() | st.just(date(2022, 3, 11)),
)


def fits(row: Row, filters: Filters) -> bool:
    def one_of(wanted: Sequence[str], *values: str) -> bool:
        return not wanted or any(value in wanted for value in values)

    when = day(row.session)
    return (
        one_of(filters.people, *row.about.people)
        and one_of(filters.groups, *row.about.parties)
        and one_of(filters.sessions, row.session)
        and one_of(filters.bodies, f"Conseil {int(row.session) % 2}")
        and one_of(filters.objects, row.about.object)
        and one_of(filters.items, row.about.item)
        and (filters.since or date.min) <= when <= (filters.until or date.max)
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return (tmp_path_factory.mktemp("archive") for _ in iter(int, 1))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(_rows, min_size=1, max_size=25), filters=_filters, gone=st.integers(0, 3))
def test_words_masks_and_counts_are_those_of_the_rows(
    folders: Iterator[Path], rows: list[Row], filters: Filters, gone: int
) -> None:
    archive = open_archive(f"sqlite:///{next(folders) / 'a.sqlite'}")
    live = LiveCorpus(archive, WordEmbedder())
    for session_id, some in sorted(sessions_of(rows).items()):
        fill(archive, session_id, some)
        live.now(None)
    if str(gone) in sessions_of(rows):
        withdraw(archive, str(gone))
    left = [row for row in sorted(rows, key=lambda r: r.session) if row.session != str(gone)]
    check(live.now(None), left, filters)
    check(open_corpus(archive, WordEmbedder()).now(), left, filters)
    archive.engine.dispose()


def check(corpus: Corpus, rows: Sequence[Row], filters: Filters) -> None:
    assert len(corpus) == len(rows)
    mask = corpus.mask(filters)
    fitting = [row for row in rows if fits(row, filters)]
    assert [fits(row, filters) for row in rows] == (
        [True] * len(rows) if mask is None else mask.tolist()
    )
    facets = corpus.facets(filters)
    assert facets.passages == len(fitting)
    others = [r for r in rows if fits(r, Filters(**{**vars(filters), "people": ()}))]
    assert {count.value: count.passages for count in facets.people} == Counter(
        name for row in others for name in row.about.people
    )
    weights = corpus.weights(["vot", "credit", "vot", "licorn"])
    words = corpus.lexical(weights)
    average = sum(len(row.stems) for row in rows) / max(len(rows), 1)
    expected = [match(weights, row.stems, average) for row in rows]
    assert words.bm25.tolist() == pytest.approx([m.bm25 for m in expected], abs=1e-5)
    assert words.coverage.tolist() == pytest.approx([m.coverage for m in expected], abs=1e-5)


# --- narrowed searches, counts and browsing, through the product ---------------------------------


@pytest.fixture
def three(archive: Archive, embedder: WordEmbedder, retriever: Retriever) -> Retriever:
    for session_id, said in (("a", PISTE), ("b", BRUIT), ("c", CRECHE)):
        keep(archive, session_id, f"{said} {OPENING}", ANSWER)
        publish(archive, session_id, embedder)
    return retriever


def test_a_narrowed_search_finds_in_what_fits_only(three: Retriever) -> None:
    hits = three.search("crédit demandé", filters=Filters(sessions=("b", "c")))
    assert {hit.passage.session for hit in hits} == {"b", "c"}
    hits = three.search("crédit demandé", filters=Filters(people=("Claire Fontanet",)))
    assert {hit.passage.first_turn for hit in hits} == {0}
    assert three.search("crédit", filters=Filters(people=("Personne",))) == ()
    assert three.search("crédit", filters=Filters(since=date(2030, 1, 1))) == ()


def test_counts_are_of_what_the_question_is_about(three: Retriever) -> None:
    assert three.facets().people == (Count("Claire Fontanet", 3),)
    assert three.facets().groups == (Count("Les Verts", 3),)
    assert three.facets().bodies == (Count("Conseil municipal", 6),)
    assert three.facets("crèche enfants").sessions == (Count("c", 1),)
    assert three.facets("crèche enfants", Filters(sessions=("a",))).passages == 0
    assert three.facets("unicorn stables").passages == 6  # other words say nothing of what fits


def test_browsing_goes_from_the_newest_session_in_the_order_of_speech(three: Retriever) -> None:
    everything = [(p.session, p.first_turn) for p in three.browse()]
    assert everything == [("c", 0), ("c", 1), ("b", 0), ("b", 1), ("a", 0), ("a", 1)]
    assert [(p.session, p.first_turn) for p in three.browse(limit=2, offset=3)] == everything[3:5]
    fontanet = three.browse(Filters(people=("Claire Fontanet",)), limit=2)
    assert [(p.session, p.first_turn) for p in fontanet] == [("c", 0), ("b", 0)]
    assert three.browse(offset=6) == three.browse(limit=0) == ()


def test_neighbours_are_of_the_same_session(three: Retriever, archive: Archive) -> None:
    corpus = open_corpus(archive, WordEmbedder()).now()
    rows = np.arange(6)
    assert corpus.neighbours(rows, 1).tolist() == [1, -1, 3, -1, 5, -1]
    assert corpus.neighbours(rows, -1).tolist() == [-1, 0, -1, 2, -1, 4]


# --- following the database ---------------------------------------------------------------------


def test_publishing_reads_nothing_but_the_session(
    three: Retriever, archive: Archive, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(three, "bruit")[0] == "b"
    read: list[str] = []
    whole = store.whole

    def noted(db: Connection, ids: Sequence[str], embedder: Embedder) -> Iterator[store.PassageRow]:
        read.extend(ids)
        return whole(db, ids, embedder)

    monkeypatch.setattr(store, "whole", noted)
    keep(archive, "d", CRECHE)
    publish(archive, "d", embedder)
    assert "d" in found(three, "crèche")
    withdraw(archive, "b")
    assert "b" not in found(three, "bruit")
    assert read == ["d"]


def test_what_is_withdrawn_is_gone_while_much_is_being_read(
    archive: Archive, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    live = open_corpus(archive, embedder)
    slow, whole = Event(), store.whole
    monkeypatch.setattr(store, "whole", lambda *args: slow.wait(PATIENCE_S) and whole(*args))
    keep(archive, "c", CRECHE)
    publish(archive, "c", embedder)
    assert set(live.now(0.05).columns.sessions) == {"a", "b"}
    withdraw(archive, "a")
    assert set(live.now(0.05).columns.sessions) == {"b"}
    slow.set()
    assert set(live.now(None).columns.sessions) == {"b", "c"}


def test_the_newest_sessions_are_searched_while_the_others_are_read(
    archive: Archive, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    slow, whole = Event(), store.whole

    def read(db: Connection, ids: Sequence[str], embedder: Embedder) -> Iterator[store.PassageRow]:
        if "a" in ids:
            slow.wait()
        return whole(db, ids, embedder)

    monkeypatch.setattr(store, "whole", read)
    monkeypatch.setattr("search.engine.live.SEGMENT", 1)
    live = LiveCorpus(archive, embedder)
    live.start(0)
    until(lambda: "b" in live.now().columns.sessions)
    assert not live.is_whole and set(live.now().columns.sessions) == {"b"}
    slow.set()
    live.start(None)
    assert live.is_whole and set(live.now().columns.sessions) == {"a", "b"}


def test_a_key_is_never_given_twice(archive: Archive, embedder: WordEmbedder) -> None:
    seen: set[int] = set()
    for said in (PISTE, BRUIT, CRECHE):
        keep(archive, said[:4], said)
        publish(archive, said[:4], embedder)
        keys = set(open_corpus(archive, embedder).now().columns.keys.tolist())
        assert len(keys) == 1 and not keys & seen
        seen |= keys
        withdraw(archive, said[:4])


@pytest.mark.parametrize("ruin", ["zeroblob(256)", "zeroblob(7)", "x'0000c07f' || zeroblob(252)"])
def test_a_ruined_vector_is_left_out_and_its_words_still_find_the_passage(
    archive: Archive, embedder: WordEmbedder, ruin: str
) -> None:
    for session_id, said in (("a", PISTE), ("b", BRUIT)):
        keep(archive, session_id, said)
        publish(archive, session_id, embedder)
    with archive.begin() as db:
        db.execute(text(f"UPDATE passages SET vector = {ruin} WHERE session_id = 'a'"))
    hits = Retriever(archive, embedder, open_corpus(archive, embedder)).search("crédit bruit")
    by_session = {hit.passage.session: hit.found_by for hit in hits}
    assert by_session == {"a": ("lexical",), "b": ("dense", "lexical")}


# --- nearest vectors of many --------------------------------------------------------------------


def test_the_nearest_of_many_are_those_of_the_whole_comparison() -> None:
    chance = np.random.default_rng(0)
    topics = chance.normal(size=(200, 96)) @ np.diag(np.linspace(1, 0.1, 96))
    vectors = topics[chance.integers(0, 200, 20_000)] + 0.2 * chance.normal(size=(20_000, 96)) + 1
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = empty()
    for first in range(0, 20_000, 5_000):
        corpus = corpus.plus(block(corpus, vectors[first : first + 5_000], str(first)))
    fitting = chance.random(20_000) < 0.3
    for asked in vectors[::1_000] + 0.02 * chance.normal(size=(20, 96)).astype(np.float32):
        for mask in (None, fitting):
            exact = np.where(True if mask is None else mask, vectors @ asked, -1)
            best = np.sort(exact)[::-1][:20]  # half precision may take a twin for another
            assert exact[corpus.nearest(asked, 20, mask)] == pytest.approx(best, abs=1e-4)
    rows = np.array([7, 19_999, 7, 3])
    assert corpus.cosines(rows, vectors[7]) == pytest.approx(vectors[rows] @ vectors[7], abs=1e-3)


def block(corpus: Corpus, vectors: Vectors, session: str) -> Block:
    values: Values = corpus.columns.values
    held = store.IndexedSession(session, date(2020, 1, 1), "", 0, len(vectors))
    rows = [(session, About())] * len(vectors)
    postings = posted([np.empty(0, np.int32)] * len(vectors))
    return Block(
        columns(values, [held], range(len(vectors)), rows),
        Segment(postings, vectors.astype(np.float16)),
    )


def test_nothing_is_found_in_nothing() -> None:
    corpus = empty()
    assert corpus.weights(["vot"]).keys() == {"vot"}
    assert corpus.lexical({"vot": 1.0}).bm25.shape == (0,)
    assert corpus.nearest(np.zeros(64, np.float32), 5).tolist() == []
    assert corpus.browse(5).tolist() == [] and corpus.mask(EVERYTHING) is None
    assert corpus.facets(EVERYTHING).passages == 0


def test_halves_are_compared_as_the_very_numbers_that_they_are() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)][:, None]
    found = cosines([finite], np.arange(len(finite)), np.ones(1, dtype=np.float32))
    assert found.tobytes() == (finite.astype(np.float32)[:, 0] + 0.0).tobytes()
