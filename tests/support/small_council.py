"""A council to name voices in: its roster, and sessions made of what each voice says."""

from collections.abc import Iterable, Sequence

from ingest.documents.captions import Cue
from ingest.speakers.chair import read_debate
from ingest.speakers.identify import Signs, find_signs, name_voices
from ingest.speakers.participants import read_participants
from ingest.speakers.resplit import part_swallowed
from ingest.speakers.review_items import name_doubts
from ingest.transcript import Person, ReviewItem, Speaker, Turn, Word

CHAIR, BAUDIN = "S1", "Hélène Baudin"
ROSTER = (
    Person(BAUDIN, "présidente"),
    Person("Claire Fontanet", "conseillère municipale"),
    Person("Nadia Keller", "conseillère municipale"),
    Person("Julien Rochat", "conseiller municipal"),
    Person("Patrick Lambert", "conseiller municipal"),
    Person("Antoine Delcourt", "conseiller administratif"),
    Person("Sandrine Maillard", "conseillère administrative"),
)
SPEECH = "nous avons étudié cet objet avec soin pendant quatre longues séances de commission."
OPENING = (
    (CHAIR, "La séance est ouverte. La parole est à Monsieur Patrick Lambert."),
    ("S9", SPEECH),
)


def sitting(*said: tuple[str | None, str]) -> tuple[Turn, ...]:
    """Turns of (label, text), 400 ms a word, a second between turns."""
    turns, at = [], 0
    for index, (label, text) in enumerate(said):
        words = []
        for word in text.split():
            words.append(Word(at, at + 350, word, 0.9))
            at += 400
        at += 1_000
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns)


def named(speakers: Iterable[Speaker]) -> dict[str, str]:
    return {s.label: s.person for s in speakers if s.person is not None}


def signs(turns: tuple[Turn, ...], roster: tuple[Person, ...], cues: tuple[Cue, ...] = ()) -> Signs:
    """What is said and seen of the voices of the turns, which are parted no further."""
    return find_signs(read_debate(turns, roster), read_participants(cues, roster), roster)


def name_speakers(
    turns: tuple[Turn, ...], roster: tuple[Person, ...], cues: tuple[Cue, ...] = ()
) -> tuple[Speaker, ...]:
    """Every voice of the turns as it is."""
    return name_voices(signs(turns, roster, cues), roster)


def doubts_about(
    turns: tuple[Turn, ...], speakers: Sequence[Speaker], roster: tuple[Person, ...]
) -> tuple[ReviewItem, ...]:
    """The turns whose own evidence contradicts the name that their voice bears."""
    told = signs(turns, roster)
    return name_doubts(told.debate, told.clues, speakers)


def parted_from_chair(turns: tuple[Turn, ...], roster: tuple[Person, ...]) -> tuple[Turn, ...]:
    """The turns less what the chair's voice had swallowed."""
    return part_swallowed(read_debate(turns, roster))
