"""Finding among very many passages: time, recall and memory, beside plain Chroma and an exact scan.

All in one run on one machine, so that what is compared is comparable. `docs/scale.md` tells what a
run gave. Embedding the question is measured apart: it does not depend on the number of passages.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.archive.repository import Archive, open_archive, opened
from ingest.transcript import Session, Status
from search.engine.corpus import Corpus
from search.engine.live import LiveCorpus
from search.engine.retrieve import Retriever
from search.engine.synced import open_index
from search.filters import EVERYTHING, Filters
from search.index import store
from search.index.embed import ModelEmbedder
from search.index.withdraw import withdraw
from search.language.stems import stems
from search.passage import Vectors
from tests.bench.council import Material, build, material, write

DEPTH = 20
Fitting = npt.NDArray[np.bool_]
_ASKED_OF_CHROMA = 40  # questions: with `where` each takes a good part of a second
_SHARES = {"one person, 0.3 %": ("people", 0.003), "one party, 20 %": ("groups", 0.2)}
_PARTS = {"one object": ("objects", 0.005)}


@dataclass(frozen=True)
class Remembered:
    """An embedder that has seen all questions before."""

    vectors: dict[str, Vectors]
    dimension: int
    name: str = "bench"

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Nothing is embedded here."""
        raise NotImplementedError

    def queries(self, texts: Sequence[str]) -> Vectors:
        """What was embedded before."""
        return np.stack([self.vectors[text] for text in texts])


@dataclass(frozen=True)
class Ours:
    """What our process measured; by filter: which passages fit, and those found, nearest first."""

    fitting: dict[str, Fitting]
    milliseconds: dict[str, list[float]]
    found: dict[str, list[list[int]]]
    figures: dict[str, float]


def milliseconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def quantiles(times: Sequence[float]) -> tuple[float, float]:
    """p50 and p95."""
    p50, p95 = np.percentile(times, (50, 95))
    return float(p50), float(p95)


# --- our side, in a process of its own ----------------------------------------------------------


def ours(folder: Path, made_of: Material) -> Ours:
    """Load the archive, ask every question under every filter, publish and withdraw."""
    archive = open_archive(f"sqlite:///{folder}/archive.sqlite")
    embedder = Remembered(
        dict(zip(made_of.questions, made_of.asked, strict=True)), made_of.asked.shape[1]
    )
    before = memory_mib()
    live = LiveCorpus(archive, embedder)
    figures = {"loading_s": milliseconds(lambda: live.now(None)) / 1000}
    figures["memory_mib"] = memory_mib() - before
    index = open_index(archive, folder, embedder)  # as `serve` has it by default
    assert index is not None
    figures["making_chroma_s"] = milliseconds(lambda: index.sync(None)) / 1000
    figures["chroma_memory_mib"] = memory_mib() - before - figures["memory_mib"]
    live.consult(index)
    retriever, corpus = Retriever(archive, embedder, live), live.now()
    filters = chosen(corpus)
    times: dict[str, list[float]] = {}
    found: dict[str, list[list[int]]] = {}
    fitting: dict[str, Fitting] = {}
    for question in made_of.questions[:10]:
        retriever.search(question, DEPTH)
    numbers = _numbers(archive, corpus, np.arange(len(corpus)))  # rows are in another order
    for name, narrowed in filters.items():
        times[name] = [
            milliseconds(lambda q=q, f=narrowed: retriever.search(q, DEPTH, f))  # type: ignore[misc]
            for q in made_of.questions
        ]
        mask = corpus.mask(narrowed)
        fitting[name] = np.zeros(len(corpus), dtype=np.bool_)
        fitting[name][numbers] = True if mask is None else mask
        rows = [corpus.nearest(vector, DEPTH, mask) for vector in made_of.asked]
        found[name] = [_numbers(archive, corpus, some) for some in rows]
    party = filters["one party, 20 %"]
    times |= {
        "facets of a question": [
            milliseconds(lambda q=q: retriever.facets(q, party))  # type: ignore[misc]
            for q in made_of.questions
        ],
        "browsing a party": [
            milliseconds(lambda n=n: retriever.browse(party, 20, 20 * n))  # type: ignore[misc]
            for n in range(50)
        ],
    }
    figures |= _arms(archive, corpus, made_of) | _changes(archive, live, made_of)
    figures["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Ours(fitting, times, found, figures)


def memory_mib() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def chosen(corpus: Corpus) -> dict[str, Filters]:
    """Filters of different width, made of what the corpus has."""
    facets, total = corpus.facets(EVERYTHING), len(corpus)
    filters = {"none": EVERYTHING}
    for name, (field, share) in (_SHARES | _PARTS).items():
        counts = getattr(facets, field)
        nearest = min(counts, key=lambda c: abs(c.passages - share * total))
        narrowed: dict[str, Any] = {field: (nearest.value,)}
        filters[name] = replace(EVERYTHING, **narrowed)
    filters["one year, 5 %"] = Filters(since=date(2015, 1, 1), until=date(2015, 12, 31))
    filters["one session"] = Filters(sessions=(facets.sessions[0].value,))
    return filters


def _numbers(archive: Archive, corpus: Corpus, rows: npt.NDArray[np.int64]) -> list[int]:
    """Numbers of the passages, which are their ids."""
    keys = corpus.columns.keys[rows].tolist()
    with archive.engine.connect() as db:
        found = store.published_rows(db, keys)
    return [int(found[key].id, 16) for key in keys]


def _arms(archive: Archive, corpus: Corpus, made_of: Material) -> dict[str, float]:
    """Each part of a search alone (median, ms)."""
    asked = [corpus.weights(stems(question)) for question in made_of.questions]

    parts: dict[str, list[float]] = {
        "words_ms": [milliseconds(lambda w=w: corpus.lexical(w)) for w in asked],  # type: ignore[misc]
        "vectors_ms": [
            milliseconds(lambda v=v: corpus.nearest(v, 100))  # type: ignore[misc]
            for v in made_of.asked
        ],
    }
    first = corpus.segments[0].vectors
    rows = np.linspace(0, len(first) - 1, 100).astype(np.int64)
    selves = [first[n].astype(np.float32) for n in rows]
    itself = [float(corpus.cosines(corpus.nearest(v, 1), v)[0]) > 1 - 1e-3 for v in selves]
    return {name: quantiles(times)[0] for name, times in parts.items()} | {
        "finds_itself": float(np.mean(itself))
    }


def _changes(archive: Archive, live: LiveCorpus, made_of: Material) -> dict[str, float]:
    """Until a session that was just written is searched, and one that is withdrawn is not."""
    session = Session("new", "", date(2026, 1, 6), status=Status.PUBLISHED)
    count = min(150, len(made_of.said))
    words = [stems(one.text) for one in made_of.said]
    which, chance = range(count), np.random.default_rng(2)
    rows = range(2**40, 2**40 + count)
    write(archive, session, rows, made_of, words, which, made_of.vectors[:count], chance)
    figures = {"publishing_ms": milliseconds(lambda: live.now(None))}
    middle = sorted(live.now().columns.sessions)[len(live.now().columns.sessions) // 2]
    figures["withdrawing_sql_ms"] = milliseconds(lambda: withdraw(archive, middle))
    figures["withdrawing_ms"] = milliseconds(lambda: live.now(None))
    return figures


# --- what it is compared with -------------------------------------------------------------------


def exact(vectors: Vectors, mask: Fitting, asked: Vectors) -> tuple[list[float], list[list[int]]]:
    """A numpy scan of everything: times, and the nearest passages."""
    times, found = [], []
    for vector in asked:
        start = time.perf_counter()
        scores = np.where(mask, vectors @ vector, -2)
        some = np.argpartition(scores, -DEPTH)[-DEPTH:]
        best = some[np.argsort(-scores[some])]
        times.append(1000 * (time.perf_counter() - start))
        found.append([int(row) for row in best if mask[row]])
    return times, found


class Chroma:
    """A plain collection with what is filtered by as metadata, made as its manual says."""

    def __init__(self, folder: Path, vectors: Vectors, of: Sequence[dict[str, int]]) -> None:
        import chromadb

        client = chromadb.PersistentClient(
            str(folder), chromadb.Settings(anonymized_telemetry=False)
        )
        self._collection = client.create_collection(
            "plain",
            configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}},
            embedding_function=None,
        )
        batch = int(client.get_max_batch_size())
        for at in range(0, len(vectors), batch):
            some = range(at, min(at + batch, len(vectors)))
            self._collection.add(
                ids=[str(n) for n in some],
                embeddings=vectors[some],
                metadatas=[of[n] for n in some],
            )

    def found(self, vector: Vectors, name: str | None) -> list[int]:
        """The nearest passages of a filter."""
        found = self._collection.query(
            query_embeddings=vector[None],
            n_results=DEPTH,
            where={name: 1} if name else None,
            include=["distances"],
        )
        return [int(id_) for id_ in found["ids"][0]]


def recall(found: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> float:
    """Share of the right passages that were found."""
    shares = [len(set(f) & set(r)) / len(r) for f, r in zip(found, right, strict=False) if r]
    return float(np.mean(shares)) if shares else 1.0


# --- the table ----------------------------------------------------------------------------------


def compared(
    measured: Ours, vectors: Vectors, made_of: Material, folder: Path
) -> tuple[list[list[str]], float]:
    """A line for each filter, and the seconds that plain Chroma took to be made."""
    names = {name: f"filter{n}" for n, name in enumerate(measured.fitting)}
    of = [
        {names[name]: int(mask[n]) for name, mask in measured.fitting.items()}
        for n in range(len(vectors))
    ]
    start = time.perf_counter()
    chroma = Chroma(folder, vectors, of)
    making_s = time.perf_counter() - start
    lines = []
    for name, mask in measured.fitting.items():
        scan_ms, right = exact(vectors, mask, made_of.asked)
        where = None if name == "none" else names[name]
        theirs, chroma_ms = [], []
        for vector in made_of.asked[:_ASKED_OF_CHROMA]:
            chroma_ms.append(milliseconds(lambda v=vector: theirs.append(chroma.found(v, where))))  # type: ignore[misc]  # noqa: B023
        p50, p95 = quantiles(measured.milliseconds[name])
        cells = {"chroma": quantiles(chroma_ms), "scan": quantiles(scan_ms)}
        lines.append(
            [
                name,
                f"{100 * mask.mean():.2f} %",
                f"{p50:.1f} / {p95:.1f}",
                f"{recall(measured.found[name], right):.3f}",
                "{:.1f} / {:.1f}".format(*cells["chroma"]),
                f"{recall(theirs, right):.3f}",
                "{:.1f} / {:.1f}".format(*cells["scan"]),
                f"{cells['chroma'][1] / p95:.1f} / {cells['scan'][1] / p95:.1f}",
            ]
        )
    return lines, making_s


_HEAD = (
    "narrowed to", "passages", "whole search p50 / p95 ms", "recall@20",
    "Chroma `where`, vectors only", "recall@20", "numpy scan, vectors only",
    "Chroma / ours, scan / ours (p95)",
)  # fmt: skip


def built(folder: Path, made_of: Material, passages: int) -> Vectors:
    """The vectors of the archive in a folder, which is made where it is not there yet."""
    kept = folder / "vectors.npy"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with opened(f"sqlite:///{folder}/archive.sqlite") as archive:
            np.save(kept, build(archive, made_of, passages))
    return np.asarray(np.load(kept, mmap_mode="r"))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--data", type=Path, default=os.environ.get("VERBATIM_EVAL_DATA"))
    parser.add_argument(
        "--scratch", type=Path, default=Path(tempfile.gettempdir()) / "verbatim-bench"
    )
    parser.add_argument(
        "--council", type=Path, help="where the made-up archive is kept for the next run"
    )
    asked = parser.parse_args()
    embedder = ModelEmbedder()
    made_of = material(asked.data and Path(asked.data), embedder, asked.scratch)
    embedding = quantiles(
        [milliseconds(lambda q=q: embedder.queries([q])) for q in made_of.questions[:50]]  # type: ignore[misc]
    )
    with tempfile.TemporaryDirectory() as scratch:
        council, changed = asked.council or Path(scratch) / "kept", Path(scratch) / "changed"
        start = time.perf_counter()
        vectors = built(council, made_of, asked.passages)
        writing_s = time.perf_counter() - start
        changed.mkdir()
        shutil.copy(council / "archive.sqlite", changed)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            measured = process.submit(ours, changed, made_of).result()
        lines, making_s = compared(measured, vectors, made_of, Path(scratch) / "chroma")
    for line in (_HEAD, ["---"] * len(_HEAD), *lines):
        print("| " + " | ".join(line) + " |")
    others = measured.milliseconds.keys() - measured.fitting.keys()
    times = {name: quantiles(measured.milliseconds[name]) for name in sorted(others)}
    for name, (p50, p95) in (times | {"embedding a question": embedding}).items():
        print(f"{name}: p50 / p95 {p50:.1f} / {p95:.1f} ms")
    figures = measured.figures | {"writing_sql_s": writing_s, "making_plain_chroma_s": making_s}
    for name, figure in figures.items():
        print(f"{name}: {figure:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
