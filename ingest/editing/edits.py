"""What a person may change in a transcript, and the turns that come of it. Pure.

Knows turns, words and voices. Does not know who asks, what others changed, or where it is kept.
Every edit names turns by their place in the transcript that its author had before them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.editing.timing import TYPED, Room, check_text, retyped
from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import Evidence, Speaker, Turn

SAID_BY_CLERK = "dit par le secrétariat"
# Characters of a speaker's name: more is a sentence typed in its field. Chosen, not measured.
_LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class _OfOneTurn:
    turn: int

    @property
    def touches(self) -> range:
        """The turns that must still be as they were read."""
        return range(self.turn, self.turn + 1)


@dataclass(frozen=True, kw_only=True)
class TextEdit(_OfOneTurn):
    """Write a turn anew; without a word left it goes."""

    text: str
    kind: Literal["text"] = "text"

    def made(self, turns: Sequence[Turn], room: Room) -> tuple[Turn, ...]:
        """What the touched turns become."""
        done = retyped(turns[0], self.text, room)
        return (done,) if done else ()


@dataclass(frozen=True, kw_only=True)
class Accept(_OfOneTurn):
    """Say that the words from `first` to `last`, both included, were heard and are right."""

    first: int
    last: int
    kind: Literal["accept"] = "accept"

    def made(self, turns: Sequence[Turn], room: Room) -> tuple[Turn, ...]:
        """What the touched turns become."""
        words = turns[0].words
        if not 0 <= self.first <= self.last < len(words):
            raise BadInput(
                f"L'intervention {self.turn} n'a pas de mots {self.first} à {self.last} :"
                " rechargez la page."
            )
        right = (replace(word, confidence=TYPED) for word in words[self.first : self.last + 1])
        return (replace(turns[0], words=(*words[: self.first], *right, *words[self.last + 1 :])),)


@dataclass(frozen=True, kw_only=True)
class Split(_OfOneTurn):
    """Part a turn in two: `word` begins the second."""

    word: int
    kind: Literal["split"] = "split"

    def made(self, turns: Sequence[Turn], room: Room) -> tuple[Turn, ...]:
        """What the touched turns become."""
        words = turns[0].words
        if not 0 < self.word < len(words):
            raise BadInput(
                f"L'intervention {self.turn} ne se coupe pas au mot {self.word} : choisissez un mot"
                " après le premier."
            )
        return turns[0].cut((words[: self.word], words[self.word :]))


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Join a turn with the next one; the voice is the first one's."""

    turn: int
    kind: Literal["merge"] = "merge"

    @property
    def touches(self) -> range:
        """The turns that must still be as they were read."""
        return range(self.turn, self.turn + 2)

    def made(self, turns: Sequence[Turn], room: Room) -> tuple[Turn, ...]:
        """What the touched turns become."""
        first, second = turns
        return (replace(first, words=first.words + second.words),)


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """Give the words from `word` on to the next turn, or those before it to the previous one."""

    turn: int
    word: int
    into: Literal["next", "previous"] = "next"
    kind: Literal["boundary"] = "boundary"

    @property
    def touches(self) -> range:
        """The turns that must still be as they were read."""
        first = self.turn - (self.into == "previous")
        return range(first, first + 2)

    def made(self, turns: Sequence[Turn], room: Room) -> tuple[Turn, ...]:
        """What the touched turns become."""
        first, second = turns
        words = first.words + second.words
        at = self.word + (len(first.words) if self.into == "previous" else 0)
        own = len(first.words) if self.into == "next" else len(words)
        if not (self.word >= 0 and at <= own) or at == len(first.words):
            raise BadInput(
                f"Aucun mot à déplacer au mot {self.word} de l'intervention {self.turn}."
            )
        parts = (replace(first, words=words[:at]), replace(second, words=words[at:]))
        return tuple(part for part in parts if part.words)


Reshaping = TextEdit | Accept | Split | Merge | Boundary


@dataclass(frozen=True, kw_only=True)
class Voice(_OfOneTurn):
    """Say who speaks in a turn, or wherever its voice does; `person` None leaves it open."""

    person: str | None
    everywhere: bool
    kind: Literal["speaker"] = "speaker"


def named(speaker: Speaker | str, person: str | None) -> Speaker:
    """A voice with a clerk's word on who it is, which beats all else."""
    label = speaker if isinstance(speaker, str) else speaker.label
    return Speaker(label, person, Evidence.CLERK, 1.0, SAID_BY_CLERK)


def read_name(person: str | None, roster: Sequence[str]) -> str | None:
    """A name as it is kept: as the roster writes it, if it is there. Raises `BadInput`."""
    name = " ".join((person or "").split())
    if not name:
        return None
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"« {name[:30]}… » n'est pas un nom : écrivez prénom et nom.")
    return next((known for known in roster if fold(known) == fold(name)), name)


def voice_for(person: str | None, speakers: Sequence[Speaker]) -> Speaker | None:
    """The voice for words of that person: one that bears the name, or else a new one; or none."""
    if person is None:
        return None
    bearing = (s for s in speakers if s.person == person)
    if known := max(bearing, key=lambda s: s.evidence is Evidence.CLERK, default=None):
        return known
    labels = {speaker.label for speaker in speakers}
    number = next(n for n in range(1, len(labels) + 2) if f"C{n}" not in labels)
    return named(f"C{number}", person)


# Finding and replacing over a whole transcript: in what was said, and in names. Pure.


_LONGEST = 200  # characters of what is looked for, and of what is written instead


@dataclass(frozen=True, kw_only=True)
class Replace:
    """Write `by` wherever `find` stands: in these turns (None: in all), in these voices' names.

    Spaces and apostrophes are alike, however they are written. Accents are not.
    """

    find: str
    by: str
    whole_words: bool = True
    match_case: bool = False
    turns: tuple[int, ...] | None = None
    names: tuple[str, ...] = ()
    kind: Literal["replace"] = "replace"

    def pattern(self) -> re.Pattern[str]:
        """What to look for. Raises `BadInput` for nothing, or for a whole sentence."""
        parts = self.find.split()
        if not parts or max(len(self.find), len(self.by)) > _LONGEST:
            raise BadInput(
                f"« {self.find[:30]} » ne peut pas être cherché : donnez un mot ou quelques-uns,"
                f" {_LONGEST} caractères au plus."
            )
        check_text(self.by)
        found = r"\s+".join(re.sub(r"['’]", "['’]", re.escape(part)) for part in parts)
        if self.whole_words:
            found = rf"(?<!\w){found}(?!\w)"
        return re.compile(found, 0 if self.match_case else re.IGNORECASE)


@dataclass(frozen=True)
class ReplacedTurn:
    """A turn that holds what is looked for: its text before and after, and how often."""

    turn: Turn
    text: str
    count: int


@dataclass(frozen=True)
class FoundName:
    """A voice whose name holds what is looked for, and the name it would bear."""

    speaker: Speaker
    name: str


def in_turns(asked: Replace, turns: Sequence[Turn]) -> Iterator[ReplacedTurn]:
    """The turns whose text would change, with their new text."""
    pattern, by = asked.pattern(), asked.by.replace("\\", r"\\")
    for turn in turns:
        text, count = pattern.subn(by, turn.text)
        if text != turn.text:
            yield ReplacedTurn(turn, text, count)


def in_names(asked: Replace, speakers: Sequence[Speaker]) -> Iterator[FoundName]:
    """The voices whose name would change."""
    pattern, by = asked.pattern(), asked.by.replace("\\", r"\\")
    for speaker in speakers:
        name = " ".join(pattern.sub(by, speaker.person or "").split())
        if speaker.person and name != speaker.person:
            yield FoundName(speaker, name)
