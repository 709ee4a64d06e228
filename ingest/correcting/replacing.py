"""Finding and replacing over a whole transcript: in what was said, and in names. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.correcting.retyped import check_text
from ingest.errors import BadInput
from ingest.transcript import Speaker, Turn

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
class Found:
    """A turn that holds what is looked for: its text before and after, and how often."""

    turn: Turn
    text: str
    count: int


@dataclass(frozen=True)
class FoundName:
    """A voice whose name holds what is looked for, and the name it would bear."""

    speaker: Speaker
    name: str


def in_turns(asked: Replace, turns: Sequence[Turn]) -> Iterator[Found]:
    """The turns whose text would change, with their new text."""
    pattern, by = asked.pattern(), asked.by.replace("\\", r"\\")
    for turn in turns:
        text, count = pattern.subn(by, turn.text)
        if text != turn.text:
            yield Found(turn, text, count)


def in_names(asked: Replace, speakers: Sequence[Speaker]) -> Iterator[FoundName]:
    """The voices whose name would change."""
    pattern, by = asked.pattern(), asked.by.replace("\\", r"\\")
    for speaker in speakers:
        name = " ".join(pattern.sub(by, speaker.person or "").split())
        if speaker.person and name != speaker.person:
            yield FoundName(speaker, name)
