"""Several people whom diarization has taken for one voice, parted by words and captions alone.

Knows the clues to each floor, the captions' participants, and who is called in a chair's own floor.
Does not look at the sound. No word is lost or moved; a new label such as "S1.2" stands for the
second person found in the voice S1. Each function takes `whole`: labels that are surely one
person's, and are never parted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from operator import itemgetter

from ingest.speakers.calls import Act, Mention
from ingest.speakers.chair import HEAD_MS, Debate
from ingest.speakers.clues import CLEARLY, Clue, claim, clear_best, totals
from ingest.speakers.participants import Participants
from ingest.text import sentence_ranges
from ingest.transcript import Span, Turn, Word, numbered

_SECOND_MS, _SECOND_SHARE = 5_000, 0.08  # of a voice, that a second participant must hold (D-050)
_PIECE_MS = 2_000  # less of a participant inside a turn is the platform's late border
_FLOOR_WEIGHT = 1.2  # of one floor's clues: a call that is clearly understood
_HINT = 0.5  # enough for one more floor of a person who has clearer ones
_PERSON_WEIGHT = 2.6  # of all floors' clues: two signs that agree
_LABEL = "{voice}.{number}"


@dataclass(frozen=True)
class _Labels:
    """Labels that no voice bears yet, for the people found in other voices."""

    taken: set[str]

    def new(self, voice: str) -> str:
        number = 1
        while (label := _LABEL.format(voice=voice, number=number)) in self.taken:
            number += 1
        self.taken.add(label)
        return label


def part_by_participants(
    turns: tuple[Turn, ...], participants: Participants, whole: Collection[str] = ()
) -> tuple[Turn, ...]:
    """The turns, with a label of its own for each participant who shows in another's voice.

    They are cut at sentences. A room's device keeps the voice's label, else who was heard most.
    """
    leaving = _leaving(turns, participants, whole)
    if not leaving:
        return turns
    return _cut((turn, _labels(turn, participants, leaving)) for turn in turns)


def _leaving(
    turns: Sequence[Turn], participants: Participants, whole: Collection[str]
) -> dict[tuple[str, str], str]:
    """The new label of each (voice, participant) that does not belong together."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        if turn.speaker is None or turn.speaker in whole:
            continue
        for participant, ms in participants.overlapping(turn.start_ms, turn.end_ms):
            if ms >= _PIECE_MS:
                held[turn.speaker][participant] += ms
    labels = _Labels({turn.speaker for turn in turns if turn.speaker})
    leaving = {}
    for voice, times in held.items():
        enough = [p for p, ms in times.most_common() if ms >= _least_ms(times)]
        people = [p for p in enough if p in participants.people]
        for participant in people if len(people) < len(enough) else people[1:]:
            leaving[voice, participant] = labels.new(voice)
    return leaving


def _least_ms(times: Counter[str]) -> float:
    return max(_SECOND_MS, _SECOND_SHARE * times.total())


def _labels(
    turn: Turn, participants: Participants, leaving: Mapping[tuple[str, str], str]
) -> list[str | None]:
    """The label of each word of a turn: sentences under a participant that leaves have its own."""
    labels: list[str | None] = []
    for places in sentence_ranges(turn.words):
        first, last = turn.words[places.start], turn.words[places.stop - 1]
        heard = Counter(dict(participants.overlapping(first.start_ms, last.end_ms)))
        participant = heard.most_common(1)[0][0] if heard else ""
        label = leaving.get((str(turn.speaker), participant), turn.speaker)
        labels += [label] * len(places)
    return labels


def _cut(labelled: Iterable[tuple[Turn, Sequence[str | None]]]) -> tuple[Turn, ...]:
    """Turns, each cut where the labels of its words change."""
    return numbered(
        replace(turn, speaker=speaker, words=tuple(word for _, word in run))
        for turn, labels in labelled
        for speaker, run in groupby(zip(labels, turn.words, strict=True), key=itemgetter(0))
    )


def part_by_clues(
    debate: Debate, clues: Sequence[Clue], whole: Collection[str] = ()
) -> tuple[tuple[Turn, ...], dict[str, str]]:
    """The turns, with labels of their own for people whose floors' clues contradict each other.

    A person that the clues name clearly, on more than one sign, takes the floors that are clearly
    theirs; the rest, and a person who holds nearly all of it, keep the voice's label. A floor that
    contradicts that person on a single sign gets a label too, and stays open: those labels are
    returned with the reason, in French.
    """
    by_floor: dict[int, list[Clue]] = defaultdict(list)
    for clue in clues:
        by_floor[clue.floor].append(clue)
    labels = _Labels({floor.label for floor in debate.floors if floor.label})
    moved: dict[int, str] = {}
    contested: dict[str, str] = {}
    for voice in dict.fromkeys(f.label for f in debate.floors if f.label):
        if voice in debate.chairs or voice in whole:
            continue
        moved |= _moved(voice, _claimed(voice, debate, by_floor), labels)
        floors = [at for at, f in enumerate(debate.floors) if f.label == voice]
        rest = {at: by_floor.get(at, []) for at in floors if at not in moved}
        for at, reason in _contested(rest).items():
            moved[at] = labels.new(voice)
            contested[moved[at]] = reason
    turns = tuple(
        replace(turn, speaker=moved.get(floor, turn.speaker))
        for turn, floor in zip(debate.turns, debate.floor_of, strict=True)
    )
    return turns, contested


def _contested(floors: Mapping[int, Sequence[Clue]]) -> dict[int, str]:
    """Floors that are clearly another person's than the voice's, with the reason to doubt it."""
    voice = claim("", [clue for about in floors.values() for clue in about])
    if voice is None:
        return {}
    return {
        at: f"à vérifier : {other.person}, {other.reason}, mais la voix est celle de {voice.person}"
        for at, about in floors.items()
        if (other := claim("", about)) and other.person != voice.person
    }


def _claimed(
    voice: str, debate: Debate, by_floor: Mapping[int, Sequence[Clue]]
) -> dict[str, dict[int, float]]:
    """Floors of a voice that are clearly a person's, with their weights, by person."""
    claimed: dict[str, dict[int, float]] = defaultdict(dict)
    for at, floor in enumerate(debate.floors):
        about = by_floor.get(at, ())
        if floor.label == voice and (person := clear_best(about, _HINT)):
            claimed[person][at] = totals(about)[person]
    return {
        person: floors
        for person, floors in claimed.items()
        if any(weight >= _FLOOR_WEIGHT for weight in floors.values())
    }


def _moved(
    voice: str, claimed: Mapping[str, Mapping[int, float]], labels: _Labels
) -> dict[int, str]:
    """The new label of each floor that leaves a voice."""
    weights = {person: sum(floors.values()) for person, floors in claimed.items()}
    sure = [person for person, weight in weights.items() if weight >= _PERSON_WEIGHT]
    if len(sure) < 2:  # noqa: PLR2004 - two people
        return {}
    first = max(sure, key=lambda person: weights[person])
    others = sum(weight for person, weight in weights.items() if person != first)
    leaving = [p for p in sure if p != first or weights[first] < CLEARLY * others]
    return {at: label for p in leaving for label in [labels.new(voice)] for at in claimed[p]}


# --- a voice swallowed into the chair's -------------------------------------------------------

_LEAST_MS = 6_000  # a chair who has given the floor may well say a sentence more
_LEAST_UNKNOWN_MS = 10_000  # where no name confirms it: a chair may well say three sentences more
_UNKNOWN = "?"  # the person called by a name that was misheard beyond recognition
_CALLS = (Act.GIVES, Act.SENTENCE)
_NOT_A_CHAIRS = (Act.ADDRESSES_CHAIR, Act.REPLIES, Act.THANKS_FOR)
_CHAIRS_AGAIN = (*_CALLS, Act.THANKS, Act.BARE)


@dataclass(frozen=True, order=True)
class _Swallowed(Span):
    """What a called person says in the chair's voice."""

    person: str


def part_swallowed(debate: Debate, whole: Collection[str] = ()) -> tuple[Turn, ...]:
    """The turns, with a label of its own for each person whose voice the chair's had swallowed."""
    chairs = debate.chairs - set(whole)
    stretches = tuple(_swallowed(debate, chairs))
    order = {person: n for n, person in enumerate(dict.fromkeys(s.person for s in stretches), 1)}

    def label(turn: Turn, word: Word) -> str | None:
        within = next((s for s in stretches if s.start_ms <= word.start_ms < s.end_ms), None)
        return f"{turn.speaker}.{order[within.person]}" if within else turn.speaker

    return _cut(
        (
            turn,
            [label(turn, word) if turn.speaker in chairs else turn.speaker for word in turn.words],
        )
        for turn in debate.turns
    )


def _swallowed(debate: Debate, chairs: frozenset[str]) -> Iterator[_Swallowed]:
    words: dict[int, list[Word]] = defaultdict(list)
    for turn, floor in zip(debate.turns, debate.floor_of, strict=True):
        words[floor] += turn.words
    by_floor = groupby(debate.mentions, key=lambda mention: debate.floor_of[mention.turn])
    for floor, mentions in by_floor:
        if debate.floors[floor].label in chairs:
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
    """A person who answers or thanks the chair as the floor begins: "Merci, Madame la présidente".

    The person whom the chair then thanks has just spoken.
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
    """Does the chair speak again here? Speakers do not call themselves "Monsieur Rochat"."""
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
