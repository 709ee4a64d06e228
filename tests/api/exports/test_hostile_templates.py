"""Templates made to exhaust the server, or to tell others who reads the minutes: each is refused.

And documents as Word and LibreOffice save them, with all that they hold, are not.
"""

import base64
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from docx import Document
from docx.enum.text import WD_BREAK
from docx.shared import Cm

from api.exports import minutes
from api.exports.docx_package import check_package
from api.exports.minutes import check, fill
from api.exports.minutes_store import keep, own_template, samples
from api.exports.minutes_template import default_template
from ingest.errors import BadInput
from ingest.settings import Settings
from tests.api.exports.test_minutes import made_of, packed, same

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
R = f'xmlns:r="{OFFICE}"'
VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
RELS = "word/_rels/document.xml.rels"
AWAY = "http://example.org/a.png"


def tried(template: bytes) -> None:
    check(template, samples("Rivemont"))


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Our template with one part changed."""
    return packed(lambda n, content: change(content) if n == name else content)


def with_relation(relation: str, encoding: str = "utf-8") -> bytes:
    """Our template with one relation more, all of them in that encoding."""

    def changed(content: bytes) -> bytes:
        text = content.decode().partition("?>")[2]
        return text.replace("</Relationships>", f"{relation}</Relationships>").encode(encoding)

    return with_part(RELS, changed)


def with_body(xml: str) -> bytes:
    """Our template with something more in its text."""
    return with_part(
        "word/document.xml",
        lambda content: content.replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1),
    )


def drawn(shape: str) -> str:
    """A paragraph with a drawing of the old kind."""
    return f"<w:p><w:r><w:pict {VML}>{shape}</w:pict></w:r></w:p>"


# --- too much ---------------------------------------------------------------------------------

DOUBLED = "{% set a = 'a' %}" + "{% set a = a ~ a %}" * 27
LOOPS = "".join(f"{{% for c{n} in titre %}}" for n in range(6))
BOMBS = {
    "doubled and written": f"{DOUBLED}{{{{ a }}}}",
    "doubled and not written": DOUBLED,
    "doubled with plus": DOUBLED.replace("~", "+"),
    "doubled with join": DOUBLED.replace("a ~ a", "(a, a) | join"),
    "doubled lists": DOUBLED.replace("'a'", "('a',)").replace("~", "+"),
    "doubled in a block": "{% set a = 'a' %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 27,
    "doubled by a macro": "{% macro m(a, n) %}{% if n %}{{ m(a ~ a, n - 1) }}{% else %}{{ a }}"
    "{% endif %}{% endmacro %}{{ m('a', 27) }}",
    "six loops": f"{LOOPS}x{'{% endfor %}' * 6}",
    "six loops that write nothing": f"{LOOPS}{'{% endfor %}' * 6}",
    "loops over a long sitting": "{% for p in points %}{% for a in p.passages %}"
    "{% for q in points %}{% for b in q.passages %}{{ b.texte }}"
    + "{% endfor %}" * 4,
    "written as often as something is said": "{% for p in points %}{% for a in p.passages %}"
    + f"{'x' * 20_000}{{% endfor %}}{{% endfor %}}",
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_a_template_that_would_exhaust_the_server_is_refused(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    less = replace(minutes._LIMITS, cpu_s=2)  # as in earnest, and sooner
    monkeypatch.setattr(minutes, "_LIMITS", less)
    with pytest.raises(BadInput, match=r"démesuré|trop de temps ou de mémoire"):
        tried(made_of("{{ titre }}", BOMBS[kind]))


def test_a_template_that_pads_by_format_is_refused() -> None:
    with pytest.raises(BadInput, match="champ « format »"):
        tried(made_of("{{ '{:>999999999}'.format(titre) }}"))


RECURSIVE = (
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
)


@pytest.mark.parametrize("tags", RECURSIVE)
def test_a_template_that_calls_itself_is_refused(tags: str) -> None:
    with pytest.raises(BadInput, match=r"sans fin|n'existe pas"):
        tried(made_of(tags))


def test_fifty_megabytes_of_xml_are_refused() -> None:
    with pytest.raises(BadInput, match="volumineux"):
        tried(with_body("<w:p><w:r><w:t>abcdefghij</w:t></w:r></w:p>" * 1_200_000))


# --- loads from elsewhere -----------------------------------------------------------------------


def image(mode: str, target: str = AWAY, kind: str = f"{OFFICE}/image") -> str:
    return f'<Relationship Id="rId90" Type="{kind}" Target="{target}" {mode}/>'


def relations(some: str) -> str:
    """A part of relations."""
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{namespace}">{some}</Relationships>'


LINK = image('TargetMode="External"', kind=f"{OFFICE}/hyperlink")
RELATIONS = {
    "single quotes": with_relation(image("TargetMode='External'")),
    "spaces": with_relation(image('TargetMode  =\n "External"')),
    "a reference in the mode": with_relation(image('TargetMode="Ex&#116;ernal"')),
    "another case": with_relation(image('TargetMode="external"')),
    "a target like a link's": with_relation(image('TargetMode="External"', f"{AWAY}/hyperlink")),
    "a type like a link's": with_relation(
        image('TargetMode="External"', kind="http://example.org/relationships/hyperlink")
    ),
    "a prefix": with_relation(
        '<p:Relationship xmlns:p="http://schemas.openxmlformats.org/package/2006/relationships" '
        f'Id="x" Type="{OFFICE}/image" Target="{AWAY}" TargetMode="External"/>'
    ),
    "UTF-16": with_relation(image('TargetMode="External"'), "utf-16"),
    "UTF-16 without a mark": with_relation(image('TargetMode="External"'), "utf-16-be"),
    "no mode": with_relation(image("")),
    "a path out": with_relation(image("", "../../../../etc/passwd")),
    "a network path": with_relation(image("", r"\\example.org\a.png")),
    "its own template": with_relation(
        image('TargetMode="External"', "file:///x.dotx", f"{OFFICE}/attachedTemplate")
    ),
    "a link used as an image": packed(
        lambda name, content: {
            RELS: content.replace(b"</Relationships>", LINK.encode() + b"</Relationships>"),
            "word/document.xml": content.replace(
                b"<w:sectPr",
                f'<w:p><w:r><w:pict {VML} {R}><v:shape><v:imagedata r:id="rId90"/></v:shape>'
                "</w:pict></w:r></w:p><w:sectPr".encode(),
                1,
            ),
        }.get(name, content)
    ),
    "a footer's": packed(
        same, **{"word/_rels/footer1.xml.rels": relations(image('TargetMode="External"')).encode()}
    ),
    "an address in a drawing": with_body(drawn(f'<v:shape><v:imagedata src="{AWAY}"/></v:shape>')),
    "an address beside a drawing": with_body(drawn(f'<v:rect><v:fill o:href="{AWAY}"/></v:rect>')),
    "a stylesheet": with_part(
        "word/styles.xml",
        lambda c: c.replace(b"?>", b'?><?xml-stylesheet href="http://example.org/a.xsl"?>', 1),
    ),
    "a mail merge": with_part(
        "word/settings.xml",
        lambda c: c.replace(b"</w:settings>", b"<w:mailMerge/></w:settings>"),
    ),
}


@pytest.mark.parametrize("kind", RELATIONS)
def test_a_template_that_loads_something_is_refused(kind: str) -> None:
    with pytest.raises(BadInput, match=r"ailleurs|incomplet|illisible"):
        check_package(RELATIONS[kind])


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str, name: str = "instrText") -> str:
    return f"<w:r><w:{name}>{text}</w:{name}></w:r>"


def whole(*runs: str) -> str:
    return f"<w:p>{char('begin')}{''.join(runs)}{char('separate')}{char('end')}</w:p>"


PICTURE = f'INCLUDEPICTURE "{AWAY}"'
FIELDS = {
    "simple": f"<w:p><w:fldSimple w:instr='{PICTURE}'/></w:p>",
    "complex": whole(code(PICTURE)),
    "in small letters": whole(code(PICTURE.lower())),
    "in two runs": whole(code("INCLUDE"), code(f'PICTURE "{AWAY}"')),
    "in two paragraphs": f"<w:p>{char('begin')}{code('INCLUDE')}</w:p><w:p>"
    f"{code(f'PICTURE {AWAY}')}{char('end')}</w:p>",
    "by references": whole(code("&#73;NCLUDEPICTURE x")),
    "in a page number": whole(code("IF 1 = 1 "), char("begin"), code(PICTURE), char("end")),
    "named by another field": whole(char("begin"), code('QUOTE "INCLUDE"'), char("end"),
                                    code("PICTURE x")),
    "never ended": f"<w:p>{char('begin')}{code(PICTURE)}</w:p>",
    "never begun": f"<w:p>{code(PICTURE)}</w:p>",
    "after its end": f"<w:p>{char('begin')}{code('PAGE')}{char('separate')}{code(PICTURE)}"
    f"{char('end')}</w:p>",
    "after what is deleted": whole(f"<w:del>{code('PAGE ', 'delInstrText')}</w:del>",
                                   code(PICTURE)),
    "after what is passed over": whole(
        f'<mc:AlternateContent {MC}><mc:Choice Requires="x">{code("PAGE ")}</mc:Choice>'
        "</mc:AlternateContent>", code(PICTURE)),
    "after what another program passes over": whole(
        f'<x:w xmlns:x="http://example.org/wordprocessingml">{code("PAGE ")}</x:w>', code(PICTURE)),
    "in a text box": f'<w:p><w:r><w:pict {VML}><v:shape><v:textbox><w:txbxContent>'
    f"{whole(code(PICTURE))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>",
    "text": whole(code('INCLUDETEXT "http://example.org/a.docx"')),
    "link": whole(code('LINK Excel.Sheet.8 "c:\\\\a.xls"')),
    "dde": whole(code('DDEAUTO c:\\\\windows\\\\cmd.exe "/k x"')),
    "another document": whole(code('RD "http://example.org/a.docx"')),
    "database": whole(code("DATABASE x")),
    "made by a tag": whole(code("{{ titre }} x")),
    "of a bookmark": whole(code("signet")),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_that_loads_something_is_refused(kind: str) -> None:
    with pytest.raises(BadInput, match="champ Word"):
        check_package(with_body(FIELDS[kind]))


@pytest.mark.parametrize("part", ["word/footer1.xml", "word/styles.xml", "word/numbering.xml"])
def test_fields_are_looked_for_in_every_part(part: str) -> None:
    field = whole(code(PICTURE)).encode()
    last = b"</w:ftr>" if "footer" in part else b"</w:" + Path(part).stem.encode() + b">"
    with pytest.raises(BadInput, match="champ Word"):
        check_package(with_part(part, lambda content: content.replace(last, field + last)))


SLY = {
    "begun in one branch of two": f"<w:p>{{% if false %}}{char('begin')}{code('PAGE ')}{{% else %}}"
    f"{char('begin')}{{% endif %}}{code(PICTURE)}{char('end')}</w:p>",
    "its first word dropped": whole(code("{% if false %}PAGE {% endif %}" + PICTURE)),
    "its first word joined": whole(code("PAGE{{ 'x' }}")),
}


@pytest.mark.parametrize("kind", SLY)
def test_a_field_that_tags_make_is_refused(kind: str) -> None:
    with pytest.raises(BadInput, match="champ Word"):
        tried(with_body(SLY[kind]))


# --- parts that are not text --------------------------------------------------------------------

OBJECTS = {
    "an object": ("word/embeddings/oleObject1.bin", f"{OFFICE}/oleObject"),
    "a workbook": ("word/embeddings/a.xlsx", f"{OFFICE}/package"),
    "a page": ("word/a.html", f"{OFFICE}/aFChunk"),
    "another document": ("word/a.rtf", f"{OFFICE}/aFChunk"),
    "a control": ("word/activeX/activeX1.xml", f"{OFFICE}/control"),
    "macros": (
        "word/vbaProject.bin",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    ),
    "macros by another name": (
        "word/a.bin",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    ),
    "a ribbon": (
        "customUI/customUI.xml",
        "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
    ),
    "a chunk that says it is XML": ("word/a.xml", f"{OFFICE}/aFChunk"),
    "a header that says it is an image": ("word/a.jpeg", f"{OFFICE}/header"),
    "a frame": ("word/a.xml", f"{OFFICE}/frame"),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_is_inserted_and_is_no_image_is_refused(kind: str) -> None:
    name, relation = OBJECTS[kind]
    target = image("", f"/{name}", relation).encode() + b"</Relationships>"

    def changed(part: str, content: bytes) -> bytes:
        return content.replace(b"</Relationships>", target) if part == RELS else content

    with pytest.raises(BadInput, match=r"inséré|macros|incomplet"):
        check_package(packed(changed, **{name: b"<a/>"}))


def test_entities_are_refused_in_any_encoding() -> None:
    doctype = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    for encoding in ("utf-8", "utf-16", "utf-16-le"):
        with pytest.raises(BadInput, match="DOCTYPE"):
            check_package(packed(same, **{"word/a.xml": doctype.encode(encoding)}))


# --- the zip ------------------------------------------------------------------------------------


def rezipped(more: dict[str, bytes] | None = None, method: int = ZIP_DEFLATED) -> bytearray:
    saved = BytesIO()
    with ZipFile(BytesIO(default_template())) as given, ZipFile(saved, "w", method) as made:
        for name in given.namelist():
            made.writestr(name, given.read(name))
        for name, content in (more or {}).items():
            made.writestr(name, content)
    return bytearray(saved.getvalue())


def headers(archive: bytearray) -> Iterator[tuple[int, int]]:
    """Where each part's headers say how it is packed: flags, of the local one and the central."""
    for sign, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = archive.find(sign)
        while at >= 0:
            yield at, at + flags
            at = archive.find(sign, at + 4)


def with_method(number: int) -> bytes:
    archive = rezipped()
    for _, flags in list(headers(archive)):
        struct.pack_into("<H", archive, flags + 2, number)
    return bytes(archive)


def encrypted() -> bytes:
    archive = rezipped()
    for _, flags in list(headers(archive)):
        archive[flags] |= 1
    return bytes(archive)


def corrupt() -> bytes:
    archive = rezipped()
    start = archive.find(b"word/document.xml") + len("word/document.xml")
    archive[start + 5 : start + 60] = b"\xff" * 55
    return bytes(archive)


def twice(name: str, again: str) -> bytes:
    saved = BytesIO(default_template())
    with (
        ZipFile(saved, "a", ZIP_DEFLATED) as made,
        pytest.warns(UserWarning) if name == again else (ZipFile(BytesIO(), "w")),
    ):
        made.writestr(again, b"<a/>")
    return saved.getvalue()


def named(name: str) -> bytes:
    saved = BytesIO(default_template())
    with ZipFile(saved, "a", ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there already
        part = ZipInfo("word/x.xml")
        part.filename = name
        made.writestr(part, b"<a/>")
    return saved.getvalue()


DOCUMENT = "word/document.xml"
PACKAGES = {
    "corrupt": (corrupt(), "abîmé"),
    "cut short": (default_template()[:-200], "abîmé"),
    "cut in the middle": (default_template()[:5_000], "abîmé"),
    "encrypted": (encrypted(), "mot de passe"),
    "with a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "mot de passe"),
    "method 99": (with_method(99), "n° 99"),
    "method 12": (with_method(12), "n° 12"),
    "method 14": (with_method(14), "n° 14"),
    "twice": (named(DOCUMENT), "même nom"),
    "twice in other letters": (named("WORD/Document.xml"), "même nom"),
    "up": (named("../x.xml"), "inattendu"),
    "absolute": (named("/x.xml"), "inattendu"),
    "up, encoded": (named("word/%2e%2e/x.xml"), "inattendu"),
    "backwards": (named("word\\x.xml"), "inattendu"),
    "a drive": (named("c:x.xml"), "inattendu"),
    "a ratio": (bytes(rezipped({"word/media/a.jpeg": b"0" * (40 << 20)})), "volumineux"),
    "a size": (bytes(rezipped({"word/media/a.jpeg": b"0" * (61 << 20)}, ZIP_STORED)), "volum"),
    "many": (bytes(rezipped({f"word/{n}.xml": b"<a/>" for n in range(2_100)})), "volumineux"),
    "deep": (bytes(rezipped({"word/a.xml": b"<a>" * 99_999})), "illisible"),
    "empty": (b"PK\5\6" + b"\0" * 18, "n'est pas un document Word"),
}


@pytest.mark.parametrize("kind", PACKAGES)
def test_a_zip_that_cannot_be_read_is_reported_in_a_sentence(kind: str) -> None:
    given, told = PACKAGES[kind]
    with pytest.raises(BadInput, match=told):
        check_package(given)


def test_what_is_refused_is_not_kept(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    for given in (corrupt(), encrypted(), RELATIONS["UTF-16"], with_body(FIELDS["complex"])):
        with pytest.raises(BadInput):
            keep(settings, given)
    assert own_template(settings) is None


# --- documents as people have them --------------------------------------------------------------


PICTURE_FILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def as_word_saves_it() -> bytes:
    """A header with a picture, a table, a break, a link."""
    document = Document()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].add_run("{{ ville }}").add_picture(
        BytesIO(PICTURE_FILE), width=Cm(2)
    )
    document.add_heading("{{ titre }}", 1)
    document.add_table(2, 2, "Table Grid").cell(0, 0).text = "{{ date }}"
    document.add_paragraph("{{ organe }}").add_run().add_break(WD_BREAK.PAGE)
    document.part.relate_to("https://www.example.org/", f"{OFFICE}/hyperlink", is_external=True)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


HARMLESS = (
    "<w:p><w:fldSimple w:instr=' PAGE \\* MERGEFORMAT '/></w:p>",
    whole(code(" NUMPAGES ")),
    whole(code(' DATE \\@ "d MMMM yyyy" ')),
    whole(code(' TOC \\o "1-3" \\h \\z \\u ')),
    whole(code(' HYPERLINK "https://www.example.org/INCLUDEPICTURE" ')),
    whole(code("PA"), code("GE")),
    whole(code(" IF "), char("begin"), code(" PAGE "), char("end"), code(' = 1 "a" "b" ')),
    whole(code(" = 1 + 1 ")),
    f"<w:p>{char('begin')}{code(' TOC ')}{char('separate')}{char('begin')}{code(' PAGEREF x ')}"
    f"{char('separate')}<w:r><w:t>1</w:t></w:r>{char('end')}{char('end')}</w:p>",
    f'<w:p><w:hyperlink {R} w:anchor="x"><w:r><w:t>ici</w:t></w:r></w:hyperlink></w:p>',
    drawn('<v:shape href="https://www.example.org/" id="x"/>'),
)


@pytest.mark.parametrize("xml", HARMLESS)
def test_fields_and_links_of_ordinary_documents_are_taken(xml: str) -> None:
    check_package(with_body(xml))


def test_a_document_with_all_that_word_puts_into_one_is_taken_and_filled() -> None:
    given = as_word_saves_it()
    tried(given)
    filled = fill(given, samples("Rivemont")[0])
    with ZipFile(BytesIO(filled)) as parts:
        assert any(name.endswith(".png") for name in parts.namelist())
        assert "https://www.example.org/" in parts.read(RELS).decode()


def test_relations_as_libreoffice_has_written_them_are_taken() -> None:
    def changed(name: str, content: bytes) -> bytes:
        core = b"package/2006/relationships/metadata/core-properties"
        older = b"officedocument/2006/relationships/metadata/core-properties"
        return content.replace(core, older) if name == "_rels/.rels" else content

    check_package(packed(changed))


def test_a_link_is_taken_and_stays_a_link() -> None:
    link = f'<w:p><w:hyperlink {R} r:id="rId90"><w:r><w:t>ici</w:t></w:r></w:hyperlink></w:p>'
    check_package(
        packed(
            lambda name, content: {
                RELS: content.replace(b"</Relationships>", LINK.encode() + b"</Relationships>"),
                DOCUMENT: content.replace(b"<w:sectPr", link.encode() + b"<w:sectPr", 1),
            }.get(name, content)
        )
    )
