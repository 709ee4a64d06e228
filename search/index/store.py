"""The table of passages in the archive: what is searched, and what indexes are made of.

Holds published sessions' passages only. Functions take the caller's connection: what belongs
together is written in one transaction. Knows no model, French or Chroma.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from ingest.archive import schema as t
from ingest.archive.splices import Splice, landed
from ingest.transcript import Span, Status
from search.passage import NOTHING, About, Embedder, Passage, Vectors


@dataclass(frozen=True)
class IndexedSession:
    """A session that has passages. `first_key` tells one publication of it from the next."""

    id: str
    date: date
    body: str
    first_key: int
    passages: int


_T = TypeVar("_T")
_LITTLE_ENDIAN = np.dtype("<f4")
_SHOWN = ("id", "session_id", "first_turn", "last_turn", "start_ms", "end_ms", "text")

passages = Table(
    "passages",
    t.metadata,
    Column("key", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_turn", Integer, nullable=False),
    Column("last_turn", Integer, nullable=False),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("length", Integer, nullable=False),  # stems in the full text
    Column("embedder", String, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("item", Text, nullable=False),  # what follows is `About`
    Column("object", Text, nullable=False),
    Column("people", JSON, nullable=False),
    Column("parties", JSON, nullable=False),
    Column("stems", Text, nullable=False),  # the full text's normal form, separated by spaces
)

passage_index = Table(
    "passage_index",
    t.metadata,
    *(Column(name, Integer, nullable=False) for name in ("generation", "passages", "stems")),
)


@dataclass(frozen=True)
class PassageEntry:
    """A passage as it is stored: with its vector, and what it is found and narrowed by."""

    passage: Passage
    vector: Vectors
    stems: tuple[str, ...]
    about: About = NOTHING


def insert_entries(db: Connection, entries: Sequence[PassageEntry], embedder: str) -> None:
    """Write passages. Each is one more generation, so a key made of it is never given twice."""
    if not entries:
        return
    first = counts(db).generation + 1
    db.execute(insert(passages), [_row(first + n, e, embedder) for n, e in enumerate(entries)])


def delete_session(db: Connection, session_id: str) -> None:
    """Remove a session's passages."""
    db.execute(delete(passages).where(passages.c.session_id == session_id))


def delete_within(
    db: Connection, session_id: str, span: Span, turns: Collection[int]
) -> tuple[str, ...]:
    """Remove a session's passages that share a stretch or one of the turns at some places.

    Returns their ids.
    """
    p = passages.c
    here = t.turns.c.session_id == session_id
    first, last = (
        select(t.turns.c.idx).where(here, t.turns.c.id == end).scalar_subquery()
        for end in (p.first_turn, p.last_turn)
    )
    in_time = (p.start_ms < span.end_ms) & (p.end_ms > span.start_ms)
    of_turns = [(first <= n) & (last >= n) for n in turns]
    where = (p.session_id == session_id, or_(in_time, *of_turns))
    gone = delete(passages).where(*where).returning(p.id)
    return tuple(sorted(db.execute(gone).scalars()))


def follow(db: Connection, session_id: str, splices: Sequence[Splice]) -> None:
    """Have passages that begin or end in turns that went do so in what these became.

    One whose turns are all gone is left with the turn before them, and finds nothing there.
    """
    p = passages.c
    for splice, at in zip(splices, landed(splices), strict=True):
        before, after = ([turn.id for turn in side] for side in (splice.before, splice.after))
        if set(before) == set(after):
            continue
        if not after:
            beside = (t.turns.c.session_id == session_id, t.turns.c.idx == max(0, at - 1))
            after = list(db.execute(select(t.turns.c.id).where(*beside)).scalars())
        for column, ends in ((p.first_turn, after[:1]), (p.last_turn, after[-1:])):
            here = update(passages).where(p.session_id == session_id, column.in_(before))
            for end in ends:
                db.execute(here.values({column.name: end}))


# --- the whole table ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """The whole table at a glance. `generation` grows with every change of it."""

    generation: int
    passages: int
    stems: int


def counts(db: Connection) -> Counts:
    """One row, kept by triggers: cheap enough to ask before every search."""
    row = db.execute(select(passage_index)).one()
    return Counts(row.generation, row.passages, row.stems)


def ids(db: Connection, embedder: str) -> list[str]:
    """Ids of the passages that have a vector of this embedder, sorted."""
    query = select(passages.c.id).where(passages.c.embedder == embedder).order_by(passages.c.id)
    return list(db.execute(query).scalars())


def vectors(db: Connection, embedder: str, wanted: Iterable[str]) -> dict[str, Vectors]:
    """Vectors of this embedder, by passage id; ids without one are left out."""
    where = passages.c.id.in_(bindparam("some", expanding=True))
    query = select(passages.c.id, passages.c.vector).where(where, passages.c.embedder == embedder)
    return {
        row.id: np.frombuffer(row.vector, dtype=_LITTLE_ENDIAN)
        for some in _batches(wanted)
        for row in db.execute(query, {"some": some})
    }


def vectors_by_words(
    db: Connection, embedder: str, session_id: str
) -> dict[tuple[str, ...], Vectors]:
    """Vectors of a session by what they were made of: point of the agenda, its object, words."""
    p = passages.c
    query = select(p.item, p.object, p.text, p.vector)
    rows = db.execute(query.where(p.session_id == session_id, p.embedder == embedder))
    return {tuple(words): np.frombuffer(vector, _LITTLE_ENDIAN) for *words, vector in rows}


def keys(db: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """Keys of passages by id."""
    query = select(passages.c.id, passages.c.key).where(
        passages.c.id.in_(bindparam("some", expanding=True))
    )
    return {
        row.id: row.key for some in _batches(wanted) for row in db.execute(query, {"some": some})
    }


def key_at(db: Connection, session_id: str, at_ms: int) -> int:
    """The key of the passage of a session that is said at a moment; 0 where there is none."""
    p = passages.c
    query = select(func.max(p.key)).where(p.session_id == session_id, p.start_ms <= at_ms)
    return db.execute(query).scalar() or 0


def published_rows(db: Connection, keys: Iterable[int]) -> dict[int, Passage]:
    """Passages by key, of published sessions only: whatever is kept in memory."""
    query = (
        select(*(passages.c[name] for name in ("key", *_SHOWN)))
        .join(t.sessions, t.sessions.c.id == passages.c.session_id)
        .where(passages.c.key.in_(bindparam("some", expanding=True)))
        .where(t.sessions.c.status == Status.PUBLISHED)
    )
    rows = (row for some in _batches(keys) for row in db.execute(query, {"some": some}))
    return {row.key: _passage(row) for row in rows}


def newest_texts(db: Connection, limit: int) -> list[str]:
    """The words of the newest published passages."""
    query = (
        select(passages.c.text)
        .join(t.sessions, t.sessions.c.id == passages.c.session_id)
        .where(t.sessions.c.status == Status.PUBLISHED)
        .order_by(t.sessions.c.date.desc(), passages.c.key)
    )
    return list(db.execute(query.limit(limit)).scalars())


def of_session(db: Connection, session_id: str) -> Mapping[str, str]:
    """Embedder by passage id, of those of one session that have their stems."""
    query = select(passages.c.id, passages.c.embedder).where(passages.c.session_id == session_id)
    return {row.id: row.embedder for row in db.execute(query.where(passages.c.length > 0))}


def passages_of(db: Connection, session_id: str) -> list[Passage]:
    """A session's passages, in the order of speech."""
    query = select(*(passages.c[name] for name in ("key", *_SHOWN)))
    rows = db.execute(query.where(passages.c.session_id == session_id).order_by(passages.c.key))
    return [_passage(row) for row in rows]


def keep_stems(db: Connection, passage_id: str, stems: Sequence[str]) -> None:
    """Have a passage be found by other stems. Processes that hold it in memory see them later."""
    mine, total = passages.c.id == passage_id, passage_index.c.stems
    before = db.execute(select(passages.c.length).where(mine)).scalar_one()
    db.execute(update(passages).where(mine).values(stems=" ".join(stems), length=len(stems)))
    db.execute(update(passage_index).values(stems=total + len(stems) - before))


def without_stems(db: Connection, session_id: str) -> list[Passage]:
    """A session's passages that no word finds, in the order of speech."""
    mine = (passages.c.session_id == session_id, passages.c.length == 0)
    query = select(*(passages.c[name] for name in _SHOWN)).where(*mine).order_by(passages.c.key)
    return [_passage(row) for row in db.execute(query)]


# --- whole sessions, to be kept in memory -----------------------------------------------------


@dataclass(frozen=True)
class PassageRow:
    """A row of the table, less what is only shown. `vector` None: none of this embedder."""

    key: int
    session: str
    about: About
    stems: str
    vector: Vectors | None


def held(db: Connection) -> dict[str, IndexedSession]:
    """Every published session that has passages, by id, oldest first."""
    p, s = passages.c, t.sessions.c
    query = (
        select(s.id, s.date, s.body, func.min(p.key), func.count())
        .join(passages, p.session_id == s.id)
        .where(s.status == Status.PUBLISHED)
        .group_by(s.id)
        .order_by(s.date, s.id)
    )
    return {row[0]: IndexedSession(*row) for row in db.execute(query)}


def whole(db: Connection, session_ids: Sequence[str], embedder: Embedder) -> Iterator[PassageRow]:
    """All passages of some sessions, session by session, in the order of speech."""
    p, size = passages.c, embedder.dimension * _LITTLE_ENDIAN.itemsize
    fits = (p.embedder == embedder.name) & (func.length(p.vector) == size)
    query = (
        select(p.key, p.session_id, p.item, p.object, p.people, p.parties, p.stems)
        .add_columns(case((fits, p.vector)).label("vector"))
        .where(p.session_id == bindparam("session"))
        .order_by(p.key)
    )
    for id_ in session_ids:
        yield from map(_kept, db.execute(query, {"session": id_}))


def _kept(row: Row[Any]) -> PassageRow:
    vector = None if row.vector is None else np.frombuffer(row.vector, dtype=_LITTLE_ENDIAN)
    about = About(row.item, row.object, tuple(row.people), tuple(row.parties))
    return PassageRow(row.key, row.session_id, about, row.stems, vector)


def _row(key: int, entry: PassageEntry, embedder: str) -> dict[str, Any]:
    p = entry.passage
    return {
        "key": key,
        "id": p.id,
        "session_id": p.session,
        "first_turn": p.first_turn,
        "last_turn": p.last_turn,
        "start_ms": p.start_ms,
        "end_ms": p.end_ms,
        "text": p.text,
        "length": len(entry.stems),
        "embedder": embedder,
        "vector": entry.vector.astype(_LITTLE_ENDIAN).tobytes(),
        "stems": " ".join(entry.stems),
        **asdict(entry.about),
    }


def _passage(row: Row[Any]) -> Passage:
    return Passage(
        id=row.id,
        session=row.session_id,
        first_turn=row.first_turn,
        last_turn=row.last_turn,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
    )


def _batches(wanted: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    everything = list(wanted)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]
