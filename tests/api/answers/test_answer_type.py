"""What has the form of an answer (an amount, a number of something, a date) and its names."""

import pytest

from api.answers.answer_type import counted, names_in, telling, tells
from search.query.parsed import Chip, Detail, Field, Intent, Query


@pytest.mark.parametrize(
    ("intent", "said", "told"),
    [
        (Intent.AMOUNT, "Le crédit est de deux millions quatre cent mille francs.", True),
        (Intent.AMOUNT, "Le prix restera à 7 francs.", True),
        (Intent.AMOUNT, "Pour les jeunes, c'est gratuit.", True),
        (Intent.AMOUNT, "L'heure me paraît venue d'acheter un Canadair.", False),
        (Intent.AMOUNT, "Nous plantons trente arbres.", False),
        (Intent.HOW_MANY, "Nous plantons trente arbres.", True),
        (Intent.HOW_MANY, "La moitié des arbres est malade.", True),
        (Intent.HOW_MANY, "Les arbres sont malades.", False),
        (Intent.WHEN, "Le chantier commencera au mois de septembre.", True),
        (Intent.WHEN, "La piscine ferme dix-huit mois.", True),
        (Intent.WHEN, "Le chantier commencera.", False),
        (Intent.WHY, "Les arbres sont malades.", True),
        (Intent.SAID, "Non.", True),
    ],
)
def test_whether_words_tell_what_is_asked_for(intent: Intent, said: str, told: bool) -> None:
    assert tells(Query("?", "", intent=intent), said) is told


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("Combien de marronniers seront abattus ?", {"marronni"}),
        ("Quel est le nombre d'accidents sur le quai ?", {"accident"}),
        ("Combien de temps la piscine sera-t-elle fermée ?", set()),
        ("Combien gagne une éducatrice ?", set()),
    ],
)
def test_what_is_counted_is_spoken_of(question: str, noun: set[str]) -> None:
    assert counted(Query(question, question, intent=Intent.HOW_MANY)) == noun


@pytest.mark.parametrize(
    ("detail", "said", "stated"),
    [
        (Detail.AGE, "Le bâtiment a quarante ans.", True),
        (Detail.AGE, "Le bâtiment est vieux.", False),
        (Detail.TEMPERATURE, "On a mesuré cinquante et un degrés.", True),
        (Detail.TEMPERATURE, "Il y a fait très chaud, pendant trois jours.", False),
        (Detail.HOUR, "La crèche ouvre jusqu'à dix-neuf heures.", True),
        (Detail.HOUR, "La crèche ouvre en janvier 2026.", False),
        (Detail.SHARE, "Le canton paie la moitié.", True),
        (Detail.SHARE, "Le canton paie deux millions.", False),
        (Detail.NAME, "La directrice est Madame Rey.", True),
        (Detail.NAME, "La directrice est partie.", False),
        (Detail.DURATION, "Les travaux durent huit mois.", True),
        (Detail.DURATION, "Les travaux coûtent huit millions.", False),
    ],
)
def test_the_detail_that_is_asked_for_is_stated(detail: Detail, said: str, stated: bool) -> None:
    assert tells(Query("?", "sujet", detail=detail), said) is stated


def test_a_number_of_something_stands_before_it() -> None:
    asked = Query("Combien de plaintes ?", "plaintes", intent=Intent.HOW_MANY)
    said = "La pétition 5 a été prise ; la police a compté 640 plaintes."
    first, last = telling(asked, said.split()) or (0, 0)
    assert said.split()[first : last + 1] == ["640"]
    assert telling(asked, ["La", "pétition", "5", "demande", "de", "fermer."]) is None


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
    assert names_in(Query(question, question)) == names


def test_a_name_that_became_a_filter_and_german_nouns_need_not_be_held() -> None:
    chip = Chip(Field.PERSON, "Sandrine Maillard", "Sandrine Maillard", "Mme Mayar")
    asked = Query("Combien de repas selon Mme Mayar à Nyon ?", "repas", chips=(chip,))
    assert names_in(asked) == {"nyon"}
    german = Query("Wie viele Plätze hat die Krippe in der M-7 ?", "", language="de")
    assert names_in(german) == {"m7"}
