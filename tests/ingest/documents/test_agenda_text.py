"""The agenda as clerks paste it."""

from datetime import time

import pytest

from ingest.documents.agenda_lines import AgendaPoint
from ingest.documents.agenda_text import read_agenda_text, understood
from ingest.errors import BadInput
from ingest.transcript import AgendaItem

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
    ("3.2\tTitre\n3bis. Titre", [("3.2", "Titre", None), ("3bis", "Titre", None)]),
    ("1 Ouverture", [("1", "Ouverture", None)]),
    (
        '1;"Ouverture";18h30\n3bis;Comptes;;PR-12',
        [("1", "Ouverture", None), ("3bis", "Comptes", "PR-12")],
    ),
    (
        "1 Ouverture\n2 Motions\n3 bis Fin",
        [("1", "Ouverture", None), ("2", "Motions", None), ("3 bis", "Fin", None)],
    ),
    ("(1) Accueil\n(2) Fin", [("1", "Accueil", None), ("2", "Fin", None)]),
    ("1° Accueil\n2°) Fin", [("1", "Accueil", None), ("2", "Fin", None)]),
    ("1/ Accueil\n2- Fin", [("1", "Accueil", None), ("2", "Fin", None)]),
    ("a) Accueil\nB. Fin", [("a", "Accueil", None), ("B", "Fin", None)]),
    ("18h30 Ouverture", [("1", "Ouverture", None)]),
    ("o Accueil\no Fin", [("1", "Accueil", None), ("2", "Fin", None)]),
    (
        "§ Accueil\n➢ Fin\n\uf0b7\tDivers",
        [("1", "Accueil", None), ("2", "Fin", None), ("3", "Divers", None)],
    ),
    (
        "14 Juillet : fête\n20 ans du jumelage\n100 Jours",
        [
            ("1", "14 Juillet : fête", None),
            ("2", "20 ans du jumelage", None),
            ("3", "100 Jours", None),
        ],
    ),
    (
        "M. Rey : rapport\nMme Roy : motion",
        [("1", "M. Rey : rapport", None), ("2", "Mme Roy : motion", None)],
    ),
    ("accueil\ndivers", [("1", "accueil", None), ("2", "divers", None)]),
    (
        "1. Communications\n - du bureau\n - du maire\n2. Fin",
        [
            ("1", "Communications", None),
            ("1.1", "du bureau", None),
            ("1.2", "du maire", None),
            ("2", "Fin", None),
        ],
    ),
    (
        "• Crédit de 2 millions pour l'école\n  des Tilleuls (PR-12)\n• Fin",
        [("1", "Crédit de 2 millions pour l'école des Tilleuls", "PR-12"), ("2", "Fin", None)],
    ),
    (
        "1. Rénovation de\nL'école\n2. Réno-\nvation",
        [("1", "Rénovation de L'école", None), ("2", "Rénovation", None)],
    ),
    ("1. Recours\nHuis clos\n2. Fin", [("1", "Recours (huis clos)", None), ("2", "Fin", None)]),
    (
        "1. Budget\nSéance à huis clos\n2. Recours\n3. Statut\nSéance publique\n4. Fin",
        [
            ("1", "Budget", None),
            ("1.1", "Séance à huis clos", None),
            ("2", "Recours (huis clos)", None),
            ("3", "Statut (huis clos)", None),
            ("3.1", "Séance publique", None),
            ("4", "Fin", None),
        ],
    ),
    (
        "1. Budget\n\nHUIS CLOS\n\n2. Recours\n\nQuestions du public\n\n3. Statut",
        [
            ("1", "Budget", None),
            ("1.1", "HUIS CLOS", None),
            ("2", "Recours (huis clos)", None),
            ("2.1", "Questions du public", None),
            ("3", "Statut (huis clos)", None),
        ],
    ),
    (
        "1. Budget\nMotion sur le huis clos\nNaturalisations (huis clos)\n2. Fin",
        [
            ("1", "Budget", None),
            ("1.1", "Motion sur le huis clos", None),
            ("1.2", "Naturalisations (huis clos)", None),
            ("2", "Fin", None),
        ],
    ),
    ("1. Recours\n(huis clos)\n2. Fin", [("1", "Recours (huis clos)", None), ("2", "Fin", None)]),
    ("sep=;\nN°;Heure;Titre\n1;18h30;Accueil", [("1", "Accueil", None)]),
    ('[{"number": "1", "title": "Accueil", "object": null}]', [("1", "Accueil", None)]),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_points_their_numbers_and_their_objects(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [(i.number, i.title, i.object) for i in read_agenda_text(text)] == expected


AROUND = """CONSEIL MUNICIPAL
Séance du mardi 11 mars 2025 à 18h30
Salle communale
{head}
{points}

Le maire, Jean Dupont
Page 1/2
"""


@pytest.mark.parametrize("head", ["ORDRE DU JOUR", "Ordre du jour :", "Projet d'ordre du jour", ""])
@pytest.mark.parametrize("mark", ["{}. ", "- ", "", "• "])
def test_what_a_convocation_says_around_its_points_is_none(head: str, mark: str) -> None:
    titles = ["Approbation du procès-verbal du 4 mars 2025", "Commune de Vernier : convention"]
    lines = [f"{mark.format(n)}{title}" for n, title in enumerate(titles, 1)]
    read = understood(AROUND.format(head=head, points="\n".join(lines)))
    assert [(item.number, item.title) for item in read.items] == [*zip("12", titles, strict=True)]
    assert set(read.left_out) == {
        "CONSEIL MUNICIPAL",
        "Séance du mardi 11 mars 2025 à 18h30",
        "Salle communale",
        "Le maire, Jean Dupont",
        "Page 1/2",
        *filter(None, [head]),
    }


@pytest.mark.parametrize(
    "head",
    [
        "Séance du mardi 8 avril 2025, 20 h 30",
        "Mardi 8 avril 2025 - 20h30",
        "Réunion du 8 avril 2025 (20h30)",
        "20h30 Séance du 8 avril 2025",
        "Mardi 8 avril, 20h30",
        "Séance publique, 20 h 30",
        "Heure : 20h30",
    ],
)
def test_the_hour_of_the_session_makes_no_point_of_its_day(head: str) -> None:
    read = understood(f"Conseil municipal\n{head}\nOrdre du jour\n1. Accueil\n2. Divers")
    assert [item.title for item in read.items] == ["Accueil", "Divers"]


def test_a_programme_by_the_hour_keeps_what_comes_before_its_agenda() -> None:
    read = understood("20h00 Accueil\n20h05 Ordre du jour\n20h10 Divers").items
    assert [item.title for item in read] == ["Accueil", "Ordre du jour", "Divers"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("18h30 Ouverture", time(18, 30)),
        ("1. 18 h 30 : Ouverture", time(18, 30)),
        ("18:30-19:00 1. Ouverture", time(18, 30)),
        ("1 Ouverture (18h)", time(18)),
        ("N° Objet Heure\n1 Ouverture 18h30", time(18, 30)),
        ("1\tOuverture\t18h30", time(18, 30)),
        ("1 9h Ouverture", time(9)),
        ("Ouverture", None),
    ],
)
def test_the_hour_that_is_planned_is_no_part_of_the_title(text: str, hour: time | None) -> None:
    assert understood(text).points == (AgendaPoint(AgendaItem("1", "Ouverture"), hour),)


@pytest.mark.parametrize("bullet", [*"•·▪●□➢➔✓❖§Øüqvnlo\uf0b7\uf0a7\uf0d8", "-", "–"])
def test_what_stands_before_a_point_is_no_part_of_it(bullet: str) -> None:
    for gap in (" ", "\t"):
        read = understood(f"{bullet}{gap}Accueil\n{bullet}{gap}Élection").items
        assert [item.title for item in read] == ["Accueil", "Élection"]


def test_a_wrapped_title_may_go_on_with_a_date_or_a_figure() -> None:
    text = "1. Procès-verbal de la séance du\n11 mars 2025\n2. Crédit de\n2'400'000 francs\n3. Fin"
    assert [item.title for item in understood(text).items] == [
        "Procès-verbal de la séance du 11 mars 2025",
        "Crédit de 2'400'000 francs",
        "Fin",
    ]


@pytest.mark.parametrize("title", ["Visite à 18h30", "Pause de 18h30", "Ouverture dès 20 h"])
def test_an_hour_that_belongs_to_a_title_stays(title: str) -> None:
    assert understood(f"1. {title}").points == (AgendaPoint(AgendaItem("1", title)),)


def test_what_details_a_point_is_left_out_and_told() -> None:
    read = understood("1. Comptes\nRapporteur : Mme Rey\n2. Fin\nAnnexe : rapport")
    assert [item.title for item in read.items] == ["Comptes", "Fin"]
    assert read.left_out == ("Rapporteur : Mme Rey", "Annexe : rapport")


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
