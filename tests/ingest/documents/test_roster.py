"""The clerk's files, as town halls really write them, and what they read about bad ones."""

import codecs
from pathlib import Path

import pytest

from ingest.documents.roster import read_agenda, read_roster
from ingest.errors import BadInput
from ingest.transcript import AgendaItem, Person

EXPECTED = (Person("Hélène Baudin", "présidente", "Le Centre"), Person("Julien Rochat", "", "PLR"))


def written(tmp_path: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


TABLE = "name,role,group\nHélène Baudin,présidente,Le Centre\n\n  \nJulien  Rochat,,PLR\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("cp1252"),
        TABLE.replace(",", ";").replace("\n", "\r\n"),
        TABLE.replace(",", "\t"),
        "Nom;Fonction;Groupe\nHélène Baudin;présidente;Le Centre;;\nJulien Rochat;;PLR;;\n",
        "group,name,role\nLe Centre,Hélène Baudin,présidente\nPLR,Julien Rochat\n",
    ],
    ids=["plain", "bom", "windows", "excel", "tabs", "french header", "other order"],
)
def test_a_roster_reads_the_same_however_it_was_saved(tmp_path: Path, content: str | bytes) -> None:
    assert read_roster(written(tmp_path, content)) == EXPECTED


def test_names_alone_are_enough(tmp_path: Path) -> None:
    assert read_roster(written(tmp_path, "name\nNadia Keller\n")) == (Person("Nadia Keller"),)


def test_a_quoted_cell_may_hold_the_separator(tmp_path: Path) -> None:
    path = written(tmp_path, 'name,role\nNadia Keller,"conseillère, déléguée"\n')
    assert read_roster(path)[0].role == "conseillère, déléguée"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "ligne 1 : la liste est vide"),
        ("name,role\n", "ligne 1 : la liste ne nomme personne"),
        ("prénom,rôle\nNadia,x\n", "ligne 1 : la colonne « name » manque"),
        ("name,role\nNadia Keller,\n,conseillère\n", "ligne 3 : le nom manque"),
        ("name,role\nNadia Keller,\n\nNadia Keller,\n", "ligne 4 : « Nadia Keller » figure déjà"),
        ("name\nNadia Keller\nNADIA KELLÉR\n", "« NADIA KELLÉR » figure déjà à la ligne 2"),
        ("name,role,group\nA B,x, y,PLR\n", "ligne 2 : il y a plus de cellules"),
        ('name,role\n"A B,x\n', "le CSV ne peut pas être lu"),
        (b"PK\x03\x04\0\0\0", "n'est pas un fichier texte"),
    ],
)
def test_a_bad_roster_is_reported_where_and_what_to_do(
    tmp_path: Path, content: str | bytes, expected: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_roster(written(tmp_path, content))
    assert "« roster.csv »" in str(caught.value)
    assert expected in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_file_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"« absent\.csv » ne peut pas être lu"):
        read_roster(tmp_path / "absent.csv")


def test_half_a_character_does_not_stop_an_agenda(tmp_path: Path) -> None:
    content = r'[{"number": 1, "title": "Divers \ud83d"}]'
    assert read_agenda(written(tmp_path, content, "agenda.json"))[0].title == "Divers ?"


def test_an_agenda_keeps_its_order_and_its_nulls(tmp_path: Path) -> None:
    content = """[
      {"number": 1, "title": "Communications", "object": null, "start_ms": 600},
      {"number": "2", "title": " Piste  cyclable ", "object": "PR-12"}
    ]"""
    assert read_agenda(written(tmp_path, content, "agenda.json")) == (
        AgendaItem("1", "Communications", None, 600),
        AgendaItem("2", "Piste cyclable", "PR-12", None),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[\n{"number": "1",}\n]', "ligne 2 : le JSON ne peut pas être lu"),
        ('{"number": "1"}', "doit être une liste"),
        ('["Divers"]', "point n° 1 de la liste : il n'est pas un objet"),
        ('[{"number": "1", "title": ""}]', "point n° 1 de la liste : il n'a pas de « title »"),
        ('[{"number": "1", "title": "A", "start_ms": 1.5}]', "start_ms illisible (« 1.5 »)"),
        ('[{"number": "1", "title": "A", "start_ms": -1}]', "start_ms illisible (« -1 »)"),
        ('[{"number": "1", "title": "A", "start_ms": 99999999999999999999}]', "(« 9999"),
        ('[{"number": "1", "title": "A", "start_ms": 1' + "0" * 5_000 + "}]", "donnez une liste"),
        ("[" * 100_000, "donnez une liste"),
    ],
)
def test_a_bad_agenda_is_reported_where_and_what_to_do(
    tmp_path: Path, content: str, expected: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_agenda(written(tmp_path, content, "agenda.json"))
    assert expected in str(caught.value)
