"""Full text: which passages contain the question's words, and how much those words weigh.

The words are stems (see `french`), matched exactly; raw text never reaches the query language.
`LexicalIndex` is the seam; `FtsIndex` is SQLite's FTS5. BM25 follows Robertson and Zaragoza (2009),
computed here for the candidates so that any passage can be scored, found or not.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import bindparam, text

from ingest.archive import Archive
from search.store import counts

K1 = 0.9
B = 0.1  # hardly any bonus for being short: announcements are, and they repeat the title
MOST_STEMS = 64  # distinct stems of one question; a ten-kilobyte paste is searched by its rarest


@dataclass(frozen=True)
class Match:
    """How a passage answers to the question's words.

    `bm25` orders passages for one question; `coverage` (0..1) is the share of the question's idf
    weight that the passage contains.
    """

    bm25: float
    coverage: float


NO_MATCH = Match(0.0, 0.0)


class LexicalIndex(Protocol):
    """Passages by the stems they contain. It always shows the database's present state."""

    def weights(self, stems: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of each distinct stem; of unknown ones, the highest."""

    def search(self, weights: Mapping[str, float], limit: int) -> list[str]:
        """Ids of the best passages containing any of the stems, best first."""

    def matches(self, weights: Mapping[str, float], ids: Sequence[str]) -> dict[str, Match]:
        """Scores of the given passages; one that contains nothing has `NO_MATCH`."""


def idf(documents: int, containing: int) -> float:
    """Weight of a stem that `containing` of `documents` passages have; never negative."""
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))


def match(weights: Mapping[str, float], stems: Sequence[str], average: float) -> Match:
    """Score one passage, given as its stems, where passages have `average` stems."""
    times = Counter(stem for stem in stems if stem in weights)
    if not times:
        return NO_MATCH
    norm = K1 * (1 - B + B * len(stems) / average)
    bm25 = sum(weights[stem] * n * (K1 + 1) / (n + norm) for stem, n in times.items())
    return Match(bm25, sum(weights[stem] for stem in times) / sum(weights.values()))


class FtsIndex:
    """SQLite FTS5 over `passage_stems`, kept by `store` in the archive's database."""

    def __init__(self, archive: Archive) -> None:
        self._engine = archive.engine

    def weights(self, stems: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of the rarest `MOST_STEMS` distinct stems."""
        distinct = list(dict.fromkeys(stems))
        query = text("SELECT doc FROM passage_terms WHERE term = :term")
        with self._engine.connect() as db:
            total = counts(db).passages
            found = {
                s: row.doc for s in distinct if (row := db.execute(query, {"term": s}).first())
            }
        weighed = {stem: idf(total, found.get(stem, 0)) for stem in distinct}
        rarest = sorted(weighed, key=lambda stem: -weighed[stem])[:MOST_STEMS]
        return {stem: weighed[stem] for stem in distinct if stem in set(rarest)}

    def search(self, weights: Mapping[str, float], limit: int) -> list[str]:
        """Ids of the best passages by FTS5's own BM25, best first."""
        if not weights:
            return []
        query = text(
            "SELECT p.id FROM (SELECT rowid AS key, rank AS score FROM passage_stems"
            " WHERE passage_stems MATCH :match ORDER BY rank LIMIT :limit) AS found"
            " JOIN passages AS p ON p.key = found.key ORDER BY found.score, p.id"
        )
        with self._engine.connect() as db:
            rows = db.execute(query, {"match": _any_of(weights), "limit": limit})
            return list(rows.scalars())

    def matches(self, weights: Mapping[str, float], ids: Sequence[str]) -> dict[str, Match]:
        """BM25 and coverage of the given passages, found by the search or not."""
        query = text(
            "SELECT p.id, s.stems FROM passages AS p JOIN passage_stems AS s ON s.rowid = p.key"
            " WHERE p.id IN :ids"
        ).bindparams(bindparam("ids", expanding=True))
        with self._engine.connect() as db:
            table = counts(db)
            average = table.stems / max(table.passages, 1)
            rows = db.execute(query, {"ids": list(ids)})
            return {row.id: match(weights, row.stems.split(), average) for row in rows}


def _any_of(stems: Iterable[str]) -> str:
    """An FTS5 expression: each stem a quoted string, so that nothing in it is an operator."""
    return " OR ".join('"' + stem.replace('"', '""') + '"' for stem in stems)
