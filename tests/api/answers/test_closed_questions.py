"""A question that yes or no answers is told from one that asks for something else."""

import pytest

from api.answers.answer_type import is_closed
from search.query.parsed import Intent, Query


@pytest.mark.parametrize(
    "question",
    [
        "Est-ce que mes enfants auront la piscine gratuite ?",
        "les terrasses doivent fermer à 23h ou pas ?",
        "La piscine sera-t-elle gratuite ?",
        "Will the pool be free?",
        "Werden die Lampen gelöscht?",
    ],
)
def test_a_decision_answers_it(question: str) -> None:
    assert is_closed(Query(question, question))


@pytest.mark.parametrize(
    "question",
    [
        "Pourquoi la piscine sera-t-elle fermée ?",
        "Combien la piscine coûte-t-elle ?",
        "piscine gratuite",
        "Qu'est-ce que l'UDC pense de la piscine gratuite ?",
    ],
)
def test_a_decision_does_not_answer_it(question: str) -> None:
    assert not is_closed(Query(question, question))


def test_a_question_for_a_figure_is_none() -> None:
    assert not is_closed(Query("Est-ce cher ?", "cher", intent=Intent.AMOUNT))
