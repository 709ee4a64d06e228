"""Where each point of the agenda begins, to the sentence: a chair announces it in mid-turn.

Pure. Parts turns for display only: what is stored, cited and played stays whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter

from ingest.transcript import AgendaItem, Turn
from search.language.sentences import sentences

_Start = tuple[int, int, int]  # start_ms, turn, first_word


@dataclass(frozen=True)
class Part:
    """What of a turn belongs to one point. `first_word` is the place in the turn of its first."""

    turn: Turn
    first_word: int


@dataclass(frozen=True)
class Beginning:
    """The sentence with which a point is taken up."""

    item: AgendaItem
    start_ms: int
    turn: int
    first_word: int


def beginnings(turns: Sequence[Turn], agenda: Sequence[AgendaItem]) -> tuple[Beginning, ...]:
    """The points that have a time, in time's order, each at the sentence that begins nearest."""
    placed = [(item.start_ms, item) for item in agenda if item.start_ms is not None]
    starts = [
        (turn.words[sentence.first_word].start_ms, turn.index, sentence.first_word)
        for turn in (turns if placed else ())
        for sentence in sentences(turn)
    ]
    return tuple(
        Beginning(item, *_nearest(starts, at_ms))
        for at_ms, item in sorted(placed, key=itemgetter(0))
        if starts
    )


def _nearest(starts: Sequence[_Start], at_ms: int) -> _Start:
    return min(starts, key=lambda start: abs(start[0] - at_ms))


def parted(turns: Sequence[Turn], begun: Sequence[Beginning]) -> Iterator[Part]:
    """The turns in order, cut where a point begins within one. No word is lost or moved."""
    for turn in turns:
        cuts = {point.first_word for point in begun if point.turn == turn.index}
        for first, end in pairwise(sorted({0, *cuts, len(turn.words)})):
            yield Part(replace(turn, words=turn.words[first:end]), first)
