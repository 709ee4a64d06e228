"""Reads a file of minutes or of a transcript, whatever its format, into the texts of its sessions.

Formats: plain text, DOCX, PDF (`minutes`), speeches one a line in JSON (`jsonl`), subtitles (SRT,
WebVTT) and TEI (`tei`). Raises `BadInput` that tells the place and what to do.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from ingest.documents.captions import Subtitle, read_subtitle_file
from ingest.documents.office_files import document_text, is_office_file
from ingest.documents.text_files import Most, read_bytes, text_of
from ingest.errors import BadInput
from ingest.lexicon import is_french
from ingest.text_import import jsonl, minutes, tei
from ingest.text_import.document import Document, TextParagraph, directions_apart, tidy
from ingest.transcript import Person
from ingest.written_names import read_name, without_title

_PAUSE_MS = 3_000  # between subtitles without a name: more begins a paragraph
_SNIFFED = 2_000  # characters


class Form(StrEnum):
    """How a text is written down."""

    AUTO = "auto"
    TXT = "txt"
    JSONL = "jsonl"
    SRT = "srt"
    VTT = "vtt"
    TEI = "tei"


_SUFFIXES = {
    **dict.fromkeys((".txt", ".text", ".md"), Form.TXT),
    **dict.fromkeys((".jsonl", ".ndjson"), Form.JSONL),
    **dict.fromkeys((".xml", ".tei"), Form.TEI),
    ".srt": Form.SRT,
    ".vtt": Form.VTT,
}


_SPLIT = "partagez-le en plusieurs, une séance par fichier."
# One session of ten hours is 600 kB of words; TEI with each word annotated fifty times that.
_MOST = Most(16 * 2**20, "le texte d'une séance", _SPLIT)
_MOST_TEI = Most(64 * 2**20, "le texte d'une séance", _SPLIT)
_MOST_JSONL = Most(
    512 * 2**20, "un fichier de débats", _SPLIT
)  # many sessions; a decade has 300 MB


def read_documents(path: Path, form: Form = Form.AUTO) -> tuple[Document, ...]:
    """The text of each session of a file: one, or as many as a JSONL file tells apart."""
    return tuple(_without_directions(document) for document in _documents(path, form))


def _without_directions(document: Document) -> Document:
    """The same, with what is told within speeches apart from them."""
    entries = (
        one
        for entry in document.entries
        for one in (directions_apart(entry) if isinstance(entry, TextParagraph) else (entry,))
    )
    return replace(document, entries=tuple(entries))


def _documents(path: Path, form: Form) -> tuple[Document, ...]:
    if not path.is_file():
        raise BadInput(f"Le fichier « {path} » n'existe pas : vérifiez son nom.")
    raw = read_bytes(path, _MOST_JSONL)
    office = is_office_file(raw)
    text = _paragraphs(raw, path.name) if office else text_of(raw, path.name)
    if form is Form.AUTO and office:
        form = Form.TXT
    if form is Form.AUTO:
        form = _SUFFIXES.get(path.suffix.lower()) or _sniffed(text)
    if form is Form.JSONL:
        return jsonl.read(path.name, text)
    (_MOST_TEI if form is Form.TEI else _MOST).check(len(text), path.name)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if form is Form.TEI:
        return (tei.read(path.name, text, digest),)
    if form is Form.TXT:
        return (minutes.read(path.name, text, digest),)
    read = read_subtitle_file(path, text)
    skipped = tuple(f"{one.where}, {one.what}" for one in read.skipped)
    return (Document(digest, path.name, _speech(read.subtitles), skipped=skipped),)


def _paragraphs(raw: bytes, name: str) -> str:
    """The text of a document: a line of Word's is a paragraph, one of a printed page may not be."""
    text = document_text(raw, name)
    return text.replace("\n", "\n\n") if raw.startswith(b"PK") else _of_print(text)


_FULL = 0.8  # of the usual width: a word that did not fit leaves less room than that
_ENDS = re.compile(r"[.:;!?»)…]$")
_BEGINS = re.compile(r"[A-ZÀ-Þ«\d–•-]")
_NUMBERED = re.compile(r"\d{1,3}[.)] \S")
_HYPHENATED = re.compile(r"(?<!\w)(\w{2,}+)([-\u00ad])\n([a-zà-ÿ]\w*+)(\S*) ?")


def _of_print(text: str) -> str:
    """The lines of a PDF, which has no paragraphs: one ends with a line that is short."""
    lines = _HYPHENATED.sub(_rejoined, text).splitlines()
    widths = sorted(len(line) for line in lines if line.strip())
    full = _FULL * widths[-1 - len(widths) // 50] if widths else 0  # a table may be wider
    parted = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        short = len(line) < full and (_ENDS.search(line) or _BEGINS.match(following))
        parted.append(f"{line}\n" if short or _NUMBERED.match(following) else line)
    return "\n".join(parted)


def _rejoined(cut: re.Match[str]) -> str:
    """A word that the end of a line cuts: "conseil-ler" is one, "vice-présidente" keeps its own."""
    first, hyphen, rest, after = cut.groups()
    whole = f"{first}{rest}"
    word = whole if hyphen == "\u00ad" or is_french(whole) else f"{first}-{rest}"
    return f"{word}{after}\n"


def _sniffed(text: str) -> Form:
    """The format that a text looks like."""
    head = text[:_SNIFFED].lstrip()
    if head.startswith(("{", "[")):
        return Form.JSONL
    if head.startswith("<"):
        return Form.TEI
    return Form.SRT if " --> " in head else Form.TXT


def _speech(subtitles: Sequence[Subtitle]) -> tuple[TextParagraph, ...]:
    """Subtitles as speech: those of one participant, one after the other, are a paragraph.

    Their times are left: without a recording nothing can be played at them.
    """
    grouped, number = [], 0
    before = None
    for subtitle in subtitles:
        apart = before and subtitle.start_ms - before.end_ms > _PAUSE_MS
        changed = before and before.participant != subtitle.participant
        number += bool(changed or apart)
        grouped.append((number, subtitle))
        before = subtitle
    said = []
    for _, group in groupby(grouped, key=lambda pair: pair[0]):
        together = [subtitle for _, subtitle in group]
        name = together[0].participant
        words = tidy(" ".join(subtitle.text for subtitle in together))
        said.append(TextParagraph(words, _person(tidy(name)) if name else None))
    return tuple(said)


def _person(name: str) -> Person:
    """A participant, first name first where the platform has the surname before it."""
    if without_title(name) != name:
        return Person(name)
    written = read_name(name)
    return Person(written.name, group=written.bracket if written.bracket.isupper() else "")
