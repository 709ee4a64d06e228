"""Lists and agendas as files of an office: XLSX, ODS, DOCX, ODT, PDF, ICS, as the lines they show.

What such a file is, its first bytes say, not its name. Each is a stranger's, read in a limited
child process. Knows nothing of what the lines mean. Raises `BadInput` alone.
"""

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile, ZipFile

from ingest.audio.sandbox import Limits, read_in_child
from ingest.documents.text_files import Most, plain_lines, read_bytes, text_of
from ingest.errors import BadInput
from ingest.text import without_heaps

# Bytes: lists come with the members' portraits in them. Chosen, not measured.
MOST_DOCUMENT = Most(
    16 * 2**20, "une liste ou un ordre du jour", "enregistrez-le sans images, ou en texte."
)
_UNPACKED = 64 * 2**20  # bytes: a document of 16 MB is mostly images, which pack little
_MOST_ROWS, _MOST_CELLS = 5_000, 50  # of a sheet; a list of people has 2,000 at most
_MOST_PAGES = 500  # of minutes; an agenda has ten
_LIMITS = Limits(cpu_s=30, memory_bytes=2**30, wall_s=60)  # a clerk waits; 500 pages take 15 s
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
T = TypeVar("T")
_SNIFFED = 1_024  # bytes within which a PDF begins
LIST_FILES = (".csv", ".txt", ".xlsx", ".ods", ".docx", ".odt")
AGENDA_FILES = (*LIST_FILES, ".json", ".pdf", ".ics")


def read_document(path: Path, most: Most, *, table: bool = False) -> str:
    """The lines of a file of text, or of one of an office; `most` is how long they may be."""
    text = document_text(read_bytes(path, MOST_DOCUMENT), path.name, table=table)
    most.check(len(text), path.name)
    return text


def document_text(raw: bytes, source: str, *, table: bool = False) -> str:
    """The lines that a file's bytes hold; `source` is what errors call it.

    A `table` is wanted where columns matter, which a PDF or a calendar does not keep.
    """
    reader = _reader(raw, source)
    if reader is None:
        try:
            return plain_lines(text_of(raw, source))
        except BadInput:
            raise BadInput(
                f"« {source} » n'est pas un fichier texte, ni un fichier qui se lit ici : donnez"
                f" {'XLSX, CSV ou DOCX' if table else 'DOCX, PDF, ICS, XLSX, CSV ou texte'}."
            ) from None
    if table and reader in (_pdf, _calendar):
        raise BadInput(
            f"« {source} » ne garde pas les colonnes d'une liste : donnez-la en XLSX, en CSV ou en"
            " DOCX (un tableau)."
        )
    text = read_in_child(reader, raw, source, source=source, limits=_LIMITS)
    return without_heaps(text.encode("utf-8", "replace").decode("utf-8"))


def is_office_file(raw: bytes) -> bool:
    """Are these the bytes of a file of an office, readable here or not, rather than text?"""
    return raw.startswith((b"PK\x03\x04", _OLD_OFFICE, b"{\\rtf")) or b"%PDF-" in raw[:_SNIFFED]


def _reader(raw: bytes, source: str) -> Callable[[bytes, str], str] | None:
    """What reads these bytes, None where they are text. Raises `BadInput` where nothing does."""
    if raw.startswith(b"PK\x03\x04"):
        return _package
    if b"%PDF-" in raw[:_SNIFFED]:
        return _pdf
    if raw.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        return _calendar
    if raw.startswith(_OLD_OFFICE):
        raise BadInput(
            f"« {source} » est d'un ancien format (.doc, .xls), ou protégé par un mot de passe :"
            " enregistrez-le en DOCX ou en XLSX, sans mot de passe."
        )
    if raw.startswith(b"{\\rtf"):
        raise BadInput(f"« {source} » est en RTF : enregistrez-le en DOCX, ou en texte brut.")
    return None


# --- what is read in the child ------------------------------------------------------------------


def _package(raw: bytes, source: str) -> str:
    """A file that is a zip: a sheet, or a document."""
    try:
        with ZipFile(io.BytesIO(raw)) as package:
            names = set(package.namelist())
            unpacked = sum(part.file_size for part in package.infolist())
    except BadZipFile:
        raise _damaged(source) from None
    if unpacked > _UNPACKED:
        raise BadInput(f"« {source} » est trop grand une fois ouvert : enregistrez-le sans images.")
    if "xl/workbook.xml" in names:
        return _sheet(raw, source)
    if "word/document.xml" in names:
        from ingest.documents.word_lines import word_lines

        return "\n".join(_guarded(lambda: word_lines(raw), source))
    if "content.xml" in names:
        from ingest.documents.word_lines import odf_lines

        return "\n".join(_guarded(lambda: odf_lines(raw), source))
    raise BadInput(
        f"« {source} » n'est ni un classeur (XLSX, ODS) ni un document (DOCX, ODT) :"
        " enregistrez-le ainsi, ou en texte."
    )


def _sheet(raw: bytes, source: str) -> str:
    """The visible sheet with the most rows, as a CSV: a cover and a legend have few."""
    from openpyxl import load_workbook

    def rows() -> list[list[str]]:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        shown = (list(_rows(one)) for one in book.worksheets if one.sheet_state == "visible")
        return max(shown, key=len, default=[])

    found = _guarded(rows, source)
    if not found:
        raise BadInput(f"« {source} » est vide : aucune feuille visible n'a de texte.")
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\n").writerows(found)
    return written.getvalue()


def _rows(sheet: Any) -> Iterator[list[str]]:
    for values in sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_CELLS, values_only=True):
        cells = [" ".join(_shown(value).split()) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _shown(value: object) -> str:
    """A cell as the sheet shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, time):
        return value.isoformat("minutes")
    return str(value)


def _pdf(raw: bytes, source: str) -> str:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by us

    def pages() -> list[str]:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(f"« {source} » est protégé par un mot de passe : enlevez-le.")
        if len(reader.pages) > _MOST_PAGES:
            raise BadInput(f"« {source} » a plus de {_MOST_PAGES} pages : partagez-le.")
        return _without_running_lines([page.extract_text() for page in reader.pages])

    text = plain_lines("\n".join(_guarded(pages, source)))
    if not text.strip():
        raise BadInput(
            f"« {source} » est une image, sans texte : collez le texte, ou donnez le DOCX d'où il"
            " vient."
        )
    return text


_FEW_PAGES, _RUNNING = 3, 3  # pages that show what repeats; lines of a head or a foot


def _without_running_lines(pages: list[str]) -> list[str]:
    """Pages without the head and the foot that most of them have alike, but for their numbers."""
    left = [page.strip().splitlines() for page in pages]
    for end in (0, -1) if len(pages) >= _FEW_PAGES else ():
        for _ in range(_RUNNING):
            lines = Counter(re.sub(r"\d+", "", page[end]).strip() for page in left if page)
            running, times = lines.most_common(1)[0] if lines else ("", 0)
            if 2 * times <= len(pages):
                break
            for page in left:
                if page and re.sub(r"\d+", "", page[end]).strip() == running:
                    del page[end]
    return ["\n".join(page) for page in left]


def _calendar(raw: bytes, source: str) -> str:
    """An invitation: what its one event describes, or a line for each of several events."""
    from icalendar import Calendar

    def events() -> list[Any]:
        return [one for one in Calendar.from_ical(raw).walk("VEVENT") if one.get("SUMMARY")]

    found = _guarded(events, source)
    if not found:
        raise BadInput(f"« {source} » n'annonce aucun rendez-vous : donnez l'ordre du jour.")
    described = str(found[0].get("DESCRIPTION", "")).strip()
    if len(found) == 1:
        return plain_lines(described or str(found[0]["SUMMARY"]))
    timed = sorted((_begins(event), at) for at, event in enumerate(found))
    return "\n".join(f"{begins[11:]} {found[at]['SUMMARY']}".strip() for begins, at in timed)


def _begins(event: Any) -> str:
    """When an event begins, by its own clock: "2025-03-11 18h30", without an hour for a day."""
    begins: date | None = getattr(event.get("DTSTART"), "dt", None)
    if isinstance(begins, datetime):
        return f"{begins:%Y-%m-%d %Hh%M}"
    return str(begins or "")


def _guarded(read: Callable[[], T], source: str) -> T:
    """What `read` returns. Raises `BadInput` for whatever a library fails with on a bad file."""
    try:
        return read()
    except (BadInput, MemoryError):
        raise
    except Exception as error:
        raise _damaged(source) from error


def _damaged(source: str) -> BadInput:
    return BadInput(
        f"« {source} » est abîmé, et ne s'ouvre pas : enregistrez-le de nouveau, ou en texte brut."
    )
