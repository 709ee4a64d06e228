"""Who holds the floor when, and which voices chair: those that give it.

Knows that a chair's stretches are mostly calls, that a chair may be replaced, and what the roster
says of presidents. Does not know who the other voices are: `clues` weighs that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.calls import Act, Mention, find_mentions
from ingest.introductions import Introduction, find_introductions
from ingest.text import fold
from ingest.transcript import Evidence, Person, Span, Speaker, Turn

CALLS = (Act.GIVES, Act.BARE)
SPEECH_MS = 3_000  # less is an interjection, or a "merci"
HEAD_MS = 6_000
CALL_TAIL_MS = 10_000  # a chair may say this much more after the name, before the floor is taken
_CALLS, _CALL_FLOORS, _ALL_SIGNS = 2, 0.4, 0.5
_WITH_VICE = 2  # reigns
_HANDOVER_MS = 120_000
_REPLY_MS = 20_000  # the last one called still thanks the chair
_VICE = re.compile(r"\bvice.?president")
_OF_SOMETHING_ELSE = re.compile(r"\b(?:groupe|commission|parti|fraction|association)\b")
_SAME_TITLE = 0.5


@dataclass(frozen=True)
class Floor:
    """Neighbouring turns of one voice."""

    label: str | None
    start_ms: int
    end_ms: int

    @property
    def is_speech(self) -> bool:
        """Is this long enough to be more than an interjection?"""
        return self.end_ms - self.start_ms >= SPEECH_MS


@dataclass(frozen=True)
class Sitting:
    """What clues are drawn from. `floor_of` gives each turn's place in `floors`.

    `reigns` are the voices that chair, in order: two voices of one reign are halves of one voice.
    """

    turns: tuple[Turn, ...]
    floors: tuple[Floor, ...]
    floor_of: tuple[int, ...]
    mentions: tuple[Mention, ...]
    introductions: tuple[Introduction, ...]
    reigns: tuple[frozenset[str], ...] = ()

    @property
    def chairs(self) -> frozenset[str]:
        """The labels of all voices that chair."""
        return frozenset[str]().union(*self.reigns)

    def floor(self, mention: Mention) -> Floor:
        """The floor in which something was said."""
        return self.floors[self.floor_of[mention.turn]]


def read_sitting(turns: Sequence[Turn], roster: Sequence[Person]) -> Sitting:
    """Who holds the floor when, what is said of whom, and which voices chair."""
    floors: list[Floor] = []
    floor_of = []
    for turn in turns:
        if floors and floors[-1].label == turn.speaker:
            floors[-1] = Floor(turn.speaker, floors[-1].start_ms, turn.end_ms)
        else:
            floors.append(Floor(turn.speaker, turn.start_ms, turn.end_ms))
        floor_of.append(len(floors) - 1)
    told = find_mentions(turns, roster), find_introductions(turns, roster)
    unchaired = Sitting(tuple(turns), tuple(floors), tuple(floor_of), *told)
    reigns = tuple(_reigns(unchaired))
    return Sitting(tuple(turns), tuple(floors), tuple(floor_of), *told, reigns)


def _reigns(sitting: Sitting) -> Iterator[frozenset[str]]:
    """The voices that give the floor, those whose time overlaps together, in order of time."""
    signs = dict(_signs(sitting))
    spans = {
        label: Span(min(sitting.floors[f].start_ms for f in at), sitting.floors[max(at)].end_ms)
        for label, at in signs.items()
        if len(at) >= _CALLS and _mostly_calls(sitting, label, at)
    }
    kept = sum(len(signs[label]) for label in spans)
    if kept < _ALL_SIGNS * sum(len(at) for at in signs.values()):
        return
    group: set[str] = set()
    end_ms = -1
    for label, span in sorted(spans.items(), key=lambda item: item[1]):
        if group and span.start_ms >= end_ms:
            yield frozenset(group)
            group = set()
        group.add(label)
        end_ms = max(end_ms, span.end_ms)
    if group:
        yield frozenset(group)


def _signs(sitting: Sitting) -> dict[str, set[int]]:
    """Floors in which each voice gives the floor."""
    signs: dict[str, set[int]] = defaultdict(set)
    for mention in sitting.mentions:
        place = sitting.floor_of[mention.turn]
        floor = sitting.floors[place]
        if mention.act in CALLS and floor.label and _is_all_call(floor, mention):
            signs[floor.label].add(place)
    return signs


def _is_all_call(floor: Floor, call: Mention) -> bool:
    """Not a call whose words a late border has left at the end of a speech, or before one."""
    after, before = floor.end_ms - call.end_ms, call.start_ms - floor.start_ms
    return after < CALL_TAIL_MS and (before < CALL_TAIL_MS or after > 0)


def _mostly_calls(sitting: Sitting, label: str, at: set[int]) -> bool:
    within = sitting.floors[min(at) : max(at) + 1]
    theirs = sum(floor.label == label for floor in within)
    return len(at) >= _CALL_FLOORS * theirs


def name_chairs(sitting: Sitting, roster: Sequence[Person]) -> dict[str, Speaker]:
    """The chairs' names, by label, where role, title and who takes over leave no doubt."""
    claims: dict[str, Speaker] = {}
    for labels, person in zip(sitting.reigns, _presiding(sitting, roster), strict=True):
        if person and _addressed_as(sitting, labels, person):
            claims |= _claims(sitting, labels, person)
    return claims


def _presiding(sitting: Sitting, roster: Sequence[Person]) -> list[Person | None]:
    """Who should preside in each reign; None where it cannot be told."""
    president, vice = president_of(roster), _only(roster, vice=True)
    if len(sitting.reigns) == _WITH_VICE and vice and _hands_over(sitting):
        return [president, vice]
    longest = _most_signs(sitting)
    return [president if at == longest == 0 else None for at in range(len(sitting.reigns))]


def president_of(roster: Sequence[Person]) -> Person | None:
    """The one president of the council itself; where there is none, the one mayor."""
    return _only(roster, vice=False) or _only_mayor(roster)


def _only(roster: Sequence[Person], *, vice: bool) -> Person | None:
    start = r"(?:1er |1re |premi\w+ )?vice.?president" if vice else "president"
    found = [
        p
        for p in roster
        if re.match(start, fold(p.role)) and not _OF_SOMETHING_ELSE.search(fold(p.role))
    ]
    return found[0] if len(found) == 1 else None


def _only_mayor(roster: Sequence[Person]) -> Person | None:
    if any(fold(p.role).startswith("president") for p in roster):
        return None
    mayors = [p for p in roster if re.match(r"maire(?:sse)?\b", fold(p.role))]
    return mayors[0] if len(mayors) == 1 else None


def _hands_over(sitting: Sitting) -> bool:
    """Do the words about the change of chairs speak of the vice-president?"""
    first, second = sitting.reigns[:2]
    ends = max(f.end_ms for f in sitting.floors if f.label in first)
    begins = min(f.start_ms for f in sitting.floors if f.label in second)
    window = Span(min(ends, begins) - _HANDOVER_MS, max(begins, ends) + _HANDOVER_MS)
    near = (t for t in sitting.turns if window.overlap_ms(t.start_ms, t.end_ms))
    return any(_VICE.search(fold(turn.text)) for turn in near)


def _most_signs(sitting: Sitting) -> int:
    """The position of the reign in which the floor is given most."""
    signs = _signs(sitting)
    counts = [sum(len(signs[label]) for label in labels) for labels in sitting.reigns]
    return counts.index(max(counts)) if counts else 0


def _addressed_as(sitting: Sitting, labels: frozenset[str], person: Person) -> bool:
    """Is the chair addressed by the title that fits the person, while these voices chair?"""
    theirs = [f for f in sitting.floors if f.label in labels]
    reign = Span(min(f.start_ms for f in theirs), max(f.end_ms for f in theirs) + _REPLY_MS)
    woman = bool(re.search(r"\b(?:vice.?)?presidente\b|\bmairesse\b", fold(person.role)))
    told = Counter(
        m.woman
        for m in sitting.mentions
        if m.act is Act.ADDRESSES_CHAIR
        and reign.overlap_ms(m.start_ms, m.end_ms)
        and sitting.floor(m).label not in labels
    )
    return told[woman] >= _SAME_TITLE * told.total()


def _claims(sitting: Sitting, labels: frozenset[str], person: Person) -> dict[str, Speaker]:
    """Halves of one voice are as sure as all of it."""
    calls = sum(m.act in CALLS and sitting.floor(m).label in labels for m in sitting.mentions)
    reason = f"donne la parole {calls} fois ; « {person.role} » dans la liste"
    confidence = round(1 - 0.5 ** max(1, calls), 2)
    return {v: Speaker(v, person.name, Evidence.CHAIR, confidence, reason) for v in labels}
