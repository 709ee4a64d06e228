"""The agenda as clerks paste it."""

import pytest

from ingest.errors import BadInput
from ingest.intake.form import read_agenda_text

TABLE = [
    ("", []),
    ("1. Communications", [("1", "Communications", None)]),
    ("2) PR-12 Piste cyclable du quai", [("2", "Piste cyclable du quai", "PR-12")]),
    ("3 - Motion : pour un éclairage (M 414)", [("3", "Motion : pour un éclairage", "M-414")]),
    ("- Accueil\n\n- Divers", [("1", "Accueil", None), ("2", "Divers", None)]),
    (
        "Point 5 : Clôture\nIV. Fin\n2.1. Suite",
        [("5", "Clôture", None), ("IV", "Fin", None), ("2.1", "Suite", None)],
    ),
    (
        "Proposition PR-12 du conseil : piste",
        [("1", "Proposition PR-12 du conseil : piste", "PR-12")],
    ),
    (
        "numéro;titre;objet\n1;Accueil;\n2;Piste;PR-12",
        [("1", "Accueil", None), ("2", "Piste", "PR-12")],
    ),
    ("N°;Objet\n1;Accueil\n2;Piste P-3", [("1", "Accueil", None), ("2", "Piste P-3", "P-3")]),
    ('number,title,object\n1,"Piste, quai",PR-12', [("1", "Piste, quai", "PR-12")]),
    ('[{"number": "1", "title": "Accueil", "object": null}]', [("1", "Accueil", None)]),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_points_their_numbers_and_their_objects(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [(i.number, i.title, i.object) for i in read_agenda_text(text)] == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[{", "ligne 1"),
        ("x" * 600, "ligne 1"),
        ("titre;code\n;PR-1", "ligne 2"),
        ("\n".join("point" for _ in range(301)), "301"),
    ],
)
def test_what_is_no_agenda_is_reported_with_its_place(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_agenda_text(text)
