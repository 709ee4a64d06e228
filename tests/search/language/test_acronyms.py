"""A short form finds its long form and the other way round, and nothing else does."""

import pytest

from ingest.documents.glossary import Term
from search.language.acronyms import Acronym, Acronyms, acronyms, acronyms_said, fits
from search.language.stems import stems

CITY = acronyms(
    (
        Term("TPG", ("Transports publics genevois", "té pé gé")),
        Term("SIG", ("s i g", "les cigs"), "Services industriels de Genève"),
        Term("Office cantonal des véhicules", ("OCV",)),
        Term("Vernets"),
        Term("HUG", (), "voir aussi le site"),
    )
)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Que coûtent les TPG ?", "Le crédit des Transports publics genevois est accepté."),
        ("Que coûtent les transports publics genevois ?", "Les TPG sont en retard."),
        ("T.P.G.", "transport public genevois"),
        ("les SIG", "aux Services Industriels de Genève"),
        ("l'OCV", "l’Office cantonal des véhicules"),
    ],
)
def test_either_form_finds_the_other(asked: str, said: str) -> None:
    assert set(CITY.besides(stems(asked)) + stems(asked)) & set(CITY.stems(said))


@pytest.mark.parametrize(
    "said", ["les transports publics", "les transports scolaires genevois", "Vernets", "", "public"]
)
def test_other_words_are_given_nothing(said: str) -> None:
    assert CITY.stems(said) == stems(said)


def test_without_a_glossary_nothing_changes() -> None:
    assert Acronyms().stems("les Transports publics genevois (TPG)") == stems(
        "les Transports publics genevois (TPG)"
    )


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("FPLM", "Fondation pour la promotion du logement bon marché", True),
        ("EMS", "établissement médico-social", True),
        ("CFF", "Chemins de fer fédéraux", True),
        ("TPG", "Tous pour Genève", False),
        ("SIG", "Services de Genève", False),
        ("", "", False),
    ],
)
def test_letters_begin_the_words(short: str, long: str, expected: bool) -> None:
    assert fits(short, long) is expected


@pytest.mark.parametrize(
    ("said", "short", "long"),
    [
        (
            "Le Groupement intercommunal pour l'animation parascolaire (GIAP) demande un crédit.",
            "GIAP",
            "Groupement intercommunal pour l'animation parascolaire",
        ),
        (
            "le GIAP, Groupement intercommunal pour l'animation parascolaire, demande",
            "GIAP",
            "Groupement intercommunal pour l'animation parascolaire",
        ),
        (
            "les Transports publics genevois, les TPG, refusent",
            "TPG",
            "Transports publics genevois",
        ),
        ("la gestation pour autrui (GPA)", "GPA", "gestation pour autrui"),
        ("le FMI (Fonds monétaire international)", "FMI", "Fonds monétaire international"),
    ],
)
def test_a_short_form_is_learnt_where_its_long_one_is_said(
    said: str, short: str, long: str
) -> None:
    assert acronyms_said([said]).known == (Acronym(short, long),)


@pytest.mark.parametrize(
    "said",
    ["M. Rochat, PLR, a dit non.", "l'UDC, une droite", "Les TPG. Transports publics gratuits"],
)
def test_what_only_stands_beside_is_no_long_form(said: str) -> None:
    assert acronyms_said([said]).known == ()
