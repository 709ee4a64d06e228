"""The reader that ships tells what answers from what does not; figures are finite and in order."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from api.answers.reader.figures import NAMES, Asked, Measured, figures
from api.answers.reader.learned import load_reader
from search.language.stems import stems
from search.query.parsed import Intent, Query

_QUESTION = "Combien coûte la piste cyclable du quai ?"
_ANSWER = "La piste cyclable du quai coûte 2,4 millions de francs."
_BESIDE = "Les commerçants du marché sont inquiets pour leurs terrasses."


def a_question(question: str, intent: Intent = Intent.OPEN) -> Asked:
    wanted = dict.fromkeys(stems(question), 3.0)
    return Asked(
        Query(question, question, question, intent=intent), wanted, frozenset(), frozenset(), 0.78
    )


def a_run(text: str, cosine: float) -> Measured:
    said, none = frozenset(stems(text)), frozenset[str]()
    return Measured(
        text=text, stems=said, around=none, beside=none, passage=said, cosine=cosine,
        best_sentence=cosine, before=0.8, after=0.8, dense=cosine, rank=0, behind=0.0, sentences=1,
        at=0, turn_words=60, speaker="Claire Fontanet",
    )  # fmt: skip


def test_the_sentence_that_answers_is_likelier_than_the_one_beside_it() -> None:
    reader = load_reader()
    asked, runs = a_question(_QUESTION, Intent.AMOUNT), [a_run(_ANSWER, 0.88), a_run(_BESIDE, 0.8)]
    answer, beside = reader(asked, runs, figures(asked, runs))
    assert answer > beside + 1


def test_a_sentence_on_something_else_is_doubted() -> None:
    reader = load_reader()
    asked, runs = a_question(_QUESTION, Intent.AMOUNT), [a_run(_BESIDE, 0.8)]
    assert reader(asked, runs, figures(asked, runs))[0] < reader.least


@given(st.text(max_size=200), st.lists(st.text(max_size=200), min_size=1, max_size=5))
def test_any_texts_have_finite_figures(question: str, texts: list[str]) -> None:
    asked, runs = a_question(question), [a_run(text, 0.8) for text in texts]
    rows = figures(asked, runs)
    assert rows.shape == (len(texts), len(NAMES))
    assert np.isfinite(rows).all()
    assert np.isfinite(load_reader()(asked, runs, rows)).all()


def test_no_runs_have_no_figures() -> None:
    assert figures(a_question(_QUESTION), []).shape == (0, len(NAMES))


def test_a_long_name_may_be_misheard_and_a_code_may_not() -> None:
    def fitting(name: str, said: str) -> float:
        asked = replace(a_question(_QUESTION), names=frozenset(stems(name)))
        runs = [a_run(said, 0.8)]
        return float(figures(asked, runs)[0, NAMES.index("fits")])

    assert fitting("Delcourt", "Madame Delcour parle du quai.")
    assert not fitting("PR-12", "La PR-13 parle du quai.")
