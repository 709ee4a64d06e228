"""One contract for every vector index, and what is asked of the one on disk."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from search.engine.chroma import ChromaIndex, IndexBusy, ShardedIndex, VectorIndex
from search.engine.chroma_server import ServerIndex
from search.passage import Vectors
from tests.support.chroma_server import chroma_server

DIMENSION = 16


def unit(count: int, seed: int = 0) -> Vectors:
    """Random directions, shape (count, DIMENSION)."""
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def names(count: int, prefix: str = "p") -> list[str]:
    return [f"{prefix}{n}" for n in range(count)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Chroma server."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as address:
        yield address


@pytest.fixture(params=["chroma", "parts", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> Iterator[VectorIndex]:
    made: dict[str, Callable[[], VectorIndex]] = {
        "chroma": lambda: ChromaIndex(tmp_path / "index"),
        "parts": lambda: ShardedIndex(tmp_path / "index", size=20),
        "server": lambda: ServerIndex(server, f"test-{uuid4().hex}"),
    }
    one = made[request.param]()
    yield one
    one.close()


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.ids() == frozenset()
    assert index.search(unit(1)[0], 5) == []


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    vectors = unit(50)
    index.add(names(50), vectors)
    asked = unit(1, seed=9)[0]
    expected = sorted(((float(v @ asked), i) for v, i in zip(vectors, names(50), strict=True)))
    found = index.search(asked, 5)
    assert [id_ for id_, _ in found] == [id_ for _, id_ in expected[:-6:-1]]
    assert [score for _, score in found] == pytest.approx(
        [s for s, _ in expected[:-6:-1]], abs=1e-5
    )


def test_more_is_asked_than_there_is(index: VectorIndex) -> None:
    index.add(names(3), unit(3))
    assert len(index.search(unit(1)[0], 100)) == 3
    assert index.search(unit(1)[0], 0) == []


def test_adding_again_changes_nothing(index: VectorIndex) -> None:
    index.add(names(5), unit(5))
    index.add(["p0", "p9", "p9"], unit(3, seed=1))
    assert index.ids() == {*names(5), "p9"}
    [(name, cosine)] = index.search(unit(5)[0], 1)
    assert name == "p0" and cosine == pytest.approx(1.0, abs=1e-5)
    index.add([], unit(0))
    assert len(index.ids()) == 6


def test_what_is_dropped_is_never_found(index: VectorIndex) -> None:
    vectors = unit(20)
    index.add(names(20), vectors)
    index.drop({"p3", "p4", "unknown"})
    assert index.ids() == set(names(20)) - {"p3", "p4"}
    assert not {"p3", "p4"} & {id_ for id_, _ in index.search(vectors[3], 20)}
    assert index.search(vectors[5], 1)[0][0] == "p5"
    index.add(["p3"], vectors[3:4])
    assert index.search(vectors[3], 1)[0][0] == "p3"


def test_twins_are_both_found(index: VectorIndex) -> None:
    vectors = np.repeat(unit(1), 3, axis=0)
    index.add(names(3), vectors)
    assert {id_ for id_, _ in index.search(vectors[0], 3)} == set(names(3))


def test_what_is_cleared_is_empty_and_can_be_filled_again(index: VectorIndex) -> None:
    index.add(names(20), unit(20))
    index.clear()
    assert index.ids() == frozenset() and index.search(unit(1)[0], 5) == []
    index.add(names(3), unit(3))
    assert index.ids() == set(names(3))


# --- the store on disk --------------------------------------------------------------------------


def stores(folder: Path) -> list[Path]:
    return sorted(folder.glob("store-*"))


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    first = ChromaIndex(tmp_path)
    first.add(names(10), unit(10))
    first.close()
    again = ChromaIndex(tmp_path)
    assert again.ids() == set(names(10))
    assert again.search(unit(10)[4], 1)[0][0] == "p4"
    again.close()


def test_one_process_owns_it(tmp_path: Path) -> None:
    owner = ChromaIndex(tmp_path)
    script = (
        "import sys; from pathlib import Path\n"
        "from search.engine.chroma import ChromaIndex, IndexBusy\n"
        "try: ChromaIndex(Path(sys.argv[1]))\n"
        "except IndexBusy: sys.exit(7)"
    )
    other = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert other.returncode == 7
    owner.close()
    assert (
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == 0
    )


def test_a_second_owner_in_this_process_is_refused(tmp_path: Path) -> None:
    owner = ChromaIndex(tmp_path)
    with pytest.raises(IndexBusy):
        ChromaIndex(tmp_path)
    owner.close()


@pytest.mark.parametrize("_again", range(8))  # freed memory used to reach one new store of eight
def test_dropping_leaves_no_trace_on_disk(tmp_path: Path, _again: int) -> None:
    vectors = unit(30)
    index = ChromaIndex(tmp_path)
    index.add(names(30, "secret-"), vectors)
    before = stores(tmp_path)
    index.drop(names(30, "secret-")[:10])
    assert not set(before) & set(stores(tmp_path)) and len(stores(tmp_path)) == 1
    index.close()
    everything = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert b"secret-3" not in everything
    assert vectors[3].tobytes() not in everything and b"secret-15" in everything


def test_an_unfinished_write_is_thrown_away(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path)
    index.add(names(10), unit(10))
    index.close()
    (store,) = stores(tmp_path)
    store.with_name(store.name + ".unfinished").touch()
    again = ChromaIndex(tmp_path)
    assert again.ids() == frozenset() and store not in stores(tmp_path)
    assert not list(tmp_path.glob("*.unfinished"))
    again.close()


@pytest.mark.parametrize("ruin", ["garbage", "truncated", "absent"])
def test_a_ruined_store_is_started_again(tmp_path: Path, ruin: str) -> None:
    index = ChromaIndex(tmp_path)
    index.add(names(10), unit(10))
    index.close()
    database = stores(tmp_path)[0] / "chroma.sqlite3"
    match ruin:
        case "garbage":
            database.write_bytes(b"not a database" * 1_000)
        case "truncated":
            database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
        case _:
            database.unlink()
    again = ChromaIndex(tmp_path)
    assert again.ids() == frozenset()
    again.add(names(10), unit(10))
    assert again.search(unit(10)[2], 1)[0][0] == "p2"
    again.close()


def test_what_was_finished_of_a_store_in_parts_stays_when_it_is_opened_again(
    tmp_path: Path,
) -> None:
    vectors = unit(50)
    first = ShardedIndex(tmp_path, size=20)
    first.add(names(50), vectors)
    first.close()
    assert len(list(tmp_path.glob("shard-*"))) == 3
    again = ShardedIndex(tmp_path, size=20)
    assert again.ids() == frozenset(names(50))
    again.drop(["p3"])
    assert "p3" not in {id_ for id_, _ in again.search(vectors[3], 50)}
    assert again.search(vectors[4], 1)[0][0] == "p4"
    again.close()
