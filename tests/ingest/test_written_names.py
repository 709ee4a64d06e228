"""Names as lists and platforms write them."""

import pytest

from ingest.written_names import WrittenName, read_name, surname_is_first

TABLE = [
    ("Nadia Keller", "Nadia Keller"),
    ("Baudin, Hélène", "Hélène Baudin"),
    ("BAUDIN Hélène", "Hélène Baudin"),
    ("Hélène BAUDIN", "Hélène Baudin"),
    ("BAUDIN HÉLÈNE", "Hélène Baudin"),
    ("Girard Anne", "Anne Girard"),
    ("Martin Jean-Pierre", "Jean-Pierre Martin"),
    ("Baudin H.", "H. Baudin"),
    ("M. Jean DUPONT", "Jean Dupont"),
    ("DUPONT Jean (M.)", "Jean Dupont"),
    ("Mme la conseillère Rey", "Rey"),
    ("DE LA CRUZ Ana", "Ana de la Cruz"),
    ("de WECK Simone", "Simone de Weck"),
    ("D'ARCY Paul", "Paul d'Arcy"),
    ("LE FUR Marc", "Marc Le Fur"),
    ("REY-BLANC Anne-Marie", "Anne-Marie Rey-Blanc"),
    ("Ville de Genève", "Ville de Genève"),
    ("Mme", "Mme"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "name"), TABLE)
def test_a_name_is_put_as_people_write_it(written: str, name: str) -> None:
    assert read_name(written) == WrittenName(name)
    assert read_name(name).name == name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mme Rey (née Favre)", WrittenName("Rey", also="Favre")),
        ("Marie Rey, née Favre", WrittenName("Marie Rey", also="Marie Favre")),
        ("REY Marie née FAVRE", WrittenName("Marie Rey", also="Marie Favre")),
        ("Favre épouse Rey", WrittenName("Favre", also="Rey")),
        ("Jean Dupont (PLR)", WrittenName("Jean Dupont", bracket="PLR")),
        ("Jean Dupont, PLR", WrittenName("Jean Dupont", bracket="PLR")),
        ("Baudin, Hélène, présidente", WrittenName("Hélène Baudin", role="présidente")),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(written: str, expected: WrittenName) -> None:
    assert read_name(written) == expected


def test_an_initial_is_no_title_where_it_ends_a_name() -> None:
    assert read_name("DUPONT M.").name == "M. Dupont"


def test_a_list_tells_the_order_of_its_names() -> None:
    assert read_name("Rochat Zéph", surname_first=True).name == "Zéph Rochat"
    assert read_name("Éponine Martin", surname_first=False).name == "Éponine Martin"
    assert surname_is_first(["Anne Girard", "Éponine Martin", "Paul Rey"]) is False
    assert surname_is_first(["Girard Anne", "Rey Paul", "Rochat Zéph"]) is True
    assert surname_is_first(["Rochat Zéph", "BAUDIN"]) is None
