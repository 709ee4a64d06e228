"""Text as every stage sees it: folded, cut into sentences, placed on the time line."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest.text
from ingest.text import clock, fold, sentence_ranges
from tests.conftest import words


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(ingest.text).failed == 0


@pytest.mark.parametrize("spelling", ["l'œuvre", "L’ŒUVRE", "L`oeuvre", "  lʼŒuvre "])
def test_spellings_of_one_word_fold_alike(spelling: str) -> None:
    assert fold(spelling) == "l'oeuvre"


@pytest.mark.parametrize(("at_ms", "written"), [(0, "0:00:00"), (36_061_999, "10:01:01")])
def test_a_place_is_written_in_hours(at_ms: int, written: str) -> None:
    assert clock(at_ms) == written


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("", []), ("Bien", [1]), ("Oui. Et alors ? Non", [1, 3, 1]), ("Euh… merci!", [1, 1])],
)
def test_sentences_end_with_their_marks(text: str, lengths: list[int]) -> None:
    assert [len(sentence) for sentence in sentence_ranges(words(text))] == lengths


@given(st.lists(st.sampled_from(["mot", "fin.", "?", "…"])))
def test_each_word_is_in_one_sentence(texts: list[str]) -> None:
    said = words(" ".join(texts))
    assert [at for sentence in sentence_ranges(said) for at in sentence] == list(range(len(said)))
