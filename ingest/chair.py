"""Voices named by the sitting itself: the chair calls a person, and a voice answers.

Knows who gives the floor and which voice takes it next. Votes are counted over all the calls of a
sitting: one call that nobody answers, or that another answers, must not name anybody.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.calls import Act, Mention, find_mentions
from ingest.heard_names import is_woman
from ingest.text import clock, fold
from ingest.transcript import Evidence, Person, Speaker, Turn

_CALLS = (Act.GIVES, Act.BARE)
_WEIGHTS = {Act.GIVES: 2.0, Act.THANKS: 1.5, Act.BARE: 1.3}
_SPEECH_MS = 3_000  # less is an interjection, or a "merci"
_ANSWER_WITHIN_MS = 20_000
_CALL_TAIL_MS = 10_000  # a chair may say this much more after the name, before the floor is taken
_HEAD_MS = 6_000
_CHAIR_CALLS, _CHAIR_SHARE = 2, 0.5
_SURE_SCORE, _UNSURE = 90.0, 0.7
_UNCHAIRED = 0.9  # the words of a call in another voice: most often a border cut too late
_LEAST_WEIGHT, _CLEARLY = 1.2, 3.0


@dataclass(frozen=True)
class Floor:
    """Neighbouring turns of one voice."""

    label: str | None
    start_ms: int
    end_ms: int

    @property
    def is_speech(self) -> bool:
        """Is this long enough to be more than an interjection?"""
        return self.end_ms - self.start_ms >= _SPEECH_MS


@dataclass(frozen=True)
class _Vote:
    """One sign that a voice is a person's."""

    label: str
    person: str
    weight: float
    mention: Mention


@dataclass(frozen=True)
class Sitting:
    """What the votes are drawn from. `floor_of` gives each turn's place in `floors`."""

    floors: tuple[Floor, ...]
    floor_of: tuple[int, ...]
    mentions: tuple[Mention, ...]
    chairs: frozenset[str]

    def floor(self, mention: Mention) -> Floor:
        """The floor in which something was said."""
        return self.floors[self.floor_of[mention.turn]]


def name_by_calls(turns: Sequence[Turn], roster: Sequence[Person]) -> dict[str, Speaker]:
    """The voices that the chair's words name, and the chair's own, by label."""
    sitting = read_sitting(turns, roster)
    votes: dict[str, list[_Vote]] = defaultdict(list)
    for mention in sitting.mentions:
        if (vote := _vote(sitting, mention)) and vote.label not in sitting.chairs:
            votes[vote.label].append(vote)
    chair = _chair_person(sitting, roster)
    claims = {label: _claim(label, cast, chair, roster) for label, cast in votes.items()}
    named = {label: claim for label, claim in claims.items() if claim}
    return named | _chair_claims(sitting, chair)


def read_sitting(turns: Sequence[Turn], roster: Sequence[Person]) -> Sitting:
    """Who holds the floor when, what is said of whom, and which voices chair."""
    floors: list[Floor] = []
    floor_of = []
    for turn in turns:
        if floors and floors[-1].label == turn.speaker:
            floors[-1] = Floor(turn.speaker, floors[-1].start_ms, turn.end_ms)
        else:
            floors.append(Floor(turn.speaker, turn.start_ms, turn.end_ms))
        floor_of.append(len(floors) - 1)
    mentions = find_mentions(turns, roster)
    calls = Counter(label for m in mentions if m.act in _CALLS and (label := turns[m.turn].speaker))
    return Sitting(tuple(floors), tuple(floor_of), mentions, _chairs(calls, turns))


def _chairs(calls: Counter[str], turns: Sequence[Turn]) -> frozenset[str]:
    """The voice that gives the floor most, and its other half if diarization has split it.

    A second voice is that half only if the two alternate: one that takes over is another person.
    """
    if not calls:
        return frozenset()
    first, most = calls.most_common(1)[0]
    if most < _CHAIR_CALLS or most < _CHAIR_SHARE * calls.total():
        return frozenset()
    spans = {
        label: (min(t.start_ms for t in theirs), max(t.end_ms for t in theirs))
        for label, n in calls.items()
        if n >= _CHAIR_CALLS and (theirs := [t for t in turns if t.speaker == label])
    }
    start, end = spans[first]
    return frozenset(label for label, (a, b) in spans.items() if a < end and start < b)


def _vote(sitting: Sitting, mention: Mention) -> _Vote | None:
    """What one mention says of which voice."""
    caller = sitting.floor(mention)
    chaired = caller.label in sitting.chairs
    weight = _WEIGHTS.get(mention.act)
    if mention.person is None or weight is None or not (chaired or mention.act is Act.GIVES):
        return None
    voice = _before(sitting, mention) if mention.act is Act.THANKS else _after(sitting, mention)
    if voice is None:
        return None
    sure = 1.0 if mention.score >= _SURE_SCORE else _UNSURE
    return _Vote(voice, mention.person, weight * sure * (1.0 if chaired else _UNCHAIRED), mention)


def _after(sitting: Sitting, call: Mention) -> str | None:
    """The voice that takes the floor after a call, unless the caller goes on."""
    caller = sitting.floor(call)
    if caller.end_ms - call.end_ms > _CALL_TAIL_MS:
        # The border came late: the call of the chair opens the turn of the person called.
        opens = call.start_ms - caller.start_ms < _HEAD_MS and caller.label not in sitting.chairs
        return caller.label if opens else None
    later = sitting.floors[sitting.floor_of[call.turn] + 1 :]
    if caller.label not in sitting.chairs:  # the call's last words may be left to the chair
        later = later[bool(later) and later[0].label in sitting.chairs :]
    answer = next((floor for floor in later if floor.is_speech), None)
    if answer is None or answer.label == caller.label:
        return None
    return answer.label if answer.start_ms - call.end_ms < _ANSWER_WITHIN_MS else None


def _before(sitting: Sitting, thanks: Mention) -> str | None:
    """The voice that has just finished when the chair says thank you."""
    chair = sitting.floor(thanks)
    if thanks.start_ms - chair.start_ms > _HEAD_MS:
        return None
    earlier = reversed(sitting.floors[: sitting.floor_of[thanks.turn]])
    thanked = next((floor for floor in earlier if floor.is_speech), None)
    if thanked is None or thanked.label == chair.label:
        return None
    return thanked.label if chair.start_ms - thanked.end_ms < _ANSWER_WITHIN_MS else None


def _claim(
    label: str, votes: Sequence[_Vote], chair: Person | None, roster: Sequence[Person]
) -> Speaker | None:
    """The person that a voice's votes clearly name."""
    weights: dict[str, float] = defaultdict(float)
    for vote in votes:
        weights[vote.person] += vote.weight
    person = max(weights, key=lambda name: weights[name])
    best = weights.pop(person)
    second = max(weights.values(), default=0.0)
    if best < _LEAST_WEIGHT or best < _CLEARLY * second:
        return None
    confidence = (1 - 0.5**best) * best / (best + second)
    reason = _why([vote.mention for vote in votes if vote.person == person], chair, roster)
    return Speaker(label, person, Evidence.CHAIR, round(confidence, 2), reason)


def _why(mentions: Sequence[Mention], chair: Person | None, roster: Sequence[Person]) -> str:
    """ "appelée par la présidente à 0:12:31 (et 2 autres fois)"."""
    calls = [m for m in mentions if m.act is not Act.THANKS] or list(mentions)
    verb = "remerci" if calls[0].act is Act.THANKS else "appel"
    who = {True: "la présidente", False: "le président", None: "la présidence"}[
        is_woman(chair, roster) if chair else None
    ]
    ending = "ée" if calls[0].woman else "é"
    others = len(mentions) - 1
    more = f" (et {others} autre{'s' if others > 1 else ''} fois)" if others else ""
    return f"{verb}{ending} par {who} à {clock(calls[0].start_ms)}{more}"


def _chair_person(sitting: Sitting, roster: Sequence[Person]) -> Person | None:
    """The roster's one president, unless the sitting addresses its chair by the other title."""
    presidents = [p for p in roster if fold(p.role).split()[:1] in (["president"], ["presidente"])]
    if len(presidents) != 1:
        return None
    woman = fold(presidents[0].role).startswith("presidente")
    addressed = [m.woman for m in sitting.mentions if m.act is Act.ADDRESSES_CHAIR]
    return presidents[0] if 2 * addressed.count(woman) >= len(addressed) else None


def _chair_claims(sitting: Sitting, chair: Person | None) -> dict[str, Speaker]:
    if chair is None:
        return {}
    claims = {}
    for label in sitting.chairs:
        calls = sum(m.act in _CALLS and sitting.floor(m).label == label for m in sitting.mentions)
        reason = f"donne la parole {calls} fois ; « {chair.role} » dans la liste"
        confidence = round(1 - 0.5**calls, 2)
        claims[label] = Speaker(label, chair.name, Evidence.CHAIR, confidence, reason)
    return claims
