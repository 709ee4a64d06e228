"""The minutes' template that is ours: a Word document made here, which a city may start from.

Made by code, so that what it says can be read and changed; a clerk who wants another downloads it,
changes it in a word processor, and gives it back.
"""

from functools import cache
from io import BytesIO
from typing import Any

_LANGUAGE = "fr-CH"
_FONT = "Liberation Serif"
_INK, _SOFT = "15191D", "4B545D"
_AFTER_BORDERS = (
    *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct"),
    *("w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd"),
    *("w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents"),
    *("w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap"),
    *("w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)


@cache
def default_template() -> bytes:
    """The document, with its tags."""
    from docx import Document
    from docx.shared import Cm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.2)
    _styles(document)
    _head(document)
    _attendance(document)
    _members(document)
    _agenda(document)
    _points(document)
    _signatures(document)
    _footer(section)
    document.core_properties.comments = ""
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    def style(name: str, size: float, **how: Any) -> Any:
        known = [one.name for one in document.styles]
        made = (
            document.styles[name]
            if name in known
            else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        )
        made.font.name, made.font.size = _FONT, Pt(size)
        made.font.bold, made.font.italic = how.get("bold", False), how.get("italic", False)
        made.font.color.rgb = RGBColor.from_string(how.get("colour", _INK))
        _east_asian(made)
        form = made.paragraph_format
        form.space_before, form.space_after = Pt(how.get("before", 0)), Pt(how.get("after", 4))
        form.line_spacing = 1.15
        form.keep_with_next = how.get("keep", False)
        form.left_indent = Cm(how.get("indent", 0))
        return made

    style("Normal", 11)
    style("Title", 22, bold=True, after=2)
    style("Subtitle", 12, colour=_SOFT, after=2)
    style("Heading 1", 14, bold=True, before=20, after=6, keep=True)
    style("Heading 2", 12, bold=True, before=14, after=4, keep=True)
    style("Etat", 10, italic=True, colour=_SOFT, before=6, after=10)
    style("Qui", 11, bold=True, before=10, after=0, keep=True)
    style("Parole", 11, after=4)
    style("Sans parole", 11, italic=True, colour=_SOFT, before=6, after=6)
    style("Decision", 11, bold=True, before=8, after=2, indent=0.6, keep=True)
    style("Paroles de la decision", 10, italic=True, colour=_SOFT, after=8, indent=0.6)
    style("Liste", 11, after=2)
    style("Footer", 9, colour=_SOFT)
    _rule(document.styles["Title"], "bottom")
    for name in ("Decision", "Paroles de la decision"):
        _rule(document.styles[name], "left", size=18, space=8)
    _language(document)


def _head(document: Any) -> None:
    document.add_paragraph("{{ ville }} · {{ organe }}", "Subtitle")
    document.add_paragraph(
        "{% if not revu %}Projet de procès-verbal{% else %}Procès-verbal{% endif %}", "Title"
    )
    document.add_paragraph("Séance du {{ date }}", "Subtitle")
    document.add_paragraph("{{ titre }}", "Heading 1")
    document.add_paragraph("{{ etat }}", "Etat")


def _attendance(document: Any) -> None:
    document.add_paragraph("{%p if ouverture or cloture %}")
    document.add_paragraph(
        "{% if ouverture %}Séance ouverte à {{ ouverture }}{% endif %}"
        "{% if ouverture and cloture %}, {% endif %}"
        "{% if cloture %}levée à {{ cloture }}{% endif %}.",
        "Liste",
    )
    document.add_paragraph("{%p endif %}")
    for name, title in (("presents", "Présents"), ("excuses", "Excusés"), ("absents", "Absents")):
        document.add_paragraph(f"{{%p if {name} %}}")
        line = document.add_paragraph(style="Liste")
        line.add_run(f"{title} : ").bold = True
        line.add_run(
            f"{{% for m in {name} %}}{{{{ m.nom }}}}{{% if m.fonction %}} ({{{{ m.fonction }}}})"
            "{% endif %}{% if m.arrivee %}, dès {{ m.arrivee }}{% endif %}"
            "{% if m.depart %}, jusqu'à {{ m.depart }}{% endif %}"
            "{% if not loop.last %} ; {% endif %}{% endfor %}"
        )
        document.add_paragraph("{%p endif %}")


def _members(document: Any) -> None:
    document.add_paragraph("{%p if groupes and not presents %}")
    document.add_paragraph("Liste de la séance", "Heading 2")
    document.add_paragraph("{%p for groupe in groupes %}")
    line = document.add_paragraph(style="Liste")
    line.add_run("{{ groupe.nom }} : ").bold = True
    line.add_run(
        "{% for m in groupe.membres %}{{ m.nom }}{% if m.fonction %} ({{ m.fonction }}){% endif %}"
        "{% if not loop.last %}, {% endif %}{% endfor %}"
    )
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p if orateurs %}")
    line = document.add_paragraph(style="Liste")
    line.add_run("Ont pris la parole : ").bold = True
    line.add_run(
        "{% for m in orateurs %}{{ m.nom }}{% if not loop.last %}, {% endif %}{% endfor %}"
    )
    document.add_paragraph("{%p endif %}")


def _agenda(document: Any) -> None:
    document.add_paragraph("{%p if ordre_du_jour %}")
    document.add_paragraph("Ordre du jour", "Heading 2")
    document.add_paragraph("{%p for point in ordre_du_jour %}")
    document.add_paragraph(
        "{{ point.intitule }}{% if point.heure %} [{{ point.heure }}]{% endif %}", "Liste"
    )
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _points(document: Any) -> None:
    document.add_paragraph("{%p for point in points %}")
    document.add_paragraph("{%p if point.intitule %}")
    document.add_paragraph("{{ point.intitule }}", "Heading 1")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p for passage in point.passages %}")
    document.add_paragraph("{%p if passage.parole %}")
    document.add_paragraph("{%p if passage.change %}")
    document.add_paragraph(
        "{{ passage.qui }}{% if passage.heure %} [{{ passage.heure }}]{% endif %}", "Qui"
    )
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{{ passage.texte }}", "Parole")
    document.add_paragraph("{%p else %}")
    document.add_paragraph(
        "[{{ passage.texte }}{% if passage.heure %}, {{ passage.heure }}{% endif %}]", "Sans parole"
    )
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p for decision in point.decisions %}")
    document.add_paragraph("Décision. {{ decision.phrase }}", "Decision")
    document.add_paragraph(
        "« {{ decision.paroles }} »{% if decision.heure %} [{{ decision.heure }}]{% endif %}",
        "Paroles de la decision",
    )
    document.add_paragraph("{%p if decision.nominal %}")
    document.add_paragraph("{{ decision.nominal }}", "Paroles de la decision")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endfor %}")


def _signatures(document: Any) -> None:
    from docx.shared import Pt

    table = document.add_table(rows=1, cols=2)
    for cell, text in zip(table.rows[0].cells, ("La présidence", "Le secrétariat"), strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.add_run(text)
        paragraph.paragraph_format.space_before = Pt(48)


def _footer(section: Any) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.style = "Footer"
    paragraph.add_run("{{ ville }}, {{ organe }}, séance du {{ date_courte }}, page ")
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        _field(paragraph.add_run(), kind, text)
    section.footer.add_paragraph("{{ etat }}", "Footer")


# --- what python-docx has no name for -----------------------------------------------------------


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _field(run: Any, kind: str | None, text: str | None) -> None:
    if kind:
        run._r.append(_element("w:fldChar", fldCharType=kind))
    else:
        made = _element("w:instrText")
        made.text = text
        run._r.append(made)


def _rule(style: Any, side: str, size: int = 8, space: int = 6) -> None:
    """A line along one side of a style's paragraphs, instead of those it has."""
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(_qualified("w:pBdr")):
        properties.remove(old)
    border = _element("w:pBdr")
    border.append(_element(f"w:{side}", val="single", sz=str(size), space=str(space), color=_SOFT))
    # The schema wants a paragraph's properties in its order, and Word insists.
    properties.insert_element_before(border, *_AFTER_BORDERS)


def _east_asian(style: Any) -> None:
    """The font for every script: Word's own themes would put theirs before it."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(_qualified(f"w:{script}"), _FONT)


def _language(document: Any) -> None:
    language = document.styles.element.find(f".//{_qualified('w:lang')}")
    if language is not None:
        language.set(_qualified("w:val"), _LANGUAGE)


def _qualified(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))
