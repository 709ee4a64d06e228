"""Two people whom diarization has taken for one voice, told apart by the clues to its floors.

Knows captions' lines and what is said around each floor. Does not look at the audio: turns are
parted at sentences where lines change, and whole floors go to whom their own clues name.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.naming.chair import Sitting
from ingest.naming.clues import CLEARLY, Clue, claim, clear_best, totals
from ingest.naming.participants import Lines
from ingest.text import sentence_ranges
from ingest.transcript import Turn, Word

_LINE_MS, _LINE_SHARE = 5_000, 0.08  # of a voice, that a second line must hold
_PIECE_MS = 2_000  # less of a line inside a turn is a border of the platform's
_FLOOR_WEIGHT = 1.2  # of one floor's clues: a call that is clearly understood
_HINT = 0.5  # enough for one more floor of somebody who has clearer ones
_PERSON_WEIGHT = 2.6  # of all floors' clues: two signs that agree
_LABEL = "{voice}.{number}"


@dataclass(frozen=True)
class _Labels:
    """Labels that nobody bears yet, for the people found in other voices."""

    taken: set[str]

    def new(self, voice: str) -> str:
        number = 1
        while (label := _LABEL.format(voice=voice, number=number)) in self.taken:
            number += 1
        self.taken.add(label)
        return label


def part_by_lines(
    turns: tuple[Turn, ...], lines: Lines, whole: Collection[str] = ()
) -> tuple[Turn, ...]:
    """The turns, with a label of its own for each person whose line shows in another's voice.

    No word is lost or moved. A room's device keeps the voice's label, else the line heard most.
    Labels in `whole` are surely one person's, and are never parted.
    """
    leaving = _leaving(turns, lines, whole)
    if not leaving:
        return turns
    runs = [run for turn in turns for run in _runs(turn, lines, leaving)]
    return tuple(replace(turn, index=index) for index, turn in enumerate(runs))


def _leaving(
    turns: Sequence[Turn], lines: Lines, whole: Collection[str]
) -> dict[tuple[str, str], str]:
    """The new label of each (voice, participant) that does not belong together."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        if turn.speaker is None or turn.speaker in whole:
            continue
        for participant, ms in lines.overlapping(turn.start_ms, turn.end_ms):
            if ms >= _PIECE_MS:
                held[turn.speaker][participant] += ms
    labels = _Labels({turn.speaker for turn in turns if turn.speaker})
    leaving = {}
    for voice, times in held.items():
        enough = [p for p, ms in times.most_common() if ms >= _least_ms(times)]
        people = [p for p in enough if p in lines.people]
        for participant in people if len(people) < len(enough) else people[1:]:
            leaving[voice, participant] = labels.new(voice)
    return leaving


def _least_ms(times: Counter[str]) -> float:
    return max(_LINE_MS, _LINE_SHARE * times.total())


def _runs(turn: Turn, lines: Lines, leaving: Mapping[tuple[str, str], str]) -> Iterator[Turn]:
    """A turn, cut at sentences where a line that leaves begins or ends."""
    labels: list[str | None] = []
    for places in sentence_ranges(turn.words):
        first, last = turn.words[places.start], turn.words[places.stop - 1]
        heard = Counter(dict(lines.overlapping(first.start_ms, last.end_ms)))
        participant = heard.most_common(1)[0][0] if heard else ""
        label = leaving.get((str(turn.speaker), participant), turn.speaker)
        labels += [label] * len(places)
    yield from _cut(turn, labels)


def _cut(turn: Turn, labels: Sequence[str | None]) -> Iterator[Turn]:
    def label(pair: tuple[str | None, Word]) -> str | None:
        return pair[0]

    for speaker, run in groupby(zip(labels, turn.words, strict=True), key=label):
        yield replace(turn, speaker=speaker, words=tuple(word for _, word in run))


def part_by_clues(
    sitting: Sitting, clues: Sequence[Clue], whole: Collection[str] = ()
) -> tuple[tuple[Turn, ...], dict[str, str]]:
    """The turns, with labels of their own for people whose floors' clues contradict each other.

    A person that the clues name clearly, on more than one sign, takes the floors that are clearly
    theirs; what remains keeps the voice's label, and whoever holds nearly all of it. A floor that
    contradicts that one on a single sign gets a label too, and stays open: those labels are
    returned with the reason, in French. Labels in `whole` are surely one person's, and are never
    parted.
    """
    by_floor: dict[int, list[Clue]] = defaultdict(list)
    for clue in clues:
        by_floor[clue.floor].append(clue)
    labels = _Labels({floor.label for floor in sitting.floors if floor.label})
    moved: dict[int, str] = {}
    contested: dict[str, str] = {}
    for voice in dict.fromkeys(f.label for f in sitting.floors if f.label):
        if voice in sitting.chairs or voice in whole:
            continue
        moved |= _moved(voice, _claimed(voice, sitting, by_floor), labels)
        floors = [at for at, f in enumerate(sitting.floors) if f.label == voice]
        rest = {at: by_floor.get(at, []) for at in floors if at not in moved}
        for at, reason in _contested(rest).items():
            moved[at] = labels.new(voice)
            contested[moved[at]] = reason
    turns = tuple(
        replace(turn, speaker=moved.get(floor, turn.speaker))
        for turn, floor in zip(sitting.turns, sitting.floor_of, strict=True)
    )
    return turns, contested


def _contested(floors: Mapping[int, Sequence[Clue]]) -> dict[int, str]:
    """Floors that are clearly somebody else's than the voice's, with the reason to doubt it."""
    voice = claim("", [clue for about in floors.values() for clue in about])
    if voice is None:
        return {}
    return {
        at: f"à vérifier : {found.person}, {found.reason}, mais la voix est celle de {voice.person}"
        for at, about in floors.items()
        if (found := claim("", about)) and found.person != voice.person
    }


def _claimed(
    voice: str, sitting: Sitting, by_floor: Mapping[int, Sequence[Clue]]
) -> dict[str, dict[int, float]]:
    """Floors of a voice that are clearly somebody's, with their weights, by person."""
    claimed: dict[str, dict[int, float]] = defaultdict(dict)
    for at, floor in enumerate(sitting.floors):
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
