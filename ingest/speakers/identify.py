"""Who the voices are, without any voice print: evidence from the platform and from what is said.

Pure: turns, roster and caption cues in, one `Speaker` per voice out. Open is better than wrong: two
sources that disagree leave the name open, and a person bears two voices only on strong evidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ingest.documents.captions import Cue
from ingest.speakers.chair import Debate, name_chairs, read_debate
from ingest.speakers.clues import Clue, claim, find_clues, unclear
from ingest.speakers.participants import (
    Participants,
    name_by_participants,
    participant_clues,
    read_participants,
    without_rooms,
)
from ingest.speakers.resplit import part_by_clues, part_by_participants, part_swallowed
from ingest.speakers.review_items import name_doubts
from ingest.transcript import Evidence, Person, ReviewItem, Speaker, Turn

STRONG = 0.85
"""Confidence from which a person may bear a second voice: diarization may have split one. Lower,
3 points more speech is rightly named and 1 more wrongly (D-051)."""
_UNKNOWN: Mapping[str, Speaker] = MappingProxyType({})
_RANK = {Evidence.PLATFORM: 1, Evidence.CLERK: 2}  # what is stated and inferred weigh the same


@dataclass(frozen=True)
class Attribution:
    """Turns whose voices were told apart once more, who the voices are, and what is doubtful."""

    turns: tuple[Turn, ...]
    speakers: tuple[Speaker, ...]
    review: tuple[ReviewItem, ...]


@dataclass(frozen=True)
class Signs:
    """What was seen and said of the voices of a debate; `known` are voices beyond question."""

    debate: Debate
    participants: Participants
    clues: tuple[Clue, ...]
    known: Mapping[str, Speaker]


def attribute(
    turns: tuple[Turn, ...],
    roster: tuple[Person, ...],
    cues: tuple[Cue, ...] = (),
    known: Mapping[str, Speaker] = _UNKNOWN,
) -> Attribution:
    """Tell voices apart by what is said and seen, name them, and list what a clerk should hear.

    `cues` are on the same time line as the turns. No word is lost or moved. `known` are voices
    that are alone on a person's own track, by label: they stay whole and bear the name given,
    whatever is said; a sign against it is only listed. What is said is read once, and again only
    where turns are cut.
    """
    debate = read_debate(turns, roster)
    participants = read_participants(cues, roster)
    debate = debate.with_turns(part_swallowed(debate, known), roster)
    signs = find_signs(debate, participants, roster, known)
    debate = debate.with_turns(
        part_by_participants(debate.turns, signs.participants, known), roster
    )
    signs = signs if debate is signs.debate else find_signs(debate, participants, roster, known)
    parted, contested = part_by_clues(debate, signs.clues, known)
    debate = debate.with_turns(parted, roster)
    signs = signs if debate is signs.debate else find_signs(debate, participants, roster, known)
    speakers = tuple(
        Speaker(s.label, reason=contested[s.label]) if s.label in contested else s
        for s in name_voices(signs, roster)
    )
    return Attribution(debate.turns, speakers, name_doubts(debate, signs.clues, speakers))


def find_signs(
    debate: Debate,
    participants: Participants,
    roster: Sequence[Person],
    known: Mapping[str, Speaker] = _UNKNOWN,
) -> Signs:
    """What the words and the platform tell of each voice."""
    said = find_clues(debate, roster)
    claims = {**_called(debate, said, roster), **known}
    called = {label: claimed.person for label, claimed in claims.items() if claimed.person}
    own = without_rooms(participants, debate.turns, called)
    return Signs(debate, own, (*said, *participant_clues(debate.floors, own)), known)


def name_voices(signs: Signs, roster: Sequence[Person]) -> tuple[Speaker, ...]:
    """Every voice of the turns as it is, in order of first speech, named where that is clear.

    `reason` says to a clerk, in French, why a name was given or left open.
    """
    turns = signs.debate.turns
    said = [clue for clue in signs.clues if clue.source is Evidence.CHAIR]
    called = _called(signs.debate, said, roster)
    seen = name_by_participants(turns, signs.participants)
    labels = dict.fromkeys(turn.speaker for turn in turns if turn.speaker is not None)
    speakers = [
        signs.known.get(label) or _weigh(label, seen.get(label), called.get(label))
        for label in labels
    ]
    doubtful = _second_voices(speakers) - set(signs.known)
    return tuple(_open_again(s) if s.label in doubtful else s for s in speakers)


def _called(debate: Debate, clues: Sequence[Clue], roster: Sequence[Person]) -> dict[str, Speaker]:
    """Who each voice is by what is said, by label; no person, but a reason, where unclear."""
    by_label: dict[str, list[Clue]] = defaultdict(list)
    for clue in clues:
        if (label := debate.floors[clue.floor].label) and label not in debate.chairs:
            by_label[label].append(clue)
    claims = {
        label: claim(label, about) or Speaker(label, reason=unclear(about))
        for label, about in by_label.items()
    }
    return claims | name_chairs(debate, roster)


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
    return _RANK.get(speaker.evidence, 0), speaker.confidence


def _open_again(speaker: Speaker) -> Speaker:
    reason = f"à vérifier : {speaker.person}, {speaker.reason}, mais une autre voix porte ce nom"
    return Speaker(speaker.label, reason=reason)
