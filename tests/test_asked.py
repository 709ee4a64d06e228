"""Whose words a question asks for."""

import time

import pytest

from api.asked import names_in, person_asked

PEOPLE = ("Claire Fontanet", "Julien Rochat", "Paul Rochat", "Antoine Delcourt", "Ève d'Arve")


@pytest.mark.parametrize(
    ("question", "person"),
    [
        ("Qu'a dit Madame Fontanet sur l'éclairage ?", "Claire Fontanet"),
        ("qu'a dit mme fontanet", "Claire Fontanet"),
        ("Qu'a répondu M. Delcourt à propos des arbres le 11 mars ?", "Antoine Delcourt"),
        ("Que pense Claire Fontanet de la piscine ?", "Claire Fontanet"),
        ("Quel chiffre Monsieur Delcourt a-t-il donné ?", "Antoine Delcourt"),
        ("Selon Fontanet, combien d'arbres ?", "Claire Fontanet"),
        ("Quelle est la position de Mme d'Arve ?", "Ève d'Arve"),
        ("Qu'a dit Paul Rochat ?", "Paul Rochat"),
        ("Qu'a dit Monsieur Rochat ?", None),  # which of the two?
        ("L'amendement de Madame Fontanet a-t-il été accepté ?", None),
        ("Que dit-on de la M-7 ?", None),
        ("Qu'a dit Madame Inconnue ?", None),
        ("", None),
    ],
)
def test_person_asked(question: str, person: str | None) -> None:
    assert person_asked(question, PEOPLE) == person


def test_a_long_roster_costs_a_question_nothing() -> None:
    roster = [f"Prénom{n} Nom{n}" for n in range(2000)]
    began = time.perf_counter()
    assert person_asked("Qu'a dit Madame Nom7 ?", roster) == "Prénom7 Nom7"
    assert time.perf_counter() - began < 0.1  # compiling a pattern for each name took 2 s


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Combien coûte la piste cyclable de Lausanne ?", {"lausann"}),
        ("Que demande la motion sept ?", {"m7"}),
        ("Quel vote sur la PR-12 ?", {"pr12"}),
        ("Combien coûte la piste ?", set()),
        ("L'avis de Monsieur le conseiller ?", set()),
    ],
)
def test_names_that_an_answer_must_hold(question: str, names: set[str]) -> None:
    assert names_in(question) == names
