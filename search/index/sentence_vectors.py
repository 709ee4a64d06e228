"""Vectors of single sentences, kept beside the passages: an answer's sentences are weighed by them.

Embedding the fifty sentences that a question brings up takes half a second, reading their vectors a
few milliseconds. Like passages, they are kept for published sessions only, and go with them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
)

from ingest.archive import schema as t
from ingest.archive.repository import Archive
from ingest.transcript import Turn
from search.language.sentences import sentences
from search.passage import Embedder, Vectors

_HALF = np.dtype("<f2")  # half precision: cosines differ in the fourth digit

sentence_vectors = Table(
    "sentence_vectors",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("embedder", String, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
    t.of_turn(),
)


def make(
    db: Connection, session_id: str, turns: Sequence[Turn], embedder: Embedder
) -> dict[Turn, Vectors]:
    """Vectors of every turn's sentences, made only where they are not kept already."""
    kept = {turn: _kept(db, session_id, turn, embedder) for turn in turns}
    texts = {turn: _texts(turn) for turn, vectors in kept.items() if vectors is None}
    fresh = embedder.documents([text for several in texts.values() for text in several])
    made: dict[Turn, Vectors] = {}
    at = 0
    for turn, vectors in kept.items():
        if vectors is None:
            made[turn] = fresh[at : at + len(texts[turn])]
            at += len(texts[turn])
        else:
            made[turn] = vectors
    return made


def replace(
    db: Connection, session_id: str, vectors: Mapping[Turn, Vectors], embedder: str
) -> None:
    """Keep these vectors, and no others, for a session."""
    delete_session(db, session_id)
    rows = [
        {
            "session_id": session_id,
            "turn": turn.id,
            "revision": turn.revision,
            "embedder": embedder,
            "vectors": matrix.astype(_HALF).tobytes(),
        }
        for turn, matrix in vectors.items()
    ]
    if rows:
        db.execute(insert(sentence_vectors), rows)


def delete_session(db: Connection, session_id: str) -> None:
    """Forget a session's vectors."""
    db.execute(delete(sentence_vectors).where(sentence_vectors.c.session_id == session_id))


@dataclass(frozen=True)
class SentenceVectors:
    """Reads turns' vectors back, shape (sentences, dimension); makes those that are not kept."""

    archive: Archive
    embedder: Embedder

    def __call__(self, turns: Collection[tuple[str, Turn]]) -> dict[tuple[str, int], Vectors]:
        """Unit vectors of the sentences of turns, in order, by session and turn.

        They are read at once: an answer has some twenty turns.
        """
        wanted = {(session_id, turn.id): turn for session_id, turn in turns}
        if not wanted:
            return {}
        with self.archive.engine.connect() as db:
            rows = db.execute(_OF_TURNS, {"turns": list(wanted), "embedder": self.embedder.name})
            kept = {
                (row.session_id, row.turn): _matrix(row.vectors, self.embedder)
                for row in rows
                if row.revision == wanted[row.session_id, row.turn].revision
            }
        return kept | {
            place: self.embedder.documents(_texts(turn))
            for place, turn in wanted.items()
            if place not in kept
        }


_OF_TURNS = select(sentence_vectors).where(
    tuple_(sentence_vectors.c.session_id, sentence_vectors.c.turn).in_(
        bindparam("turns", expanding=True)
    ),
    sentence_vectors.c.embedder == bindparam("embedder"),
)


def _kept(db: Connection, session_id: str, turn: Turn, embedder: Embedder) -> Vectors | None:
    query = select(sentence_vectors.c.vectors).where(
        sentence_vectors.c.session_id == session_id,
        sentence_vectors.c.turn == turn.id,
        sentence_vectors.c.revision == turn.revision,
        sentence_vectors.c.embedder == embedder.name,
    )
    raw = db.execute(query).scalar()
    return None if raw is None else _matrix(raw, embedder)


def _matrix(raw: bytes, embedder: Embedder) -> Vectors:
    return np.frombuffer(raw, dtype=_HALF).astype(np.float32).reshape(-1, embedder.dimension)


def _texts(turn: Turn) -> list[str]:
    return [turn.said(s.first_word, s.last_word) for s in sentences(turn)]
