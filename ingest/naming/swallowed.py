"""A voice that diarization has swallowed into the chair's, told apart again by what is said.

Two like voices may come out as one; the chair's words still show it: she calls a person, and what
follows, in "her" voice, goes on until she thanks, names or calls somebody. Does not look at the
audio, so it parts turns only between such words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from ingest.naming.calls import Act, Mention
from ingest.naming.chair import HEAD_MS, Sitting, read_sitting
from ingest.text import sentence_ranges
from ingest.transcript import Person, Span, Turn, Word

_LEAST_MS = 6_000  # a chair who called somebody may well say a sentence more
_LEAST_UNKNOWN_MS = 10_000
_UNKNOWN = "?"  # whoever was called by a name that was misheard beyond recognition
_CALLS = (Act.GIVES, Act.SENTENCE)
_NOT_A_CHAIRS = (Act.ADDRESSES_CHAIR, Act.REPLIES, Act.THANKS_FOR)
_CHAIRS_AGAIN = (*_CALLS, Act.THANKS, Act.BARE)


@dataclass(frozen=True, order=True)
class _Swallowed(Span):
    """What a called person says in the chair's voice."""

    person: str


def part_swallowed(
    turns: tuple[Turn, ...], roster: Sequence[Person], whole: Collection[str] = ()
) -> tuple[Turn, ...]:
    """The turns, with a label of its own for each person whose voice the chair's had swallowed.

    No word is lost or moved. "S1.2" is the second person found in S1's voice. Labels in `whole`
    are surely one person's, and are never parted.
    """
    sitting = read_sitting(turns, roster)
    chairs = sitting.chairs - set(whole)
    found = tuple(_swallowed(turns, sitting, chairs))
    if not found:
        return turns
    order = {person: n for n, person in enumerate(dict.fromkeys(s.person for s in found), 1)}
    runs = [run for turn in turns for run in _runs(turn, chairs, found, order)]
    return tuple(replace(turn, index=index) for index, turn in enumerate(runs))


def _swallowed(
    turns: Sequence[Turn], sitting: Sitting, chairs: frozenset[str]
) -> Iterator[_Swallowed]:
    words: dict[int, list[Word]] = defaultdict(list)
    for turn, floor in zip(turns, sitting.floor_of, strict=True):
        words[floor] += turn.words
    by_floor = groupby(sitting.mentions, key=lambda mention: sitting.floor_of[mention.turn])
    for floor, mentions in by_floor:
        if sitting.floors[floor].label in chairs:
            yield from _in_floor(words[floor], list(mentions))


def _in_floor(words: Sequence[Word], mentions: Sequence[Mention]) -> Iterator[_Swallowed]:
    """What is swallowed while one chair holds the floor, from its words and mentions."""
    yield from _at_once(words, mentions)
    for at, call in enumerate(mentions):
        if call.act not in _CALLS:
            continue
        after = mentions[at + 1 :]
        back = next((m for m in after if _is_the_chairs(m, call)), None)
        replied = any(m.act is Act.ADDRESSES_CHAIR for m in after[:1])
        if back is None and not replied:
            continue  # the chair may simply go on until the person speaks
        start_ms = _next_sentence(words, call.end_ms)
        end_ms = _this_sentence(words, back.start_ms) if back else words[-1].end_ms
        if end_ms - start_ms >= (_LEAST_MS if call.person else _LEAST_UNKNOWN_MS):
            yield _Swallowed(start_ms, end_ms, call.person or _UNKNOWN)


def _at_once(words: Sequence[Word], mentions: Sequence[Mention]) -> Iterator[_Swallowed]:
    """Somebody who answers or thanks the chair as the floor begins: "Merci, Madame la présidente".

    Whoever the chair then thanks has just spoken.
    """
    first, start_ms = mentions[0], words[0].start_ms
    if first.act not in _NOT_A_CHAIRS or first.start_ms - start_ms > HEAD_MS:
        return
    back = next((m for m in mentions[1:] if m.act in _CHAIRS_AGAIN), None)
    end_ms = _this_sentence(words, back.start_ms) if back else words[-1].end_ms
    person = back.person if back and back.act is Act.THANKS else None
    if end_ms - start_ms >= (_LEAST_MS if person else _LEAST_UNKNOWN_MS):
        yield _Swallowed(start_ms, end_ms, person or _UNKNOWN)


def _is_the_chairs(mention: Mention, call: Mention) -> bool:
    """Does the chair speak again here? Nobody speaks of himself as "Monsieur Rochat"."""
    named = mention.person is not None and mention.person == call.person
    return mention.act in _CHAIRS_AGAIN or named


def _next_sentence(words: Sequence[Word], at_ms: int) -> int:
    """Start of the first word after the sentence in which `at_ms` lies."""
    ends = (sentence.stop for sentence in sentence_ranges(words))
    end = next((end for end in ends if words[end - 1].end_ms >= at_ms), len(words))
    return words[end].start_ms if end < len(words) else words[-1].end_ms


def _this_sentence(words: Sequence[Word], at_ms: int) -> int:
    """Start of the sentence in which `at_ms` lies."""
    starts = (words[sentence.start].start_ms for sentence in sentence_ranges(words))
    return max(takewhile(lambda start_ms: start_ms <= at_ms, starts), default=words[0].start_ms)


def _runs(
    turn: Turn, chairs: frozenset[str], found: Sequence[_Swallowed], order: dict[str, int]
) -> Iterator[Turn]:
    """A turn, cut where a swallowed stretch begins or ends."""
    if turn.speaker not in chairs:
        yield turn
        return

    def label(word: Word) -> str | None:
        within = next((s for s in found if s.start_ms <= word.start_ms < s.end_ms), None)
        return f"{turn.speaker}.{order[within.person]}" if within else turn.speaker

    for speaker, words in groupby(turn.words, key=label):
        yield replace(turn, speaker=speaker, words=tuple(words))
