"""Lists and agendas as an office hands them over: XLSX, DOCX, PDF and ICS."""

import io
import zipfile
from datetime import time
from pathlib import Path

import pytest

from ingest.documents.agenda_text import read_agenda, understood
from ingest.documents.office_files import document_text
from ingest.documents.roster import given_roster, read_roster
from ingest.errors import BadInput
from ingest.transcript import Person
from tests.support.office_documents import calendar, libreoffice, pdf, sheet, word

PEOPLE = (Person("Anne Girard", "conseillère", "PLR"), Person("Paul Rey", "", "PS"))


def points(text: str) -> list[tuple[str, str, str | None]]:
    return [(item.number, item.title, item.object) for item in understood(text).items]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        (
            "membres.xlsx",
            sheet(
                ["Conseil municipal", None],
                [],
                ["N°", "Nom", "Prénom", "Parti", "Fonction"],
                [1, "GIRARD", "Anne", "PLR", "conseillère"],
                [2.0, "Rey", "Paul", "PS", None],
                hidden=True,
            ),
        ),
        (
            "membres.docx",
            word(
                "Conseil municipal, liste des membres",
                table=[
                    ["Nom et prénom", "Fonction", "Groupe politique"],
                    ["Girard Anne", "conseillère", "PLR"],
                    ["Rey Paul", "", "PS"],
                ],
            ),
        ),
    ],
)
def test_a_list_is_read_from_a_sheet_and_from_a_table(
    tmp_path: Path, name: str, raw: bytes
) -> None:
    (tmp_path / name).write_bytes(raw)
    assert read_roster(tmp_path / name) == PEOPLE
    assert given_roster(document_text(raw, name, table=True)) == PEOPLE


def test_a_word_agenda_keeps_the_numbers_that_word_counts() -> None:
    raw = word(
        "ORDRE DU JOUR",
        "Mardi 11 mars 2025 à 18h30",
        numbered=[
            (0, "Ouverture"),
            (0, "Finances"),
            (1, "Comptes 2024 (PR-12)"),
            (1, "Budget"),
            (2, "Rapport de la commission"),
            (0, "Recours (huis clos)"),
        ],
    )
    assert points(document_text(raw, "odj.docx")) == [
        ("1", "Ouverture", None),
        ("2", "Finances", None),
        ("2.1", "Comptes 2024", "PR-12"),
        ("2.2", "Budget", None),
        ("2.2.1", "Rapport de la commission", None),
        ("3", "Recours (huis clos)", None),
    ]


def test_a_word_agenda_may_be_a_table_or_typed_with_tabs() -> None:
    raw = word("3.2\tCrédit", "3bis. Divers", table=[["4", "Motion M-7"], ["5", "Fin"]])
    assert points(document_text(raw, "odj.docx")) == [
        ("3.2", "Crédit", None),
        ("3bis", "Divers", None),
        ("4", "Motion", "M-7"),
        ("5", "Fin", None),
    ]


def test_a_pdf_agenda_is_read_with_its_wrapped_titles(tmp_path: Path) -> None:
    (tmp_path / "odj.pdf").write_bytes(
        pdf(
            "Commune de Vernier",
            "Ordre du jour",
            "1. Ouverture",
            "2. Crédit de deux millions pour la rénovation de l'école",
            "primaire des Tilleuls (PR-12)",
            "3. Divers",
            "Page 1/1",
        )
    )
    assert [(item.number, item.title) for item in read_agenda(tmp_path / "odj.pdf")] == [
        ("1", "Ouverture"),
        ("2", "Crédit de deux millions pour la rénovation de l'école primaire des Tilleuls"),
        ("3", "Divers"),
    ]


def test_an_invitation_is_its_description_or_its_events() -> None:
    one = calendar(("20250311T183000", "Conseil municipal", "1. Ouverture\\n2. Comptes\\, budget"))
    assert points(document_text(one, "odj.ics")) == [
        ("1", "Ouverture", None),
        ("2", "Comptes, budget", None),
    ]
    several = calendar(("20250311T191500", "Comptes", ""), ("20250311T183000", "Ouverture", ""))
    read = understood(document_text(several, "odj.ics")).points
    assert [(p.item.number, p.hour, p.item.title) for p in read] == [
        ("1", time(18, 30), "Ouverture"),
        ("2", time(19, 15), "Comptes"),
    ]


def _zip(name: str, content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("raw", "table", "told"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(100), False, "ancien format"),
        (b"{\\rtf1 x}", False, "en RTF"),
        (b"\xff\xd8\xff\xe0" + bytes(100), True, "donnez XLSX, CSV ou DOCX"),
        (b"\xff\xd8\xff\xe0" + bytes(100), False, "donnez DOCX, PDF, ICS, XLSX, CSV ou texte"),
        (b"%PDF-1.4\nrien", False, "abîmé"),
        (pdf(), False, "est une image, sans texte"),
        (pdf("1. Ouverture"), True, "ne garde pas les colonnes"),
        (_zip("a.txt", b"x"), False, r"ni un classeur \(XLSX, ODS\) ni un document"),
        (_zip("word/document.xml", bytes(65 * 2**20)), False, "trop grand une fois ouvert"),
        (_zip("xl/workbook.xml", b"<x"), True, "abîmé"),
        (sheet([None]), True, "est vide"),
        (word("1. A")[:-200], False, "abîmé"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", False, "aucun rendez-vous"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\n", False, "abîmé"),
    ],
)
def test_what_cannot_be_read_is_reported_with_what_to_do(
    raw: bytes, table: bool, told: str
) -> None:
    with pytest.raises(BadInput, match=told) as caught:
        document_text(raw, "fichier", table=table)
    assert "« fichier »" in str(caught.value)


NUMBERS = """<text:list-style style:name="L1">
<text:list-level-style-number text:level="1" style:num-suffix="." style:num-format="1"/>
<text:list-level-style-number text:level="2" style:num-suffix=")" style:num-format="a"/>
</text:list-style>"""
ODT = """<office:text><text:tracked-changes><text:p>Supprimé</text:p></text:tracked-changes>
<text:h>ORDRE DU JOUR</text:h><text:list text:style-name="L1">
<text:list-item><text:p>Ouverture</text:p></text:list-item>
<text:list-item><text:p>Finances</text:p><text:list>
<text:list-item><text:p>Comptes <text:span>2024</text:span> (PR-12)</text:p></text:list-item>
</text:list></text:list-item></text:list>
<text:p>Rapporteur : Mme Rey</text:p>
<text:list text:style-name="L1" text:continue-numbering="true">
<text:list-item><text:p>Motion M-7</text:p></text:list-item></text:list>
<text:p>3bis.<text:tab/>Divers</text:p></office:text>"""
ODS = """<office:spreadsheet><table:table>
<table:table-row><table:table-cell><text:p>Nom</text:p></table:table-cell>
<table:table-cell><text:p>Prénom</text:p></table:table-cell>
<table:table-cell><text:p>Fonction</text:p></table:table-cell>
<table:table-cell><text:p>Parti</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>GIRARD</text:p></table:table-cell>
<table:table-cell><text:p>Anne</text:p></table:table-cell>
<table:table-cell><text:p>conseillère</text:p></table:table-cell>
<table:table-cell><text:p>PLR</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Rey</text:p></table:table-cell>
<table:table-cell><text:p>Paul</text:p></table:table-cell><table:table-cell/>
<table:table-cell><text:p>PS</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048000">
<table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet>"""


def test_what_libreoffice_writes_is_read_too() -> None:
    assert points(document_text(libreoffice(ODT, NUMBERS), "odj.odt")) == [
        ("1", "Ouverture", None),
        ("2", "Finances", None),
        ("a", "Comptes 2024", "PR-12"),
        ("3", "Motion", "M-7"),
        ("3bis", "Divers", None),
    ]
    assert given_roster(document_text(libreoffice(ODS), "m.ods", table=True)) == PEOPLE
    with pytest.raises(BadInput, match="abîmé"):
        document_text(libreoffice("<office:text>&x;</office:text>"), "x.odt")
