"""What the clerk hands over beside the recording: who may speak, and what is on the agenda.

Knows the ways in which town halls write these files: Excel's `;` and Windows-1252 as well as plain
UTF-8 CSV. Does not know sessions, voices or databases. Raises `BadInput` alone.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.errors import BadInput
from ingest.text import fold
from ingest.transcript import AgendaItem, Person

_ENCODINGS = ("utf-8-sig", "cp1252")
_TIMES_END_MS = 2**31  # 24 days
_SHOWN = 40  # characters of a bad value
_DELIMITERS = (",", ";", "\t")
_COLUMNS = {
    "name": ("name", "nom"),
    "role": ("role", "rôle", "fonction"),
    "group": ("group", "groupe", "parti"),
}


def read_text(path: Path) -> str:
    """The text of a file in UTF-8 (a byte order mark is dropped), else in Windows-1252."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"« {path.name} » ne peut pas être lu : vérifiez le chemin et les droits du fichier."
        ) from error
    return text_of(raw, path.name)


def text_of(raw: bytes, source: str) -> str:
    """The text that bytes are, as `read_text` reads it; `source` is what errors call them."""
    if b"\0" not in raw:
        for encoding in _ENCODINGS:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise BadInput(f"« {source} » n'est pas un fichier texte : enregistrez-le en UTF-8.")


def read_roster(path: Path) -> tuple[Person, ...]:
    """The people of a CSV file with the columns name, role and group, in the file's order.

    The separator is `,`, `;` or a tab; role and group may be missing; blank lines are skipped.
    """
    return roster_of(read_text(path), path.name)


def roster_of(text: str, source: str, head: Sequence[str] = ()) -> tuple[Person, ...]:
    """The people of such a file's text; `source` is what errors call it.

    `head` names the columns of a text that does not.
    """
    rows = table_of(text, source)
    if head and rows:
        rows = [(0, list(head)), *rows]
    if not rows:
        raise BadInput(f"{_at(source, 1)} la liste est vide : commencez-la par name,role,group.")
    places = _places(source, rows[0][0], rows[0][1])
    known: dict[str, int] = {}
    people = []
    for line, cells in rows[1:]:
        person = _person(source, line, cells, places)
        first = known.setdefault(fold(person.name), line)
        if first != line:
            raise BadInput(
                f"{_at(source, line)} « {person.name} » figure déjà à la ligne {first} :"
                " supprimez la ligne ou distinguez les deux personnes."
            )
        people.append(person)
    if not people:
        raise BadInput(f"{_at(source, rows[0][0])} la liste ne nomme personne : ajoutez une ligne.")
    return tuple(people)


def read_agenda(path: Path) -> tuple[AgendaItem, ...]:
    """The items of a JSON list with number, title, object or null, start_ms or null (ms)."""
    return agenda_of(read_text(path), path.name)


def agenda_of(text: str, source: str) -> tuple[AgendaItem, ...]:
    """The items of such a file's text; `source` is what errors call it."""
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{_at(source, error.lineno)} le JSON ne peut pas être lu à la colonne {error.colno} :"
            " corrigez la ponctuation."
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of 5,000 digits
        raise BadInput(
            f"« {source} » n'est pas un ordre du jour : donnez une liste de points, chacun avec"
            " number et title."
        ) from error
    if not isinstance(items, list):
        raise BadInput(
            f"{_at(source, 1)} l'ordre du jour doit être une liste : mettez-le entre [ et ]."
        )
    return tuple(_item(source, place, item) for place, item in enumerate(items, 1))


def _at(source: str, line: int) -> str:
    return f"« {source} », ligne {line} :"


def table_of(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Line number and trimmed cells of every line that is not blank."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text), delimiter=max(_DELIMITERS, key=head.count), strict=True)
    rows = []
    try:
        for cells in reader:
            trimmed = [" ".join(cell.split()) for cell in cells]
            if any(trimmed):
                rows.append((reader.line_num, trimmed))
    except csv.Error as error:
        raise BadInput(
            f"{_at(source, reader.line_num)} le CSV ne peut pas être lu : vérifiez les guillemets."
        ) from error
    return rows


def _places(source: str, line: int, head: list[str]) -> dict[str, int]:
    """Column of each field that the header announces."""
    names = [cell.lower() for cell in head]
    places = {
        field: names.index(spelling)
        for field, spellings in _COLUMNS.items()
        for spelling in spellings
        if spelling in names
    }
    if "name" not in places:
        raise BadInput(
            f"{_at(source, line)} la colonne « name » manque (lu : « {', '.join(head)} ») :"
            " commencez le fichier par name,role,group."
        )
    return places


def _person(source: str, line: int, cells: list[str], places: dict[str, int]) -> Person:
    spill = [cell for cell in cells[max(places.values()) + 1 :] if cell]
    if len(cells) > max(places.values()) + 1 and spill and len(places) == len(_COLUMNS):
        raise BadInput(
            f"{_at(source, line)} il y a plus de cellules que de colonnes (« {spill[0]} ») :"
            " mettez entre guillemets ce qui contient le séparateur."
        )
    fields = {f: cells[at] if at < len(cells) else "" for f, at in places.items()}
    if not fields["name"]:
        raise BadInput(f"{_at(source, line)} le nom manque : écrivez-le ou supprimez la ligne.")
    return Person(**fields)


def _item(source: str, place: int, item: Any) -> AgendaItem:
    """One item, its number kept as text. JSON keeps no line numbers, so errors give its place."""
    if not isinstance(item, dict):
        raise _bad_item(source, place, "n'est pas un objet { … }", "écrivez number et title")
    texts = {key: _text(item.get(key)) for key in ("number", "title", "object")}
    for key in ("number", "title"):
        if not texts[key]:
            raise _bad_item(source, place, f"n'a pas de « {key} »", "ajoutez-le, en texte")
    start_ms = item.get("start_ms")
    if start_ms is not None and (type(start_ms) is not int or not 0 <= start_ms < _TIMES_END_MS):
        problem = f"a un start_ms illisible (« {str(start_ms)[:_SHOWN]} »)"
        raise _bad_item(source, place, problem, "donnez des millisecondes entières, ou null")
    return AgendaItem(texts["number"] or "", texts["title"] or "", texts["object"], start_ms)


def _text(value: Any) -> str | None:
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    storable = value.encode("utf-8", "replace").decode("utf-8")  # JSON can escape half a character
    return " ".join(storable.split()) or None


def _bad_item(source: str, place: int, problem: str, remedy: str) -> BadInput:
    return BadInput(f"« {source} », point n° {place} de la liste : il {problem} ; {remedy}.")
