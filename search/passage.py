"""The types that search hands on: a passage, what it is about, its vector, and a hit.

Knows nothing of how passages are cut (`search.index.passages`), made vectors of
(`search.index.embed`) or found (`search.engine`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Passage:
    """A stretch of one session that is found as a whole, about 60 to 150 words.

    It covers the turns from one id to another (`first_turn`, `last_turn`; not always whole), words
    from `start_ms` to `end_ms`, and never crosses an agenda item. `text` is what was said, for
    reading.
    """

    id: str
    session: str
    first_turn: int
    last_turn: int
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class About:
    """What a passage can be narrowed by, besides its session: see `search.filters`.

    The title and the object's code of its point of the agenda, and who speaks in it, for whom.
    """

    item: str = ""
    object: str = ""
    people: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


NOTHING = About()


@dataclass(frozen=True)
class Hit:
    """A published passage that answers to a question.

    `score` orders the hits of one question; `found_by` names the arms that found it (dense,
    lexical). `dense` is the cosine of question and passage, `lexical` the share (0..1) of the
    question's weight (idf of its stems) that the passage contains: both are comparable between
    questions, which is what a refusal is calibrated on.
    """

    passage: Passage
    score: float
    found_by: tuple[str, ...]
    dense: float
    lexical: float


class Embedder(Protocol):
    """Texts to unit vectors: the cosine of two of them is their dot product."""

    @property
    def name(self) -> str:
        """What made the vectors: those of another name are not comparable."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension), float32."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimension), float32."""
