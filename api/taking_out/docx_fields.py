"""Fields of a Word document, which may load others: those allowed are listed. ECMA-376-1, 17.16.

A field's code is spread over runs and paragraphs, between a sign where it begins and one where it
ends, and another field may stand within. What decides is its first word.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import BadInput

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_FIELDS = frozenset(
    {
        *("ADVANCE", "AUTHOR", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BIBLIOGRAPHY"),
        *("CITATION", "COMMENTS", "COMPARE", "CREATEDATE", "DATE", "DOCPROPERTY"),
        *("DOCVARIABLE", "EDITTIME", "EQ", "FILENAME", "FILESIZE", "FILLIN", "FORMCHECKBOX"),
        *("FORMDROPDOWN", "FORMTEXT", "GOTOBUTTON", "HYPERLINK", "IF", "INDEX", "INFO"),
        *("KEYWORDS", "LASTSAVEDBY", "LISTNUM", "MERGEFIELD", "NOTEREF", "NUMCHARS"),
        *("NUMPAGES", "NUMWORDS", "PAGE", "PAGEREF", "PRINTDATE", "QUOTE", "REF", "REVNUM"),
        *("SAVEDATE", "SECTION", "SECTIONPAGES", "SEQ", "SET", "STYLEREF", "SUBJECT", "SYMBOL"),
        *("TA", "TC", "TEMPLATE", "TIME", "TITLE", "TOA", "TOC", "USERADDRESS", "USERINITIALS"),
        *("USERNAME", "XE"),
    }
)
"""What a document says of itself. Not: INCLUDEPICTURE, INCLUDETEXT, LINK, DDE, RD, DATABASE..."""
_NAME = re.compile(r"\s*(=|[^\s\"\\]*)")
_NESTED = "\ufffc"
_STORIES = frozenset({"txbxContent", "footnote", "endnote", "comment"})


def check_fields(root: Any) -> None:
    """Raise `BadInput` for a field in a part's tree that is not allowed."""
    _Story().read(root)


def local_name(name: Any) -> str:
    """An element's or attribute's name without its namespace."""
    return str(name).rpartition("}")[2]


@dataclass
class _Field:
    """A field that is open: its code, less and with what was deleted, and whether that is over."""

    code: list[str] = field(default_factory=list)
    with_deleted: list[str] = field(default_factory=list)
    is_over: bool = False

    def add(self, text: str, is_deleted: bool = False) -> None:
        self.with_deleted.append(text)
        if not is_deleted:
            self.code.append(text)

    def check(self) -> None:
        _check_code("".join(self.code))
        _check_code("".join(self.with_deleted))


class _Story:
    """Fields of one flow of text. One that begins in another flow is another's: programs disagree
    on what is hidden or passed over, so that nothing there may lend its name to a field here.
    """

    def __init__(self) -> None:
        self._open: list[_Field] = []

    def read(self, element: Any) -> None:
        """An element and all within. Raises `BadInput` for a field that is not allowed."""
        self._within(element)
        for left in self._open:
            left.check()

    def _within(self, element: Any) -> None:
        for child in element.iterchildren(tag="*"):
            namespace, name = str(child.tag)[1:].rpartition("}")[0], local_name(child.tag)
            if name in ("fldChar", "fldSimple", "instrText", "delInstrText"):
                self._field(name, child)
            if name in _STORIES or namespace not in _WORD:
                _Story().read(child)
            else:
                self._within(child)

    def _field(self, name: str, element: Any) -> None:
        given = {local_name(key): value for key, value in element.attrib.items()}
        if name == "fldSimple":
            _check_code(given.get("instr", ""))
        elif name == "fldChar":
            self._turn(given.get("fldCharType", ""))
        else:
            self._say("".join(element.itertext()), name == "delInstrText")

    def _turn(self, kind: str) -> None:
        if kind == "begin":
            if self._open:
                self._open[-1].add(_NESTED)
            self._open.append(_Field())
        elif kind == "separate" and self._open:
            self._open[-1].is_over = True
        elif kind == "end" and self._open:
            self._open.pop().check()

    def _say(self, text: str, is_deleted: bool) -> None:
        if self._open and not self._open[-1].is_over:
            self._open[-1].add(text, is_deleted)
        elif text.strip():
            raise _refused(text)


def _check_code(code: str) -> None:
    found = _NAME.match(code)
    name = found[1].upper() if found else ""
    if code.strip() and name != "=" and name not in _FIELDS:
        raise _refused(code)


def _refused(code: str) -> BadInput:
    shown = " ".join(code.replace(_NESTED, "{}").split())[:60]
    return BadInput(
        f"Le champ Word « {shown} » de ce modèle n'est pas admis : il pourrait aller chercher un "
        "document ailleurs. Remplacez-le par son résultat (Ctrl+Maj+F9), puis redonnez-le."
    )
