"""A question becomes a topic, a kind and filters: held to a table of questions that people ask."""

from pathlib import Path

import pytest

from search.understand import understand
from search.understood import Chip, Understood
from tests.named_council import TODAY, vocabulary

GOLDEN = Path(__file__).parent / "golden" / "questions_understood.tsv"
VOCABULARY = vocabulary()


def table() -> list[list[str]]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines()[1:]]
    return [(row + [""] * 4)[:4] for row in rows]


def asked(question: str) -> Understood:
    return understand(question, VOCABULARY, TODAY)


def written(chips: tuple[Chip, ...]) -> str:
    return " ; ".join(("~" if chip.soft else "") + chip.key for chip in chips)


@pytest.mark.parametrize(("question", "topic", "intent", "chips"), table())
def test_a_question_is_understood(question: str, topic: str, intent: str, chips: str) -> None:
    understood = asked(question)
    assert (understood.topic, understood.intent, written(understood.chips)) == (
        topic,
        intent,
        chips,
    )
