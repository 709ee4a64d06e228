"""What the clerk hands over beside the recording: who may speak, and what is on the agenda.

Knows the ways in which town halls write these files: Excel's `;` and Windows-1252 as well as plain
UTF-8 CSV. Does not know sessions, voices or databases. Raises `BadInput` alone.
"""

import csv
import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.documents.in_camera import is_flag, marked, says_so
from ingest.errors import BadInput, shown
from ingest.text import fold
from ingest.transcript import AgendaItem, Person

_ENCODINGS = ("utf-8-sig", "cp1252")
_TIMES_END_MS = 2**31  # 24 days
_DELIMITERS = (",", ";", "\t")
_COLUMNS = {
    "name": ("name", "nom"),
    "role": ("role", "rôle", "fonction"),
    "group": ("group", "groupe", "parti"),
}
_HEADS = frozenset(
    ("nom", "name", "prénom", "fonction", "rôle", "role", "groupe", "group", "parti", "titre")
)
MOST_PEOPLE = 2_000
"""Each is compared with every name that is heard; the European Parliament has 720."""
MOST_ITEMS = 300
"""Points of an agenda: each is looked for in every sentence; the longest that we saw had 104."""
_LONGEST_CELL = 200  # characters of a name, a role, a group, a number or a code
_LONGEST_TITLE = 2_000  # motions that are quoted in full as their own title have 700


@dataclass(frozen=True)
class Most:
    """How large a file from outside may be: `what` it holds, and how to make it smaller."""

    size: int
    what: str
    remedy: str

    def check(self, size: int, source: str) -> None:
        """Raise `BadInput` for more."""
        if size > self.size:
            most = f"{self.size >> 20} Mo" if self.size >= 1 << 20 else f"{self.size >> 10} Ko"
            raise BadInput(f"« {source} » dépasse {most}, trop pour {self.what} : {self.remedy}")


# 20,000 lines of fifty signs: what the form takes of a list, and ten times what a list may hold.
MOST_ROSTER = Most(2**20, "une liste de membres", "ne gardez que les colonnes name, role et group.")
MOST_AGENDA = Most(
    2**20, "un ordre du jour", "ne gardez que le numéro, le titre et l'objet de chaque point."
)


def read_text(path: Path, most: Most) -> str:
    """The text of a file in UTF-8 (a byte order mark is dropped), else in Windows-1252.

    Raises `BadInput` for a file that is no text, or larger than `most`: no more of it is read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size or most.size  # a pipe has none
            most.check(size, path.name)
            raw = file.read(size + 1)
    except OSError as error:
        raise BadInput(
            f"« {path.name} » ne peut pas être lu : vérifiez le chemin et les droits du fichier."
        ) from error
    most.check(len(raw), path.name)
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
    return roster_of(read_text(path, MOST_ROSTER), path.name)


def given_roster(text: str) -> tuple[Person, ...]:
    """The people of a list as it was typed: a CSV, with its head or without."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = {cell.strip(' "\ufeff').lower() for cell in re.split("[;,\t]", first)}
    return roster_of(text, "liste", () if cells & _HEADS else ("nom", "fonction", "groupe"))


def roster_of(text: str, source: str, head: Sequence[str] = ()) -> tuple[Person, ...]:
    """The people of such a file's text; `source` is what errors call it.

    `head` names the columns of a text that does not.
    """
    MOST_ROSTER.check(len(text), source)
    rows = table_of(text, source)
    if head and rows:
        rows = [(0, list(head)), *rows]
    if not rows:
        raise BadInput(f"{_at(source, 1)} la liste est vide : commencez-la par name,role,group.")
    places = _places(source, rows[0][0], rows[0][1])
    known: dict[str, int] = {}
    people = []
    if len(rows) > MOST_PEOPLE + 1:
        raise BadInput(
            f"« {source} » nomme {len(rows) - 1} personnes, {MOST_PEOPLE} au plus : ne gardez que"
            " celles qui peuvent parler."
        )
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
    return agenda_of(read_text(path, MOST_AGENDA), path.name)


def agenda_of(text: str, source: str) -> tuple[AgendaItem, ...]:
    """The items of such a file's text; `source` is what errors call it."""
    MOST_AGENDA.check(len(text), source)
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
    check_items(source, len(items))
    return tuple(_item(source, place, item) for place, item in enumerate(items, 1))


def check_items(source: str, count: int) -> None:
    """Raise `BadInput` for more points than an agenda has."""
    if count > MOST_ITEMS:
        raise BadInput(
            f"« {source} » a {count} points, {MOST_ITEMS} au plus : ne gardez que ceux de la"
            " séance."
        )


def check_item(item: AgendaItem, where: str) -> AgendaItem:
    """The item. Raises `BadInput` that names `where` if one of its texts is too long to be one."""
    given = (
        (item.number, _LONGEST_CELL),
        (item.title, _LONGEST_TITLE),
        (item.object, _LONGEST_CELL),
    )
    for text, longest in given:
        if text and len(text) > longest:
            raise BadInput(
                f"{where} « {shown(text)}… » a plus de {longest} signes : raccourcissez-le."
            )
    return item


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
            f"{_at(source, line)} la colonne « name » manque (lu : « {shown(', '.join(head))} ») :"
            " commencez le fichier par name,role,group."
        )
    return places


def _person(source: str, line: int, cells: list[str], places: dict[str, int]) -> Person:
    spill = [cell for cell in cells[max(places.values()) + 1 :] if cell]
    if len(cells) > max(places.values()) + 1 and spill and len(places) == len(_COLUMNS):
        raise BadInput(
            f"{_at(source, line)} il y a plus de cellules que de colonnes (« {shown(spill[0])} ») :"
            " mettez entre guillemets ce qui contient le séparateur."
        )
    fields = {f: cells[at] if at < len(cells) else "" for f, at in places.items()}
    if not fields["name"]:
        raise BadInput(f"{_at(source, line)} le nom manque : écrivez-le ou supprimez la ligne.")
    if long := next((text for text in fields.values() if len(text) > _LONGEST_CELL), None):
        raise BadInput(
            f"{_at(source, line)} « {shown(long)}… » a plus de {_LONGEST_CELL} signes :"
            " vérifiez les guillemets et le séparateur."
        )
    return Person(**fields)


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
    made = check_item(made, f"« {source} », point n° {place} de la liste :")
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
