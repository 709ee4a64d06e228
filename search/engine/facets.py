"""What each passage can be narrowed by, as columns in memory: masks and counts in a millisecond.

A row is a passage; sessions are whole and contiguous, in the order of speech. Knows neither vectors
nor words, nor how a passage is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from search.engine.bm25 import Ints, Mask, Vocabulary
from search.filters import Count, Facets, Filters
from search.index.store import IndexedSession
from search.passage import About

MOST_COUNTED = 200  # values of one field
_MANY = ("people", "parties")  # fields of which a passage may have several values
_ONE = ("sessions", "items", "objects")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Values of rows that may have several: row `rows[n]` has value `values[n]`; rows ascending."""

    rows: Ints
    values: Ints


class Values:
    """Numbers for the values of every field, shared by all columns of one corpus."""

    def __init__(self) -> None:
        self.of = {field: Vocabulary() for field in (*_ONE, *_MANY)}

    def known(self, field: str, wanted: Iterable[str]) -> list[int]:
        """Numbers of those values that some passage has had."""
        return [n for value in wanted if (n := self.of[field].get(value)) is not None]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of all rows. `sessions` tells of each session that has rows here."""

    values: Values
    sessions: Mapping[str, IndexedSession]
    keys: npt.NDArray[np.int64]
    one: Mapping[str, Ints]
    many: Mapping[str, Pairs]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.keys)

    def kept(self, keep: Mask) -> "Columns":
        """Some of the rows, numbered anew; sessions left without a row are gone."""
        numbers = np.cumsum(keep, dtype=np.int32) - 1
        one = {field: values[keep] for field, values in self.one.items()}
        many = {}
        for field, pairs in self.many.items():
            here = keep[pairs.rows]
            many[field] = Pairs(numbers[pairs.rows[here]], pairs.values[here])
        left = set(np.unique(one["sessions"]).tolist())
        number = self.values.of["sessions"]
        sessions = {id_: held for id_, held in self.sessions.items() if number[id_] in left}
        return Columns(self.values, sessions, self.keys[keep], one, many)

    def rows_of(self, session_ids: Iterable[str]) -> Mask:
        """Which rows are of these sessions."""
        return self._have("sessions", session_ids)

    # --- narrowing ----------------------------------------------------------------------------

    def mask(self, filters: Filters) -> Mask | None:
        """Which rows fit, True where they do; None for all of them."""
        return _all_of([mask for _, mask in self._masks(filters)])

    def facets(self, filters: Filters, among: Mask | None = None) -> Facets:
        """How many of the rows that fit (and are `among` those given) have each value.

        What a field is narrowed to does not narrow its own counts: they say what else there is.
        """
        masks = self._masks(filters)
        fitting = _all_of([m for _, m in masks] + ([] if among is None else [among]))
        narrowed = {field for field, _ in masks}

        def counted(field: str, column: str) -> tuple[Count, ...]:
            if field not in narrowed:
                return self._counts(column, fitting)
            others = [m for name, m in masks if name != field]
            return self._counts(column, _all_of(others + ([] if among is None else [among])))

        return Facets(
            passages=len(self) if fitting is None else int(fitting.sum()),
            people=counted("people", "people"),
            groups=counted("groups", "parties"),
            sessions=counted("sessions", "sessions"),
            bodies=self._bodies(counted("bodies", "sessions")),
            objects=counted("objects", "objects"),
            items=counted("items", "items"),
        )

    def _masks(self, filters: Filters) -> list[tuple[str, Mask]]:
        """The rows that each narrowed field lets through. Dates narrow under the name `dates`."""
        masks = [
            (field, self._have(column, wanted))
            for field, column, wanted in (
                ("people", "people", filters.people),
                ("groups", "parties", filters.groups),
                ("sessions", "sessions", filters.sessions),
                ("objects", "objects", filters.objects),
                ("items", "items", filters.items),
            )
            if wanted
        ]
        if filters.bodies:
            fit = [held.id for held in self.sessions.values() if held.body in filters.bodies]
            masks.append(("bodies", self._have("sessions", fit)))
        if filters.since or filters.until:
            first, last = filters.since or date.min, filters.until or date.max
            fit = [held.id for held in self.sessions.values() if first <= held.date <= last]
            masks.append(("dates", self._have("sessions", fit)))
        return masks

    def _have(self, column: str, wanted: Iterable[str]) -> Mask:
        """Rows that have one of the values."""
        chosen = np.zeros(len(self.values.of[column]) + 1, dtype=np.bool_)
        chosen[self.values.known(column, wanted)] = True
        if column in self.one:
            return np.asarray(chosen[self.one[column]])
        pairs = self.many[column]
        rows = np.zeros(len(self), dtype=np.bool_)
        rows[pairs.rows[chosen[pairs.values]]] = True
        return rows

    def _counts(self, column: str, mask: Mask | None) -> tuple[Count, ...]:
        values = self.one[column] if column in self.one else self.many[column].values
        if mask is not None:
            values = values[mask if column in self.one else mask[self.many[column].rows]]
        numbers = self.values.of[column]
        counts = np.bincount(values, minlength=len(numbers) + 1)
        if "" in numbers:
            counts[numbers[""]] = 0
        names = list(numbers)
        best = np.argsort(-counts, kind="stable")[: MOST_COUNTED if column != "sessions" else None]
        return tuple(Count(names[n], int(counts[n])) for n in best if counts[n])

    def _bodies(self, sessions: Sequence[Count]) -> tuple[Count, ...]:
        """Counts of sessions' passages, added up by body."""
        totals: dict[str, int] = {}
        for count in sessions:
            body = self.sessions[count.value].body
            totals[body] = totals.get(body, 0) + count.passages
        found = (Count(body, passages) for body, passages in totals.items() if body)
        return tuple(sorted(found, key=lambda count: (-count.passages, count.value)))


def columns(
    values: Values,
    held: Sequence[IndexedSession],
    keys: Sequence[int],
    rows: Sequence[tuple[str, About]],
) -> Columns:
    """The columns of new rows, each given with its session's id and what it is about."""
    number = values.of
    one = {
        "sessions": [number["sessions"][session] for session, _ in rows],
        "items": [number["items"][about.item] for _, about in rows],
        "objects": [number["objects"][about.object] for _, about in rows],
    }
    many = {
        field: [(n, number[field][v]) for n, (_, about) in enumerate(rows) for v in of(about)]
        for field, of in (("people", _people), ("parties", _parties))
    }
    return Columns(
        values,
        {session.id: session for session in held},
        np.array(keys, dtype=np.int64),
        {field: np.array(some, dtype=np.int32) for field, some in one.items()},
        {field: _pairs(some) for field, some in many.items()},
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """All rows of the parts, which share their values, in order."""
    before = np.cumsum([0] + [len(part) for part in parts])
    placed = list(zip(parts, before.tolist(), strict=False))
    return Columns(
        parts[0].values,
        {id_: held for part in parts for id_, held in part.sessions.items()},
        np.concatenate([part.keys for part in parts]),
        {field: np.concatenate([part.one[field] for part in parts]) for field in _ONE},
        {
            field: Pairs(
                np.concatenate([p.many[field].rows + np.int32(at) for p, at in placed]),
                np.concatenate([part.many[field].values for part in parts]),
            )
            for field in _MANY
        },
    )


def _people(about: About) -> tuple[str, ...]:
    return about.people


def _parties(about: About) -> tuple[str, ...]:
    return about.parties


def _pairs(found: Sequence[tuple[int, int]]) -> Pairs:
    both = np.array(found, dtype=np.int32).reshape(-1, 2)
    return Pairs(both[:, 0].copy(), both[:, 1].copy())


def _all_of(masks: Sequence[Mask]) -> Mask | None:
    return np.logical_and.reduce(masks) if masks else None
