"""Captions of a videoconference: who had the floor, and when, as the platform saw it.

Knows how Webex, Teams, Zoom and plain VTT or SRT files name a participant; JSON is read by
`captions_json`. Beside a recording only names and times are trusted: platforms caption French
badly, so their text is left; `read_subtitles` keeps it, for a session that has nothing else. Does
not know voices or the roster; a participant may be a room device with many people in front of it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.captions_json import is_json, read_records
from ingest.errors import BadInput
from ingest.roster import read_text

_ARROW = "-->"
_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_WEBEX = re.compile(r'\s*\d+\s+"(.*)"\s+\(\d+\)\s*')
_TEAMS = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_PREFIX = re.compile(r"\s*(?:-\s*|>>\s*)?([^\s:<>\"][^:<>\"]{0,59}?)\s?:(?:\s|$)")
_CAPITALISED = r"(?:(?:de|du|von|van|d'|la|le)\s?)*[A-ZÀ-Þ][\w.'’-]*"
_FULL_NAME = re.compile(rf"{_CAPITALISED}(?:\s{_CAPITALISED}){{1,5}}")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")  # VTT's, and the overrides of some SRT files
_NEARLY_ALL = 0.8


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
    text = read_text(path)
    cues = _from_json(path, text) if is_json(text) else _from_lines(path, text.splitlines())
    if not cues:
        raise BadInput(
            f"« {path.name} » ne nomme aucun participant : exportez les sous-titres avec les"
            " noms des intervenants, ou importez la séance sans sous-titres."
        )
    return tuple(sorted(cues))


def _from_json(path: Path, text: str) -> list[Cue]:
    records = read_records(path.name, text)
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
    blocks = _some_blocks(path, text.splitlines())
    named = _named(blocks)
    prefixed = not _webex(blocks) and not _teams(blocks)
    names = {id(block): " ".join(html.unescape(name).split()) for block, name in named}
    found = []
    for block in blocks:
        name = names.get(id(block)) or None
        below = _PREFIX.sub("", block.below, count=1) if name and prefixed else block.below
        if words := html.unescape(_TAG.sub(" ", below)).strip():
            found.append(Subtitle(block.start_ms, block.end_ms, name, words))
    return tuple(sorted(found, key=lambda subtitle: subtitle.start_ms))


def _from_lines(path: Path, lines: list[str]) -> list[Cue]:
    named = _named(_some_blocks(path, lines))
    return [cue for b, name in named for cue in _cue(b.start_ms, b.end_ms, name)]


def _named(blocks: list[_Block]) -> list[tuple[_Block, str]]:
    """The blocks that name a participant, in the one way that the file has of naming."""
    return _webex(blocks) or _teams(blocks) or _prefixed(blocks)


def _some_blocks(path: Path, lines: list[str]) -> list[_Block]:
    blocks = list(_blocks(path, lines))
    if not blocks:
        raise BadInput(
            f"« {path.name} » ne contient aucun sous-titre (ligne « 00:00:01.000 --> … ») :"
            " donnez le fichier VTT, SRT ou JSON de la visioconférence."
        )
    return blocks


def _blocks(path: Path, lines: list[str]) -> Iterator[_Block]:
    for at, line in enumerate(lines):
        if _ARROW not in line:
            continue
        start_ms, end_ms = _times(path, at + 1, line)
        below = []
        for text in lines[at + 1 :]:
            if not text.strip():
                break
            below.append(text)
        if start_ms < end_ms:
            yield _Block(start_ms, end_ms, lines[at - 1] if at else "", " ".join(below))


def _times(path: Path, number: int, line: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(line)
    times = (_ms(match.groups()[:4]), _ms(match.groups()[4:])) if match else (1, 0)
    if times[0] > times[1]:
        raise BadInput(
            f"« {path.name} », ligne {number} : les temps « {line.strip()} » sont illisibles ;"
            " exportez de nouveau les sous-titres."
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
    """The cue, or nothing where the platform left the name empty."""
    tidy = " ".join(html.unescape(name).split())
    return [Cue(start_ms, end_ms, tidy)] if tidy else []
