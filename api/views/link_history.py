"""What became of words that a link quoted: the same, corrected since, or not known any more.

Pure. A link names an interval and the revision it was made on. The log of changes leads from the
words that stood there then to where they stand now, whatever was split, merged, moved or timed
anew meanwhile. Only words count: a comma, a capital or a corrected time is no change.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import accumulate

from ingest.archive.change_log import Change, taken_back
from ingest.archive.splices import Splice
from ingest.text import fold
from ingest.transcript import Turn, Word

_TAKEN_OUT = frozenset(("[…]", "[retiré]"))  # what the log has where words were erased from it
_AROUND = 20  # words beside the place where the log leads: what was undone may stand a little off


class Fate(StrEnum):
    """What became of the words."""

    SAME = "same"
    CORRECTED = "corrected"
    UNKNOWN = "unknown"  # the log was emptied there, as when a passage is redacted


@dataclass(frozen=True)
class Quoted:
    """Where the words stand now, what became of them, and when they were last corrected (UTC).

    `words` are those that were corrected, as they stood: for `api.views.excerpt` to show or not.
    """

    start_ms: int
    end_ms: int
    fate: Fate
    at: datetime | None = None
    words: tuple[Word, ...] = ()


def quoted_since(
    turns: Sequence[Turn], changes: Sequence[Change], start_ms: int, end_ms: int
) -> Quoted:
    """Follow the words in [start_ms, end_ms) through the changes made since, to the turns now.

    Any reader may ask, of any interval: a word that no change touched is read once or twice in all.
    """
    old = taken_back(turns, changes)
    then = _words(old)
    inside = [n for n, w in enumerate(then) if w.start_ms < end_ms and start_ms < w.end_ms]
    if not inside:
        return Quoted(start_ms, end_ms, Fate.SAME)
    run, at = (inside[0], inside[-1] + 1), None
    said, lengths = _said(then[slice(*run)]), [len(turn.words) for turn in old]
    for change in changes:
        step = _followed(lengths, change.splices, run)
        if step.emptied:
            return Quoted(start_ms, end_ms, Fate.UNKNOWN)
        run, at = step.run, change.at if step.altered else at
        for splice in reversed(change.splices):
            lengths[splice.first : splice.stop] = [len(turn.words) for turn in splice.after]
    now, fate = _words(turns), Fate.CORRECTED if at else Fate.SAME
    if at and said and (found := _nearest(now, said, run)):
        run, fate, at = found, Fate.SAME, None
    left = now[slice(*run)]
    if left:
        start_ms, end_ms = left[0].start_ms, max(word.end_ms for word in left)
    as_quoted = tuple(then[n] for n in inside) if fate is Fate.CORRECTED else ()
    return Quoted(start_ms, end_ms, fate, at, as_quoted)


def _words(turns: Sequence[Turn]) -> list[Word]:
    return [word for turn in turns for word in turn.words]


def _said(words: Sequence[Word]) -> str:
    """What words say, however they are cut, capitalised and punctuated."""
    return "".join(map(_bare, words))


def _bare(word: Word) -> str:
    return re.sub(r"[\W_]+", "", fold(word.text))


# --- through one change -------------------------------------------------------------------------


_Run = tuple[int, int]  # the first word and the one after the last, among all words


@dataclass(frozen=True)
class _Step:
    """Where a run of words stands after a change, whether it says something else since, and
    whether the log lacks what the change did to it.
    """

    run: _Run
    altered: bool
    emptied: bool


def _placed(lengths: Sequence[int], splices: Sequence[Splice]) -> Iterator[tuple[int, Splice]]:
    """Each splice with the place of its first word among all words before the change."""
    turn, place = 0, 0
    for splice in splices:
        place += sum(lengths[turn : splice.first])
        yield place, splice
        place += sum(lengths[splice.first : splice.stop])
        turn = splice.stop


def _followed(lengths: Sequence[int], splices: Sequence[Splice], run: _Run) -> _Step:
    """Follow a run of words through a change of turns that have so many words each."""
    first, stop = run
    moved_first = moved_stop = 0
    altered = emptied = False
    for place, splice in _placed(lengths, splices):
        if place >= stop:
            break
        before, after = _words(splice.before), _words(splice.after)
        if place + len(before) <= first:
            moved_first += len(after) - len(before)
            moved_stop += len(after) - len(before)
            continue
        old = max(0, first - place), min(len(before), stop - place)
        new = _inner(before, after, (first - place, stop - place))
        moved_first += new[0] - old[0]
        moved_stop += new[1] - old[1]
        altered |= _said(before[slice(*old)]) != _said(after[slice(*new)])
        emptied |= any(word.text in _TAKEN_OUT for word in (*before, *after))
    start = first + moved_first
    return _Step((start, max(start, stop + moved_stop)), altered, emptied)


_Opcodes = Sequence[tuple[str, int, int, int, int]]


def _inner(before: Sequence[Word], after: Sequence[Word], run: _Run) -> _Run:
    """What became of a run of the words before, which may begin before them and end behind them."""
    first, stop = run
    if first < 0 and stop > len(before):
        return 0, len(after)
    opcodes = _matched(before, after)
    return (
        _start_in(opcodes, first) if first >= 0 else 0,
        _stop_in(opcodes, stop) if stop <= len(before) else len(after),
    )


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


def _nearest(words: Sequence[Word], said: str, run: _Run) -> _Run | None:
    """The run of words that says just that, nearest to where the log leads."""
    around = _AROUND + run[1] - run[0]
    lowest = max(0, run[0] - around)
    bare = [_bare(word) for word in words[lowest : run[1] + around]]
    told, starts = "".join(bare), [0, *accumulate(map(len, bare))]
    stops = {at: n for n, at in reversed(tuple(enumerate(starts)))}
    for first in sorted(range(len(bare)), key=lambda n: abs(lowest + n - run[0])):
        stop = stops.get(starts[first] + len(said))
        if bare[first] and stop and told.startswith(said, starts[first]):
            return lowest + first, lowest + stop
    return None
