"""Voices named by a videoconference: which participant was captioned while a voice spoke.

Knows captions' names and times, and how platforms spell people. Does not read what was said. A
participant whose time is spread over several voices is a room's device (D-052), and names none of
them, unless what is said shows that the voices are one person's.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz.fuzz import token_sort_ratio

from ingest.documents.captions import Cue
from ingest.phonetics import is_woman, surnames
from ingest.speakers.chair import Floor
from ingest.speakers.clues import Clue
from ingest.text import fold
from ingest.transcript import Evidence, Person, Speaker, Turn
from ingest.written_names import read_name, without_title

_ROOM_SPREAD = 0.15  # of the time in other voices than the first: one person has none
_ONE_VOICE = 0.7  # of a voice's captioned time that one participant must hold
_LEAST_MS = 3_000  # less time together is a border that captions put elsewhere than the voices
_STRAY_MS = 4_000  # between two stretches of another participant: a platform's slip
_PAUSE_MS = 3_000  # between two captions of one participant who goes on
_PIECES = 3  # voices that diarization may make of one
_SEEN, _FLOOR_SHARE = 2.0, 0.6  # weight as a clue; the share of a floor that it takes
_SAME_NAME, _MARGIN = 88.0, 6.0  # of 100, in writing: a letter of eight; and over the next person
# What devices, rooms and roles are called, in French and in English, folded: none is a person.
_DEVICES = re.compile(
    r"\b(?:salles?|conseils?|mairie|ville|commune|room|meeting|webex|zoom|teams|iphone|ipad|galaxy"
    r"|samsung|android|xiaomi|huawei|lenovo|jabra|logitech|pc|mac|macbook|laptop|webcam|portable"
    r"|telephone|mobile|smartphone|ordinateur|ordi|tablettes?|postes?|micros?|microphones?|cameras?"
    r"|hote|host|admin|invitee?s?|guest|user|utilisateur|utilisatrice|participante?s?|visiteurs?"
    r"|secretariat|greffe|regie|technique|technicien|informatique|support|bureau|tribunes?|presse"
    r"|public|unknown|inconnue?|presidente?|presidence|orateurs?|oratrice|intervenante?s?"
    r"|interpretes?|traduction|enregistrements?|enregistreur|recording|recorder|principale?|main"
    r"|audio|video|son|sound|mix|mixage|stereo|mono|ambiance|general|generale|pistes?|tracks?|canal"
    r"|channel|voie|entree|sortie|input|output|line|tables?|pupitres?|estrade|perchoir|hemicycle"
    r"|aula|hall|foyer|scene|rangs?|rangee|sieges?|places?|droite?|gauche|centre|centrale?"
    r"|milieu|fond|avant|arriere|haut|bas|nord|sud|grande|petite|groupe|commission|parti|seance"
    r"|session|reunion|assemblee|partie|streaming|live|direct|numero|un|une|deux|trois|quatre|cinq"
    r"|six|sept|huit|neuf|dix)\b"
)
_TITLE = re.compile(
    r"(?:(?P<woman>mmes?|mlle|madame|mademoiselle)|(?P<man>mr?|monsieur)|dr|docteur|me|maitre"
    r"|prof|professeure?)\.?\s+(?=\w)"
)
_FULL_NAME = 2, 5  # words
_MARK = re.compile(r"[(\[]([^()\[\]]{1,60})[)\]]")  # a party beside a name


@dataclass(frozen=True)
class Participants:
    """Who was captioned when: stretches in order, and the people behind participants."""

    stretches: tuple[Cue, ...]
    people: Mapping[str, str]
    """The name of the person behind a participant, where there is one."""

    def overlapping(self, start_ms: int, end_ms: int) -> Iterator[tuple[str, int]]:
        """Participants heard in a stretch of time, with the milliseconds of each."""
        first = bisect_left(self._starts, start_ms - self._longest_ms)
        for cue in self.stretches[first : bisect_left(self._starts, end_ms)]:
            both = min(cue.end_ms, end_ms) - max(cue.start_ms, start_ms)
            if both > 0:
                yield cue.participant, both

    @cached_property
    def _starts(self) -> list[int]:
        return [cue.start_ms for cue in self.stretches]

    @cached_property
    def _longest_ms(self) -> int:
        return max((cue.end_ms - cue.start_ms for cue in self.stretches), default=0)


def read_participants(cues: Iterable[Cue], roster: Sequence[Person]) -> Participants:
    """Stretches of one participant each, without the slips between two stretches of another."""
    joined = _joined(sorted(cues))
    kept = [
        cue
        for before, cue, after in zip([None, *joined], joined, [*joined[1:], None], strict=False)
        if not (before and after and _is_stray(before, cue, after))
    ]
    stretches = tuple(_joined(kept))
    people = {name: person_behind(name, roster) for name in {cue.participant for cue in stretches}}
    return Participants(stretches, {name: person for name, person in people.items() if person})


def _joined(cues: Iterable[Cue]) -> list[Cue]:
    stretches: list[Cue] = []
    for cue in cues:
        last = stretches[-1] if stretches else None
        if last and last.participant == cue.participant and cue.start_ms - last.end_ms < _PAUSE_MS:
            stretches[-1] = replace(last, end_ms=max(last.end_ms, cue.end_ms))
        else:
            stretches.append(cue)
    return stretches


def _is_stray(before: Cue, cue: Cue, after: Cue) -> bool:
    near = cue.start_ms - before.end_ms < _PAUSE_MS and after.start_ms - cue.end_ms < _PAUSE_MS
    return (
        near and before.participant == after.participant and cue.end_ms - cue.start_ms < _STRAY_MS
    )


def person_behind(participant: str, roster: Sequence[Person]) -> str | None:
    """The person whose own track this is, None for a room, a device or an unknown name."""
    if known := roster_name(participant, roster):
        return known
    _, bare = _untitled(participant)
    one_of = _namesakes(bare, roster)  # which of them, only a clerk can say
    if one_of or not is_a_person(participant, roster):
        return None
    titled = without_title(participant) != participant
    return participant if titled else read_name(participant).name


def without_rooms(
    participants: Participants, turns: Sequence[Turn], said: Mapping[str, str]
) -> Participants:
    """The same participants, without a person behind those that hold several voices.

    `said` is who each voice is by what is said, by label: a few voices, all given to the
    participant's own person or to none, are one voice that was split.
    """
    by_line: dict[str, Counter[str]] = defaultdict(Counter)
    for label, held in shared_time(turns, participants).items():
        for participant, ms in held.items():
            by_line[participant][label] += ms
    own = {
        participant: person
        for participant, person in participants.people.items()
        if not _is_room(by_line[participant], {said.get(v) for v in by_line[participant]}, person)
    }
    return replace(participants, people=own)


def _is_room(voices: Counter[str], said: set[str | None], person: str) -> bool:
    spread = voices.total() - max(voices.values(), default=0)
    split = said - {None} == {person} and len(voices) <= _PIECES
    return spread > max(_ROOM_SPREAD * voices.total(), _LEAST_MS) and not split


def name_by_participants(turns: Sequence[Turn], participants: Participants) -> dict[str, Speaker]:
    """The voices that one person's captions alone explain, by label."""
    named = (
        _claim(label, held, participants)
        for label, held in shared_time(turns, participants).items()
    )
    return {speaker.label: speaker for speaker in named if speaker}


def shared_time(turns: Sequence[Turn], participants: Participants) -> dict[str, Counter[str]]:
    """Milliseconds that each voice shares with each participant."""
    shared: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        if turn.speaker is not None:
            for participant, ms in participants.overlapping(turn.start_ms, turn.end_ms):
                shared[turn.speaker][participant] += ms
    return shared


def participant_clues(floors: Sequence[Floor], participants: Participants) -> Iterator[Clue]:
    """A clue for each floor during most of which one person is captioned."""
    for at, floor in enumerate(floors):
        held = Counter[str]()
        for participant, ms in participants.overlapping(floor.start_ms, floor.end_ms):
            held[participant] += ms
        if not held:
            continue
        participant, ms = held.most_common(1)[0]
        person = participants.people.get(participant)
        if person and floor.is_speech and ms >= _FLOOR_SHARE * (floor.end_ms - floor.start_ms):
            why = seen_as(participant)
            yield Clue(at, person, _SEEN, floor.start_ms, why, Evidence.PLATFORM)


def _claim(label: str, held: Counter[str], participants: Participants) -> Speaker | None:
    participant, ms = held.most_common(1)[0]
    share = ms / held.total()
    person = participants.people.get(participant)
    if person is None or share < _ONE_VOICE or ms < _LEAST_MS:
        return None
    reason = seen_as(participant)
    confidence = round((0.97 if person != participant else 0.9) * share, 2)
    return Speaker(label, person, Evidence.PLATFORM, confidence, reason)


def seen_as(participant: str) -> str:
    """ "sous le nom de « ... »": what completes "Claire Fontanet, ..."."""
    return f"sous le nom de « {participant} » dans la visioconférence"


def roster_name(participant: str, roster: Sequence[Person]) -> str | None:
    """A participant's name as the roster spells it, or None when it is not one of its people.

    A surname alone will do where it is one person's, and "Mme" must not go with a man's role.
    """
    if known := next((p for p in roster if fold(p.name) == fold(participant)), None):
        return known.name
    woman, bare = _untitled(participant)
    plain = _plain(bare)
    if namesakes := _namesakes(bare, roster):
        marks = {fold(mark) for mark in _MARK.findall(participant)}
        meant = [one for one in namesakes if marks & {fold(one.group), fold(one.role)} - {""}]
        return meant[0].name if len(meant) == 1 else None
    people = [p for p in roster if woman is None or is_woman(p, roster) in (None, woman)]
    fits = sorted(((_same(plain, person), person.name) for person in people), reverse=True)
    if not fits or fits[0][0] < _SAME_NAME or _is_first_name(plain, roster):
        return None
    alone = len(fits) == 1 or fits[0][0] - fits[1][0] >= _MARGIN
    return fits[0][1] if alone else None


def _namesakes(bare: str, roster: Sequence[Person]) -> list[Person]:
    """People of the roster who are all called so, where there are several."""
    words = sorted(_plain(bare).split())
    found = [
        one
        for one in roster
        if any(sorted(_plain(name).split()) == words for name in one.spellings)
    ]
    return found if words and len(found) > 1 else []


def is_a_person(participant: str, roster: Sequence[Person] = ()) -> bool:
    """Does this read as a person's first name and surname, rather than as a device or a place?

    Who is not on a roster that is given must write both with capitals: a file may be named so too.
    """
    _, bare = _untitled(participant)
    words = re.findall(r"[^\W\d_][\w'’.-]*", bare)
    least, most = _FULL_NAME
    if not least <= len(words) <= most or re.search(r"\d", bare):
        return False
    if _DEVICES.search(fold(bare.replace("_", " "))):
        return False
    first, last = words[0], words[-1]
    capitals = first[0].isupper(), last[0].isupper()
    return all(capitals) and len(last) > 1 if roster else capitals[0] == capitals[1]


def _untitled(participant: str) -> tuple[bool | None, str]:
    """Whether the title is a woman's, and the participant without it: "Mme Fontanet"."""
    title = _TITLE.match(fold(participant))
    if title is None:
        return None, participant
    woman = True if title["woman"] else False if title["man"] else None
    return woman, participant.strip()[len(title[0]) :]


def _is_first_name(plain: str, roster: Sequence[Person]) -> bool:
    """ "Martin" may be Martin Rochat's first name, though it is Paul Martin's surname."""
    firsts = (spelling.split()[:1] for person in roster for spelling in person.spellings)
    return any(plain == _plain(first) for words in firsts for first in words)


def _plain(participant: str) -> str:
    """Without what platforms add: "(PLR)", "@ville.ch", "- Groupe", points and commas."""
    bare = re.sub(r"\(.{0,200}?\)|\[.{0,200}?\]|@\S+|\s[-–|].*", " ", participant)
    return " ".join(re.findall(r"[a-z]+", fold(bare)))


def _same(plain: str, person: Person) -> float:
    """Likeness of a folded participant to a person, by the name that is most alike."""
    return max(_likeness(plain, spelling) for spelling in person.spellings)


def _likeness(plain: str, name: str) -> float:
    """Likeness of a folded participant to a whole name or surname, after an initial or not."""
    whole = token_sort_ratio(plain, " ".join(re.findall(r"[a-z]+", fold(name))))
    words = plain.split()
    short = [w for w in words if len(w) > 1]
    last = [" ".join(re.findall(r"[a-z]+", fold(s))) for s in surnames(name)]
    initials = [w for w in words if len(w) == 1]
    fits = all(fold(name).startswith(initial) for initial in initials)
    return max(whole, 95.0) if fits and " ".join(short) in last else whole
