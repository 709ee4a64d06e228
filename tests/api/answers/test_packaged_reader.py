"""The packaged reader reads question and passage together, whatever stands in them."""

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from api.answers.reader.figures import figures
from api.answers.reader.learned import load_reader
from api.answers.reader.packaged import PackagedReader, packaged_reader, question_of, text_of
from search.query.parsed import Intent, Query
from tests.api.answers.test_reader import a_question, a_run

_QUESTION = "Pourquoi le quai reste-t-il fermé aux voitures ?"
_SAID = (
    "Le quai reste fermé aux voitures parce que le mur menace de s'effondrer.",
    "Le quai est fermé aux voitures depuis le 3 mai.",
    "Nous en parlerons en commission.",
)


@cache
def reader() -> PackagedReader:
    return packaged_reader(load_reader(), 1)


def test_the_sentence_that_gives_the_reason_comes_before_the_one_with_the_same_words() -> None:
    asked = a_question(_QUESTION)
    runs = [replace(a_run(text, 0.85), at=n) for n, text in enumerate(_SAID)]
    why, when, neither = reader()(asked, runs, figures(asked, runs))
    assert why > when > neither


def test_a_passage_is_its_sentences_after_who_says_them() -> None:
    words = reader().words
    first, second = (replace(a_run(text, 0.8), at=n) for n, text in enumerate(_SAID[:2]))
    both = replace(first, sentences=2)
    other = replace(a_run(_SAID[2], 0.8), speaker="Luc Roy")
    text = text_of([first, both, second, other], words)
    assert text.runs == ((0, 1), (0, 2), (1, 2), (2, 3))
    said = [f"{first.speaker} :", *_SAID[:2], "Luc Roy :", _SAID[2]]
    assert text.pieces[3:-1] == tuple(piece for part in said for piece in words.pieces(part))
    assert [int((text.sentence == n).sum()) for n in range(3)] == [
        len(words.pieces(sentence)) for sentence in _SAID
    ]


def test_the_same_words_said_twice_are_as_good_in_both_places() -> None:
    asked = a_question(_QUESTION)
    once, again = (replace(a_run(_SAID[0], 0.85), rank=rank, speaker=who) for rank, who in (
        (0, "Luc Roy"), (1, "Claire Fontanet"),
    ))  # fmt: skip
    beside = replace(a_run(_SAID[1], 0.85), rank=1, at=1)
    runs = [once, again, beside]
    first, second, _ = reader()(asked, runs, rows := figures(asked, runs))
    odds = load_reader()(asked, runs, rows)
    assert abs((first - second) - (odds[0] - odds[1])) < 1e-3


def test_two_passages_that_may_answer_say_more_than_one() -> None:
    asked = a_question(_QUESTION)
    runs = [replace(a_run(text, 0.85), rank=n) for n, text in enumerate(_SAID[:2])]
    alone = max(reader()(asked, [run], figures(asked, [run])).max() for run in runs)
    assert reader()(asked, runs, figures(asked, runs)).max() > alone


def test_an_amount_of_something_else_is_no_answer_however_sure_the_network_is() -> None:
    amount = Query("Combien coûte le tram ?", "tram", intent=Intent.AMOUNT)
    assert not reader().is_enough(amount, best=5.0, margin=-0.1)
    assert reader().is_enough(replace(amount, intent=Intent.HOW_MANY), best=5.0, margin=-0.1)


def test_a_reason_must_be_likelier_than_a_fact() -> None:
    why = Query("Pourquoi le tram coûte-t-il ?", "tram", intent=Intent.WHY)
    likely = reader().least + 0.3
    assert not reader().is_enough(why, likely, 0.0)
    assert reader().is_enough(replace(why, intent=Intent.OPEN), likely, 0.0)


def test_the_end_of_a_passage_too_long_to_be_read_is_doubted() -> None:
    asked = a_question(_QUESTION)
    long = replace(a_run("mur quai voitures " * 120, 0.8), at=0)
    runs = [long, replace(a_run(_SAID[0], 0.85), at=1)]
    weighed = reader()(asked, runs, figures(asked, runs))
    assert weighed[1] < reader()(asked, runs[1:], figures(asked, runs[1:]))[0]


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=200), st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_any_texts_are_weighed(question: str, texts: list[str]) -> None:
    asked = a_question(question)
    runs = [replace(a_run(text, 0.8), rank=n // 2) for n, text in enumerate(texts)]
    assert np.isfinite(reader()(asked, runs, figures(asked, runs))).all()


def test_without_runs_there_is_nothing_to_weigh() -> None:
    asked = a_question(_QUESTION)
    assert reader()(asked, [], figures(asked, [])).shape == (0,)


def test_a_follow_up_is_read_after_what_it_follows() -> None:
    assert question_of(Query("Et en 2024 ?", "", sentence="budget des écoles", before="q=...")) == (
        "budget des écoles Et en 2024 ?"
    )
    assert question_of(Query("Kombien ?", "", reading="Combien ?")) == "Combien ?"
