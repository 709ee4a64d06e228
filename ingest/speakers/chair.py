"""Who holds the floor when, and which voices chair: those that give it.

Knows that a chair's stretches are mostly calls, that a chair may be replaced, and what the roster
says of presidents. Does not know who the other voices are: `clues` weighs that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

from ingest.speakers.calls import Act, Introduction, Mention, find_introductions, find_mentions
from ingest.text import fold
from ingest.transcript import Evidence, Person, Span, Speaker, Turn

CALLS = (Act.GIVES, Act.BARE)
SPEECH_MS = 3_000  # less is an interjection, or a "merci"
HEAD_MS = 6_000  # a floor's first words: diarization puts a border a second or more late
CALL_TAIL_MS = 10_000  # a chair may say this much more after the name, before the floor is taken
# A chair calls twice, in two floors of five, and the chairs make half of all calls: a member who
# says "Madame Keller" once does not preside. Chosen together: `python -m tests.eval.names`.
_CALLS, _CALL_FLOORS, _ALL_CALLS = 2, 0.4, 0.5
_CALL_MS = 10_000  # a floor that is a call, a thank you and little more
_WITH_VICE = 2  # reigns
_HANDOVER_MS = 120_000  # the change is spoken of within two minutes of it (D-052)
_REPLY_MS = 20_000  # the last one called still thanks the chair
_VICE = re.compile(r"\bvice.?president")
OF_SOMETHING_ELSE = re.compile(r"\b(?:groupe|commission|parti|fraction|association)\b")
_SAME_TITLE = 0.5  # of the forms of address: "Monsieur le président" slips out to a woman too


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
class Debate:
    """What clues are drawn from. `floor_of` gives each turn's place in `floors`.

    `reigns` are the voices that chair, in order: two voices of one reign are halves of one voice.
    """

    turns: tuple[Turn, ...]
    floors: tuple[Floor, ...]
    floor_of: tuple[int, ...]
    mentions: tuple[Mention, ...]
    introductions: tuple[Introduction, ...]
    reigns: tuple[frozenset[str], ...] = ()

    @cached_property
    def chairs(self) -> frozenset[str]:
        """The labels of all voices that chair."""
        return frozenset[str]().union(*self.reigns)

    @cached_property
    def last_calls(self) -> dict[int, int]:
        """Start of the last call in each floor that has one, by the floor's place."""
        called = (m for m in self.mentions if m.act in (Act.GIVES, Act.BARE) and m.guesses)
        return {
            self.floor_of[m.turn]: m.start_ms for m in sorted(called, key=attrgetter("start_ms"))
        }

    def floor(self, mention: Mention) -> Floor:
        """The floor in which something was said."""
        return self.floors[self.floor_of[mention.turn]]

    def with_turns(self, turns: tuple[Turn, ...], roster: Sequence[Person]) -> "Debate":
        """The debate of the same words in other turns: they are read again only where cut."""
        if turns == self.turns:
            return self
        if [turn.words for turn in turns] == [turn.words for turn in self.turns]:
            return _debate(turns, self.mentions, self.introductions)
        return read_debate(turns, roster)


def read_debate(turns: tuple[Turn, ...], roster: Sequence[Person]) -> Debate:
    """Who holds the floor when, what is said of whom, and which voices chair."""
    return _debate(turns, find_mentions(turns, roster), find_introductions(turns, roster))


def _debate(
    turns: tuple[Turn, ...],
    mentions: tuple[Mention, ...],
    introductions: tuple[Introduction, ...],
) -> Debate:
    floors: list[Floor] = []
    floor_of = []
    for turn in turns:
        if floors and floors[-1].label == turn.speaker:
            floors[-1] = Floor(turn.speaker, floors[-1].start_ms, turn.end_ms)
        else:
            floors.append(Floor(turn.speaker, turn.start_ms, turn.end_ms))
        floor_of.append(len(floors) - 1)
    unchaired = Debate(turns, tuple(floors), tuple(floor_of), mentions, introductions)
    return replace(unchaired, reigns=tuple(_reigns(unchaired)))


def _reigns(debate: Debate) -> Iterator[frozenset[str]]:
    """The voices that give the floor, those whose time overlaps together, in order of time."""
    calls = dict(_call_floors(debate))
    first = max(calls, key=lambda label: len(calls[label]), default=None)
    chairs = {
        label: Span(debate.floors[min(at)].start_ms, debate.floors[max(at)].end_ms)
        for label, at in calls.items()
        if len(at) >= _CALLS and (label == first or _only_calls(debate, label, at))
    }
    kept = sum(len(calls[label]) for label in chairs)
    if kept < _ALL_CALLS * sum(len(at) for at in calls.values()):
        return
    group: set[str] = set()
    end_ms = -1
    for label, span in sorted(chairs.items(), key=lambda item: item[1]):
        if group and span.start_ms >= end_ms:
            yield frozenset(group)
            group = set()
        group.add(label)
        end_ms = max(end_ms, span.end_ms)
    if group:
        yield frozenset(group)


def _call_floors(debate: Debate) -> dict[str, list[int]]:
    """Floors in which each voice gives the floor."""
    found: dict[str, list[int]] = defaultdict(list)
    for mention in debate.mentions:
        place = debate.floor_of[mention.turn]
        label = debate.floors[place].label
        if mention.act in CALLS and label and place not in found[label]:
            found[label].append(place)
    return found


def _only_calls(debate: Debate, label: str, at: Sequence[int]) -> bool:
    """Does a voice do little else? Late borders leave a call beside a speech, here and there."""
    theirs = [f for f in debate.floors[min(at) : max(at) + 1] if f.label == label]
    short = [at for at in at if debate.floors[at].end_ms - debate.floors[at].start_ms < _CALL_MS]
    return len(short) >= max(_CALLS, _CALL_FLOORS * len(theirs))


def name_chairs(debate: Debate, roster: Sequence[Person]) -> dict[str, Speaker]:
    """The chairs' names, by label, where role, title and who takes over leave no doubt."""
    claims: dict[str, Speaker] = {}
    for labels, person in zip(debate.reigns, _presiding(debate, roster), strict=True):
        if person and _addressed_as(debate, labels, person):
            claims |= _claims(debate, labels, person)
    return claims


def _presiding(debate: Debate, roster: Sequence[Person]) -> list[Person | None]:
    """Who should preside in each reign; None where it cannot be known."""
    president, vice = president_of(roster), _only(roster, vice=True)
    if len(debate.reigns) == _WITH_VICE and vice and _hands_over(debate):
        return [president, vice]
    longest = _most_calls(debate)
    return [president if at == longest == 0 else None for at in range(len(debate.reigns))]


def president_of(roster: Sequence[Person]) -> Person | None:
    """The one president of the council itself; where there is none, the one mayor."""
    return _only(roster, vice=False) or _only_mayor(roster)


def _only(roster: Sequence[Person], *, vice: bool) -> Person | None:
    start = r"(?:1er |1re |premi\w+ )?vice.?president" if vice else "president"
    found = [
        p
        for p in roster
        if re.match(start, fold(p.role)) and not OF_SOMETHING_ELSE.search(fold(p.role))
    ]
    return found[0] if len(found) == 1 else None


def _only_mayor(roster: Sequence[Person]) -> Person | None:
    if any(fold(p.role).startswith("president") for p in roster):
        return None
    mayors = [p for p in roster if re.match(r"maire(?:sse)?\b", fold(p.role))]
    return mayors[0] if len(mayors) == 1 else None


def _hands_over(debate: Debate) -> bool:
    """Do the words about the change of chairs speak of the vice-president?"""
    first, second = debate.reigns[:2]
    ends = max(f.end_ms for f in debate.floors if f.label in first)
    begins = min(f.start_ms for f in debate.floors if f.label in second)
    window = Span(min(ends, begins) - _HANDOVER_MS, max(begins, ends) + _HANDOVER_MS)
    near = (t for t in debate.turns if window.overlap_ms(t.start_ms, t.end_ms))
    return any(_VICE.search(fold(turn.text)) for turn in near)


def _most_calls(debate: Debate) -> int:
    """The position of the reign in which the floor is given most."""
    calls = _call_floors(debate)
    counts = [sum(len(calls[label]) for label in labels) for labels in debate.reigns]
    return counts.index(max(counts)) if counts else 0


def _addressed_as(debate: Debate, labels: frozenset[str], person: Person) -> bool:
    """Is the chair addressed by the title that fits the person, while these voices chair?"""
    theirs = [f for f in debate.floors if f.label in labels]
    reign = Span(min(f.start_ms for f in theirs), max(f.end_ms for f in theirs) + _REPLY_MS)
    woman = bool(re.search(r"\b(?:vice.?)?presidente\b|\bmairesse\b", fold(person.role)))
    titles = Counter(
        m.woman
        for m in debate.mentions
        if m.act is Act.ADDRESSES_CHAIR
        and reign.overlap_ms(m.start_ms, m.end_ms)
        and debate.floor(m).label not in labels
    )
    return titles[woman] >= _SAME_TITLE * titles.total()


def _claims(debate: Debate, labels: frozenset[str], person: Person) -> dict[str, Speaker]:
    """Halves of one voice are as sure as all of it."""
    calls = sum(m.act in CALLS and debate.floor(m).label in labels for m in debate.mentions)
    reason = f"donne la parole {calls} fois ; « {person.role} » dans la liste"
    confidence = round(1 - 0.5 ** max(1, calls), 2)
    return {v: Speaker(v, person.name, Evidence.INFERRED, confidence, reason) for v in labels}
