"""Names that an answer must hold."""

import pytest

from api.asked import names_in


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
    assert names_in(question) == names
