"""Signs of who holds which floor: called, thanked, asked, answered, or introduced.

Knows where in a session each phrase points: to the voice after it, before it, or its own. Clues
are weighed over all the floors of a voice: one call without an answer, or
with another's, must not name a voice.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from ingest.phonetics import Guess, is_woman
from ingest.speakers.calls import Act, Mention
from ingest.speakers.chair import CALL_TAIL_MS, HEAD_MS, Debate, president_of
from ingest.text import clock, fold
from ingest.transcript import Evidence, Person, Speaker

# One's own word counts most, then the chair's call, then thanks; what members say least. Chosen
# together on made-up sessions and the samples: `python -m tests.eval.names`.
_GIVES, _BARE, _THANKS, _EXCHANGE, _ASKED, _REPLIED, _INTRODUCED = 2.0, 1.3, 1.5, 1.2, 0.9, 0.7, 3.0
_READS_ROLL = 1.2  # enough by itself: no other sign is there, and one person alone has the role
_NOT_HIMSELF = -1.5  # speakers do not speak of themselves as "Monsieur Rochat"
_KNOWN = 0.6  # chance that a name belongs to the person at all: a share of .8 was right .89 (D-048)
_UNCHAIRED = 0.9  # the words of a call in another voice: most often a border cut too late
_ANSWER_WITHIN_MS = 20_000  # a speaker walks to the desk; after more, another has come in
_ASKED_WITHIN_MS = 15_000  # from the name to the question's end: a later name is only spoken of
# How a reason begins where the name itself was said: by who gives the floor, or who takes it.
_STATED = ("appel", "annoncé", "se ")
# A name takes one clear call, .8 of it not a rival's too, and three times the rival's own (D-049).
_LEAST_WEIGHT, _OWN, CLEARLY = 1.2, 0.8, 3.0
_HINT, _SHOWN = 0.5, 2  # of a name that a clerk is shown though it is not given; how many of them


@dataclass(frozen=True)
class Clue:
    """A sign that a floor is a person's or, with a negative weight, that it is not.

    `why` completes "Claire Fontanet, ..." in French. `heard` is the name as it was heard, and
    `share` how likely it is the person's: hearing it again says no more about that. `states`: it
    says who speaks, by name, and leaves nothing to infer.
    """

    floor: int
    person: str
    weight: float
    at_ms: int
    why: str
    source: Evidence = Evidence.CHAIR
    heard: str = ""
    share: float = 1.0
    states: bool = False


def find_clues(debate: Debate, roster: Sequence[Person]) -> tuple[Clue, ...]:
    """Every clue in what is said, by the floor that it is about."""
    by_chair = _chair_words(roster)
    found = [clue for m in debate.mentions for clue in _of_mention(debate, m, by_chair)]
    found += list(_introduced(debate, by_chair))
    found += list(_reads_roll(debate, roster, {debate.floors[clue.floor].label for clue in found}))
    return tuple(sorted(found, key=lambda clue: (clue.floor, clue.at_ms)))


def _chair_words(roster: Sequence[Person]) -> str:
    chair = president_of(roster)
    woman = is_woman(chair, roster) if chair else None
    return {True: "la présidente", False: "le président", None: "la présidence"}[woman]


def _of_mention(debate: Debate, mention: Mention, by_chair: str) -> Iterator[Clue]:
    floor = debate.floor_of[mention.turn]
    chaired = debate.floors[floor].label in debate.chairs
    ending = "ée" if mention.woman else "é"
    by = f"par {by_chair}" if chaired else "dans le débat"
    match mention.act:
        case Act.GIVES if chaired and _is_superseded(debate, mention):
            return
        case Act.GIVES:
            weight = _GIVES * (1.0 if chaired else _UNCHAIRED)
            why = f"appel{ending} {by}"
            yield from _clues(_after(debate, mention), mention, weight, why, states=True)
        case Act.BARE if chaired:
            why = f"appel{ending} {by}"
            yield from _clues(_after(debate, mention), mention, _BARE, why, states=True)
        case Act.THANKS | Act.THANKS_FOR if chaired:
            yield from _clues(_before(debate, mention), mention, _THANKS, f"remerci{ending} {by}")
        case Act.THANKS_FOR:
            yield from _clues(_before(debate, mention), mention, _EXCHANGE, f"remerci{ending} {by}")
        case Act.REPLIES if not chaired:
            yield from _clues(_before(debate, mention), mention, _REPLIED, "à qui l'on répond")
        case Act.ASKS | Act.BARE if not chaired:
            yield from _clues(_asked(debate, mention), mention, _ASKED, f"interpell{ending}")
    if not chaired and mention.person and _is_own_words(debate, mention):
        why = "dont la même voix parle"
        yield Clue(floor, mention.person, _NOT_HIMSELF, mention.start_ms, _at(why, mention))


def _is_superseded(debate: Debate, call: Mention) -> bool:
    """Does the chair, before letting a person speak, call once more? The last call counts."""
    return call.start_ms < debate.last_calls.get(debate.floor_of[call.turn], 0)


def _clues(
    floor: int | None, mention: Mention, weight: float, why: str, *, states: bool = False
) -> Iterator[Clue]:
    if floor is not None:
        at_ms, why, heard = mention.start_ms, _at(why, mention), mention.heard
        yield from _weighed(floor, mention.guesses, weight, at_ms, why, heard, states=states)


def _at(why: str, mention: Mention) -> str:
    return f"{why} à {clock(mention.start_ms)}"


def _weighed(
    floor: int,
    guesses: Iterable[Guess],
    weight: float,
    at_ms: int,
    why: str,
    heard: str,
    *,
    states: bool,
) -> Iterator[Clue]:
    for guess in guesses:
        yield Clue(
            floor,
            guess.person,
            weight * guess.share,
            at_ms,
            why,
            heard=heard,
            share=guess.share,
            states=states,
        )


def _introduced(debate: Debate, by_chair: str) -> Iterator[Clue]:
    """A name that a chair says is not the chair's own: it calls the next speaker."""
    for said in debate.introductions:
        floor = debate.floor_of[said.turn]
        at = clock(said.start_ms)
        if debate.floors[floor].label not in debate.chairs:
            why = f"se présente à {at}"
            weight = _INTRODUCED
        elif floor + 1 < len(debate.floors) and debate.floors[floor + 1].is_speech:
            why = f"annoncé par {by_chair} à {at}"
            floor, weight = floor + 1, _BARE
        else:
            continue
        yield from _weighed(
            floor, said.guesses, weight, said.start_ms, why, said.heard, states=True
        )


# "Soixante-neuf membres sont présents, six sont excusés", "le quorum est atteint".
_ROLL = re.compile(
    r"\b(?:membres|conseillers|elus|personnes) (?:sont |ont ete )?(?:presents|excuse|absent)"
    r"|\bsont (?:excuse|absent)\w*|\brecu (?:\w+ )?excuses\b|\bquorum (?:de \w+ )?est atteint"
)
_KEEPER = re.compile(r"secretaire|greffi|chanceli|sautier")
_ROLL_MS = 60_000  # a roll is read in less; who says more of those absent may be any member


def _reads_roll(
    debate: Debate, roster: Sequence[Person], signed: Collection[str | None]
) -> Iterator[Clue]:
    """The one secretary of the list reads who is there: in a voice of which nothing else tells."""
    keepers = [person for person in roster if _KEEPER.match(fold(person.role))]
    if len(keepers) != 1:
        return
    for turn, at in zip(debate.turns, debate.floor_of, strict=True):
        floor = debate.floors[at]
        known = floor.label in debate.chairs or floor.label in signed
        if known or floor.end_ms - floor.start_ms > _ROLL_MS or not _ROLL.search(fold(turn.text)):
            continue
        why = f"lit les présences à {clock(turn.start_ms)} ; « {keepers[0].role} » dans la liste"
        yield Clue(at, keepers[0].name, _READS_ROLL, turn.start_ms, why)


def _is_own_words(debate: Debate, mention: Mention) -> bool:
    """Away from both borders, which may leave a word of the chair's on the wrong side."""
    floor = debate.floor(mention)
    if mention.act in (Act.REPLIES, Act.ASKS):
        return True
    within = mention.act in (Act.MENTIONS, Act.THANKS_FOR)
    early, late = mention.start_ms - floor.start_ms < HEAD_MS, floor.end_ms - mention.end_ms
    return within and not early and late > HEAD_MS


def _after(debate: Debate, call: Mention) -> int | None:
    """The floor taken after a call, unless the caller goes on."""
    place = debate.floor_of[call.turn]
    caller = debate.floors[place]
    chaired = caller.label in debate.chairs
    if caller.end_ms - call.end_ms > CALL_TAIL_MS:
        # The border came late: the call of the chair opens the turn of the person called.
        return place if call.start_ms - caller.start_ms < HEAD_MS and not chaired else None
    later = list(range(place + 1, len(debate.floors)))
    if not chaired:  # the call's last words may be left to the chair
        later = later[bool(later) and debate.floors[later[0]].label in debate.chairs :]
    answer = next((at for at in later if debate.floors[at].is_speech), None)
    if answer is None or debate.floors[answer].label == caller.label:
        return None
    soon = debate.floors[answer].start_ms - call.end_ms < _ANSWER_WITHIN_MS
    return answer if soon and debate.floors[answer].label not in debate.chairs else None


def _before(debate: Debate, thanks: Mention) -> int | None:
    """The floor that has just ended when it is thanked for, or answered."""
    place = debate.floor_of[thanks.turn]
    mine = debate.floors[place]
    if thanks.start_ms - mine.start_ms > HEAD_MS:
        return None
    thanked = next((at for at in range(place - 1, -1, -1) if debate.floors[at].is_speech), None)
    if thanked is None or debate.floors[thanked].label in {mine.label, *debate.chairs}:
        return None
    return thanked if mine.start_ms - debate.floors[thanked].end_ms < _ANSWER_WITHIN_MS else None


def _asked(debate: Debate, question: Mention) -> int | None:
    """The floor of the person who answers at once, with no chair coming in."""
    place = debate.floor_of[question.turn]
    if debate.floors[place].end_ms - question.end_ms > _ASKED_WITHIN_MS:
        return None
    answer = place + 1
    if answer >= len(debate.floors) or not debate.floors[answer].is_speech:
        return None
    return None if debate.floors[answer].label in debate.chairs else answer


def totals(clues: Iterable[Clue]) -> dict[str, float]:
    """The weight for each person."""
    weights: dict[str, float] = defaultdict(float)
    for clue in clues:
        weights[clue.person] += clue.weight
    return weights


def clear_best(clues: Sequence[Clue], least: float) -> str | None:
    """The person with at least that weight, and clearly more of their own than any other."""
    weights = totals(clues)
    person = max(weights, key=lambda name: weights[name], default=None)
    if person is None or weights[person] < least:
        return None
    shared = _shared(clues, person)
    for rival, weight in weights.items():
        own, theirs = weights[person] - shared[rival], weight - shared[rival]
        if rival != person and own < max(min(least, _OWN), CLEARLY * theirs):
            return None
    return person


def _shared(clues: Iterable[Clue], person: str) -> dict[str, float]:
    """The weight of signs that fit a person as well as each other one: "Monsieur Rochat"."""
    signs: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for clue in clues:
        signs[clue.at_ms, clue.heard][clue.person] += max(0.0, clue.weight)
    shared: dict[str, float] = defaultdict(float)
    for weights in signs.values():
        for rival, weight in weights.items():
            shared[rival] += min(weight, weights.get(person, 0.0))
    return shared


def claim(label: str, clues: Sequence[Clue]) -> Speaker | None:
    """The person that the clues to a voice's floors clearly name."""
    person = clear_best(clues, _LEAST_WEIGHT)
    if person is None or not _is_known(clues, person):
        return None
    weights, shared = totals(clues), _shared(clues, person)
    best = weights[person]
    second = max(0.0, *(w - shared[rival] for rival, w in weights.items() if rival != person), 0.0)
    confidence = (1 - 0.5**best) * best / (best + second)
    stated = any(clue.states and clue.person == person for clue in clues)
    evidence = Evidence.CHAIR if stated else Evidence.INFERRED
    return Speaker(label, person, evidence, round(confidence, 2), _why(clues, person))


def is_stated(speaker: Speaker) -> bool:
    """Was the name said when its bearer took the floor? Else it is inferred from the debate.

    The reason tells of archives from before 0.2.0, whose inferred names are `CHAIR` too.
    """
    return speaker.evidence is Evidence.CHAIR and speaker.reason.startswith(_STATED)


def unclear(clues: Sequence[Clue]) -> str:
    """Why clues that name no person clearly leave a voice open, in French, or "".

    Call it where `claim` gives None.
    """
    weights = totals(clues)
    likely = sorted((p for p in weights if weights[p] >= _HINT), key=lambda p: -weights[p])
    claims = [f"{person}, {_why(clues, person)}" for person in likely[:_SHOWN]]
    if not claims:
        return ""
    short = "sans autre signe" if len(claims) == 1 else "les signes ne concordent pas"
    return f"à vérifier : {', ou '.join(claims)} : {short}"


def _is_known(clues: Sequence[Clue], person: str) -> bool:
    """Does at least one of the names heard belong to the person? "Jihad" twice is still a guess."""
    shares: dict[str, float] = {}
    for clue in clues:
        if clue.person == person and clue.weight > 0:
            shares[clue.heard] = max(clue.share, shares.get(clue.heard, 0.0))
    return prod(1 - share for share in shares.values()) <= 1 - _KNOWN


def _why(clues: Sequence[Clue], person: str) -> str:
    """ "appelée par la présidente à 0:12:31 (et 2 autres fois)"."""
    signs = [clue for clue in clues if clue.person == person and clue.weight > 0]
    first = next((clue for clue in signs if clue.why.startswith(_STATED)), signs[0])
    others = len(signs) - 1
    more = f" (et {others} autre{'s' if others > 1 else ''} fois)" if others else ""
    return f"{first.why}{more}"
