"""Turns whose speaker a clerk should hear: where the signs contradict the name that a voice bears.

Pure. Knows the clues to each floor and what was made of them. Lists only what is worth a listen:
each voice that bears no name though there are signs of one or it speaks for long, and a floor that
was somebody else's to take.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ingest.speakers.chair import Sitting
from ingest.speakers.clues import Clue, clear_best, totals
from ingest.text import clock
from ingest.transcript import Doubt, Speaker, ToReview

_LEAST_WEIGHT = 1.0  # of the clues to one floor
_MOST_PER_VOICE = 3
_NEAR_MS = 5_000
_LONG_MS = 20_000  # in all: what is said by a nameless voice is a loss to whoever searches


def doubts(
    sitting: Sitting, clues: Sequence[Clue], speakers: Sequence[Speaker]
) -> tuple[ToReview, ...]:
    """What to hear again, by start; neighbours with the same reason are one.

    A voice without a name is there once, if its sources disagree or if it speaks for long.
    """
    by_floor = _by_floor(clues)
    named: list[ToReview] = []
    nameless: list[ToReview] = []
    for speaker in speakers:
        floors = [at for at, floor in enumerate(sitting.floors) if floor.label == speaker.label]
        if speaker.person is not None:
            named += list(_against(sitting, speaker, floors, by_floor))[:_MOST_PER_VOICE]
        elif item := _nameless(sitting, speaker, floors, by_floor):
            nameless.append(item)
    return tuple(sorted((*_merged(sorted(named)), *nameless)))


def _against(
    sitting: Sitting,
    speaker: Speaker,
    floors: Sequence[int],
    by_floor: Mapping[int, Sequence[Clue]],
) -> Iterator[ToReview]:
    """The floors of a named voice whose own clues contradict the name."""
    for at in floors:
        if reason := _reason(speaker, by_floor.get(at, ())):
            yield _item(sitting, at, reason)


def _nameless(
    sitting: Sitting,
    speaker: Speaker,
    floors: Sequence[int],
    by_floor: Mapping[int, Sequence[Clue]],
) -> ToReview | None:
    """Where to hear a voice that bears no name: where most people are in question, else first."""
    if not floors:
        return None
    if speaker.reason:
        at = max(floors, key=lambda floor: len(_likely(by_floor.get(floor, ()))))
        return _item(sitting, at, _open(speaker, by_floor.get(at, ())))
    turns = (turn for turn in sitting.turns if turn.speaker == speaker.label)
    spoken_ms = sum(turn.end_ms - turn.start_ms for turn in turns)
    if spoken_ms < _LONG_MS:
        return None
    return _item(sitting, floors[0], f"voix sans nom, qui parle {clock(spoken_ms)} en tout")


def _item(sitting: Sitting, at: int, reason: str) -> ToReview:
    floor = sitting.floors[at]
    return ToReview(floor.start_ms, floor.end_ms, Doubt.NAME, reason)


def _by_floor(clues: Sequence[Clue]) -> dict[int, list[Clue]]:
    floors: dict[int, list[Clue]] = defaultdict(list)
    for clue in clues:
        floors[clue.floor].append(clue)
    return floors


def _reason(speaker: Speaker, about: Sequence[Clue]) -> str | None:
    """Why a floor is doubtful, in French, or None where its clues and its voice's name agree."""
    weights = totals(about)
    person = clear_best(about, _LEAST_WEIGHT)
    if person is None and weights.get(str(speaker.person), 0.0) > -_LEAST_WEIGHT:
        return None
    if person == speaker.person:
        return None
    against = _strongest(about, person) if person else None
    if against is None:
        spoken = next(c for c in about if c.person == speaker.person and c.weight < 0)
        return f"voix attribuée à {speaker.person}, {spoken.why}"
    return f"{against.person} {against.why}, mais la voix est attribuée à {speaker.person}"


def _open(speaker: Speaker, about: Sequence[Clue]) -> str:
    """Why a voice was left open: the sources that meet in this floor, or else what is known."""
    signs = [clue for person in _likely(about) if (clue := _strongest(about, person))]
    if len(signs) <= 1:
        return speaker.reason.removeprefix("à vérifier : ")
    told = ", ou ".join(f"{clue.person} {clue.why}" for clue in signs)
    return f"{told} : sources en désaccord sur cette voix"


def _likely(about: Sequence[Clue]) -> list[str]:
    return sorted({clue.person for clue in about if clue.weight >= _LEAST_WEIGHT})


def _strongest(about: Sequence[Clue], person: str) -> Clue | None:
    return max((c for c in about if c.person == person), key=lambda c: c.weight, default=None)


def _merged(items: Sequence[ToReview]) -> Iterator[ToReview]:
    before: ToReview | None = None
    for item in items:
        if before and item.reason == before.reason and item.start_ms - before.end_ms < _NEAR_MS:
            before = ToReview(before.start_ms, item.end_ms, before.doubt, before.reason)
            continue
        if before:
            yield before
        before = item
    if before:
        yield before
