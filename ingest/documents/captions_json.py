"""Captions in JSON: the names and times of the shapes in which tools write them.

Knows seconds, milliseconds, ticks and clocks by their keys, or by how long cues last. Knows nothing
of the words that are captioned.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any

from ingest.errors import BadInput, shown

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
ENDLESS_MS = 2_000
"""How long the last record lasts where only starts are given; and a cue of no length, at most."""
_LATEST_MS = 2**31  # 24 days: a later time is damaged, or a date
_MOST_TICKS = 2**63  # a larger integer may be no float
_S, _MS = 1000.0, 1.0  # milliseconds of the two units that a bare number may have
_LONGEST_S = 86_400  # no recording lasts longer
_LONG_CUE, _LONG_GAP = 200, 1_000  # as many seconds are unlikely: of a cue, between two beginnings
_DEEPEST = 4  # levels of objects around the cues; chosen, not measured
_Timestamp = tuple[Any, float | None]
"""A time as it is written, and the milliseconds of its unit where the key tells it."""


@dataclass(frozen=True)
class Skipped:
    """A cue that was left out: where it stands in its file, and which times of it cannot be."""

    where: str
    what: str


@dataclass(frozen=True)
class HeardSpan:
    """Who is heard in [start_ms, end_ms); several people at once, or none."""

    start_ms: int
    end_ms: int
    names: tuple[str, ...]


def is_json(text: str) -> bool:
    """Does a file's text begin as JSON does?"""
    return text.lstrip()[:1] in ("{", "[")


def check_caption_count(file: str, count: int, most: int) -> None:
    """Raise `BadInput` for more subtitles than any session has."""
    if count > most:
        raise BadInput(
            f"« {file} » contient plus de {most} sous-titres : exportez ceux de cette séance seule."
        )


def read_records(file: str, text: str, most: int) -> tuple[list[HeardSpan], list[Skipped]]:
    """The records of a JSON text, in its order, and those whose times cannot be.

    `file` is the name to show in an error.
    """
    rows = _rows(_parsed(file, text), _DEEPEST)
    check_caption_count(file, len(rows), most)
    if not rows:
        raise BadInput(
            f"« {file} » ne contient aucune liste de sous-titres : chacun doit avoir un début"
            " (start, startTime, offset ou ts) et un nom (speaker ou name)."
        )
    bare = _bare_unit(rows)
    starts = [_stamp_ms(_start(row), bare) for row in rows]
    following: int | None = None
    records: list[HeardSpan] = []
    skipped: list[Skipped] = []
    for place in range(len(rows), 0, -1):
        row, start_ms = rows[place - 1], starts[place - 1]
        end_ms = None if start_ms is None else _end_ms(row, bare, start_ms, following)
        if start_ms is None or end_ms is None or end_ms < start_ms:
            bad = _start(row)[0] if start_ms is None else (_end(row) or (end_ms,))[0]
            skipped.append(Skipped(f"sous-titre n° {place}", f"le temps « {shown(bad)} »"))
            continue
        records.append(HeardSpan(start_ms, end_ms, tuple(_names(row))))
        following = start_ms
    return records[::-1], skipped[::-1]


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


def _end_ms(
    row: Mapping[str, Any], bare: float, start_ms: int, following_ms: int | None
) -> int | None:
    """When a record ends: as it says, else where the next one begins; None if it cannot be read."""
    if end := _end(row):
        return _stamp_ms(end, bare)
    if length := _first(row, _LENGTHS):
        lasts = _stamp_ms(length, bare)
        return None if lasts is None else start_ms + lasts
    return start_ms + ENDLESS_MS if following_ms is None else max(following_ms, start_ms)


def _stamp_ms(stamp: _Timestamp, bare: float) -> int | None:
    """Milliseconds of a number in its unit or the `bare` one, of "00:00:01.000", or of "1.5s".

    None for what is no time from the beginning of a recording.
    """
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
    return round(ms) if ms is not None and 0 <= ms < _LATEST_MS else None


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
