"""Names that an answer must hold."""

import pytest

from api.answers.required_names import names_in
from search.query.parsed import Chip, Field, Query


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Combien coûte la piste cyclable de Lausanne ?", {"lausann"}),
        ("Que demande la motion sept ?", {"m7"}),
        ("Quel vote sur la PR-12 ?", {"pr12"}),
        ("Combien coûte la piste ?", set()),
        ("L'avis de Monsieur le conseiller ?", set()),
    ],
)
def test_names_that_an_answer_must_hold(question: str, names: set[str]) -> None:
    assert names_in(Query(question, question)) == names


def test_a_name_that_became_a_filter_and_german_nouns_need_not_be_held() -> None:
    chip = Chip(Field.PERSON, "Sandrine Maillard", "Sandrine Maillard", "Mme Mayar")
    asked = Query("Combien de repas selon Mme Mayar à Nyon ?", "repas", chips=(chip,))
    assert names_in(asked) == {"nyon"}
    german = Query("Wie viele Plätze hat die Krippe in der M-7 ?", "", language="de")
    assert names_in(german) == {"m7"}
