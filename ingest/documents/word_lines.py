"""The lines of a Word document, with the numbers and bullets that Word counts by itself.

ECMA-376-1, 17.9 (numbering). A row of a table is one line, its cells parted by tabs. Text that was
deleted with tracked changes is left out. Knows nothing of what the lines mean.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from docx import Document

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
