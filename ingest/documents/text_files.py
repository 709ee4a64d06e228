"""Small files of text as town halls really save them: their letters, their size, their tables.

Knows Excel's `;` and `sep=;`, Windows-1252 and UTF-16 as well as plain UTF-8. Does not know what a
text is about. Raises `BadInput` alone.
"""

import codecs
import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadInput

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 2_000  # bytes that tell an encoding: of French in UTF-16, nearly every other one is 0
_NEARLY_ALL, _HARDLY_ANY = 0.8, 0.05  # of those bytes: a few signs of French are beyond Latin-1
_DELIMITERS = ("\t", ";", ",")  # as good as each other, text has the last one oftenest
_HEAD_LINES = 50  # that show which it is


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


def read_bytes(path: Path, most: Most) -> bytes:
    """A file's bytes. Raises `BadInput` for one that cannot be read, or is larger than `most`."""
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
    return raw


def read_text(path: Path, most: Most) -> str:
    """The text of a file in UTF-8 or UTF-16 (a byte order mark is dropped), else in Windows-1252.

    Raises `BadInput` for a file that is no text, or larger than `most`: no more of it is read.
    """
    return text_of(read_bytes(path, most), path.name)


def text_of(raw: bytes, source: str) -> str:
    """The text that bytes are, as `read_text` reads it; `source` is what errors call them."""
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")
    raise BadInput(f"« {source} » n'est pas un fichier texte : enregistrez-le en UTF-8.")


def _encodings(raw: bytes) -> tuple[str, ...]:
    """What the bytes may be written in, the likeliest first."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return (encoding, "cp1252")
    even, odd = raw[:_LOOKED_AT:2].count(0), raw[1:_LOOKED_AT:2].count(0)
    half = min(len(raw), _LOOKED_AT) // 2
    if half and odd >= _NEARLY_ALL * half and even <= _HARDLY_ANY * half:
        return ("utf-16-le",)
    if half and even >= _NEARLY_ALL * half and odd <= _HARDLY_ANY * half:
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


def plain_lines(text: str) -> str:
    """The same text, with one kind of line end: as a browser sends back what a field shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def at_line(source: str, line: int) -> str:
    """Where an error is."""
    return f"« {source} », ligne {line} :"


def table_of(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Line number and trimmed cells of every line that is not blank.

    The separator is `,`, `;` or a tab: as a first line "sep=;" says, else the commonest of a line.
    """
    lines = text.splitlines(keepends=True)
    head = next((at for at, line in enumerate(lines) if line.strip()), 0)
    said = lines[head].strip(' "\r\n') if lines else ""
    named = (said.lower().startswith("sep=") and said[len("sep=") :][:1]) or ""
    skipped = head + 1 if named or said.lower() == "sep=" else 0
    delimiter = named or _delimiter(lines[skipped:])
    reader = csv.reader(io.StringIO("".join(lines[skipped:])), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            trimmed = [" ".join(cell.split()) for cell in cells]
            if any(trimmed):
                rows.append((reader.line_num + skipped, trimmed))
    except csv.Error as error:
        raise BadInput(
            f"{at_line(source, reader.line_num + skipped)} le CSV ne peut pas être lu : vérifiez"
            " les guillemets."
        ) from error
    return rows


def _delimiter(lines: list[str]) -> str:
    """The separator that most of the first lines have; of several, the one that they have most."""
    first = lines[:_HEAD_LINES]
    lines_with = {mark: sum(mark in line for line in first) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (lines_with[mark], "".join(first).count(mark)))
