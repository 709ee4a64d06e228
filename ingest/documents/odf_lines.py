"""The lines of a LibreOffice document, with its lists' numbers and bullets; the rows of its tables.

OpenDocument 1.3, part 3. A row of a table is one line, its cells parted by tabs. Text that was
deleted with tracked changes, and comments, are left out. Knows nothing of what the lines mean.
"""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from lxml import etree

from ingest.documents.word_lines import numeral

_NS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TEXT, _TABLE = f"{{{_NS.format('text')}}}", f"{{{_NS.format('table')}}}"
_STYLE, _OFFICE = f"{{{_NS.format('style')}}}", f"{{{_NS.format('office')}}}"
_LEFT_OUT = (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note")
_MOST_REPEATED = 50  # cells and rows that are written once: the empty rest of a sheet is a million
_MOST_ITEMS = 1_000  # of a list that goes on: counting back from each of its pieces stays short
_KINDS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


def odf_lines(raw: bytes) -> list[str]:
    """The lines of an ODT; of an ODS, those of the sheet that has most of them."""
    with ZipFile(io.BytesIO(raw)) as package:
        content = package.read("content.xml")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(content, parser)
    styles = {one.get(f"{_STYLE}name"): one for one in root.iter(f"{_TEXT}list-style")}
    body = root.find(f"{_OFFICE}body")[0]
    if body.tag == f"{_OFFICE}spreadsheet":
        sheets = (list(_rows(table)) for table in body.iterchildren(f"{_TABLE}table"))
        return max(sheets, key=len, default=[])
    return list(_lines(body, styles))


def _lines(element: Any, styles: dict[str, Any]) -> Iterator[str]:
    for block in element:
        if block.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield from _shown(block).split("\n")
        elif block.tag == f"{_TEXT}list":
            yield from _items(block, styles, styles.get(block.get(f"{_TEXT}style-name")), ())
        elif block.tag == f"{_TABLE}table":
            yield from _rows(block)
        elif block.tag not in _LEFT_OUT:
            yield from _lines(block, styles)


def _items(
    listed: Any, styles: dict[str, Any], style: Any, above: tuple[int, ...]
) -> Iterator[str]:
    """The items of a list, each with its number below the `above` ones, or its bullet."""
    for number, item in enumerate(listed.iterchildren(f"{_TEXT}list-item"), _first(listed)):
        for at, block in enumerate(item):
            if block.tag == f"{_TEXT}list":
                own = styles.get(block.get(f"{_TEXT}style-name"), style)
                yield from _items(block, styles, own, (*above, number))
            elif block.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                label = _label(style, (*above, number)) if at == 0 else ""
                yield f"{label}{_shown(block)}"


def _first(listed: Any) -> int:
    """The number of a list's first item: of one that goes on, after those of the one before."""
    continues = f"{_TEXT}continue-numbering", f"{_TEXT}continue-list"
    first = 1
    while (
        listed is not None
        and first < _MOST_ITEMS
        and any(listed.get(name, "false") != "false" for name in continues)
    ):
        listed = next(listed.itersiblings(f"{_TEXT}list", preceding=True), None)
        first += 0 if listed is None else len(listed.findall(f"{_TEXT}list-item"))
    return first


def _label(style: Any, numbers: tuple[int, ...]) -> str:
    depth = str(len(numbers))
    levels = () if style is None else style
    level = next((one for one in levels if one.get(f"{_TEXT}level") == depth), None)
    if level is None or level.tag != f"{_TEXT}list-level-style-number":
        return "•\t"
    shown = int(level.get(f"{_TEXT}display-levels", "1"))
    kind = _KINDS.get(level.get(f"{_STYLE}num-format", "1"), "decimal")
    text = ".".join(numeral(number, kind) for number in numbers[-shown:])
    return f"{text}{level.get(f'{_STYLE}num-suffix', '.')}\t"


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            text = " ".join(" ".join(_shown(one) for one in cell.iter(f"{_TEXT}p")).split())
            repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            cells += [text] * min(repeated, _MOST_REPEATED)
        if any(cells):
            yield "\t".join(cells).rstrip("\t")


def _shown(element: Any) -> str:
    """What an element shows; what comes after it is not its own."""
    if element.tag in _LEFT_OUT or not isinstance(element.tag, str):
        return ""
    inside = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    if element.tag in inside:
        return inside[element.tag]
    pieces = [element.text or ""]
    for child in element:
        pieces += (_shown(child), child.tail or "")
    return "".join(pieces)
