"""The lines of a Word or LibreOffice document, with the numbers and bullets that these count.

ECMA-376-1, 17.9 (numbering); OpenDocument 1.3, part 3. A row of a table is one line, its cells
parted by tabs. Text that was deleted with tracked changes is left out, and so are LibreOffice's
comments. Knows nothing of what the lines mean.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from docx import Document
from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEFT_OUT = (
    f"{_W}del",
    f"{_W}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
_BREAKS = (f"{_W}br", f"{_W}cr")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_DEEPEST = 9  # levels of a list in Word
_MOST_STYLES = 20  # styles that a style is based on, one on the other


def word_lines(raw: bytes) -> list[str]:
    """The lines of a document, blank ones included: they part what belongs together."""
    document = Document(io.BytesIO(raw))
    labels = _Labels(document)
    return [line for block in document.element.body for line in _lines(block, labels)]


def _lines(block: Any, labels: "_Labels") -> Iterator[str]:
    if block.tag == f"{_W}p":
        text = _text(block)
        label = labels.next(block) if text.strip() else ""
        yield from f"{label}{text}".split("\n")
    elif block.tag == f"{_W}tbl":
        for row in block.iter(f"{_W}tr"):
            yield "\t".join(_cell(cell, labels) for cell in row.iterchildren(f"{_W}tc"))
    elif block.tag == f"{_W}sdt":
        for inside in block.iterchildren(f"{_W}sdtContent"):
            for one in inside:
                yield from _lines(one, labels)


def _cell(cell: Any, labels: "_Labels") -> str:
    lines = (line for block in cell for line in _lines(block, labels))
    return " ".join(" ".join(lines).split())


def _text(element: Any) -> str:
    """What a paragraph shows."""
    if element.tag in _LEFT_OUT:
        return ""
    if element.tag == f"{_W}t":
        return element.text or ""
    if element.tag == f"{_W}tab":
        return "" if element.getparent().tag == f"{_W}tabs" else "\t"
    if element.tag in _BREAKS:
        return "\n"
    if element.tag == f"{_W}noBreakHyphen":
        return "-"
    return "".join(map(_text, element))


class _Labels:
    """The numbers of lists, counted as Word does."""

    def __init__(self, document: Any) -> None:
        self._styles = {style.style_id: style.element for style in document.styles}
        self._levels: dict[str, dict[int, Any]] = {}
        self._lists: dict[str, str] = {}
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * _DEEPEST)
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for abstract in numbering.iterchildren(f"{_W}abstractNum"):
            levels = {int(one.get(f"{_W}ilvl")): one for one in abstract.iterchildren(f"{_W}lvl")}
            self._levels[abstract.get(f"{_W}abstractNumId")] = levels
        for number in numbering.iterchildren(f"{_W}num"):
            self._lists[number.get(f"{_W}numId")] = _value(number, "abstractNumId") or ""

    def next(self, paragraph: Any) -> str:
        """What stands before a paragraph, with a tab after it; "" where it is in no list."""
        number, depth = self._place(paragraph)
        abstract = self._lists.get(number, "")
        level = self._levels.get(abstract, {}).get(depth)
        if level is None or not 0 <= depth < _DEEPEST:
            return ""
        if _value(level, "numFmt") in ("bullet", "none"):
            return "•\t" if _value(level, "numFmt") == "bullet" else ""
        counts = self._counts[abstract]
        counts[depth] = counts[depth] + 1 if counts[depth] else self._start(abstract, depth)
        counts[depth + 1 :] = [0] * (_DEEPEST - depth - 1)
        text = _value(level, "lvlText") or ""
        for at in range(depth + 1):
            shown = counts[at] or self._start(abstract, at)
            kind = _value(self._levels[abstract].get(at, level), "numFmt") or "decimal"
            text = text.replace(f"%{at + 1}", numeral(shown, kind))
        return f"{text}\t"

    def _start(self, abstract: str, depth: int) -> int:
        level = self._levels[abstract].get(depth)
        start = _value(level, "start") if level is not None else None
        return int(start) if start and start.isdecimal() else 1

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """The list that a paragraph is in, by itself or by its style, and how deep."""
        properties = paragraph.find(f"{_W}pPr")
        style = _value(properties, "pStyle") if properties is not None else None
        for _ in range(_MOST_STYLES):
            listed = properties.find(f"{_W}numPr") if properties is not None else None
            if listed is not None and (number := _value(listed, "numId")):
                depth = _value(listed, "ilvl") or "0"
                return number, int(depth) if depth.isdecimal() else 0
            element = self._styles.get(style) if style else None
            if element is None:
                break
            properties, style = element.find(f"{_W}pPr"), _value(element, "basedOn")
        return "", 0


def _value(element: Any, name: str) -> str | None:
    """The value of an element's child of that name."""
    child = element.find(f"{_W}{name}")
    return None if child is None else child.get(f"{_W}val")


def numeral(number: int, kind: str) -> str:
    """A number as lists show it: "lowerLetter", "upperRoman"..., else in digits."""
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman"):
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.lower() if kind == "lowerRoman" else roman
    return str(number)


_NS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TEXT, _TABLE = f"{{{_NS.format('text')}}}", f"{{{_NS.format('table')}}}"
_STYLE, _OFFICE = f"{{{_NS.format('style')}}}", f"{{{_NS.format('office')}}}"
_NOT_SHOWN = (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note")
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
    return list(_odf_lines(body, styles))


def _odf_lines(element: Any, styles: dict[str, Any]) -> Iterator[str]:
    for block in element:
        if block.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield from _shown(block).split("\n")
        elif block.tag == f"{_TEXT}list":
            yield from _items(block, styles, styles.get(block.get(f"{_TEXT}style-name")), ())
        elif block.tag == f"{_TABLE}table":
            yield from _rows(block)
        elif block.tag not in _NOT_SHOWN:
            yield from _odf_lines(block, styles)


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
    if element.tag in _NOT_SHOWN or not isinstance(element.tag, str):
        return ""
    inside = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    if element.tag in inside:
        return inside[element.tag]
    pieces = [element.text or ""]
    for child in element:
        pieces += (_shown(child), child.tail or "")
    return "".join(pieces)
