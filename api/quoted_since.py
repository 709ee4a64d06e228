"""What became of words that a link quoted: the same, corrected since, or nobody can tell any more.

Pure. A link names an interval and the revision it was made on. The log of changes leads from the
words that stood there then to where they stand now, whatever was split, merged, moved or timed
anew meanwhile. Only words count: a comma, a capital or a corrected time alarms nobody.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from ingest.correcting.change_rows import Change
from ingest.correcting.splices import Splice, applied, inverted
from ingest.text import fold
from ingest.transcript import Turn, Word

_TAKEN_OUT = frozenset(("[…]", "[retiré]"))  # what the log has where words were erased from it
_AROUND = 20  # words beside the place where the log leads: what was undone may stand a little off


class Fate(StrEnum):
    """What became of the words."""

    SAME = "same"
    CORRECTED = "corrected"
    UNKNOWN = "unknown"  # the log was emptied there, as when a passage is closed


@dataclass(frozen=True)
class Quoted:
    """Where the words stand now, what became of them, and when they were last corrected (UTC)."""

    start_ms: int
    end_ms: int
    fate: Fate
    at: datetime | None = None


def quoted_since(
    turns: Sequence[Turn], changes: Sequence[Change], start_ms: int, end_ms: int
) -> Quoted:
    """Follow the words in [start_ms, end_ms) through the changes made since, to the turns now."""
    states = [tuple(turns)]
    for change in reversed(changes):
        states.append(applied(states[-1], inverted(change.splices), 0))
    states.reverse()
    then = _words(states[0])
    inside = [n for n, w in enumerate(then) if w.start_ms < end_ms and start_ms < w.end_ms]
    if not inside:
        return Quoted(start_ms, end_ms, Fate.SAME)
    run, at, emptied = (inside[0], inside[-1] + 1), None, False
    for before, after, change in zip(states, states[1:], changes, strict=False):
        emptied = emptied or _is_emptied(before, change, run)
        followed = _followed(before, change.splices, run)
        if _said(_words(before)[slice(*run)]) != _said(_words(after)[slice(*followed)]):
            at = change.at
        run = followed
    if emptied:
        return Quoted(start_ms, end_ms, Fate.UNKNOWN)
    now = _words(states[-1])
    if found := _nearest(now, _said(then[inside[0] : inside[-1] + 1]), run):
        return _quoted(now, found, Fate.SAME)
    if run[0] == run[1]:  # nothing is left of them
        return Quoted(start_ms, end_ms, Fate.CORRECTED, at)
    return _quoted(now, run, Fate.CORRECTED, at)


def _quoted(
    words: Sequence[Word], run: tuple[int, int], fate: Fate, at: datetime | None = None
) -> Quoted:
    inside = words[slice(*run)]
    return Quoted(inside[0].start_ms, max(word.end_ms for word in inside), fate, at)


def _words(turns: Sequence[Turn]) -> list[Word]:
    return [word for turn in turns for word in turn.words]


def _said(words: Sequence[Word]) -> str:
    """What words say, however they are cut, capitalised and punctuated."""
    return "".join(map(_bare, words))


def _bare(word: Word) -> str:
    return re.sub(r"[\W_]+", "", fold(word.text))


# --- through one change -------------------------------------------------------------------------


def _placed(turns: Sequence[Turn], splices: Sequence[Splice]) -> Iterator[tuple[int, Splice]]:
    """Each splice with the place of its first word among all words before the change."""
    turn, place = 0, 0
    for splice in splices:
        place += sum(len(one.words) for one in turns[turn : splice.first])
        yield place, splice
        place += len(_words(splice.before))
        turn = splice.stop


def _is_emptied(turns: Sequence[Turn], change: Change, run: tuple[int, int]) -> bool:
    """Does the log lack what this change did to these words?"""
    for place, splice in _placed(turns, change.splices):
        before, after = _words(splice.before), _words(splice.after)
        here = place < run[1] and run[0] < place + len(before)
        if here and any(word.text in _TAKEN_OUT for word in (*before, *after)):
            return True
    return False


def _followed(
    turns: Sequence[Turn], splices: Sequence[Splice], run: tuple[int, int]
) -> tuple[int, int]:
    """Where a run of words stands after a change, among all words."""
    first, stop = run
    moved_first = moved_stop = 0
    for place, splice in _placed(turns, splices):
        before, after = _words(splice.before), _words(splice.after)
        end, growth = place + len(before), len(after) - len(before)
        if place >= stop:
            break
        inner = _matched(before, after) if end > first else ()
        if end <= first:
            moved_first += growth
        elif place <= first:
            moved_first += _start_in(inner, first - place) - (first - place)
        if end <= stop - 1:
            moved_stop += growth
        else:
            moved_stop += _stop_in(inner, stop - place) - (stop - place)
    start = first + moved_first
    return start, max(start, stop + moved_stop)


_Opcodes = Sequence[tuple[str, int, int, int, int]]


def _matched(before: Sequence[Word], after: Sequence[Word]) -> _Opcodes:
    old, new = ([_bare(word) or word.text for word in words] for words in (before, after))
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _start_in(opcodes: _Opcodes, at: int) -> int:
    """Where the word at a place begins after the change."""
    for tag, i1, i2, j1, _ in opcodes:
        if i1 <= at < i2:
            return j1 + (at - i1 if tag == "equal" else 0)
    return 0


def _stop_in(opcodes: _Opcodes, stop: int) -> int:
    """Where the words before a place end after the change."""
    for tag, i1, i2, j1, j2 in opcodes:
        if i1 < stop <= i2:
            return j1 + stop - i1 if tag == "equal" else j2
    return 0


# --- the words as they are now ------------------------------------------------------------------


def _nearest(words: Sequence[Word], said: str, run: tuple[int, int]) -> tuple[int, int] | None:
    """The run of words that says just that, nearest to where the log leads."""
    around = _AROUND + run[1] - run[0]
    bare = [_bare(word) for word in words[: run[1] + around]]
    starts = range(max(0, run[0] - around), len(bare))
    for first in sorted(starts, key=lambda at: abs(at - run[0])):
        if not bare[first]:
            continue
        told = ""
        for stop in range(first, len(bare)):
            told += bare[stop]
            if told == said:
                return first, stop + 1
            if not said.startswith(told):
                break
    return None
