"""Transcripts that say when a speech begins: "00:00:45 Anne Girard", the words below.

Written anew as minutes are, without the times: a session without sound plays nothing at them, and
they are no words that anybody said. Knows where transcription tools place time and name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.documents.captions import tidy_name
from ingest.text_import.speaker_names import NAMES, WITH_TITLE, is_heading

UNKNOWN = "Inconnu"
"""The name of a speaker whom the text does not know, in what is written anew."""
_CLOCK = r"[\[(]?(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):(?P<s>\d{2})(?:[.,]\d{1,3})?[\])]?"
_ANY_CLOCK = re.sub(r"\?P<.>", "?:", _CLOCK)
_UNTIL = rf"(?: ?(?:[-–—]|-->|>) ?{_ANY_CLOCK})?"
_FIRST = re.compile(rf"{_CLOCK}{_UNTIL}(?: ?[-–—|:>] | ?[-–—|:>]?$| )(?P<rest>.*)")
_LAST = re.compile(rf"(?P<rest>[^\d\s:][^:]{{0,79}}?) ?[-–—|,]? {_CLOCK}{_UNTIL} ?:?")
_ALONE = re.compile(_ANY_CLOCK + _UNTIL)
_BACK = 0.1  # of the times may be earlier than the one before: a second file, a slip
_LEAST = 2  # lines with a time and no name: fewer are an hour that is told
_LONGEST_NAME = 80  # characters, with a role and a group
_SAID = re.compile(rf"(?P<who>[^:]{{1,{_LONGEST_NAME}}}?) ?:(?: (?P<said>.*)|$)")
_PERSON = re.compile(rf"(?:{WITH_TITLE}|{NAMES})(?:, [^:,()]{{1,60}})?(?: ?\([^()]{{1,60}}\))?")


@dataclass(frozen=True)
class _Line:
    """A line: the second that it says, what else it holds, and the name of who begins to speak."""

    text: str
    second: int | None = None
    who: str | None = None


def without_clocks(text: str) -> tuple[str, frozenset[str]]:
    """A text with its times left out and names before a colon, and those names.

    The same text, and no names, where its lines do not begin or end with times that mostly grow.
    """
    given = _with_their_names([" ".join(line.split()) for line in text.splitlines()])
    lines = [_line(line) for line in given]
    timed = [line for line in lines if line.second is not None]
    seconds = [line.second or 0 for line in timed]
    named = [line for line in timed if line.who is not None]
    filled = sum(1 for line in lines if line.text or line.who)
    told = not named and (len(timed) < _LEAST or 2 * len(timed) < filled)
    back = sum(after < before for before, after in pairwise(seconds))
    if told or not timed or back > _BACK * len(timed):
        return text, frozenset()
    pairs = zip(lines, given, strict=True)
    written = (raw if line.second is None else _written(line) for line, raw in pairs)
    return "\n".join(written), frozenset(_bare(line.who or UNKNOWN) for line in named)


def _with_their_names(lines: Sequence[str]) -> list[str]:
    """The lines, each time that stands alone together with the name above or below it."""
    joined: list[str] = []
    for line in lines:
        last = joined[-1] if joined else ""
        alone = _ALONE.fullmatch(last) and _is_name(line)
        if alone or (_ALONE.fullmatch(line) and _is_name(last)):
            joined[-1] = f"{last} {line}"
        else:
            joined.append(line)
    return joined


def _line(line: str) -> _Line:
    if found := _FIRST.fullmatch(line):
        second = _second(found)
        who, said = _who(found["rest"])
        return _Line(said, second, who)
    if (found := _LAST.fullmatch(line)) and _is_name(found["rest"]):
        return _Line("", _second(found), tidy_name(found["rest"]))
    return _Line(line)


def _second(found: re.Match[str]) -> int:
    hours, minutes, seconds = (int(found[part] or 0) for part in "hms")
    return (hours * 60 + minutes) * 60 + seconds


def _who(rest: str) -> tuple[str | None, str]:
    """Who begins to speak ("" for nobody who is known, None for what is no name), and what."""
    if _is_name(rest):
        return tidy_name(rest), ""
    if (found := _SAID.fullmatch(rest)) and _is_name(found["who"]):
        return tidy_name(found["who"]), found["said"] or ""
    return None, rest


def _is_name(text: str) -> bool:
    if not text or len(text) > _LONGEST_NAME:
        return False
    name = tidy_name(text)
    return not name or (bool(_PERSON.fullmatch(name)) and not is_heading(name))


def _written(line: _Line) -> str:
    if line.who is None:
        return line.text
    return f"\n{line.who or UNKNOWN} : {line.text}".rstrip()


def _bare(who: str) -> str:
    """A name without the role and the group beside it."""
    return re.split(r", | ?\(", who)[0]
