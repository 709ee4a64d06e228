"""What is said in every sitting and answers nothing is told from what does."""

import pytest

from api.answers.formulas import is_formula


@pytest.mark.parametrize(
    "said",
    [
        "Merci, Madame la présidente.",
        "La parole est à M. Hervé Mariton, pour soutenir l'amendement n° 3541.",
        "Monsieur Girard, c'est à vous.",
        "Nous passons au vote.",
        "La séance est levée.",
        "Madame Keller, s'il vous plaît !",
        "Mais c'est faux !",
        "(Applaudissements sur les bancs du groupe UMP.)",
        "Quel est l'avis de la commission ?",
        "Nous prenons la pétition 5 sur le bruit des terrasses pendant la nuit.",
        "Je vous rappelle que nos débats sont enregistrés.",
    ],
)
def test_procedure_courtesy_and_cries_are_formulas(said: str) -> None:
    assert is_formula(said)


@pytest.mark.parametrize(
    "said",
    [
        "L'école ouvre.",
        "Nous prenons la chose au sérieux.",
        "Défavorable.",
        "Avis défavorable !",
        "Merci, Madame la présidente, cette nouvelle crèche aura 64 places.",
        "C'est vrai que la piscine coûte trop cher aux familles.",
        "Le silence de la majorité est une honte pour notre ville.",
        "(L'amendement n° 3541 n'est pas adopté.)",
        "Monsieur le président, cette réforme est injuste.",
    ],
)
def test_what_says_something_is_none(said: str) -> None:
    assert not is_formula(said)
