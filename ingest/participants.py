"""Voices named by a videoconference: whose line was open while a voice spoke.

Knows captions' names and times, and how platforms spell people. Does not read what was said. A
participant whose time is spread over several voices is a room's device, and names none of them.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rapidfuzz.fuzz import token_sort_ratio

from ingest.heard_names import surnames
from ingest.platforms import Cue
from ingest.text import fold
from ingest.transcript import Evidence, Person, Speaker, Turn

_ROOM_SPREAD = 0.15  # of a participant's time in other voices than the first: one person has none
_ONE_VOICE = 0.7  # of a voice's captioned time that one participant must hold
_LEAST_MS = 3_000
_SAME_NAME, _MARGIN = 88.0, 6.0
_DEVICES = re.compile(
    r"\b(?:salle|conseil|mairie|ville|commune|room|meeting|webex|zoom|teams|iphone|ipad|galaxy"
    r"|samsung|android|pc|mac|macbook|laptop|poste|micro|hote|host|admin|invite|guest|user"
    r"|utilisateur|participant|secretariat|regie|technique|bureau|tribune|presse|unknown|inconnu)\b"
)
_FULL_NAME = 2, 5  # words


def name_by_captions(
    turns: Sequence[Turn], roster: Sequence[Person], cues: Sequence[Cue]
) -> dict[str, Speaker]:
    """The voices that one participant alone explains, by label."""
    shared = _shared_time(turns, cues)
    rooms = _rooms(shared)
    named = (_claim(label, held, rooms, roster) for label, held in shared.items())
    return {speaker.label: speaker for speaker in named if speaker}


def roster_name(participant: str, roster: Sequence[Person]) -> str | None:
    """A participant's name as the roster spells it, or None when it is not one of its people."""
    plain = _plain(participant)
    fits = sorted(((_same(plain, person), person.name) for person in roster), reverse=True)
    if not fits or fits[0][0] < _SAME_NAME:
        return None
    alone = len(fits) == 1 or fits[0][0] - fits[1][0] >= _MARGIN
    return fits[0][1] if alone else None


def is_a_person(participant: str) -> bool:
    """Does this read as somebody's first name and surname, rather than as a device or a place?"""
    words = re.findall(r"[^\W\d_][\w'’.-]*", participant)
    least, most = _FULL_NAME
    if not least <= len(words) <= most or re.search(r"\d", participant):
        return False
    return (
        not _DEVICES.search(fold(participant)) and words[0][0].isupper() == words[-1][0].isupper()
    )


def _shared_time(turns: Sequence[Turn], cues: Sequence[Cue]) -> dict[str, Counter[str]]:
    """Milliseconds that each voice shares with each participant."""
    ordered = sorted(cues)
    starts = [cue.start_ms for cue in ordered]
    longest = max((cue.end_ms - cue.start_ms for cue in ordered), default=0)
    shared: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        if turn.speaker is None:
            continue
        first = bisect_left(starts, turn.start_ms - longest)
        for cue in ordered[first : bisect_left(starts, turn.end_ms)]:
            both = min(cue.end_ms, turn.end_ms) - max(cue.start_ms, turn.start_ms)
            if both > 0:
                shared[turn.speaker][cue.participant] += both
    return shared


def _rooms(shared: Mapping[str, Counter[str]]) -> frozenset[str]:
    """Participants whose time is spread over several voices."""
    by_participant: dict[str, list[int]] = defaultdict(list)
    for held in shared.values():
        for participant, ms in held.items():
            by_participant[participant].append(ms)
    return frozenset(
        participant
        for participant, times in by_participant.items()
        if sum(times) - max(times) > max(_ROOM_SPREAD * sum(times), _LEAST_MS)
    )


def _claim(
    label: str, held: Counter[str], rooms: frozenset[str], roster: Sequence[Person]
) -> Speaker | None:
    participant, ms = held.most_common(1)[0]
    share = ms / held.total()
    if participant in rooms or share < _ONE_VOICE or ms < _LEAST_MS:
        return None
    name = roster_name(participant, roster)
    if name is None and not is_a_person(participant):
        return None
    reason = f"sous le nom de « {participant} » dans la visioconférence"
    confidence = round((0.97 if name else 0.85) * share, 2)
    return Speaker(label, name or participant, Evidence.PLATFORM, confidence, reason)


def _plain(participant: str) -> str:
    """Without what platforms add: "(PLR)", "@ville.ch", "- Groupe", points and commas."""
    bare = re.sub(r"\(.*?\)|\[.*?\]|@\S+|\s[-–|].*", " ", participant)
    return " ".join(re.findall(r"[a-z]+", fold(bare)))


def _same(plain: str, person: Person) -> float:
    """Likeness of a folded participant to a person: whole name, or initial or none and surname."""
    whole = token_sort_ratio(plain, " ".join(re.findall(r"[a-z]+", fold(person.name))))
    words = plain.split()
    short = [w for w in words if len(w) > 1]
    last = [" ".join(re.findall(r"[a-z]+", fold(s))) for s in surnames(person.name)]
    initials = [w for w in words if len(w) == 1]
    fits = all(fold(person.name).startswith(initial) for initial in initials)
    return max(whole, 95.0) if fits and " ".join(short) in last else whole
