"""What is said around a question drops out; misspelt words are read as the archive's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from search.language.stems import stems
from search.query.parse import parse
from search.query.parsed import Detail, Intent, Query, Repair
from search.query.wording import without_chatter
from tests.support.named_council import TODAY, vocabulary

_WORDS = """
    piscine chauffée chauffage piste cyclable police plaintes bruit amendement adoption montant
    arbres quai garde mairie rapport rapporteur pétition cuisines trame foule
"""
SAID = _WORDS.split()


@dataclass(frozen=True)
class SaidWords:
    """An archive in which a few words were said."""

    said: Sequence[str]

    def knows(self, stem: str) -> bool:
        return any(stem in stems(word) for word in self.said)

    def near(self, stem: str) -> Sequence[str]:
        return [word for word in self.said if abs(len(word) - len(stem)) <= 4]


VOCABULARY = replace(vocabulary(), words=SaidWords(SAID))


def asked(question: str) -> Query:
    return parse(question, VOCABULARY, TODAY)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("ça va couter combien la piste cyclable finalement", "la piste cyclable"),
        (
            "alors euh je voudrais savoir combien coûte le repas de midi à l'école pour ma fille "
            "s'il vous plaît",
            "le repas de midi à l'école",
        ),
        (
            "bonjour je voudrais savoir si la pisicne sera chaufée au gaz merci",
            "la piscine sera chauffée au gaz",
        ),
        (
            "qui est contre le fait d'éteindre les lampadaires la nuit",
            "éteindre les lampadaires la nuit",
        ),
        ("kel é le montan de lamendement de rochat", "le montant de l'amendement de rochat"),
        ("c koi le prix d la piscine pr les adultes", "le prix de la piscine pour les adultes"),
        ("c'est quand que les travaux commencent", "les travaux commencent"),
        ("Selon le rapport, combien coûte la piste ?", "le rapport, la piste"),
        ("Est-ce vrai que la piscine ferme dix-huit mois ?", "la piscine ferme dix-huit mois"),
    ],
)
def test_the_topic_is_what_is_asked_about(question: str, topic: str) -> None:
    assert asked(question).topic == topic


def test_a_dictated_paragraph_leaves_its_question() -> None:
    question = (
        "Bonjour, je suis une habitante du quartier et je passe tous les jours avec mes deux "
        "enfants à vélo le long du lac, j'ai souvent peur des voitures. J'ai entendu dire que le "
        "conseil municipal avait parlé d'une nouvelle piste cyclable au quai du Soleil. "
        "Pourriez-vous s'il vous plaît me dire combien cette piste cyclable va coûter à la ville, "
        "et quand les travaux vont commencer ? Je vous remercie beaucoup d'avance pour votre "
        "réponse et vous souhaite une excellente journée."
    )
    understood = asked(question)
    assert understood.question == question
    assert {"pist", "cyclabl"} <= set(stems(understood.topic))
    assert not {"voitur", "enfant", "journe", "remerc", "habit"} & set(stems(understood.topic))
    assert understood.intent is Intent.AMOUNT


@pytest.mark.parametrize(
    "greeting", ["bonjour", "Merci !", "Salut, ça va ?", "Merci beaucoup, au revoir"]
)
def test_a_greeting_asks_nothing(greeting: str) -> None:
    assert asked(greeting).intent is Intent.GREETING


@pytest.mark.parametrize("question", ["Qui a dit merci à la présidente ?", "bonjour le prix ?"])
def test_a_question_with_polite_words_is_none(question: str) -> None:
    assert asked(question).intent is not Intent.GREETING


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("pisicne", "piscine"),
        ("chaufée", "chauffée"),
        ("polisse", "police"),
        ("amandement", "amendement"),
        ("adopsion", "adoption"),
        ("pintes", ""),
        ("patinoire", ""),
        ("gare", ""),
        ("tram", ""),
        ("rochas", ""),
        ("Pisicne", "piscine"),
        ("xyzzy", ""),
    ],
)
def test_an_unknown_word_is_read_as_one_that_was_said(typed: str, read: str) -> None:
    expected = (Repair(typed, read),) if read else ()
    assert asked(typed).repairs == expected


def test_a_name_is_left_to_who_reads_names() -> None:
    understood = asked("que pense delcour de la pisicne")
    assert [chip.value for chip in understood.chips] == ["Antoine Delcourt"]
    assert understood.topic == "la piscine"


@pytest.mark.parametrize(
    "question", ["Que veut dire Mme Keller ?", "Et alors M. Girard ?", "Vous avez voté la piste ?"]
)
def test_what_is_asked_stays(question: str) -> None:
    assert without_chatter(question) == question


@pytest.mark.parametrize(
    ("question", "intent", "detail"),
    [
        ("creche ouverte jusqu a quelle heure", Intent.WHEN, Detail.HOUR),
        ("il faisait quelle température place du marché", Intent.OPEN, Detail.TEMPERATURE),
        ("Quel âge a la piscine ?", Intent.OPEN, Detail.AGE),
        ("Comment s'appelle la directrice ?", Intent.OPEN, Detail.NAME),
        ("Quelle amende risque un automobiliste ?", Intent.AMOUNT, None),
        ("Où sera la fontaine ?", Intent.OPEN, Detail.PLACE),
        ("Depuis quand la piscine est-elle fermée ?", Intent.WHEN, None),
        ("Combien de familles paient la crèche ?", Intent.HOW_MANY, None),
        ("Combien paient les familles ?", Intent.AMOUNT, None),
        ("le canton paie combien", Intent.AMOUNT, None),
        ("combien on économise en éteignant la nuit", Intent.AMOUNT, None),
        ("on a combien de lampadaires en ville", Intent.HOW_MANY, None),
        ("combien d'élèves mangent quand il pleut", Intent.HOW_MANY, None),
        ("c'est quand que les travaux commencent", Intent.WHEN, None),
        ("Quelle part paie le canton ?", Intent.HOW_MANY, Detail.SHARE),
    ],
)
def test_the_kind_of_answer_is_understood(
    question: str, intent: Intent, detail: Detail | None
) -> None:
    understood = asked(question)
    assert (understood.intent, understood.detail) == (intent, detail)
