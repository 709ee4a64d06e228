"""Amounts are written one way, and a number whose value cannot be told is no sure word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.asr.spoken_numbers import write_amounts
from ingest.transcript import Word


def said(text: str) -> list[Word]:
    return [Word(n * 400, n * 400 + 300, word, 0.95) for n, word in enumerate(text.split(" "))]


def shown(text: str) -> str:
    return " ".join(word.text for word in write_amounts(said(text), "espace")).replace(
        "\u202f", "_"
    )


@pytest.mark.parametrize(
    ("heard", "shown_as"),
    [
        ("de 2.400.000 francs.", "de 2_400_000 francs."),
        ("à 2 000 000 700 000 francs", "à 2_700_000 francs"),
        ("12 000 000 500 000, dit-elle", "12_500_000, dit-elle"),
        ("de 8,900 000 francs", "de 8_900_000 francs"),
        ("fera 1.800 mètres", "fera 1_800 mètres"),
        ("300 000. Oui", "300_000. Oui"),
        ("« 300 000 »", "« 300_000 »"),
        ("entre 10 et 20 000 francs", "entre 10 et 20_000 francs"),
        ("1'600'000 francs", "1_600_000 francs"),
        ("2 000 000 francs et 700 000 de plus", "2_000_000 francs et 700_000 de plus"),
    ],
)
def test_an_amount_is_one_word_in_one_style(heard: str, shown_as: str) -> None:
    assert shown(heard) == shown_as


@pytest.mark.parametrize(
    "text",
    [
        *("le 11 mars 2025", "la PR-12 300 fois", "41 oui, 27 non", "à 18h30", "12,5 pour cent"),
        *("au 022 418 29 00", "version 3.2", "articles 12, 300 et 301", "1,500 tonne", "en 2024"),
    ],
)
def test_what_is_no_amount_stays_as_it_was_heard(text: str) -> None:
    assert write_amounts(said(text), "espace") == tuple(said(text))


def test_a_number_that_cannot_be_stands_and_is_unsure() -> None:
    words = write_amounts(said("à 1,88 000 francs"), "espace")
    assert [word.text for word in words] == ["à", "1,88", "000", "francs"]
    assert [word.confidence < 0.5 for word in words] == [False, True, True, False]


def test_what_was_heard_is_kept_where_the_value_changes_alone() -> None:
    (joined,) = write_amounts(said("2 000 000 700 000"), "apostrophe")
    assert (joined.text, joined.heard) == ("2'700'000", "2 000 000 700 000")
    assert (joined.start_ms, joined.end_ms) == (0, 1900)
    (plain,) = write_amounts(said("2.400.000"), "apostrophe")
    assert (plain.text, plain.heard) == ("2'400'000", None)


@given(st.lists(st.text("0123456789.,' ’«»%a\u00a0", min_size=1, max_size=8), max_size=8))
def test_no_figure_and_no_time_is_lost(texts: list[str]) -> None:
    words = [Word(n * 400, n * 400 + 300, text, 0.9) for n, text in enumerate(texts)]
    after = write_amounts(words, "espace")
    kept = ["".join(c for c in word.heard or word.text if c.isdigit()) for word in after]
    assert "".join(kept) == "".join(c for text in texts for c in text if c.isdigit())
    assert [w.start_ms for w in after] == sorted(w.start_ms for w in after)
    assert not after or (after[0].start_ms, after[-1].end_ms) == (0, words[-1].end_ms)
