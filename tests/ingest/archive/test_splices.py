"""What changes do to places: applied and taken back. Any changes, by hypothesis."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.archive.splices import Splice, inverted, same
from ingest.transcript import Turn, Word
from tests.conftest import turn
from tests.support.splicing import applied

NUMBERS = iter(range(10**9))


def new_turn(index: int = 0) -> Turn:
    """A turn that says what no other says."""
    return turn(index, "S1", f"mot{next(NUMBERS)}")


History = list[tuple[tuple[Turn, ...], tuple[Splice, ...]]]


def row(count: int) -> tuple[Turn, ...]:
    return tuple(replace(new_turn(), index=n) for n in range(count))


@st.composite
def splices(draw: st.DrawFn, turns: tuple[Turn, ...]) -> tuple[Splice, ...]:
    """A change of some turns."""
    made: list[Splice] = []
    at = 0
    while at < len(turns) and len(made) < 3:
        first = draw(st.integers(at, len(turns)))
        stop = draw(st.integers(first, min(first + 3, len(turns))))
        after = tuple(new_turn() for _ in range(draw(st.integers(0, 3))))
        if stop > first or after:
            made.append(Splice(first, turns[first:stop], after))
        at = stop + 1
    return tuple(made)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Turns, and the change made to them, several times."""
    turns = row(draw(st.integers(1, 8)))
    done = []
    for n in range(draw(st.integers(1, 5))):
        change = draw(splices(turns))
        done.append((turns, change))
        turns = applied(turns, change, n + 2)
    return [*done, (turns, ())]


@given(histories())
def test_turns_are_numbered_and_only_new_ones_bear_the_revision(history: History) -> None:
    for n, ((before, change), (after, _)) in enumerate(pairwise(history)):
        assert [turn.index for turn in after] == list(range(len(after)))
        made = {turn.words for splice in change for turn in splice.after}
        assert all((turn.revision == n + 2) == (turn.words in made) for turn in after)
        gone = {turn.words for splice in change for turn in splice.before}
        kept = [turn.words for turn in before if turn.words not in gone]
        assert [turn.words for turn in after if turn.words not in made] == kept


@given(histories())
def test_what_is_taken_back_at_once_is_as_it_was(history: History) -> None:
    for (before, change), (after, _) in pairwise(history):
        assert same(applied(after, inverted(change), 9), before)
        assert inverted(inverted(change)) == change


def test_a_word_in_the_row_is_what_it_was() -> None:
    from ingest.archive.repository import word_row

    for word in (Word(0, 1, "a", 1.0), Word(0, 1, "a", 1.0, "b", guessed=True)):
        row: tuple[Any, ...] = word_row(word)
        assert Word(*row) == word
