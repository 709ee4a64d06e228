"""A city's own words: places, acronyms and surnames that a speech model cannot know.

Knows the file in which a clerk lists them, as a spreadsheet saves it or as plain lines. Does not
know what they are used for: `hints` puts them before the recogniser, `repair` puts them right.
Raises `BadInput` alone.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.documents.text_files import Most, read_text
from ingest.errors import BadInput
from ingest.text import fold

MOST = Most(2**20, "un glossaire", "n'y laissez que les mots de la ville.")  # 20,000 lines
_LONGEST = 60  # characters of a term or a spoken form: what is longer is a sentence
_DELIMITERS = (";", "\t", ",")
_HEADS = ("terme", "term", "mot")
_COLUMNS = 3  # term, spoken forms, note


@dataclass(frozen=True)
class Term:
    """A word or a few, as they are written; `spoken` are ways in which they are heard instead.

    `note` is for the clerk who keeps the list.
    """

    text: str
    spoken: tuple[str, ...] = ()
    note: str = ""


def read_glossary(path: Path) -> tuple[Term, ...]:
    """The terms of a file, in its order: one a line, or the columns term, spoken forms, note.

    The separator is `;`, a tab or `,`; several spoken forms are parted by `|`; a header, blank
    lines and lines that begin with `#` are skipped.

        terme;formes orales;remarque
        SIG;s i g | les cigs;Services industriels
        Vernets
    """
    lines = _lines(path)
    if lines and fold(lines[0][1][0]) in _HEADS:
        lines = lines[1:]
    if not lines:
        raise BadInput(f"« {path.name} » ne contient aucun terme : écrivez-en un par ligne.")
    known: dict[str, int] = {}
    terms = []
    for number, cells in lines:
        term = _term(path, number, cells)
        for text in (term.text, *term.spoken):
            first = known.setdefault(fold(text), number)
            if first != number:
                raise BadInput(
                    f"{_at(path, number)} « {text} » figure déjà à la ligne {first} :"
                    " un terme ou une forme orale ne se donne qu'une fois."
                )
        terms.append(term)
    return tuple(terms)


def _at(path: Path, line: int) -> str:
    return f"« {path.name} », ligne {line} :"


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number and trimmed cells of every line that says something."""
    text = read_text(path, MOST)
    lines = [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    delimiter = max(_DELIMITERS, key=(lines[0] if lines else "").count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    found = []
    try:
        for cells in reader:
            trimmed = [" ".join(cell.split()) for cell in cells]
            if any(trimmed) and not trimmed[0].startswith("#"):
                found.append((reader.line_num, trimmed))
    except csv.Error as error:
        raise BadInput(
            f"{_at(path, reader.line_num)} la ligne ne peut pas être lue : vérifiez les guillemets."
        ) from error
    return found


def _term(path: Path, line: int, cells: Sequence[str]) -> Term:
    text, spoken, note = (*cells[:_COLUMNS], "", "")[:_COLUMNS]
    if any(cells[_COLUMNS:]):
        raise BadInput(
            f"{_at(path, line)} il y a plus de trois colonnes : donnez le terme, ses formes orales"
            " séparées par « | » et une remarque."
        )
    if not text:
        raise BadInput(f"{_at(path, line)} le terme manque : écrivez-le ou supprimez la ligne.")
    forms = tuple(form for form in (part.strip() for part in spoken.split("|")) if form)
    for form in (text, *forms):
        check_form(form, f"{_at(path, line)} ")
    return Term(text, forms, note)


def check_form(form: str, where: str = "") -> None:
    """Raise `BadInput` that names `where` unless a term or a spoken form is a word or a few."""
    if len(form) > _LONGEST or not any(char.isalnum() for char in form):
        raise BadInput(
            f"{where}« {form[:_LONGEST]} » n'est pas un terme :"
            f" donnez un mot ou quelques-uns, {_LONGEST} caractères au plus."
        )
