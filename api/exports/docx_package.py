"""A Word document from outside, as a package: can it be read whole, and does it load nothing?

Every part is read as what it says it is: relations, content types and text as XML (whatever their
encoding, no entity resolved), of which relations and fields are allowed by list.
ECMA-376, part 2 (packages) and part 1 (relations, 11.3). Knows nothing of templates' tags.
To be run in a process that is limited: the parser is a C library.
"""

import posixpath
import re
import struct
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ingest.errors import BadInput

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
# The fields that are allowed, of ECMA-376-1, 17.16.5.
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
LARGEST_XML = 12 << 20
"""Bytes of XML in a template: Word's own, with every style and a glossary, have 3 MB."""
_LARGEST = 60 << 20  # bytes unpacked, images included
_MOST_PARTS = 2_000  # files in the zip: Word's own templates have some twenty
_RATIO, _RATIO_FROM = 100, 12 << 20  # a text packs 1:10, a table of nothing 1:60
_ENCRYPTED = 0x1  # bit of a part's flags, APPNOTE 4.4.4
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .doc, and every document with a password
_ZIP = b"PK\x03\x04"
_UNREADABLE = (
    *(BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(RuntimeError, LookupError, ArithmeticError, ValueError),
)

_TYPES, _MAIN = "[Content_Types].xml", "word/document.xml"
# Types of relations, all in small letters: LibreOffice has written "officedocument".
_OFFICE = "http://schemas.openxmlformats.org/officedocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_LINK = f"{_OFFICE}hyperlink"
# Relations to parts that are no text, and need not be read.
_IMAGES = frozenset(
    {
        *(f"{_OFFICE}image", f"{_OFFICE}metadata/thumbnail", f"{_PACKAGE}thumbnail"),
        f"{_MICROSOFT}2007/relationships/hdphoto",
    }
)
_DATA = frozenset({f"{_OFFICE}font", f"{_OFFICE}printersettings"})
# Relations to parts that are read as XML, from ECMA-376-1 and Word's own: none loads anything.
_TEXTS = frozenset(
    {
        *(f"{_OFFICE}{name}" for name in (
            *("officedocument", "styles", "settings", "websettings", "fonttable", "numbering"),
            *("theme", "themeoverride", "header", "footer", "footnotes", "endnotes", "comments"),
            *("glossarydocument", "customxml", "customxmlprops", "extended-properties"),
            *("custom-properties", "chart", "chartusershapes", "diagramdata", "diagramlayout"),
            *("diagramquickstyle", "diagramcolors"),
        )),
        *(f"{_PACKAGE}core-properties", f"{_OFFICE}metadata/core-properties"),
        *(f"{_MICROSOFT}{name}" for name in (
            *("2007/relationships/styleswitheffects", "2007/relationships/diagramdrawing"),
            *("2011/relationships/people", "2011/relationships/commentsextended"),
            *("2011/relationships/chartstyle", "2011/relationships/chartcolorstyle"),
            *("2016/09/relationships/commentsids", "2018/08/relationships/commentsextensible"),
            *("2020/02/relationships/classificationlabels", "2020/10/relationships/intelligence"),
        )),
    }
)  # fmt: skip
# Beginnings of content types that are admitted, as XML and as bytes.
_XML_TYPES = (
    *("application/vnd.openxmlformats-", "application/xml", "text/xml", "image/svg+xml"),
    *("application/vnd.ms-word.styleswitheffects+", "application/vnd.ms-office."),
)
_DATA_TYPES = ("image/", "application/vnd.openxmlformats-officedocument.obfuscatedfont",
               "application/vnd.openxmlformats-officedocument.wordprocessingml.printersettings",
               "application/x-font")  # fmt: skip
_MACROS = re.compile(r"vba|macroenabled|activex")

# Elements and attributes that name an address: those a reader clicks, those drawn, and those that
# would be loaded at once.
_LINKS = frozenset({"hyperlink", "hlinkClick", "hlinkHover", "hlinkMouseOver"})
_SHAPES = frozenset(
    {"a", "shape", "rect", "oval", "line", "polyline", "group", "roundrect", "curve", "arc"}
)
_PLACES = frozenset({"src", "althref", "altHref", "manifestLocation"})
_REFUSED = frozenset(
    {"altChunk", "subDoc", "mailMerge", "webVideoPr", "control", "ocx", "OLEObject"}
)
_LOADS = re.compile(r"@import|url\([\s'\"]*+(?!#|data:)", re.IGNORECASE)  # in a drawing's CSS

_AGAIN = (
    "ouvrez-le dans votre traitement de texte, enregistrez-le de nouveau en .docx, puis "
    "redonnez-le."
)
_ELSEWHERE = (
    "Ce modèle va chercher une image ou un modèle ailleurs : insérez les images dans le document, "
    "et détachez-le de son modèle d'origine."
)
_WITH_MACROS = "Ce modèle contient des macros ou des contrôles : enregistrez-le en .docx, sans eux."


def check_package(content: bytes, largest_xml: int = LARGEST_XML) -> None:
    """Raise `BadInput` for what is no Word document, is not whole, or would load something."""
    parts = _unpacked(content)
    if _MAIN not in parts or _TYPES not in parts:
        raise BadInput("Ce fichier n'est pas un document Word (.docx) : il n'a pas de texte.")
    types = _Types.read(parts)
    texts = [name for name in parts if types.is_xml(name)]
    if sum(len(parts[name]) for name in texts) > largest_xml:
        raise _too_large()
    links = {_source(n): _linked(n, parts, types) for n in texts if n.endswith(".rels")}
    for name in texts:
        _check_text(name, _parsed(name, parts[name]), links.get(name, frozenset()))


# --- the zip ------------------------------------------------------------------------------------


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The parts by their names."""
    if content.startswith(_OLD_OFFICE):
        raise BadInput(
            "Ce document est protégé par un mot de passe, ou dans l'ancien format .doc : retirez "
            "sa protection et enregistrez-le en .docx, puis redonnez-le."
        )
    if not content.startswith(_ZIP):
        raise BadInput(
            "Ce fichier n'est pas un document Word (.docx) : enregistrez votre modèle sous ce "
            "format, puis redonnez-le."
        )
    try:
        with ZipFile(BytesIO(content)) as package:
            parts = package.infolist()
            _check_sizes(parts, len(content))
            _check_names(parts)
            for part in parts:
                _check_packing(part)
            return {part.filename: package.read(part) for part in parts if not part.is_dir()}
    except _UNREADABLE:
        raise BadInput(f"Ce modèle est abîmé, il n'a pas pu être lu en entier : {_AGAIN}") from None


def _too_large() -> BadInput:
    return BadInput("Ce modèle est trop volumineux une fois ouvert : simplifiez-le.")


def _check_sizes(parts: list[ZipInfo], packed: int) -> None:
    """What a part says of its size holds: `zipfile` reads no more of it."""
    unpacked = sum(part.file_size for part in parts)
    swollen = unpacked > _RATIO_FROM and unpacked > _RATIO * packed
    if len(parts) > _MOST_PARTS or unpacked > _LARGEST or swollen:
        raise _too_large()


def _check_names(parts: list[ZipInfo]) -> None:
    """Names that every program reads alike: once each, below the package, as they are written."""
    seen = set()
    for part in parts:
        name, whole = part.filename, unquote(part.filename)
        steps = whole.removesuffix("/").split("/")
        odd = any(c in whole for c in "\\:") or any(c < " " for c in whole)
        if odd or part.orig_filename != name or any(step in ("", ".", "..") for step in steps):
            raise BadInput(f"Ce modèle a une partie au nom inattendu (« {name[:80]} ») : {_AGAIN}")
        if whole.casefold() in seen:
            raise BadInput(f"Ce modèle a deux parties du même nom (« {name[:80]} ») : {_AGAIN}")
        seen.add(whole.casefold())


def _check_packing(part: ZipInfo) -> None:
    if part.flag_bits & _ENCRYPTED:
        raise BadInput(
            "Ce modèle est protégé par un mot de passe : retirez sa protection, puis redonnez-le."
        )
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadInput(
            f"Ce modèle est compressé d'une manière inconnue (n° {part.compress_type}) : {_AGAIN}"
        )


def _parsed(name: str, content: bytes) -> Any:
    """A part's tree, nothing resolved and nothing fetched."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
        declares = bool(root.getroottree().docinfo.doctype)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        declares = b"<!DOCTYPE" in content.replace(b"\0", b"")
        if not declares:
            raise BadInput(
                f"Ce modèle n'a pas pu être rempli (sa partie « {name[:80]} » est illisible) : "
                f"{_AGAIN}"
            ) from None
    if declares:
        raise BadInput(f"La partie « {name[:80]} » de ce modèle n'est pas admise (DOCTYPE).")
    return root


# --- what the parts are, and what they attach ---------------------------------------------------


@dataclass(frozen=True)
class _Types:
    """What each part says it is, by name and by ending, all in small letters."""

    named: dict[str, str]
    ending: dict[str, str]

    @classmethod
    def read(cls, parts: dict[str, bytes]) -> "_Types":
        """From the package's own list. Raises `BadInput` for a part that is not allowed."""
        types = cls({}, {})
        for entry in _parsed(_TYPES, parts[_TYPES]).iter("{*}Override", "{*}Default"):
            by_name = _local_name(entry.tag) == "Override"
            key = entry.get("PartName" if by_name else "Extension", "").lower().lstrip("/")
            (types.named if by_name else types.ending)[key] = entry.get("ContentType", "").lower()
        for name in parts:
            types._check(name)
        return types

    def of(self, name: str) -> str:
        """Its content type, empty where none is given."""
        low = name.lower()
        return self.named.get(low) or self.ending.get(low.rpartition(".")[2], "")

    def is_xml(self, name: str) -> bool:
        """Is it to be read as XML?"""
        return name == _TYPES or name.lower().endswith(".rels") or self.of(name).endswith("xml")

    def _check(self, name: str) -> None:
        kind = self.of(name)
        if _MACROS.search(kind) or _MACROS.search(name.lower()):
            raise BadInput(_WITH_MACROS)
        allowed = _XML_TYPES if self.is_xml(name) else _DATA_TYPES
        if name != _TYPES and not kind.startswith(allowed):
            raise BadInput(
                f"Ce modèle contient un objet ou un document inséré (« {name[:80]} ») : mettez-en "
                "le texte ou l'image à sa place, puis redonnez-le."
            )


def _source(relations: str) -> str:
    """The part to which a part of relations belongs."""
    folder, _, name = relations.rpartition("/")
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def _linked(name: str, parts: dict[str, bytes], types: _Types) -> frozenset[str]:
    """The ids of links to elsewhere. Raises `BadInput` for other relations than are allowed."""
    known = {part.casefold(): part for part in parts}
    links = set()
    for relation in _parsed(name, parts[name]).iter("{*}Relationship"):
        kind, target = relation.get("Type", "").lower(), relation.get("Target", "")
        if relation.get("TargetMode", "Internal") != "Internal":
            if kind != _LINK:
                raise BadInput(_ELSEWHERE)
            links.add(relation.get("Id", ""))
        elif not (kind == _LINK and target.startswith("#")):
            base = posixpath.dirname(_source(name))
            whole = posixpath.normpath(posixpath.join("/", base, unquote(target)))
            _check_attached(kind, known.get(whole.lstrip("/").casefold()), types)
    return frozenset(links)


def _check_attached(kind: str, target: str | None, types: _Types) -> None:
    short = kind.rpartition("/")[2][:40]
    if "vba" in kind:
        raise BadInput(_WITH_MACROS)
    if kind not in _IMAGES | _DATA | _TEXTS:
        raise BadInput(
            f"Ce modèle contient un objet ou un document inséré (« {short} ») : mettez-en le texte "
            "ou l'image à sa place, puis redonnez-le."
        )
    is_text = target is not None and types.is_xml(target) and "svg" not in types.of(target)
    if target is None or is_text != (kind in _TEXTS):
        raise BadInput(f"Ce modèle est incomplet, ce qu'il attache manque (« {short} ») : {_AGAIN}")


# --- what the parts say -------------------------------------------------------------------------


def _check_text(name: str, root: Any, links: frozenset[str]) -> None:
    """Nothing in a part loads anything: neither an element, nor an address, nor a field."""
    if root.xpath("//processing-instruction('xml-stylesheet')"):
        raise BadInput(_ELSEWHERE)
    for node in root.iter("*"):
        if _local_name(node.tag) in _REFUSED or _points_elsewhere(node, links):
            raise BadInput(_ELSEWHERE)
    _check_fields(root)


def _points_elsewhere(node: Any, links: frozenset[str]) -> bool:
    """Does an element name an address, or a link's as if it were an image's?"""
    name, drawn = _local_name(node.tag), "svg" in str(node.tag).rpartition("}")[0].lower()
    for key, value in node.attrib.items():
        place = _local_name(key)
        if value in links and name not in _LINKS:
            return True
        if place in _PLACES or (place == "href" and name not in _SHAPES):
            if not value.strip().lower().startswith(("#", "data:")) and value.strip():
                return True
        elif drawn and _LOADS.search(value):
            return True
    return drawn and name == "style" and bool(_LOADS.search("".join(node.itertext())))


# --- fields -------------------------------------------------------------------------------------


def _check_fields(root: Any) -> None:
    """Raise `BadInput` for a field in a part's tree that is not allowed."""
    _Story().read(root)


def _local_name(name: Any) -> str:
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
            namespace, name = str(child.tag)[1:].rpartition("}")[0], _local_name(child.tag)
            if name in ("fldChar", "fldSimple", "instrText", "delInstrText"):
                self._field(name, child)
            if name in _STORIES or namespace not in _WORD:
                _Story().read(child)
            else:
                self._within(child)

    def _field(self, name: str, element: Any) -> None:
        given = {_local_name(key): value for key, value in element.attrib.items()}
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
    match = _NAME.match(code)
    name = match[1].upper() if match else ""
    if code.strip() and name != "=" and name not in _FIELDS:
        raise _refused(code)


def _refused(code: str) -> BadInput:
    shown = " ".join(code.replace(_NESTED, "{}").split())[:60]
    return BadInput(
        f"Le champ Word « {shown} » de ce modèle n'est pas admis : il pourrait aller chercher un "
        "document ailleurs. Remplacez-le par son résultat (Ctrl+Maj+F9), puis redonnez-le."
    )
