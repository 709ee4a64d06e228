"""What corrects a figure, and what only looks as if it did."""

import re
from collections.abc import Iterator

import pytest

from ingest.text import fold
from search.facts.figures import Figure, figures, normal
from search.facts.statements import statements
from search.language.stems import stems

POOL = "rénovation de la piscine de la Prairie"
TRACK = "piste cyclable du quai du Soleil"
HALL = "construction d'une salle de gymnastique aux Charmilles"
BRIDGE = "réfection du pont des Tanneurs"


def sentences(text: str) -> list[str]:
    return [fold(one) for one in re.split(r"(?<=[.!?]) ", text)]


def told(text: str) -> Iterator[Figure]:
    return (f for one in sentences(text) for f in figures(normal(one)) if not f.denied)


def corrections(before: str, after: str, about: str, *, same: bool) -> list[tuple[str, str]]:
    """The figure that was told and the one that corrects it, for all that do."""
    topic = frozenset(stems(about))
    return [
        (old.value, one.figure.value)
        for one in statements(sentences(after))
        for old in told(before)
        if one.corrects(old, topic, same_debate=same)
    ]


SAME_DEBATE = [
    (
        "Je lis dans le rapport que la piscine sera fermée pendant 18 mois.",
        "Monsieur Rochat, bien lu, mais le rapport contient une erreur. La fermeture ne durera pas "
        "dix-huit mois, elle durera huit mois, d'octobre à la fin du mois de mai.",
        POOL, "18 moi", "8 moi",
    ),
    (  # as it was heard
        "Je lis dans le rapport que la piscine sera fermée pendant 18 mois.",
        "Monsieur Rochat, bien les, mais le rapport contient une erreur. La fermeture ne durera "
        "pas dix et mois, elle durera 8 mois, d'octobre à la fin du mois de mai.",
        POOL, "18 moi", "8 moi",
    ),
    (
        "Je lis dans le rapport que la piscine sera fermée pendant 18 mois.",
        "Mais le rapport contient une erreur. La fermeture ne durera pas dix et mois. Elle durera "
        "huit mois.",
        POOL, "18 moi", "8 moi",
    ),
    (
        "La ville veut abattre quarante marronniers.",
        "Je dois corriger ce qui a été dit sur les arbres. Nous n'allons pas abattre 40 "
        "marronniers, mais 11 qui sont malades.",
        TRACK, "40", "11",
    ),
    (
        "La ville veut abattre à Quarante-Maronnier.",
        "Nous n'allons pas abattre 40 marronniers, mais 11 qui sont malades.",
        TRACK, "40", "11",
    ),
    (
        "Cette gratuité va coûter 150 000 francs par année.",
        "Je dois corriger un chiffre de madame Keller. 150 000 francs, c'était le calcul de "
        "l'année dernière. Le service des sports annonce maintenant 280 000 francs.",
        "piscine gratuite pour les moins de seize ans", "150000", "280000",
    ),
    (
        "Le bâtiment accueillera 300 élèves.",
        "Il y a une erreur dans le dossier. Ce ne sont pas 300 élèves, mais 240.",
        HALL, "300", "240",
    ),
    (
        "Les travaux de la salle commenceront en mars.",
        "Je me suis trompé : le chantier commencera en juin et non en mars.",
        HALL, "mars", "juin",
    ),
    (
        "La subvention du canton est de 40 % du total.",
        "C'est inexact : la subvention du canton est de 30 %.",
        HALL, "40", "30",
    ),
    (
        "Le coût du pont s'élève à 3,2 millions de francs.",
        "Permettez-moi de rectifier ce chiffre. Le coût s'élève à 3,5 millions de francs.",
        BRIDGE, "3200000", "3500000",
    ),
]  # fmt: skip

LATER = [
    (
        "Le crédit demandé est de 2.400.000 francs.",
        "Le coup passe à 2 000 000 700 000 francs et le chantier commencera au mois de janvier.",
        TRACK, "2400000", "2700000",
    ),
    (
        "Le chantier commencera en septembre et durera 14 mois.",
        "Le coût passe à 2,7 millions et le chantier commencera au mois de janvier et n'ont pas en "
        "septembre.",
        TRACK, "septembre", "janvier",
    ),
    (
        "Nous n'allons pas abattre 40 marronniers, mais 11 qui sont malades.",
        "Vous avez raison, au mois de mars je me suis trompé. Nous devons finalement abattre 17 "
        "marronniers à cause d'un champignon.",
        TRACK, "11", "17",
    ),
    (
        "Nous vous demandons un crédit de 5 millions de francs.",
        "Le nouveau devis pour la salle est de 5,8 millions de francs.",
        HALL, "5000000", "5800000",
    ),
    (
        "Les travaux débuteront au printemps 2026.",
        "Le chantier débutera finalement à l'automne 2026.",
        BRIDGE, "printemps", "automne",
    ),
    (
        "L'ouverture est prévue le 1er septembre.",
        "L'ouverture est reportée au 15 janvier.",
        "nouvelle bibliothèque de quartier", "septembre", "janvier",
    ),
    (
        "La salle accueillera 120 spectateurs.",
        "La salle accueillera finalement 90 spectateurs, pour des raisons de sécurité.",
        HALL, "120", "90",
    ),
    (
        "Le chantier durera dix mois.",
        "Le chantier durera désormais quatorze mois.",
        BRIDGE, "10 moi", "14 moi",
    ),
]  # fmt: skip

NONE = [
    # two costs of one debate
    ("L'entrée gratuite va coûter 150 000 francs par année.",
     "Nous devons finalement payer 1,6 million de francs par année pour le fonctionnement.", POOL),
    ("Le crédit demandé est de 2,4 millions de francs.",
     "Je dois corriger ce qui a été dit sur les arbres. Nous n'allons pas abattre 40 marronniers, "
     "mais 11. Nous allons replanter 30 arbres pour 300 000 francs et cette somme est déjà dans le "
     "crédit. Le canton participe pour 600 000 francs.", TRACK),
    ("Quarante arbres centenaires, c'est énorme.",
     "Je dois corriger ce qui a été dit sur les arbres. Nous n'allons pas abattre 60 marronniers, "
     "mais 11. Nous allons replanter 30 arbres.", TRACK),
    # an amendment's figure, proposed
    ("Le crédit demandé est de 2,4 millions de francs.",
     "Nous déposons un amendement pour que le crédit passe à 1,8 million de francs.", TRACK),
    ("Le crédit demandé est de 2,4 millions de francs.",
     "L'amendement ramène finalement le crédit à 1,8 million de francs.", TRACK),
    ("Le crédit demandé est de 2,4 millions de francs.",
     "Il faudrait plutôt que le crédit soit de 2 millions de francs.", TRACK),
    ("Le crédit demandé est de 2,4 millions de francs.",
     "Le crédit pourrait désormais atteindre 3 millions de francs.", TRACK),
    ("Le crédit demandé est de 2,4 millions de francs.",
     "Le coût passe-t-il à 3 millions de francs ?", TRACK),
    # a share of the same sum
    ("Le coût est de 2,4 millions de francs.",
     "Le canton paiera finalement 600 000 francs.", TRACK),
    # the same figure
    ("Le coût est de 2,4 millions de francs.",
     "Le coût reste finalement de 2'400'000 francs.", TRACK),
    # it begins, it ends
    ("Les travaux commenceront en mars.", "Les travaux se termineront finalement en novembre.",
     BRIDGE),
    # trees cut, trees planted
    ("Nous devons abattre 12 platanes.", "Nous allons finalement replanter 30 platanes.", BRIDGE),
    # another kind of figure
    ("Le chantier durera dix mois.", "Je me suis trompé : le chantier commencera en mai.", BRIDGE),
    # an error is admitted, and a figure follows that has nothing to do with it
    ("La piscine a plus de cinquante ans.",
     "Le rapport contient une erreur. La fermeture durera huit mois.", POOL),
    # a day of the same month
    ("Le chantier commencera en septembre.", "Le chantier commencera finalement le 12 septembre.",
     BRIDGE),
    # no figure at all is corrected
    ("Il a fallu 12 séances.", "Je dois corriger votre phrase : nous sommes le 8 avril.", BRIDGE),
    # votes and codes are no figures
    ("La motion 7 est acceptée par 40 voix.",
     "Je dois corriger : la motion 9 est refusée par 42 non.", BRIDGE),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "about", "old", "new"), SAME_DEBATE)
def test_a_figure_is_corrected_in_the_same_debate(
    before: str, after: str, about: str, old: str, new: str
) -> None:
    told_then, told_now = corrections(before, after, about, same=True)[-1]
    assert old in told_then and new in told_now


@pytest.mark.parametrize(("before", "after", "about", "old", "new"), [*SAME_DEBATE, *LATER])
def test_a_figure_is_corrected_in_a_later_session(
    before: str, after: str, about: str, old: str, new: str
) -> None:
    told_then, told_now = corrections(before, after, about, same=False)[-1]
    assert old in told_then and new in told_now


@pytest.mark.parametrize(("before", "after", "about"), NONE)
@pytest.mark.parametrize("same", [True, False])
def test_another_figure_is_no_correction(before: str, after: str, about: str, same: bool) -> None:
    assert corrections(before, after, about, same=same) == []


@pytest.mark.parametrize(("before", "after", "about", "old", "new"), LATER[:2])
def test_a_newer_figure_of_the_same_debate_is_no_correction_unless_it_is_named(
    before: str, after: str, about: str, old: str, new: str
) -> None:
    denied = "n'ont pas" in after
    assert bool(corrections(before, after, about, same=True)) is denied


def test_a_correction_is_quoted_from_what_admits_it_to_the_figure() -> None:
    text = (
        "Merci. Je dois corriger un chiffre. 150 000 francs, c'était le calcul de l'an dernier. "
        "Le service annonce maintenant 280 000 francs. Le groupe votera oui."
    )
    assert [(one.first, one.last) for one in statements(sentences(text))] == [(1, 3)]
