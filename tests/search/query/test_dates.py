"""Dates and periods as they are typed and said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import fold
from search.query.dates import dates_in
from tests.support import paths
from tests.support.named_council import TODAY, vocabulary

GOLDEN = paths.GOLDEN / "dates.tsv"
DAYS = vocabulary().dates
_PIECES = "le du en mai mars 11 2025 31 / . et entre 1er dès deux mille depuis avant l'été an -"
PIECES = _PIECES.split()


def table() -> list[list[str]]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines()[1:]]
    return [(row + [""] * 3)[:3] for row in rows]


@pytest.mark.parametrize(("words", "since", "until"), table())
def test_a_period_is_read(words: str, since: str, until: str) -> None:
    (when,) = dates_in(fold(f"qu'a-t-on dit {words} ?"), TODAY, DAYS)
    assert (str(when.period.since or ""), str(when.period.until or "")) == (since, until)


@pytest.mark.parametrize(
    "words",
    [
        "1'500'000 francs",
        "2.5 millions",
        "la PR-12",
        "le 31 février",
        "Marco Ferrari",
        "may I ask",
        "douze",
        "la motion a-t-elle été acceptée",
        "le crédit a bien été voté",
        "le préau été refait",
    ],
)
def test_other_numbers_and_words_are_no_dates(words: str) -> None:
    assert dates_in(fold(words), TODAY, DAYS) == ()


@given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_any_text_is_taken(text: str) -> None:
    folded = fold(text)
    for when in dates_in(folded, TODAY, DAYS):
        assert 0 <= when.start < when.end <= len(folded)
        assert when.period.label
