"""Who the voices are, without any voice print: evidence from the platform and from what is said.

Pure: turns, roster and caption cues in, one `Speaker` per voice out. Open is better than wrong: two
sources that disagree leave the name open, and a person bears two voices only on strong evidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ingest.documents.captions import Cue
from ingest.speakers.chair import Sitting, name_chairs, read_sitting
from ingest.speakers.clues import Clue, claim, find_clues, unclear
from ingest.speakers.participants import Lines, line_clues, name_by_lines, read_lines, without_rooms
from ingest.speakers.resplit import part_by_clues, part_by_lines, part_swallowed
from ingest.speakers.review_items import doubts
from ingest.transcript import Evidence, Person, Speaker, ToReview, Turn

STRONG = 0.85
"""Confidence from which a person may bear a second voice: diarization may have split one."""
_UNKNOWN: Mapping[str, Speaker] = MappingProxyType({})
_RANK = {evidence: rank for rank, evidence in enumerate(Evidence)}


@dataclass(frozen=True)
class Attribution:
    """Turns whose voices were told apart once more, who the voices are, and what is doubtful."""

    turns: tuple[Turn, ...]
    speakers: tuple[Speaker, ...]
    review: tuple[ToReview, ...]


@dataclass(frozen=True)
class _Reading:
    """What was seen and said of the voices of some turns."""

    sitting: Sitting
    clues: tuple[Clue, ...]
    lines: Lines
    known: Mapping[str, Speaker]
    """Voices about whom there is no question, by label."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every voice, in order of first speech."""
        spoken = (turn.speaker for turn in self.sitting.turns)
        return tuple(dict.fromkeys(label for label in spoken if label is not None))


def attribute(
    turns: tuple[Turn, ...],
    roster: tuple[Person, ...],
    cues: tuple[Cue, ...] = (),
    known: Mapping[str, Speaker] = _UNKNOWN,
) -> Attribution:
    """Tell voices apart by what is said and seen, name them, and list what a clerk should hear.

    `cues` are on the same time line as the turns. No word is lost or moved. `known` are voices
    that are alone on a person's own track, by label: they stay whole and bear the name given,
    whatever is said; a sign against it is only listed.
    """
    reading = _read(part_swallowed(turns, roster, known), roster, cues, known)
    parted = part_by_lines(reading.sitting.turns, reading.lines, known)
    if parted != reading.sitting.turns:
        reading = _read(parted, roster, cues, known)
    parted, contested = part_by_clues(reading.sitting, reading.clues, known)
    if parted != reading.sitting.turns:
        reading = _read(parted, roster, cues, known)
    speakers = tuple(
        Speaker(s.label, reason=contested[s.label]) if s.label in contested else s
        for s in _name(reading, roster)
    )
    return Attribution(parted, speakers, doubts(reading.sitting, reading.clues, speakers))


def name_speakers(
    turns: tuple[Turn, ...], roster: tuple[Person, ...], cues: tuple[Cue, ...] = ()
) -> tuple[Speaker, ...]:
    """Every voice of the turns as it is, in order of first speech, named where that is clear.

    `reason` tells a clerk, in French, why a name was given or left open.
    """
    return _name(_read(turns, roster, cues), roster)


def name_doubts(
    turns: tuple[Turn, ...],
    speakers: Sequence[Speaker],
    roster: tuple[Person, ...],
    cues: tuple[Cue, ...] = (),
) -> tuple[ToReview, ...]:
    """The turns whose own evidence contradicts the name that their voice bears, by start."""
    reading = _read(turns, roster, cues)
    return doubts(reading.sitting, reading.clues, speakers)


def _read(
    turns: tuple[Turn, ...],
    roster: Sequence[Person],
    cues: tuple[Cue, ...],
    known: Mapping[str, Speaker] = _UNKNOWN,
) -> _Reading:
    sitting = read_sitting(turns, roster)
    said = find_clues(sitting, roster)
    claims = {**_called(sitting, said, roster), **known}
    called = {label: claimed.person for label, claimed in claims.items() if claimed.person}
    lines = without_rooms(read_lines(cues, roster), turns, called)
    return _Reading(sitting, (*said, *line_clues(sitting.floors, lines)), lines, known)


def _called(
    sitting: Sitting, clues: Sequence[Clue], roster: Sequence[Person]
) -> dict[str, Speaker]:
    """Who each voice is by what is said, by label; nobody, with a reason, where that is unclear."""
    by_label: dict[str, list[Clue]] = defaultdict(list)
    for clue in clues:
        if (label := sitting.floors[clue.floor].label) and label not in sitting.chairs:
            by_label[label].append(clue)
    claims = {
        label: claim(label, told) or Speaker(label, reason=unclear(told))
        for label, told in by_label.items()
    }
    return claims | name_chairs(sitting, roster)


def _name(reading: _Reading, roster: Sequence[Person]) -> tuple[Speaker, ...]:
    said = [clue for clue in reading.clues if clue.source is Evidence.CHAIR]
    called = _called(reading.sitting, said, roster)
    seen: Mapping[str, Speaker] = name_by_lines(reading.sitting.turns, reading.lines)
    speakers = [
        reading.known.get(label) or _weigh(label, seen.get(label), called.get(label))
        for label in reading.labels
    ]
    doubtful = _second_voices(speakers) - set(reading.known)
    return tuple(_open_again(s) if s.label in doubtful else s for s in speakers)


def _weigh(label: str, seen: Speaker | None, called: Speaker | None) -> Speaker:
    """One voice's name from its two sources; none if they contradict each other."""
    if seen is None or called is None or called.person is None:
        return seen or called or Speaker(label)
    if seen.person != called.person:
        reason = f"à vérifier : {seen.person}, {seen.reason}, mais {called.person}, {called.reason}"
        return Speaker(label, reason=reason)
    confidence = round(1 - (1 - seen.confidence) * (1 - called.confidence), 2)
    reason = f"{seen.reason} ; {called.reason}"
    return Speaker(label, seen.person, Evidence.PLATFORM, confidence, reason)


def _second_voices(speakers: Iterable[Speaker]) -> frozenset[str]:
    """Labels of voices whose person has a better claim elsewhere, and whose own is not strong."""
    by_person: dict[str, list[Speaker]] = defaultdict(list)
    for speaker in speakers:
        if speaker.person is not None:
            by_person[speaker.person].append(speaker)
    return frozenset(label for voices in by_person.values() for label in _doubtful(voices))


def _doubtful(voices: Sequence[Speaker]) -> list[str]:
    ranked = sorted(voices, key=_claim_strength, reverse=True)
    if len(ranked) == 1:
        return []
    tie = _claim_strength(ranked[0]) == _claim_strength(ranked[1])
    others = ranked if tie else ranked[1:]
    return [voice.label for voice in others if voice.confidence < STRONG]


def _claim_strength(speaker: Speaker) -> tuple[int, float]:
    return _RANK[speaker.evidence], speaker.confidence


def _open_again(speaker: Speaker) -> Speaker:
    reason = f"à vérifier : {speaker.person}, {speaker.reason}, mais une autre voix porte ce nom"
    return Speaker(speaker.label, reason=reason)
