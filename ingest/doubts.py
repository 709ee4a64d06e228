"""Turns whose speaker a clerk should hear: where the signs contradict the name that a voice bears.

Pure. Knows the clues to each floor and what was made of them. Lists only what is worth a listen:
a voice left open because its sources disagree, and a floor that was somebody else's to take.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ingest.chair import Sitting
from ingest.clues import Clue, clear_best, totals
from ingest.transcript import Doubt, Speaker, ToReview

_LEAST_WEIGHT = 1.0  # of the clues to one floor
_MOST_PER_VOICE = 3
_NEAR_MS = 5_000


def doubts(
    sitting: Sitting, clues: Sequence[Clue], speakers: Sequence[Speaker]
) -> tuple[ToReview, ...]:
    """What to hear again, by start; neighbours with the same reason are one."""
    by_voice: dict[str, list[ToReview]] = defaultdict(list)
    known = {speaker.label: speaker for speaker in speakers}
    for at, about in _by_floor(clues).items():
        floor = sitting.floors[at]
        speaker = known.get(str(floor.label))
        if speaker and (reason := _reason(speaker, about)):
            item = ToReview(floor.start_ms, floor.end_ms, Doubt.NAME, reason)
            by_voice[speaker.label].append(item)
    kept = (item for items in by_voice.values() for item in items[:_MOST_PER_VOICE])
    return tuple(_merged(sorted(kept)))


def _by_floor(clues: Sequence[Clue]) -> dict[int, list[Clue]]:
    floors: dict[int, list[Clue]] = defaultdict(list)
    for clue in clues:
        floors[clue.floor].append(clue)
    return floors


def _reason(speaker: Speaker, about: Sequence[Clue]) -> str | None:
    """Why a floor is doubtful, in French, or None where its clues and its voice's name agree."""
    weights = totals(about)
    person = clear_best(about, _LEAST_WEIGHT)
    if speaker.person is None:
        return _open(speaker, about) if speaker.reason else None
    if person is None and weights.get(speaker.person, 0.0) > -_LEAST_WEIGHT:
        return None
    if person == speaker.person:
        return None
    against = _strongest(about, person) if person else None
    if against is None:
        spoken = next(c for c in about if c.person == speaker.person and c.weight < 0)
        return f"voix attribuée à {speaker.person}, {spoken.why}"
    return f"{against.person} {against.why}, mais la voix est attribuée à {speaker.person}"


def _open(speaker: Speaker, about: Sequence[Clue]) -> str | None:
    """For a voice that its sources left open: those that meet in this floor, or what is against."""
    people = sorted({clue.person for clue in about if clue.weight >= _LEAST_WEIGHT})
    signs = [clue for person in people if (clue := _strongest(about, person))]
    if len(signs) == 1:
        return speaker.reason.removeprefix("à vérifier : ")
    told = ", ou ".join(f"{clue.person} {clue.why}" for clue in signs)
    return f"{told} : sources en désaccord sur cette voix" if told else None


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
