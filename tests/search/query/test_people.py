"""Whose words a question asks for, and whom it only mentions."""

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest

from ingest.transcript import Person
from search.language.offsets import Folded
from search.language.stems import stems
from search.query.people import people_in
from search.query.speech_acts import Wanted
from search.query.vocabulary import Member, Vocabulary
from tests.support.named_council import vocabulary

PEOPLE = (
    "Claire Fontanet",
    "Julien Rochat",
    "Paul Rochat",
    "Antoine Delcourt",
    "Ève d'Arve",
    "Monique Savary",
)


def knowing(names: Iterable[str]) -> Vocabulary:
    return Vocabulary(people=tuple(Member(name) for name in names))


def person_asked(question: str, names: Iterable[str]) -> str | None:
    asked = [
        mention.members[0].name
        for mention in people_in(Folded.of(question), knowing(names))
        if mention.wanted is Wanted.YES and len(mention.members) == 1
    ]
    return asked[0] if len(asked) == 1 else None


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
        ("qu'a dit madame fontané", "Claire Fontanet"),
        ("Qu'a dit M. Delcour ?", "Antoine Delcourt"),
        ("Qui a répondu à M. Delcourt ?", None),
        ("Qui critique Mme Fontanet ?", None),
        ("Que voulait savoir Claire Fontanet ?", "Claire Fontanet"),
        ("Pourquoi la motion que M. Delcourt a déposée est-elle refusée ?", None),
    ],
)
def test_person_of_the_query(question: str, person: str | None) -> None:
    assert person_asked(question, PEOPLE) == person


@pytest.mark.parametrize(
    ("question", "stranger"),
    [
        ("Que répond Nadine Morano à M. Delcourt ?", "Nadine Morano"),
        ("Comment Nadine Morano justifie-t-elle la fermeture de la piscine ?", "Nadine Morano"),
        ("¿Qué dijo Nadine Morano sobre la piscina?", "Nadine Morano"),
        ("Que dit Claire Lazerges de la piscine ?", "Claire Lazerges"),  # not Claire Fontanet
        ("Que répond Claire Fontanet à Nadine Morano ?", None),
        ("Que coûte la piscine, selon Nadine Morano ?", None),  # others may tell what she wrote
        ("Quel est l'avis de Nadine Morano ?", None),
        ("Qui est Nadine Morano, citée par M. Delcourt ?", None),
        ("Quel livre de Nadine Morano Claire Fontanet cite-t-elle ?", None),
        ("Que reproche un Saint-Gallois à la Ville ?", None),
        ("Que demande la PMA à la Suisse ?", None),
    ],
)
def test_somebody_unknown_who_is_said_to_have_spoken(question: str, stranger: str | None) -> None:
    folded = Folded.of(question)
    found = people_in(folded, knowing(PEOPLE))
    names = [folded.typed(m.name.whole) for m in found if m.wanted is Wanted.YES and not m.members]
    assert names == ([stranger] if stranger else [])


class _Said:
    """An archive that speaks of these stems."""

    def __init__(self, *said: str) -> None:
        self._said = said

    def knows(self, stem: str) -> bool:
        return stem in self._said

    def near(self, stem: str) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(
    ("question", "strangers", "members"),
    [
        ("Qu'a dit Marine Le Pen ?", ["Marine Le Pen"], []),  # no misspelt Mariton or Mariani
        ("Que pense Marine Le Pen de la piscine ?", ["Marine Le Pen"], []),
        ("Was hat Marine Le Pen gesagt?", ["Marine Le Pen"], []),
        ("What did Ursula von der Leyen say?", ["Ursula von der Leyen"], []),
        ("Que dit Thierry de Villepin sur le vélo ?", ["Thierry de Villepin"], []),
        ("Qu'a dit Mme Le Pen ?", ["Mme Le Pen"], []),
        ("Qu'a dit Mme Le Guen ?", [], ["Anne Le Guen"]),
        ("Que dit Hervé Mariton de Lausanne ?", [], ["Hervé Mariton"]),
        ("Que dit Mariton de Lausanne ?", [], ["Hervé Mariton"]),
        ("Que dit Marition de Lausanne ?", [], ["Hervé Mariton"]),
        ("Que dit Madame La Présidente ?", [], []),
    ],
)
def test_a_surname_may_have_particles(
    question: str, strangers: list[str], members: list[str]
) -> None:
    people = ("Hervé Mariton", "Thierry Mariani", "Anne Le Guen")
    folded = Folded.of(question)
    known = replace(knowing(people), words=_Said(*stems("Lausanne piscine vélo")))
    found = [m for m in people_in(folded, known) if m.wanted is Wanted.YES]
    assert [folded.typed(m.name.whole) for m in found if not m.members] == strangers
    assert [member.name for m in found for member in m.members] == members


def test_a_long_roster_costs_a_question_nothing() -> None:
    def seconds(members: int) -> float:
        known = knowing(f"Prénom{n} Nom{n}" for n in range(members))
        question = Folded.of("Qu'a dit Madame Nom7 ?")
        assert people_in(question, known)[0].members[0].name == "Prénom7 Nom7"  # makes the index
        spent = []
        for _ in range(5):  # the least: a busy machine only adds
            began = time.process_time()
            for _ in range(50):
                people_in(question, known)
            spent.append(time.process_time() - began)
        return min(spent)

    assert seconds(2000) < 10 * seconds(20)


def test_the_title_tells_two_people_apart() -> None:
    known = Vocabulary(
        people=(Member("Anne Rochat", woman=True), Member("Paul Rochat", woman=False))
    )
    (mention,) = people_in(Folded.of("Qu'a dit Madame Rochat ?"), known)
    assert [member.name for member in mention.members] == ["Anne Rochat"]


def test_rosters_with_surnames_first_are_read() -> None:
    assert person_asked("Was hat Frau Keller-Sutter gesagt?", ["Keller-Sutter Karin"])
    assert person_asked("Qu'a dit Charles Juillard ?", ["Juillard Charles"]) == "Juillard Charles"


def test_a_speaker_on_no_roster_is_known() -> None:
    from search.query.vocabulary import vocabulary_of

    known = vocabulary_of((), speakers=("Marc Invité",))
    (mention,) = people_in(Folded.of("Qu'a dit M. Invité ?"), known)
    assert [member.name for member in mention.members] == ["Marc Invité"]


@pytest.mark.parametrize(
    "title", ["M.", "Mme", "monsieur", "Monsieur le président", "la conseillère"]
)
def test_a_title_without_a_name_is_no_person(title: str) -> None:
    mentions = people_in(Folded.of(f"Qu'a dit {title} sur le budget ?"), vocabulary())
    assert not [m for m in mentions if m.members]


def test_roles_and_groups_are_gathered_over_the_years() -> None:
    from datetime import date

    from ingest.transcript import Session
    from search.query.vocabulary import vocabulary_of

    sittings = [
        Session("old", "", date(2010, 1, 1), roster=(Person("Eva Roy", "conseillère", "PDC"),)),
        Session("new", "", date(2024, 1, 1), roster=(Person("Eva Roy", "maire", "Le Centre"),)),
    ]
    (eva,) = vocabulary_of(sittings).people
    assert (eva.roles, eva.groups, eva.woman) == (
        ("maire", "conseillère"),
        ("Le Centre", "PDC"),
        True,
    )
