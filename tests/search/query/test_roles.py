"""Roles name the one who bears them; names that only contain a name are another's."""

from datetime import date

import pytest

from ingest.transcript import Person, Session
from search.query.parse import parse
from search.query.vocabulary import vocabulary_of
from tests.support import named_council

ROSTER = (
    Person("Claude Bart", "président"),
    Person("Lise Dumont", "présidente", "PS"),
    Person("Erwann Binet", "rapporteur de la commission des lois de la République", "PS"),
    Person("Jean Urvoas", "président de la commission des lois de la République", "PS"),
    Person("Marie Clerg", "rapporteure pour avis", "PS"),
    Person("Anne Taub", "garde des sceaux, ministre de la justice"),
    Person("Jean Le Drian", "ministre de la défense"),
    Person("Michel Sapin", "ministre du travail, de l'emploi et de la formation"),
    Person("Anne Martin Dupont", "députée", "UMP"),
    Person("Luc Roy", "député", "UMP"),
    Person("Marc Le Fur", "député", "UMP"),
)
SPEAKERS = ("Luc Roy et Eva Sand", "Plusieurs députés du groupe UMP", "Un député du groupe PS")
ASSEMBLY = vocabulary_of((Session("s", "", date(2013, 1, 29), roster=ROSTER),), SPEAKERS)


@pytest.mark.parametrize(
    ("question", "person", "topic"),
    [
        ("Qu'a répondu la garde des sceaux sur les actes ?", "Anne Taub", "les actes"),
        ("Que pense la rapporteuse pour avis du texte ?", "Marie Clerg", "texte"),
        ("Que dit le rapporteur sur le texte ?", "Erwann Binet", "le texte"),
        ("Qu'a dit le ministre de la défense sur le Mali ?", "Jean Le Drian", "le Mali"),
        ("Selon le ministre de l'emploi, combien coûte l'usine ?", "Michel Sapin", "l'usine"),
        ("Que dit le président de la commission des lois de la Syrie ?", "Jean Urvoas", "la Syrie"),
        ("Que dit la présidente sur le rappel ?", "Lise Dumont", "le rappel"),
        ("Que dit Marc Le Fur sur les familles ?", "Marc Le Fur", "les familles"),
        ("Qu'a dit Luc Roy sur le texte ?", "Luc Roy", "le texte"),
    ],
)
def test_a_person_is_named_by_role_or_name(question: str, person: str, topic: str) -> None:
    understood = parse(question, ASSEMBLY, named_council.TODAY)
    assert understood.filters.people == (person,)
    assert understood.topic in (topic, question)


@pytest.mark.parametrize(
    "question",
    [
        "Que dit le président de la République ?",
        "Que dit la ministre ?",
        "Qu'a dit Luc Roy Sand sur le texte ?",
        "Qu'a dit Anne Martin sur le texte ?",
        "Qu'ont dit plusieurs députés ?",
        "Que dit le maire ?",
    ],
)
def test_nobody_is_named(question: str) -> None:
    assert parse(question, ASSEMBLY, named_council.TODAY).filters.people == ()


def test_who_speaks_together_is_no_person() -> None:
    assert {member.name for member in ASSEMBLY.people} == {person.name for person in ROSTER}


def test_a_member_of_the_executive_is_named_as_magistrate() -> None:
    asked = parse(
        "Que répond la magistrate sur la piscine ?", named_council.vocabulary(), named_council.TODAY
    )
    assert asked.filters.people == ("Sandrine Maillard",)
