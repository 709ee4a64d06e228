"""An agenda as a clerk has it at hand: a table, a JSON list, or lines (`agenda_lines`).

Knows the heads of tables and the fields of JSON. Knows no format of files.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.documents.agenda_lines import (
    HOUR,
    AgendaPoint,
    Understood,
    check_point_count,
    checked,
    hour_of,
    parted_code,
    read_lines,
)
from ingest.documents.in_camera import is_flag, marked, says_so
from ingest.documents.office_files import read_document
from ingest.documents.roster import LONGEST_CELL, looks_like_roster
from ingest.documents.text_files import Most, at_line, table_of
from ingest.errors import BadInput, shown
from ingest.text import fold
from ingest.transcript import AgendaItem

SOURCE = "ordre du jour"
_TIMES_END_MS = 2**31  # 24 days
# Bytes: hundreds of times a long agenda's text. Chosen, not measured.
MOST_AGENDA = Most(
    2**20, "un ordre du jour", "ne gardez que le numéro, le titre et l'objet de chaque point."
)
_SEARCHED = 10  # lines among which the head of a table, or of a list of members, stands
_TITLES = ("title", "titre", "intitule", "objet", "libelle", "sujet", "designation", "theme")
_COLUMNS = {
    "number": ("number", "numero", "n°", "no", "n", "point", "nr", "#"),
    "title": _TITLES,
    # "objet" is the title where nothing else is
    "code": ("object", "code", "reference", "ref", "objet"),
    "hour": ("heure", "horaire", "hour", "time", "debut"),
}


def read_agenda(path: Path) -> tuple[AgendaItem, ...]:
    """The items of a file: JSON, a table, or the lines of a text, a DOCX, a PDF or an ICS.

    In JSON, a list of number, title, object or null, start_ms or null (ms).
    """
    return understood(read_document(path, MOST_AGENDA), path.name).items


def read_agenda_text(text: str) -> tuple[AgendaItem, ...]:
    """The items of an agenda, however it is written; none for blank text."""
    return understood(text).items


def understood(text: str, source: str = SOURCE) -> Understood:
    """What an agenda says, however it is written; `source` is what errors call it."""
    MOST_AGENDA.check(len(text), source)
    tidy = text.strip("\ufeff \r\n\t")
    if not tidy:
        return Understood(())
    if any(map(looks_like_roster, tidy.splitlines()[:_SEARCHED])):
        raise BadInput(f"« {source} » est une liste de membres, et non un ordre du jour.")
    if tidy[0] in "[{":
        read = Understood(tuple(AgendaPoint(item) for item in _json_items(tidy, source)))
    else:
        headed = _has_head(tidy)
        read = (
            Understood(_table(tidy, source)) if headed else read_lines(_cells(tidy, source), source)
        )
    return read


# --- JSON -------------------------------------------------------------------------------------


def _json_items(text: str, source: str) -> tuple[AgendaItem, ...]:
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{at_line(source, error.lineno)} le JSON ne peut pas être lu à la colonne"
            f" {error.colno} : corrigez la ponctuation."
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of 5,000 digits
        raise BadInput(
            f"« {source} » n'est pas un ordre du jour : donnez une liste de points, chacun avec"
            " number et title."
        ) from error
    if not isinstance(items, list):
        raise BadInput(
            f"{at_line(source, 1)} l'ordre du jour doit être une liste : mettez-le entre [ et ]."
        )
    check_point_count(source, len(items))
    return tuple(_item(source, place, item) for place, item in enumerate(items, 1))


def _item(source: str, place: int, item: Any) -> AgendaItem:
    """One item, its number kept as text. JSON keeps no line numbers, so errors give its place."""
    if not isinstance(item, dict):
        raise _bad_item(source, place, "n'est pas un objet { … }", "écrivez number et title")
    texts = {key: json_text(item.get(key)) for key in ("number", "title", "object")}
    for key in ("number", "title"):
        if not texts[key]:
            raise _bad_item(source, place, f"n'a pas de « {key} »", "ajoutez-le, en texte")
    start_ms = item.get("start_ms")
    if start_ms is not None and (type(start_ms) is not int or not 0 <= start_ms < _TIMES_END_MS):
        problem = f"a un start_ms illisible (« {shown(start_ms)} »)"
        raise _bad_item(source, place, problem, "donnez des millisecondes entières, ou null")
    made = AgendaItem(texts["number"] or "", texts["title"] or "", texts["object"], start_ms)
    made = checked(made, f"« {source} », point n° {place} de la liste :")
    flags = [value for key, value in item.items() if is_flag(key)]
    return replace(made, title=marked(made.title, any(map(says_so, flags))))


def json_text(value: Any) -> str | None:
    """A text or a number of a JSON file as text that can be stored; None for anything else."""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    storable = value.encode("utf-8", "replace").decode("utf-8")  # JSON can escape half a character
    return " ".join(storable.split()) or None


def _bad_item(source: str, place: int, problem: str, remedy: str) -> BadInput:
    return BadInput(f"« {source} », point n° {place} de la liste : il {problem} ; {remedy}.")


# --- tables -----------------------------------------------------------------------------------


def _has_head(text: str) -> bool:
    return any(_is_head(line) for line in text.splitlines()[:_SEARCHED])


def _cells(text: str, source: str) -> str:
    """A table without a head as lines, its cells parted by tabs; any other text as it is."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1 or not all(";" in line.strip(";") for line in lines):
        return text
    try:
        rows = table_of(text, source)
    except BadInput:  # quotation marks of a title
        return text
    return "\n".join("\t".join(filter(None, cells)) for _, cells in rows)


def _is_head(line: str) -> bool:
    """Does a line name columns, a title's among them?"""
    cells = {_head(cell) for cell in re.split(r"[,;\t]", line)}
    numbered = any(cell[:1].isdigit() for cell in cells)  # "3.2<tab>Titre" is a point
    return bool(cells & set(_TITLES)) and len(cells) > 1 and not numbered


def _head(cell: str) -> str:
    return fold(cell[:LONGEST_CELL]).strip(' ".:')


def _table(text: str, source: str) -> tuple[AgendaPoint, ...]:
    """The points of a CSV with a head that names a title."""
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if _is_head(line))
    (_, head), *rows = table_of("\n".join(lines[first:]), source)
    check_point_count(source, len(rows))
    names = [_head(cell) for cell in head]
    places = {
        field: next((names.index(name) for name in wanted if name in names), -1)
        for field, wanted in _COLUMNS.items()
    }
    flags = [at for at, name in enumerate(names) if is_flag(name)]
    points = []
    for place, (line, cells) in enumerate(rows, 1):
        given = {f: cells[at] if 0 <= at < len(cells) else "" for f, at in places.items()}
        where = f"Ordre du jour, ligne {line + first} :"
        if not given["title"]:
            raise BadInput(f"{where} le titre du point manque.")
        code = given["code"] if places["code"] != places["title"] else ""
        number = given["number"].rstrip(".)") or str(place)
        made = AgendaItem(number, given["title"], code or parted_code(given["title"])[1])
        closed = any(says_so(cells[at]) for at in flags if at < len(cells))
        made = replace(checked(made, where), title=marked(made.title, closed))
        hour = HOUR.match(given["hour"])
        points.append(AgendaPoint(made, hour_of(hour) if hour else None))
    return tuple(points)
