"""All published passages in memory, as one immutable state: what a question is scored against.

A passage is a row. A session's rows are contiguous and in the order of speech, so that the rows
before and after are its neighbours. Rows are numbered within one state only: outside, a passage is
its key. Any score of any row is at hand; what they are worth together is for others to say.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt

from search.engine import bm25 as of_postings
from search.engine import facets as of_columns
from search.engine import vectors as of_vectors
from search.engine.bm25 import K1, MOST_STEMS, B, Mask, Postings, Vocabulary
from search.engine.facets import Columns, Values
from search.engine.vectors import Halves, Rows
from search.filters import EVERYTHING, Facets, Filters
from search.language.idf import idf
from search.passage import Vectors

SEGMENT = 32_768  # rows: what is written again when a session comes or goes


@dataclass(frozen=True, eq=False)
class Segment:
    """Words and vectors of some rows that follow each other. A vector of nought: none was made."""

    postings: Postings
    vectors: Halves

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.vectors)

    @cached_property
    def total(self) -> Vectors:
        """The sum of all vectors, shape (dimension,)."""
        return np.asarray(self.vectors.sum(axis=0, dtype=np.float32))

    @cached_property
    def made(self) -> Mask:
        """Which rows have a vector."""
        return np.asarray(self.vectors.any(axis=1))


@dataclass(frozen=True, eq=False)
class Block:
    """Whole sessions as they come from the database."""

    columns: Columns
    segment: Segment


@dataclass(frozen=True, eq=False)
class Lexical:
    """What a question's words give each row: BM25, and the share (0..1) of their weight in it."""

    bm25: Vectors
    coverage: Vectors


@dataclass(frozen=True, eq=False)
class Corpus:
    """One state of what is published. `generation` is that of the table it was read from.

    `elsewhere` is asked for the nearest of all passages, by key, before they are compared here; it
    may have no answer.
    """

    columns: Columns
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    segments: tuple[Segment, ...] = ()
    generation: int = -1
    elsewhere: Callable[[Vectors, int], Sequence[int] | None] | None = None

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self.columns)

    # --- words --------------------------------------------------------------------------------

    def weights(self, stems: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of the rarest `MOST_STEMS` distinct stems."""
        distinct = list(dict.fromkeys(stems))
        found = self.passages_with(distinct)
        weighed = {s: idf(len(self), n) for s, n in zip(distinct, found.tolist(), strict=True)}
        rarest = set(sorted(weighed, key=lambda stem: -weighed[stem])[:MOST_STEMS])
        return {stem: weight for stem, weight in weighed.items() if stem in rarest}

    def lexical(self, weights: Mapping[str, float]) -> Lexical:
        """Scores of all rows for weighed stems, two arrays of shape (rows,)."""
        bm25, coverage = np.zeros((2, len(self)), dtype=np.float32)
        total = sum(weights.values())
        known = [(self.vocabulary[s], w) for s, w in weights.items() if s in self.vocabulary]
        at = 0
        for segment in self.segments:
            here = slice(at, at + len(segment))
            some, covered, norms = bm25[here], coverage[here], self._norms[here]
            for number, weight in known:
                where = segment.postings.of(number)
                rows = segment.postings.rows[where]
                times = segment.postings.times[where].astype(np.float32)
                some[rows] += np.float32(weight * (K1 + 1)) * times / (times + norms[rows])
                covered[rows] += np.float32(weight / total)
            at += len(segment)
        return Lexical(bm25, np.minimum(coverage, 1, out=coverage))

    def best(self, scores: Vectors, limit: int, mask: Mask | None = None) -> Rows:
        """Rows with the highest scores above 0 that the mask lets through, highest first."""
        fitting = np.flatnonzero(scores > 0 if mask is None else (scores > 0) & mask)
        rows = fitting[of_vectors.best_rows(scores[fitting], limit)]
        return np.asarray(rows[np.argsort(-scores[rows], kind="stable")])

    def passages_with(self, stems: Sequence[str]) -> npt.NDArray[np.int64]:
        """How many rows hold each stem."""
        numbers = np.array([self.vocabulary.get(stem, -1) for stem in stems], dtype=np.int64)
        none = np.zeros(len(stems), dtype=np.int64)
        return sum((segment.postings.found(numbers) for segment in self.segments), none)

    def rows_with(self, stem: str, limit: int) -> list[int]:
        """The first rows that hold a stem, at most so many."""
        rows: list[int] = []
        at = 0
        for segment in self.segments:
            where = segment.postings.of(self.vocabulary.get(stem, -1))
            rows += (segment.postings.rows[where][:limit].astype(np.int64) + at).tolist()
            at += len(segment)
        return rows[:limit]

    def rows_holding(self, stems: Sequence[str]) -> Rows:
        """All rows that hold every one of some stems, ascending."""
        numbers = [self.vocabulary.get(stem, -1) for stem in stems]
        rows: list[Rows] = [np.zeros(0, dtype=np.int64)]
        at = 0
        for segment in self.segments:
            postings = segment.postings
            each = [postings.rows[postings.of(number)] for number in numbers]
            rows.append(reduce(np.intersect1d, each).astype(np.int64) + at)
            at += len(segment)
        return np.concatenate(rows)

    def times(self, stem: str, rows: Rows) -> npt.NDArray[np.int64]:
        """How often each of some rows holds a stem, shape (rows,)."""
        times, at = np.zeros(len(rows), dtype=np.int64), 0
        for segment in self.segments:
            where = segment.postings.of(self.vocabulary.get(stem, -1))
            holding = segment.postings.rows[where]
            if len(holding):
                place = np.minimum(np.searchsorted(holding, rows - at), len(holding) - 1)
                times += np.where(
                    holding[place] == rows - at, segment.postings.times[where][place], 0
                )
            at += len(segment)
        return times

    @cached_property
    def _norms(self) -> Vectors:
        """How much BM25 discounts a repeat in each row, by the row's length."""
        lengths = np.concatenate([segment.postings.lengths for segment in self.segments])
        average = max(float(lengths.mean()), 1.0)
        return np.asarray(K1 * (1 - B + B * lengths / average), dtype=np.float32)

    # --- meaning ------------------------------------------------------------------------------

    def nearest(self, vector: Vectors, limit: int, mask: Mask | None = None) -> Rows:
        """The rows nearest to a vector among those that the mask lets through, nearest first."""
        if not self._made.all():
            mask = self._made if mask is None else mask & self._made
        if mask is None and self.elsewhere and (keys := self.elsewhere(vector, limit)) is not None:
            return self._rows_of(keys)
        return of_vectors.nearest(self._vectors, vector, limit, mask)

    def usual(self, vector: Vectors) -> float:
        """The mean of a vector's cosines with all rows."""
        made = int(self._made.sum())
        return sum(float(part.total @ vector) for part in self.segments) / made if made else 0.0

    def cosines(self, rows: Rows, vector: Vectors) -> Vectors:
        """Cosines of a vector with rows, in any order; 0 where a row has no vector."""
        distinct, places = np.unique(rows, return_inverse=True)
        return np.asarray(of_vectors.cosines(self._vectors, distinct, vector)[places])

    def _rows_of(self, keys: Sequence[int]) -> Rows:
        """Rows of those keys that are here, in their order."""
        sorted_keys, order = self._by_key
        at = np.minimum(np.searchsorted(sorted_keys, keys), max(len(self) - 1, 0))
        here = sorted_keys[at] == keys if len(self) else np.zeros(len(keys), dtype=np.bool_)
        return np.asarray(order[at[here]])

    @cached_property
    def _by_key(self) -> tuple[npt.NDArray[np.int64], Rows]:
        order = np.argsort(self.columns.keys)
        return self.columns.keys[order], order

    @property
    def _vectors(self) -> list[Halves]:
        return [segment.vectors for segment in self.segments]

    @cached_property
    def _made(self) -> Mask:
        """Which rows have a vector."""
        made = [segment.made for segment in self.segments]
        return np.concatenate(made) if made else np.zeros(0, dtype=np.bool_)

    # --- places -------------------------------------------------------------------------------

    def mask(self, filters: Filters) -> Mask | None:
        """Which rows fit; None for all of them."""
        return self.columns.mask(filters)

    def facets(self, filters: Filters, among: Mask | None = None) -> Facets:
        """How many of the rows that fit (and are `among` those given) have each value."""
        return self.columns.facets(filters, among)

    def neighbours(self, rows: Rows, step: int) -> Rows:
        """The rows `step` places later (earlier, if negative); -1 where the session ends before."""
        there = rows + step
        inside = (there >= 0) & (there < len(self))
        sessions = self.columns.one["sessions"]
        same = sessions[np.where(inside, there, rows)] == sessions[rows]
        return np.where(inside & same, there, -1)

    def browse(self, limit: int, offset: int = 0, filters: Filters = EVERYTHING) -> Rows:
        """Rows that fit, newest session first, each session in the order of speech."""
        return self.newest(limit, offset, self.mask(filters))

    def newest(self, limit: int, offset: int = 0, mask: Mask | None = None) -> Rows:
        """Rows that the mask lets through, newest session first, each in the order of speech."""
        rows = self._newest_first if mask is None else self._newest_first[mask[self._newest_first]]
        return np.asarray(rows[max(offset, 0) : max(offset, 0) + max(limit, 0)])

    @cached_property
    def _newest_first(self) -> Rows:
        numbers = self.columns.values.of["sessions"]
        held = sorted(self.columns.sessions.values(), key=lambda s: (s.date, s.id), reverse=True)
        rank = np.zeros(len(numbers), dtype=np.int32)
        rank[[numbers[session.id] for session in held]] = np.arange(len(held))
        return np.argsort(rank[self.columns.one["sessions"]], kind="stable")

    # --- the next state -----------------------------------------------------------------------

    def plus(self, block: Block) -> "Corpus":
        """With more sessions, none of which it has."""
        segments, new = self.segments, block.segment
        if segments and len(segments[-1]) + len(new) <= SEGMENT:
            segments, new = segments[:-1], _together((segments[-1], new))
        grown = of_columns.joined((self.columns, block.columns))
        return replace(self, columns=grown, segments=(*segments, new))

    def without(self, session_ids: Collection[str]) -> "Corpus":
        """Less some sessions: their words and vectors are in memory no longer."""
        keep = ~self.columns.rows_of(session_ids)
        segments, at = [], 0
        for segment in self.segments:
            here = keep[at : at + len(segment)]
            at += len(segment)
            if here.all():
                segments.append(segment)
            elif here.any():
                segments.append(Segment(segment.postings.kept(here), segment.vectors[here]))
        return replace(self, columns=self.columns.kept(keep), segments=tuple(segments))


def empty() -> Corpus:
    """Nothing is published."""
    return Corpus(of_columns.columns(Values(), (), (), ()))


def _together(parts: Sequence[Segment]) -> Segment:
    return Segment(
        of_postings.joined([part.postings for part in parts]),
        np.concatenate([part.vectors for part in parts]),
    )
