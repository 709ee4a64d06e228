"""How well passages are found: recall and reciprocal rank, through the product's own code.

Texts and questions come from the caller, with the texts that answer each question; a scratch
archive holds them while they are measured. Knows no data set and no threshold.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.archive.repository import Archive, open_archive
from ingest.transcript import Generator, Session, Status, Transcript
from search.engine.live import open_corpus
from search.engine.retrieve import Retriever
from search.engine.vectors import Rows
from search.index import store
from search.language.stems import stems
from search.passage import Embedder, Passage

_DEPTH = 10


@dataclass(frozen=True)
class Said:
    """A text to find: what was said, in which session (they stand in the order given), about what.

    `about` is found with it, as the point of the agenda and the session's title are.
    """

    text: str
    session: str = "scratch"
    about: str = ""


@dataclass(frozen=True)
class Measured:
    """Shares (0..1) of questions with a right passage among the first 1, 5, 10; MRR at 10."""

    questions: int
    r1: float
    r5: float
    r10: float
    mrr: float


@dataclass(frozen=True)
class Evaluation:
    """Each arm alone, and both together as the product uses them."""

    dense: Measured
    lexical: Measured
    fused: Measured

    def scores(self) -> dict[str, float]:
        """Every figure by name, such as `fused r1`."""
        arms = {"dense": self.dense, "lexical": self.lexical, "fused": self.fused}
        return {
            f"{arm} {name}": getattr(measured, name)
            for arm, measured in arms.items()
            for name in ("r1", "r5", "r10", "mrr")
        }


def measured(rankings: Sequence[Sequence[str]], positives: Sequence[Collection[str]]) -> Measured:
    """Score rankings of passage ids, best first, against the ids that are right."""
    firsts = [_first(ranking, right) for ranking, right in zip(rankings, positives, strict=True)]
    count = max(len(firsts), 1)

    def recall(depth: int) -> float:
        return sum(1 for rank in firsts if rank is not None and rank < depth) / count

    mrr = sum(1 / (rank + 1) for rank in firsts if rank is not None) / count
    return Measured(len(firsts), recall(1), recall(5), recall(10), mrr)


def measure(
    passages: Mapping[str, Said],
    questions: Sequence[tuple[str, Collection[str]]],
    embedder: Embedder,
) -> Evaluation:
    """Index texts (by id) as published passages; ask every question, given with its right ids."""
    with TemporaryDirectory() as folder:
        archive = open_archive(f"sqlite:///{Path(folder) / 'archive.sqlite'}")
        try:
            _fill(archive, passages, embedder)
            return _ask(archive, questions, embedder)
        finally:
            archive.engine.dispose()


def _first(ranking: Sequence[str], right: Collection[str]) -> int | None:
    return next((n for n, id_ in enumerate(ranking[:_DEPTH]) if id_ in right), None)


def _fill(archive: Archive, passages: Mapping[str, Said], embedder: Embedder) -> None:
    for name in dict.fromkeys(said.session for said in passages.values()):
        session = Session(name, "", date(2000, 1, 1), status=Status.PUBLISHED)
        archive.save(session, Transcript(name, (), (), (), Generator("", "", "", {})))
    vectors = embedder.documents([said.text for said in passages.values()])
    entries = [
        store.PassageEntry(
            Passage(id_, said.session, n, n, n, n + 1, said.text),
            vector,
            (*stems(said.about), *stems(said.text)),
        )
        for n, ((id_, said), vector) in enumerate(zip(passages.items(), vectors, strict=True))
    ]
    with archive.begin() as db:
        store.insert_entries(db, entries, embedder.name)


def _ask(
    archive: Archive, questions: Sequence[tuple[str, Collection[str]]], embedder: Embedder
) -> Evaluation:
    live = open_corpus(archive, embedder)
    retriever, corpus = Retriever(archive, embedder, live), live.now()

    def ids(rows: Rows) -> list[str]:
        keys = corpus.columns.keys[rows].tolist()
        with archive.engine.connect() as db:
            found = store.published_rows(db, keys)
        return [found[key].id for key in keys]

    def dense_arm(text: str) -> list[str]:
        return ids(corpus.nearest(embedder.queries([text])[0], _DEPTH))

    def lexical_arm(text: str) -> list[str]:
        return ids(corpus.best(corpus.lexical(corpus.weights(stems(text))).bm25, _DEPTH))

    def both(text: str) -> list[str]:
        return [hit.passage.id for hit in retriever.search(text, _DEPTH)]

    def score(arm: Callable[[str], list[str]]) -> Measured:
        return measured([arm(text) for text, _ in questions], [right for _, right in questions])

    return Evaluation(score(dense_arm), score(lexical_arm), score(both))
