"""From a question to ranked passages: dense and lexical scores, fused."""

from dataclasses import dataclass

from search.passages import Passage


@dataclass(frozen=True)
class Hit:
    """A published passage that answers to a question.

    `score` orders the hits of one question; `found_by` names the arms that found it (dense, lexical).
    `dense` is the cosine of question and passage, `lexical` the share (0..1) of the question's
    weight (idf of its stems) that the passage contains: both are comparable between questions,
    which is what a refusal is calibrated on.
    """

    passage: Passage
    score: float
    found_by: tuple[str, ...]
    dense: float
    lexical: float
