"""The clerk's files, as town halls really write them, and what they read about bad ones."""

import codecs
from datetime import date
from pathlib import Path

import pytest

from ingest.documents.agenda_text import read_agenda, read_agenda_text
from ingest.documents.roster import (
    Membership,
    given_memberships,
    given_roster,
    members_on,
    read_roster,
)
from ingest.errors import BadInput
from ingest.intake.form import as_csv
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


ANNE, PAUL = Person("Anne Girard", "conseillère", "PLR"), Person("Paul Rey", "", "PS")


@pytest.mark.parametrize(
    "content",
    [
        "Nom;Prénom;Parti;Fonction\nGirard;Anne;PLR;conseillère\nRey;Paul;PS;\n",
        "Prénom;Nom;Groupe politique;Fonction\nAnne;GIRARD;PLR;conseillère\nPaul;REY;PS;\n",
        "Nom de famille;Prénoms;Parti;Mandat\nGirard;Anne;PLR;conseillère\nRey;Paul;PS\n",
        "sep=;\r\nMembre;Fonction;Parti\r\nAnne Girard;conseillère;PLR\r\nPaul Rey;;PS\r\n",
        '"sep=,"\nNom et prénom,Fonction,Groupe\nGirard Anne,conseillère,PLR\nRey Paul,,PS\n',
        "Nom et prénom;Groupe politique;Fonction\nAnne Girard;PLR;conseillère\nPaul Rey;PS\n",
        '"Nom, prénom";Groupe;Fonction\n"Girard, Anne";PLR;conseillère\n"Rey, Paul";PS;\n',
        "Titre;Nom;Prénom;Parti;Fonction\nMme;Girard;Anne;PLR;conseillère\nM.;Rey;Paul;PS;\n",
        "Élu(e);Étiquette;Qualité\nGIRARD Anne;PLR;conseillère\nREY Paul;PS;\n",
        "N°;Civilité;Nom;Prénom;Parti;Fonction\n1;Mme;GIRARD;Anne;PLR;conseillère\n2;M.;Rey;Paul;PS;\n",
        "Conseil municipal, 2025\n\nConseillers;Fonction;Partis\nMme Anne Girard;conseillère;PLR\n"
        "M. Paul REY;;PS\n",
    ],
)
def test_a_list_is_read_under_the_heads_that_clerks_write(tmp_path: Path, content: str) -> None:
    assert read_roster(written(tmp_path, content)) == (ANNE, PAUL)
    assert read_roster(written(tmp_path, codecs.BOM_UTF16_LE + content.encode("utf-16-le"))) == (
        ANNE,
        PAUL,
    )
    assert given_roster(content) == (ANNE, PAUL)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig"])
def test_a_list_is_read_in_the_encodings_that_spreadsheets_write(
    tmp_path: Path, encoding: str
) -> None:
    assert read_roster(written(tmp_path, TABLE.encode(encoding))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Girard; Anne; conseillère; PLR\nRey; Paul; ; PS", (ANNE, PAUL)),
        ("Girard, Anne\nRey, Paul", (Person("Anne Girard"), Person("Paul Rey"))),
        ("Anne Girard; conseillère; PLR", (ANNE,)),
        (
            "Anne Girard;PLR\nPaul Rey;PS",
            (Person("Anne Girard", "", "PLR"), Person("Paul Rey", "", "PS")),
        ),
        ("Girard;Anne;Les Verts", (Person("Anne Girard", "", "Les Verts"),)),
        (
            "Anne Girard;maire\nPaul Rey;adjoint",
            (Person("Anne Girard", "maire"), Person("Paul Rey", "adjoint")),
        ),
        ("Anne Girard (PLR)", (Person("Anne Girard", "", "PLR"),)),
        ("Nom\nGirard, Anne\nRey, Paul", (Person("Anne Girard"), Person("Paul Rey"))),
        ("Anne Girard, présidente", (Person("Anne Girard", "présidente"),)),
        ("1. Anne Girard\n2. Jean Martin", (Person("Anne Girard"), Person("Jean Martin"))),
        (
            "Girard Anne (PLR)\nMartin Jean (PS)",
            (Person("Anne Girard", "", "PLR"), Person("Jean Martin", "", "PS")),
        ),
        ("Anne Girard (excusée)\nPaul REY (Absent)", (Person("Anne Girard"), Person("Paul Rey"))),
    ],
)
def test_a_list_that_was_typed_needs_no_head(content: str, expected: tuple[Person, ...]) -> None:
    assert given_roster(content) == expected


def test_a_file_of_peoples_names_needs_no_head(tmp_path: Path) -> None:
    assert read_roster(written(tmp_path, "Anne Girard;PLR\nPaul Rey;PS\n")) == (
        Person("Anne Girard", "", "PLR"),
        Person("Paul Rey", "", "PS"),
    )


def test_a_name_borne_before_is_another_spelling_and_titles_are_none() -> None:
    assert given_roster("nom;parti\nMme Marie Rey (née Favre);PS\nM. Jean DUPONT;PLR") == (
        Person("Marie Rey", "", "PS", "Marie Favre"),
        Person("Jean Dupont", "", "PLR"),
    )
    for head in ("Nom;Prénom;Nom de naissance", "Nom d'usage;Prénom;Nom de naissance"):
        assert given_roster(f"{head}\nRey;Marie;Favre") == (
            Person("Marie Rey", also="Marie Favre"),
        )


@pytest.mark.parametrize("head", ["Date de naissance", "Né(e) le", "Mandat depuis"])
def test_dates_beside_a_name_are_neither_names_nor_roles(head: str) -> None:
    assert given_roster(f"Nom;Prénom;{head}\nRey;Marie;12.05.1970") == (Person("Marie Rey"),)


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("Jean Dupont;;PLR\nJean DUPONT;;PS", ["Jean Dupont (PLR)", "Jean Dupont (PS)"]),
        ("Jean Dupont;;PLR\nM. Jean Dupont;;", ["Jean Dupont (PLR)", "Jean Dupont"]),
        ("Jean Dupont;maire;PS\nJean Dupont;élu;PS", ["Jean Dupont (maire)", "Jean Dupont (élu)"]),
        (
            "Jean Dupont (père);;PS\nJean Dupont (fils);;PS",
            ["Jean Dupont (père)", "Jean Dupont (fils)"],
        ),
    ],
)
def test_two_members_of_one_name_are_told_apart_and_stay_so(rows: str, names: list[str]) -> None:
    people = given_roster(f"nom;fonction;groupe\n{rows}")
    assert [person.name for person in people] == names
    assert given_roster(as_csv(map(Membership, people))) == people


def test_a_quoted_cell_may_hold_the_separator(tmp_path: Path) -> None:
    path = written(tmp_path, 'name,role\nNadia Keller,"conseillère, déléguée"\n')
    assert read_roster(path)[0].role == "conseillère, déléguée"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "est vide : commencez la liste par Nom;Prénom;Fonction;Groupe"),
        ("name,role\n", "ne nomme personne : ajoutez une ligne"),
        ("prénom,rôle\nNadia,x\n", "ligne 1 : la colonne « Nom » manque"),
        ("name,role\nNadia Keller,\n,conseillère\n", "ligne 3 : le nom manque"),
        ("name,role\nNadia Keller,\n\nNadia Keller,\n", "ligne 4 : « Nadia Keller » figure déjà"),
        ("name\nNadia Keller\nNADIA KELLÉR\n", "« Nadia Kellér » figure déjà à la ligne 2"),
        ("name,role,group\nA B,x, y,PLR\n", "ligne 2 : il y a plus de cellules"),
        ('name,role\n"A B,x\n', "le CSV ne peut pas être lu"),
        (b"PK\x03\x04\0\0\0", "est abîmé"),
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


def test_an_agenda_is_no_list_and_a_list_no_agenda() -> None:
    agenda = "ORDRE DU JOUR\n1. Ouverture\n2. Comptes 2024\n2.1 Budget\n3. Divers"
    with pytest.raises(BadInput, match="est-ce l'ordre du jour"):
        given_roster(agenda)
    with pytest.raises(BadInput, match="la colonne « Nom » manque"):
        given_roster("Numéro;Titre\n1;Ouverture")
    titled = "Liste des membres du Conseil municipal\n\nCivilité;Nom;Prénom;Groupe\nMme;REY;Anne;PS"
    for text in ("Nom;Prénom;Parti\nRey;Anne;PS", "name,role,group\nAnne Rey,,PS", titled):
        with pytest.raises(BadInput, match="est une liste de membres"):
            read_agenda_text(text)
    assert [p.name for p in given_roster("1. Anne Rey\n2. Paul Roy")] == ["Anne Rey", "Paul Roy"]


def test_the_names_of_a_list_have_one_order() -> None:
    straight = "Membre\nAnne Girard\nÉponine Martin\nPaul Rey"
    names = [person.name for person in given_roster(straight)]
    assert names == ["Anne Girard", "Éponine Martin", "Paul Rey"]
    turned = "Nom et prénom\nGirard Anne\nRochat Zéph\nRey Paul"
    names = [person.name for person in given_roster(turned)]
    assert names == ["Anne Girard", "Zéph Rochat", "Paul Rey"]


DATED = """Nom;Prénom;Fonction;Groupe;Du;Au
Girard;Anne;conseillère;PLR;1.6.2020;31.5.2023
Girard;Anne;conseillère;Vert·e·s;1.6.2023;
Rey;Paul;conseiller;PS;2020-06-01;
Rey;Paul;président;PS;01/06/2024;31/05/2025
Roy;Luc;maire;;;2021
"""


def test_a_list_with_days_gives_role_and_party_of_a_day() -> None:
    memberships = given_memberships(DATED)
    told = {
        day: [f"{p.name}, {p.role}, {p.group}" for p in members_on(memberships, day)]
        for day in (date(2021, 12, 31), date(2023, 6, 1), date(2025, 5, 31), date(2025, 6, 1))
    }
    assert list(told.values()) == [
        ["Anne Girard, conseillère, PLR", "Paul Rey, conseiller, PS", "Luc Roy, maire, "],
        ["Anne Girard, conseillère, Vert·e·s", "Paul Rey, conseiller, PS"],
        ["Anne Girard, conseillère, Vert·e·s", "Paul Rey, président, PS"],
        ["Anne Girard, conseillère, Vert·e·s", "Paul Rey, conseiller, PS"],
    ]
    assert given_roster(DATED, date(2021, 1, 1))[0].group == "PLR"
    with pytest.raises(BadInput, match=r"aucun membre le 1er janvier 1990.*« du » et « au »"):
        given_roster(DATED.replace(";;2021", ";2019;2021"), date(1990, 1, 1))


def test_a_list_with_days_is_written_and_read_again_without_a_head() -> None:
    memberships = given_memberships(DATED)
    written = as_csv(memberships)
    assert given_memberships(written) == memberships
    assert given_memberships(written.split("\n", 1)[1]) == memberships


@pytest.mark.parametrize(
    ("head", "since", "until"),
    [
        ("Entrée en fonction;Fin de mandat", "1.6.2020", "31.5.2023"),
        ("Depuis;Jusqu'au", "2020-06-01", "31/5/2023"),
        ("Dès le;Date de sortie", "20200601", "31.05.2023"),
        ("Début du mandat;Sortie", "2020-06-01", "2023-05-31"),
    ],
)
def test_days_are_found_under_the_heads_that_clerks_write(
    head: str, since: str, until: str
) -> None:
    [one] = given_memberships(f"Nom;Parti;{head}\nAnne Rey;PS;{since};{until}")
    assert (one.since, one.until) == (date(2020, 6, 1), date(2023, 5, 31))
    assert one.person == Person("Anne Rey", "", "PS")


def test_two_people_of_one_name_at_one_time_are_told_apart_and_one_over_time_is_not() -> None:
    listed = "nom;groupe;du;au\nJean Roy;PS;2020;2022\nJean Roy;PLR;2023;\nJean Roy;UDC;2024;"
    names = [one.person.name for one in given_memberships(listed)]
    assert names == ["Jean Roy", "Jean Roy (PLR)", "Jean Roy (UDC)"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Anne Rey;PS;treize mai;", "« treize mai » ne se lit pas"),
        ("Anne Rey;PS;2022;2020", "finit (2020-12-31) avant de commencer (2022-01-01)"),
        ("Anne Rey;PS;2022;\nAnne Rey;PS;2022;", "figure déjà à la ligne 2"),
    ],
)
def test_days_that_cannot_be_are_told_with_their_line(row: str, told: str) -> None:
    with pytest.raises(BadInput, match=r"ligne [23]") as caught:
        given_memberships(f"nom;groupe;du;au\n{row}")
    assert told in str(caught.value)
    hours = given_roster("nom;entrée;sortie\nAnne Rey;17h30;18h45")  # a list of presence
    assert hours == (Person("Anne Rey"),)
