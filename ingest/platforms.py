"""Captions of a videoconference: who had the floor, and when, as the platform saw it.

Knows how Webex, Teams, Zoom and plain VTT or SRT files name a participant; JSON is read by
`captions_json`. Beside a recording only names and times are trusted: platforms caption French
badly, so their text is left; `read_subtitles` keeps it, for a session that has nothing else. Does
not know voices or the roster; a participant may be a room device with many people in front of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.captions_json import check_count, is_json, read_records
from ingest.errors import BadInput, shown
from ingest.roster import Most, read_text
from ingest.text import unescaped

_ARROW = "-->"
_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*+{_TIME}\s*+-->\s*+{_TIME}(?:\s.*)?")
_WEBEX = re.compile(r'\s*\d+\s+"(.*)"\s+\(\d+\)\s*')
_TEAMS = re.compile(r"<v(?:\.[^\s<>]*+)?\s++([^\s<>][^<>]*+)>")
_PREFIX = re.compile(r"\s*+(?:(?:-|>>)\s*+)?([^\s:<>\"][^:<>\"]{0,59}?)\s?:(?:\s|$)")
_CAPITALISED = r"(?:(?:de|du|von|van|d'|la|le)\s?)*[A-ZÀ-Þ][\w.'’-]*"
_FULL_NAME = re.compile(rf"{_CAPITALISED}(?:\s{_CAPITALISED}){{1,5}}")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")  # VTT's, and the overrides of some SRT files
_COUNTER = re.compile(r"\s*\d+\s*")
_NEARLY_ALL = 0.8
_LONGEST_NAME = 200  # characters: more is no name, and would be compared with every other one
MOST_CUES = 200_000
"""A whole day with one cue in 0.4 s."""
MOST = Most(
    16
    * 2**20,  # a day at one cue a second is 8 MB; JSON with the time of each word takes twice that
    "des sous-titres",
    "exportez ceux de cette séance seule, sans mise en forme.",
)


@dataclass(frozen=True, order=True)
class Cue:
    """A stretch of time, [start_ms, end_ms), in which a participant was heard."""

    start_ms: int
    end_ms: int
    participant: str


@dataclass(frozen=True)
class Subtitle:
    """Words shown from `start_ms` to `end_ms`, and the participant if the file names one."""

    start_ms: int
    end_ms: int
    participant: str | None
    text: str


@dataclass(frozen=True)
class _Block:
    """A cue as it is written: the line above its times, and the lines below."""

    start_ms: int
    end_ms: int
    above: str
    below: str


def read_captions(path: Path) -> tuple[Cue, ...]:
    """Names and times of a VTT, SRT or JSON file, by start; cues that name nobody are left out.

    Times are those of the file: from the beginning of the recording that it captions.
    Raises `BadInput` if the file has no times, times that cannot be read, or no names at all.
    """
    text = read_text(path, MOST)
    cues = _from_json(path, text) if is_json(text) else _from_lines(path, text)
    if not cues:
        raise BadInput(
            f"« {path.name} » ne nomme aucun participant : exportez les sous-titres avec les"
            " noms des intervenants, ou importez la séance sans sous-titres."
        )
    return tuple(sorted(cues))


def _from_json(path: Path, text: str) -> list[Cue]:
    records = read_records(path.name, text, MOST_CUES)
    return [
        cue
        for record in records
        if record.start_ms < record.end_ms
        for name in record.names
        for cue in _cue(record.start_ms, record.end_ms, name)
    ]


def read_subtitles(path: Path, text: str) -> tuple[Subtitle, ...]:
    """Every subtitle of a VTT or SRT file that has words, by start, with or without a name.

    Raises `BadInput` if the text has no times, or times that cannot be read.
    """
    blocks = _some_blocks(path, text)
    named = _named(blocks)
    prefixed = not _webex(blocks) and not _teams(blocks)
    names = {id(block): _tidy_name(name) for block, name in named}
    found = []
    for block in blocks:
        name = names.get(id(block)) or None
        prefix = _PREFIX.match(block.below) if name and prefixed else None
        below = block.below[prefix.end() :] if prefix else block.below
        if words := unescaped(_TAG.sub(" ", below)).strip():
            found.append(Subtitle(block.start_ms, block.end_ms, name, words))
    return tuple(sorted(found, key=lambda subtitle: subtitle.start_ms))


def _from_lines(path: Path, text: str) -> list[Cue]:
    named = _named(_some_blocks(path, text))
    return [cue for b, name in named for cue in _cue(b.start_ms, b.end_ms, name)]


def _named(blocks: list[_Block]) -> list[tuple[_Block, str]]:
    """The blocks that name a participant, in the one way that the file has of naming."""
    return _webex(blocks) or _teams(blocks) or _prefixed(blocks)


def _some_blocks(path: Path, text: str) -> list[_Block]:
    cues = list(islice(_blocks(path, text), MOST_CUES + 1))
    check_count(path.name, len(cues), MOST_CUES)
    blocks = [block for block in cues if block.start_ms < block.end_ms]
    if not blocks:
        raise BadInput(
            f"« {path.name} » ne contient aucun sous-titre (ligne « 00:00:01.000 --> … ») :"
            " donnez le fichier VTT, SRT ou JSON de la visioconférence."
        )
    return blocks


def _blocks(path: Path, text: str) -> Iterator[_Block]:
    """The cues of a text: each ends at a blank line or, as in the standard, at the next time line.

    The line above that one is the next cue's if it is its counter or its name.
    """
    times: tuple[int, int] | None = None
    above, before = "", ""
    below: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        begins = _ARROW in line
        if times and (begins or not line.strip()):
            if begins and (_COUNTER.fullmatch(before) or _WEBEX.fullmatch(before)):
                del below[-1:]
            yield _Block(*times, above, " ".join(below))
            times = None
        if begins:
            times, above, below = _times(path, number, line), before, []
        elif times:
            below.append(line)
        before = line
    if times:
        yield _Block(*times, above, " ".join(below))


def _times(path: Path, number: int, line: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(line)
    times = (_ms(match.groups()[:4]), _ms(match.groups()[4:])) if match else (1, 0)
    if times[0] > times[1]:
        raise BadInput(
            f"« {path.name} », ligne {number} : les temps « {shown(line.strip())} » sont"
            " illisibles ; exportez de nouveau les sous-titres."
        )
    return times


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "").ljust(3, "0"))


def _webex(blocks: list[_Block]) -> list[tuple[_Block, str]]:
    """The participant is above the time line: `12 "Prénom Nom" (3816592896)`."""
    return [(block, match[1]) for block in blocks if (match := _WEBEX.fullmatch(block.above))]


def _teams(blocks: list[_Block]) -> list[tuple[_Block, str]]:
    """The participant is a voice tag: `<v Prénom Nom>texte</v>`."""
    return [(block, match[1]) for block in blocks if (match := _TEAMS.search(block.below))]


def _prefixed(blocks: list[_Block]) -> list[tuple[_Block, str]]:
    """The participant is before a colon: `Prénom Nom: texte`.

    Where nearly every cue has one (Zoom), any prefix is a name. Elsewhere a colon may belong to
    the text ("il faut dire ceci : …"), so only capitalised words are taken for a name.
    """
    named = [(block, match[1]) for block in blocks if (match := _PREFIX.match(block.below))]
    if len(named) >= _NEARLY_ALL * len(blocks):
        return named
    return [(block, name) for block, name in named if _FULL_NAME.fullmatch(name)]


def _cue(start_ms: int, end_ms: int, name: str) -> list[Cue]:
    """The cue, or nothing where the platform gave no name."""
    tidy = _tidy_name(name)
    return [Cue(start_ms, end_ms, tidy)] if tidy else []


def _tidy_name(name: str) -> str:
    tidy = " ".join(unescaped(name).split())
    return tidy if len(tidy) <= _LONGEST_NAME else ""
