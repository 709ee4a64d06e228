"""Captions of a videoconference: who had the floor, and when, as the platform saw it.

Knows how Webex, Teams, Zoom and plain VTT or SRT files name a participant; JSON is read by
`captions_json`. Beside a recording only names and times are trusted: platforms caption French
badly, so their text is left; `read_subtitles` keeps it, for a session that has nothing else. Does
not know voices or the roster; a participant may be a room device with many people in front of it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from statistics import median
from typing import Any

from ingest.documents.text_files import Most, read_text
from ingest.errors import BadInput, shown
from ingest.text import unescaped

# Captions in JSON: the names and times of the shapes in which tools write them.


_STARTS = (
    "start",
    "starttime",
    "startoffset",
    "begin",
    "from",
    "offset",
    "ts",
    "timestamp",
    "time",
)
_ENDS = ("end", "endtime", "endoffset", "to", "stop")
_LENGTHS = ("duration", "length")
_BOTH = ("timestamp", "timestamps", "times", "interval")
_NAMES = (
    *("speaker", "speakername", "speakerdisplayname", "participant", "participantname", "user"),
    *("username", "displayname", "personname", "person", "author", "name"),
)
# Names of units in keys, and their milliseconds; a tick is .NET's, of 100 ns.
_UNITS = (("ticks", 1e-4), ("milliseconds", 1), ("millis", 1), ("ms", 1), ("seconds", 1000))
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,10}(?:[.,]\d{1,9})?)\s?s?")
_ENDLESS_MS = 2_000  # of the last record, where only starts are given
_LATEST_MS = 2**31  # 24 days: a later time is damaged, or a date
_MOST_TICKS = 2**63  # a larger integer may be no float
_S, _MS = 1000.0, 1.0  # milliseconds of the two units that a bare number may have
_LONGEST_S = 86_400  # no recording lasts longer
_LONG_CUE, _LONG_GAP = 200, 1_000  # as many seconds are unlikely: of a cue, between two beginnings
_DEEPEST = 4  # levels of objects around the cues; chosen, not measured
_Timestamp = tuple[Any, float | None]
"""A time as it is written, and the milliseconds of its unit where the key tells it."""


@dataclass(frozen=True)
class Record:
    """Who is heard in [start_ms, end_ms); several people at once, or none."""

    start_ms: int
    end_ms: int
    names: tuple[str, ...]


def is_json(text: str) -> bool:
    """Does a file's text begin as JSON does?"""
    return text.lstrip()[:1] in ("{", "[")


def check_count(file: str, count: int, most: int) -> None:
    """Raise `BadInput` for more subtitles than any session has."""
    if count > most:
        raise BadInput(
            f"« {file} » contient plus de {most} sous-titres : exportez ceux de cette séance seule."
        )


def read_records(file: str, text: str, most: int) -> list[Record]:
    """The records of a JSON text, in its order; `file` is the name to show in an error."""
    rows = _rows(_parsed(file, text), _DEEPEST)
    check_count(file, len(rows), most)
    if not rows:
        raise BadInput(
            f"« {file} » ne contient aucune liste de sous-titres : chacun doit avoir un début"
            " (start, startTime, offset ou ts) et un nom (speaker ou name)."
        )
    bare = _bare_unit(rows)
    starts = [_stamp_ms(file, place, _start(row), bare) for place, row in enumerate(rows, 1)]
    return [
        _record(file, place, row, bare, start, following)
        for place, (row, start, following) in enumerate(zip_longest(rows, starts, starts[1:]), 1)
    ]


def _parsed(file: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"« {file} », ligne {error.lineno} : le JSON ne peut pas être lu à la colonne"
            f" {error.colno} ; exportez de nouveau les sous-titres."
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of 5,000 digits
        raise BadInput(
            f"« {file} » n'est pas un fichier de sous-titres : exportez-les de nouveau."
        ) from error


def _rows(value: Any, deep: int) -> list[dict[str, Any]]:
    """The longest list of records with a start that the value is or holds."""
    if isinstance(value, list):
        rows = (_plain(row) for row in value if isinstance(row, dict))
        timed = [row for row in rows if _first(row, _STARTS) or _pair(row)]
        if timed:
            return timed
    if deep == 0 or not isinstance(value, list | dict):
        return []
    inside = value if isinstance(value, list) else value.values()
    return max((_rows(one, deep - 1) for one in inside), key=len, default=[])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """With keys that compare: "start_time" and "startTime" are "starttime"."""
    return {re.sub(r"[\W_]", "", key).lower(): value for key, value in row.items()}


def _bare_unit(rows: Sequence[Mapping[str, Any]]) -> float:
    """Milliseconds of a number whose key tells no unit, by how long cues and recordings last."""
    starts = [_bare(_start(row)) for row in rows]
    ends = [_bare(_end(row)) for row in rows]
    lengths = [_bare(_first(row, _LENGTHS)) for row in rows]
    given = [value for value in (*starts, *ends, *lengths) if value is not None]
    if (latest := max(given, default=0.0)) > _LONGEST_S:
        return _MS if latest <= _LONGEST_S * 1000 else _S  # a date: too late in either, an error
    if not all(value.is_integer() for value in given):
        return _S
    cues = [b - a for a, b in zip(starts, ends, strict=True) if a is not None and b is not None]
    cues += [length for length in lengths if length is not None]
    begun = sorted(value for value in starts if value is not None)
    gaps = [after - before for before, after in pairwise(begun)]
    typical, long = (median(cues), _LONG_CUE) if cues else (median(gaps or [0.0]), _LONG_GAP)
    return _MS if typical > long else _S


def _bare(stamp: _Timestamp | None) -> float | None:
    """A time as a plain number, if neither its key nor its spelling tells the unit."""
    value, unit = stamp or (None, None)
    if unit is not None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().replace(",", ".")
        return float(value) if re.fullmatch(r"\d{1,10}(?:\.\d{1,9})?", value) else None
    return float(value) if isinstance(value, int | float) and 0 <= value < _LATEST_MS else None


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> _Timestamp | None:
    """The first value under one of the keys."""
    ranks = _spellings(keys)
    found = [key for key in row if key in ranks and isinstance(row[key], str | int | float)]
    key = min(found, key=lambda key: ranks[key][0], default=None)
    return None if key is None else (row[key], ranks[key][1])


@cache
def _spellings(keys: tuple[str, ...]) -> dict[str, tuple[int, float | None]]:
    """The names of a time: the rank of each, and the milliseconds of the unit that it tells."""
    found: list[tuple[str, float | None]] = []
    for key in keys:
        found.append((key, None))
        for unit, ms in _UNITS:
            found += [(f"{key}{unit}", float(ms)), (f"{key}in{unit}", float(ms))]
    return {name: (rank, ms) for rank, (name, ms) in reversed(list(enumerate(found)))}


def _pair(row: Mapping[str, Any]) -> list[Any] | None:
    """Start and end under one key: "timestamp": [0.0, 2.5]."""
    for key in _BOTH:
        value = row.get(key)
        both = list(value.values()) if isinstance(value, dict) else value
        if isinstance(both, list) and len(both) == 2:  # noqa: PLR2004 - a start and an end
            return both
    return None


def _start(row: Mapping[str, Any]) -> _Timestamp:
    pair = _pair(row)
    return (pair[0], None) if pair else _first(row, _STARTS) or (None, None)


def _end(row: Mapping[str, Any]) -> _Timestamp | None:
    pair = _pair(row)
    return (pair[1], None) if pair else _first(row, _ENDS)


def _record(
    file: str,
    place: int,
    row: Mapping[str, Any],
    bare: float,
    start_ms: int,
    following_ms: int | None,
) -> Record:
    names = tuple(_names(row))
    if end := _end(row):
        return Record(start_ms, _stamp_ms(file, place, end, bare), names)
    if length := _first(row, _LENGTHS):
        return Record(start_ms, start_ms + _stamp_ms(file, place, length, bare), names)
    return Record(start_ms, start_ms + _ENDLESS_MS if following_ms is None else following_ms, names)


def _stamp_ms(file: str, place: int, stamp: _Timestamp, bare: float) -> int:
    """Milliseconds of a number in its unit or the `bare` one, of "00:00:01.000", or of "1.5s"."""
    value, unit = stamp[0], stamp[1] or bare
    ms: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        ms = value * unit if 0 <= value < _MOST_TICKS else None
    elif isinstance(value, str) and (match := _CLOCK.fullmatch(value.strip())):
        hours, minutes, seconds = (
            float((part or "0").replace(",", ".")) for part in match.groups()
        )
        clock = ":" in value or value.strip().endswith("s")
        ms = (hours * 3600 + minutes * 60 + seconds) * (_S if clock else unit)
    if ms is None or not 0 <= ms < _LATEST_MS:
        raise BadInput(
            f"« {file} », sous-titre n° {place} : le temps « {shown(value)} » est"
            " illisible ; donnez des secondes depuis le début, ou « 00:00:01.000 »."
        )
    return round(ms)


def _names(row: Mapping[str, Any]) -> Iterator[str]:
    users = row.get("users")
    for user in users if isinstance(users, list) else [row]:
        if isinstance(user, dict) and (name := _name(_plain(user))):
            yield name


def _name(row: Mapping[str, Any]) -> str | None:
    for key in _NAMES:
        value = row.get(key)
        if isinstance(value, dict):
            value = _name(_plain(value))
        if isinstance(value, str) and value.strip():
            return value.encode("utf-8", "replace").decode("utf-8")
    return None


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
_NEARLY_ALL = 0.8  # of the cues; chosen, not measured apart
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
    """Names and times of a VTT, SRT or JSON file, by start; cues without a name are left out.

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
