"""Floors whose speaker a clerk should hear: where the clues contradict the name of a voice.

Pure. Knows the clues to each floor and the names given. Lists only what is worth a listen: a voice
without a name that has clues to one or speaks for long, and a floor that was another person's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.speakers.chair import Debate
from ingest.speakers.clues import Clue, clear_best, totals
from ingest.text import clock
from ingest.transcript import Doubt, ReviewItem, Speaker

_LEAST_WEIGHT = 1.0  # of the clues to one floor
_MOST_PER_VOICE = 3  # three floors tell a clerk enough of one voice; more only lengthen the list
_NEAR_MS = 5_000  # between two floors with one reason: an interjection, and one listen for both
_LONG_MS = 20_000  # in all: less of a nameless voice is a loss to no search


def name_doubts(
    debate: Debate, clues: Sequence[Clue], speakers: Sequence[Speaker]
) -> tuple[ReviewItem, ...]:
    """What to hear again, by start; neighbours with the same reason are one.

    A voice without a name is there once, if its sources disagree or if it speaks for long.
    """
    by_floor: dict[int, list[Clue]] = defaultdict(list)
    for clue in clues:
        by_floor[clue.floor].append(clue)
    named: list[ReviewItem] = []
    nameless: list[ReviewItem] = []
    for speaker in speakers:
        floors = [at for at, floor in enumerate(debate.floors) if floor.label == speaker.label]
        if speaker.person is not None:
            named += list(_against(debate, speaker, floors, by_floor))[:_MOST_PER_VOICE]
        elif item := _nameless(debate, speaker, floors, by_floor):
            nameless.append(item)
    return tuple(sorted((*_merged(sorted(named)), *nameless)))


def _against(
    debate: Debate,
    speaker: Speaker,
    floors: Sequence[int],
    by_floor: Mapping[int, Sequence[Clue]],
) -> Iterator[ReviewItem]:
    """The floors of a named voice whose own clues contradict the name."""
    for at in floors:
        if reason := _reason(speaker, by_floor.get(at, ())):
            yield _item(debate, at, reason)


def _nameless(
    debate: Debate,
    speaker: Speaker,
    floors: Sequence[int],
    by_floor: Mapping[int, Sequence[Clue]],
) -> ReviewItem | None:
    """Where to hear a voice that bears no name: where most people are in question, else first."""
    if not floors:
        return None
    if speaker.reason:
        at = max(floors, key=lambda floor: len(_likely(by_floor.get(floor, ()))))
        return _item(debate, at, _open(speaker, by_floor.get(at, ())))
    turns = (turn for turn in debate.turns if turn.speaker == speaker.label)
    spoken_ms = sum(turn.end_ms - turn.start_ms for turn in turns)
    if spoken_ms < _LONG_MS:
        return None
    return _item(debate, floors[0], f"voix sans nom, qui parle {clock(spoken_ms)} en tout")


def _item(debate: Debate, at: int, reason: str) -> ReviewItem:
    floor = debate.floors[at]
    return ReviewItem(floor.start_ms, floor.end_ms, Doubt.NAME, reason)


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
        denial = next(c for c in about if c.person == speaker.person and c.weight < 0)
        return f"voix attribuée à {speaker.person}, {denial.why}"
    return f"{against.person} {against.why}, mais la voix est attribuée à {speaker.person}"


def _open(speaker: Speaker, about: Sequence[Clue]) -> str:
    """Why a voice was left open: the sources that meet in this floor, or else what is known."""
    signs = [clue for person in _likely(about) if (clue := _strongest(about, person))]
    if len(signs) <= 1:
        return speaker.reason.removeprefix("à vérifier : ")
    claims = ", ou ".join(f"{clue.person} {clue.why}" for clue in signs)
    return f"{claims} : sources en désaccord sur cette voix"


def _likely(about: Sequence[Clue]) -> list[str]:
    return sorted({clue.person for clue in about if clue.weight >= _LEAST_WEIGHT})


def _strongest(about: Sequence[Clue], person: str) -> Clue | None:
    return max((c for c in about if c.person == person), key=lambda c: c.weight, default=None)


def _merged(items: Sequence[ReviewItem]) -> list[ReviewItem]:
    merged: list[ReviewItem] = []
    for item in items:
        last = merged[-1] if merged else None
        if last and item.reason == last.reason and item.start_ms - last.end_ms < _NEAR_MS:
            merged[-1] = replace(last, end_ms=item.end_ms)
        else:
            merged.append(item)
    return merged
