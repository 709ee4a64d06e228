"""Who the voices are, without any voice print: evidence from the platform and from what is said.

Pure: turns, roster and caption cues in, one `Speaker` per voice out. Open is better than wrong: two
sources that disagree leave the name open, and a person bears two voices only on strong evidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.chair import name_chairs, read_sitting
from ingest.clues import Clue, claim, find_clues
from ingest.participants import name_by_captions
from ingest.platforms import Cue
from ingest.transcript import Evidence, Person, Speaker, Turn

STRONG = 0.85
"""Confidence from which a person may bear a second voice: diarization may have split one."""
_RANK = {evidence: rank for rank, evidence in enumerate(Evidence)}


def name_speakers(
    turns: tuple[Turn, ...], roster: tuple[Person, ...], cues: tuple[Cue, ...] = ()
) -> tuple[Speaker, ...]:
    """Every voice of the turns, in order of first speech, named where the evidence is clear.

    `cues` are on the same time line as the turns. `reason` tells a clerk, in French, why a name
    was given or left open.
    """
    labels = dict.fromkeys(turn.speaker for turn in turns if turn.speaker is not None)
    sitting = read_sitting(turns, roster)
    by_label: dict[str, list[Clue]] = defaultdict(list)
    for clue in find_clues(sitting, roster):
        by_label[str(sitting.floors[clue.floor].label)].append(clue)
    seen = name_by_captions(turns, roster, cues)
    called = {label: claim(label, clues) for label, clues in by_label.items()}
    called = {label: who for label, who in called.items() if label not in sitting.chairs}
    called |= name_chairs(sitting, roster)
    speakers = [_weigh(label, seen.get(label), called.get(label)) for label in labels]
    doubtful = _second_voices(speakers)
    return tuple(_open_again(s) if s.label in doubtful else s for s in speakers)


def _weigh(label: str, seen: Speaker | None, called: Speaker | None) -> Speaker:
    """One voice's name from its two sources; none if they contradict each other."""
    if seen is None or called is None:
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
