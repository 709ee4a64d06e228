"""What changes do to places: applied, taken back, followed. Any changes, by hypothesis."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.archive.splices import Place, Splice, altered_by, applied, follow, inverted, same
from ingest.transcript import Turn, Word
from tests.conftest import turn

NUMBERS = iter(range(10**9))


def new_turn(index: int = 0) -> Turn:
    """A turn that says what no other says."""
    return turn(index, "S1", f"mot{next(NUMBERS)}")


def row(count: int) -> tuple[Turn, ...]:
    return tuple(replace(new_turn(), index=n) for n in range(count))


@st.composite
def splices(draw: st.DrawFn, turns: tuple[Turn, ...]) -> tuple[Splice, ...]:
    """A change of some turns."""
    made, at = [], 0
    while at < len(turns) and len(made) < 3:
        first = draw(st.integers(at, len(turns)))
        stop = draw(st.integers(first, min(first + 3, len(turns))))
        after = tuple(new_turn() for _ in range(draw(st.integers(0, 3))))
        if stop > first or after:
            made.append(Splice(first, turns[first:stop], after))
        at = stop + 1
    return tuple(made)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[tuple[Turn, ...], tuple[Splice, ...]]]:
    """Turns, and the change made to them, several times."""
    turns = row(draw(st.integers(1, 8)))
    done = []
    for n in range(draw(st.integers(1, 5))):
        change = draw(splices(turns))
        done.append((turns, change))
        turns = applied(turns, change, n + 2)
    return [*done, (turns, ())]


@given(histories())
def test_turns_are_numbered_and_only_new_ones_bear_the_revision(history) -> None:
    for n, ((before, change), (after, _)) in enumerate(pairwise(history)):
        assert [turn.index for turn in after] == list(range(len(after)))
        made = {turn.words for splice in change for turn in splice.after}
        assert all((turn.revision == n + 2) == (turn.words in made) for turn in after)
        gone = {turn.words for splice in change for turn in splice.before}
        kept = [turn.words for turn in before if turn.words not in gone]
        assert [turn.words for turn in after if turn.words not in made] == kept


@given(histories())
def test_what_is_taken_back_at_once_is_as_it_was(history) -> None:
    for (before, change), (after, _) in pairwise(history):
        assert same(applied(after, inverted(change), 9), before)
        assert inverted(inverted(change)) == change


@given(histories(), st.data())
def test_a_turn_that_nobody_altered_is_found_where_it_stands(history, data) -> None:
    first, now = history[0][0], history[-1][0]
    one = data.draw(st.integers(0, len(first) - 1))
    place = Place(one, one + 1)
    for _, change in history:
        place = follow(place, change)
    if place.altered:
        assert first[one].words not in {turn.words for turn in now}
    else:
        assert now[place.first].words == first[one].words and place.stop == place.first + 1


@given(histories(), st.data())
def test_a_place_holds_whatever_others_made_of_its_turns(history, data) -> None:
    first, now = history[0][0], history[-1][0]
    start = data.draw(st.integers(0, len(first) - 1))
    stop = data.draw(st.integers(start + 1, len(first)))
    place = Place(start, stop)
    for _, change in history:
        place = follow(place, change)
    assert 0 <= place.first <= place.stop <= len(now)
    here = {turn.words for turn in first[start:stop]}
    assert here & {t.words for t in now} <= {t.words for t in now[place.first : place.stop]}
    beside = {turn.words for turn in (*first[:start], *first[stop:])}
    if not place.altered:
        assert not beside & {t.words for t in now[place.first : place.stop]}


@given(histories())
def test_the_altered_turns_are_those_that_were_not_there(history) -> None:
    first, now = history[0][0], history[-1][0]
    altered = altered_by([change for _, change in history])
    known = {turn.words for turn in first}
    new = {turn.index for turn in now if turn.words not in known}
    assert new <= altered, "a place may hold its neighbours, but none is forgotten"


@given(histories(), st.data())
def test_new_times_alter_nothing(history, data) -> None:
    turns = history[-1][0]
    if not turns:
        return
    one = data.draw(st.integers(0, len(turns) - 1))
    later = tuple(replace(word, start_ms=word.start_ms + 5) for word in turns[one].words)
    timed = (Splice(one, (turns[one],), (replace(turns[one], words=later),)),)
    assert follow(Place(0, len(turns)), timed) == Place(0, len(turns))
    assert altered_by([timed]) == frozenset()


def test_two_turns_that_went_come_back_in_their_order() -> None:
    """Both leave one empty place; their times tell which is first."""
    early, late = turn(5, "S1", "un", 1000), turn(6, "S1", "deux", 2000)
    place = follow(Place(5, 5), (Splice(5, (), (early,)),), at_ms=late.start_ms)
    assert (place.first, place.stop) == (6, 6)
    place = follow(Place(5, 5), (Splice(5, (), (late,)),), at_ms=early.start_ms)
    assert (place.first, place.stop) == (5, 5)


def test_a_word_in_the_row_is_what_it_was() -> None:
    from ingest.archive.repository import word_row

    for word in (Word(0, 1, "a", 1.0), Word(0, 1, "a", 1.0, "b", guessed=True)):
        assert Word(*word_row(word)) == word
