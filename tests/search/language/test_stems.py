"""One form for what is heard and what is typed: words are matched by it, so each is tested."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.language.numbers import normal_numbers
from search.language.stems import MAX_TOKEN, exact_stems, fold, stems, tokens
from tests.support import paths

GOLDEN = paths.GOLDEN / "french.tsv"
WORDS = """
un une deux cent cents mille million millions milliard virgule et demi quatre-vingt neuf 12 480 000
1,5 % pour PR M motion la francs h 30 premier deuxième 1er - ' . ,
"""
SPOKEN = st.lists(st.sampled_from(WORDS.split())).map(" ".join)


def table() -> list[tuple[str, list[str]]]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines()[1:]]
    return [(text, expected.split()) for text, expected in rows]


@pytest.mark.parametrize(("text", "expected"), table())
def test_says_the_same_however_it_is_written(text: str, expected: list[str]) -> None:
    assert stems(text) == expected


@given(st.text() | SPOKEN)
@example("x" * 10_000)
@example("un deux trois " * 1_000)
@example("9" * 5_000 + " millions")
@example("\0\ud800 l'" + "'" * 500)
def test_any_text_is_taken(text: str) -> None:
    for stem in exact_stems(text):
        assert stem and len(stem) <= 2 * MAX_TOKEN
        assert " " not in stem and '"' not in stem


@given(st.text() | SPOKEN)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.integers(0, 999_999_999))
def test_a_number_is_one_word_however_it_is_grouped(number: int) -> None:
    for separator in ("'", "\u202f", "\u00a0", " ", "’"):
        assert tokens(f"{number:,}".replace(",", separator) + " francs") == [str(number), "francs"]


@pytest.mark.parametrize("text", [text for text, _ in table()])
def test_numbers_in_their_normal_form_stay(text: str) -> None:
    once = normal_numbers(fold(text))
    assert normal_numbers(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [("PR-12", "12"), ("PR-12", "PRD-12"), ("M-7", "P-7"), ("en 2025 480 voix", "2025480 voix")],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert stems(one) != stems(other)
