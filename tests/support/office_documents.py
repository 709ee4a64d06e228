"""Documents of an office, made for tests: DOCX with Word's own lists, XLSX, PDF, ICS."""

import io
from collections.abc import Sequence
from zipfile import ZipFile

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from openpyxl import Workbook


def sheet(*rows: Sequence[object], hidden: bool = False) -> bytes:
    """An XLSX with these rows on the first sheet; `hidden`: another one, not shown, before it."""
    book = Workbook()
    page = book.active
    if hidden:
        page.append(["Ancienne liste"])
        page.sheet_state = "hidden"
        page = book.create_sheet("Membres")
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def word(*lines: str, numbered: Sequence[tuple[int, str]] = (), table: object = ()) -> bytes:
    """A DOCX: lines, then a list that Word numbers (level, text), then a table."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if numbered:
        _define(document)
    for level, text in numbered:
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(
                f"<w:numPr {nsdecls('w')}><w:ilvl w:val='{level}'/><w:numId w:val='77'/></w:numPr>"
            )
        )
    rows = list(table)  # type: ignore[call-overload]
    if rows:
        made = document.add_table(len(rows), len(rows[0]))
        for at, row in enumerate(rows):
            for cell, text in zip(made.rows[at].cells, row, strict=True):
                cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _define(document: object) -> None:
    numbering = document.part.numbering_part.element  # type: ignore[attr-defined]
    levels = "".join(
        f"<w:lvl w:ilvl='{at}'><w:start w:val='1'/><w:numFmt w:val='{kind}'/>"
        f"<w:lvlText w:val='{text}'/></w:lvl>"
        for at, (kind, text) in enumerate(
            (("decimal", "%1."), ("decimal", "%1.%2"), ("bullet", "\uf0b7"))
        )
    )
    abstract = f"<w:abstractNum {nsdecls('w')} w:abstractNumId='77'>{levels}</w:abstractNum>"
    number = f"<w:num {nsdecls('w')} w:numId='77'><w:abstractNumId w:val='77'/></w:num>"
    numbering.insert(0, parse_xml(abstract))
    numbering.append(parse_xml(number))
    assert numbering.find(qn("w:num")) is not None


def pdf(*lines: str, more: Sequence[Sequence[str]] = ()) -> bytes:
    """A PDF of one page with these lines, one below the other, and `more` pages after it."""
    pages = [lines, *more]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, page in enumerate(pages):
        stream = b"BT /F1 12 Tf 14 TL 50 780 Td " + b" T* ".join(map(_shown, page)) + b" ET"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * at),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def _shown(line: str) -> bytes:
    return b"(" + line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj"


def calendar(*events: tuple[str, str, str]) -> bytes:
    """An ICS of events: when, what, and its description."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mairie//FR"]
    for at, (begins, summary, description) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{at}", f"DTSTART;TZID=Europe/Paris:{begins}"]
        lines += [f"SUMMARY:{summary}", f"DESCRIPTION:{description}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def libreoffice(body: str, styles: str = "") -> bytes:
    """An ODT or ODS with this body: prefixes `text`, `table`, `style` and `office` are known."""
    names = "".join(
        f' xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
        for one in ("office", "text", "table", "style")
    )
    content = (
        f"<office:document-content{names}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    )
    written = io.BytesIO()
    with ZipFile(written, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument")
        package.writestr("content.xml", content)
    return written.getvalue()
