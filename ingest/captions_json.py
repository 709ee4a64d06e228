"""Captions in JSON: the names and times of the shapes in which tools write them.

Knows a list, or an object that holds one, of records with a start, an end or a duration, and a
speaker, whatever the keys are called; and Zoom's timeline, which says who speaks from when on.
Does not know what is said, nor who anybody is. Raises `BadInput` alone.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ingest.errors import BadInput

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
_UNITS = (("ticks", 1e-4), ("milliseconds", 1), ("millis", 1), ("ms", 1), ("seconds", 1000))
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6}(?:[.,]\d{1,9})?)\s?s?")
_ENDLESS_MS = 2_000  # of the last record, where only starts are given
_LATEST_MS = 2**31
_SHOWN = 40  # characters of a bad value
_DEEPEST = 4


@dataclass(frozen=True)
class Record:
    """Who is heard in [start_ms, end_ms); several people at once, or nobody."""

    start_ms: int
    end_ms: int
    names: tuple[str, ...]


def is_json(text: str) -> bool:
    """Does a file's text begin as JSON does?"""
    return text.lstrip()[:1] in ("{", "[")


def read_records(file: str, text: str) -> list[Record]:
    """The records of a JSON text, in its order; `file` is the name to show in an error."""
    rows = _rows(_parsed(file, text), _DEEPEST)
    if not rows:
        raise BadInput(
            f"« {file} » ne contient aucune liste de sous-titres : chacun doit avoir un début"
            " (start, startTime, offset ou ts) et un nom (speaker ou name)."
        )
    starts = [_start(file, place, row) for place, row in enumerate(rows, 1)]
    return [
        _record(file, place, row, start, following)
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
        rows = [_plain(row) for row in value if isinstance(row, dict)]
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


def _first(row: Mapping[str, Any], keys: Sequence[str]) -> tuple[Any, float] | None:
    """The first value under one of the keys, and how many milliseconds its unit is."""
    for key in keys:
        if isinstance(row.get(key), str | int | float):
            return row[key], 1000.0
        for unit, ms in _UNITS:
            for spelling in (f"{key}{unit}", f"{key}in{unit}"):
                if isinstance(row.get(spelling), str | int | float):
                    return row[spelling], float(ms)
    return None


def _pair(row: Mapping[str, Any]) -> list[Any] | None:
    """Start and end under one key: "timestamp": [0.0, 2.5]."""
    for key in _BOTH:
        value = row.get(key)
        both = list(value.values()) if isinstance(value, dict) else value
        if isinstance(both, list) and len(both) == 2:  # noqa: PLR2004 - a start and an end
            return both
    return None


def _start(file: str, place: int, row: Mapping[str, Any]) -> int:
    pair = _pair(row)
    value, unit = (pair[0], 1000.0) if pair else _first(row, _STARTS) or (None, 1000.0)
    return _ms(file, place, value, unit)


def _record(
    file: str, place: int, row: Mapping[str, Any], start_ms: int, following_ms: int | None
) -> Record:
    names = tuple(_names(row))
    if pair := _pair(row):
        return Record(start_ms, _ms(file, place, pair[1], 1000.0), names)
    if end := _first(row, _ENDS):
        return Record(start_ms, _ms(file, place, *end), names)
    if length := _first(row, _LENGTHS):
        return Record(start_ms, start_ms + _ms(file, place, *length), names)
    return Record(start_ms, start_ms + _ENDLESS_MS if following_ms is None else following_ms, names)


def _ms(file: str, place: int, value: Any, unit: float) -> int:
    """Milliseconds of a number in its unit, of "00:00:01.000", or of "1.5s"."""
    ms: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        ms = value * unit
    elif isinstance(value, str) and (match := _CLOCK.fullmatch(value.strip())):
        hours, minutes, seconds = (
            float((part or "0").replace(",", ".")) for part in match.groups()
        )
        clock = ":" in value or value.strip().endswith("s")
        ms = (hours * 3600 + minutes * 60 + seconds) * (1000.0 if clock else unit)
    if ms is None or not 0 <= ms < _LATEST_MS:
        raise BadInput(
            f"« {file} », sous-titre n° {place} : le temps « {str(value)[:_SHOWN]} » est"
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
