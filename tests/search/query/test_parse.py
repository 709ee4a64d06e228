"""A question becomes a topic, a kind and filters: held to a table of questions that people ask."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.filters import Filters, Outcome
from search.query.parse import parse
from search.query.parsed import Chip, Query
from tests.support import paths
from tests.support.named_council import TODAY, vocabulary

GOLDEN = paths.GOLDEN / "questions_understood.tsv"
VOCABULARY = vocabulary()


def table() -> list[list[str]]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines()[1:]]
    return [(row + [""] * 4)[:4] for row in rows]


def asked(question: str) -> Query:
    return parse(question, VOCABULARY, TODAY)


def written(chips: tuple[Chip, ...]) -> str:
    return " ; ".join(("~" if chip.soft else "") + chip.key for chip in chips)


@pytest.mark.parametrize(("question", "topic", "intent", "chips"), table())
def test_a_question_is_parsed(question: str, topic: str, intent: str, chips: str) -> None:
    understood = asked(question)
    assert (understood.topic, understood.intent, written(understood.chips)) == (
        topic,
        intent,
        chips,
    )


def test_a_chip_that_the_reader_took_away_stays_away() -> None:
    question = "Qu'a dit Mme Fontanet sur la piscine en mai ?"
    without = parse(question, VOCABULARY, TODAY, removed=frozenset({"personne:Claire Fontanet"}))
    assert written(without.chips) == "periode:2025-05-01/2025-05-31"
    assert "Fontanet" in without.topic


def test_hard_chips_and_chosen_filters_restrict_together() -> None:
    chosen = Filters(groups=("PS",), since=date(2025, 1, 1))
    understood = parse(
        "Qu'a dit Mme Fontanet de la M-7 en mai ?", VOCABULARY, TODAY, filters=chosen
    )
    assert understood.filters == Filters(
        people=("Claire Fontanet",),
        groups=("PS",),
        since=date(2025, 5, 1),
        until=date(2025, 5, 31),
    )
    assert understood.preferred == Filters(objects=("M-7",))


@pytest.mark.parametrize(
    ("question", "outcome", "unanimous"),
    [
        ("Pourquoi le conseil a-t-il refusé la motion sept ?", Outcome.REFUSED, False),
        ("Pourquoi la motion M-7 a-t-elle été acceptée à l'unanimité ?", Outcome.ACCEPTED, True),
        ("Pourquoi la PR-12 a-t-elle été retirée ?", Outcome.WITHDRAWN, False),
        ("Pourquoi a-t-on renvoyé la PR-21 en commission ?", Outcome.COMMITTEE, False),
        ("Par combien de voix la pétition a-t-elle été classée ?", Outcome.FILED, False),
        ("La motion 7 a-t-elle été acceptée ou refusée ?", None, False),
        ("La motion 7 a-t-elle été refusée ?", None, False),
        ("Pourquoi les Verts ont-ils refusé le crédit ?", None, False),
        ("Pourquoi le canton a-t-il refusé de payer ?", None, False),
        ("Pourquoi la motion n'a-t-elle pas été acceptée ?", None, False),
        ("Combien coûte la crèche ?", None, False),
        ("Pourquoi M. Rochat a-t-il retiré son amendement ?", Outcome.WITHDRAWN, False),
        ("Qui a retiré la pétition 5 ?", Outcome.WITHDRAWN, False),
        ("M. Rochat a-t-il retiré son amendement ?", None, False),
        ("Why was the motion rejected?", Outcome.REFUSED, False),
        ("Was the motion accepted?", None, False),
        ("Warum wurde die Motion 7 angenommen?", Outcome.ACCEPTED, False),
        ("¿Por qué fue rechazada la moción?", Outcome.REFUSED, False),
        ("Perché è stata approvata la mozione?", Outcome.ACCEPTED, False),
        ("Por que foi aprovada a moção?", Outcome.ACCEPTED, False),
    ],
)
def test_what_a_question_takes_for_granted(
    question: str, outcome: Outcome | None, unanimous: bool
) -> None:
    understood = asked(question)
    assert (understood.presumed_outcome, understood.presumed_unanimous) == (outcome, unanimous)


def test_what_the_city_does_not_know_is_reported() -> None:
    assert asked("Que demande la motion M-41 ?").unknown_objects == ("M-41",)
    assert asked("Que demande l'initiative 22.323 ?").unknown_objects == ("22.323",)
    assert asked("Le crédit de la PR-12 est-il de 22.500 francs ?").unknown_objects == ()
    assert asked("Qu'a dit Madame Martin sur le budget ?").unknown_people == ("Madame Martin",)
    assert asked("Qu'a dit M. Rochat ?").homonyms == ("Julien Rochat", "Paul Rochat")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Combien coûte la piste cyclable ?", "fr"),
        ("piste cyclable", "fr"),
        ("PR-12", "fr"),
        ("Was hat Frau Keller über die Badi gesagt?", "de"),
        ("Wie viel kostet der Veloweg?", "de"),
        ("What did Ms Fontanet say about the lighting?", "en"),
        ("How much does the pool cost?", "en"),
        ("¿Qué dijo la señora Fontanet sobre la piscina?", "es"),
        ("¿Cuánto cuesta la piscina?", "es"),
        ("O que disse a senhora Keller sobre a piscina?", "pt"),
        ("Quanto custa a piscina?", "pt"),
        ("Cosa ha detto la signora Maillard della piscina?", "it"),
        ("ماذا قالت السيدة Fontanet عن الإنارة؟", "ar"),
    ],
)
def test_the_language_of_a_question(question: str, language: str) -> None:
    assert asked(question).language == language


ODD = [
    "",
    "?",
    "\0\0 qu'a dit \ud800 Mme \0 Fontanet",
    "\"'«»()[]{}",
    "🚲" * 100,
    "Qu'a dit Mme Fontanet " * 500,
    "e\u0301" * 900 + " Mme Fontanet",
    "le 99 mars 2025 et le 31.02.2025 ou 0000-00-00",
    "M-" * 500,
    "\u202eQu'a dit Mme Fontanet",
]
_WORDS = """qu'a dit Mme Fontanet les Verts M-7 PR-12 A/B sur la piscine en mai 2025 entre et du 11
mars depuis la dernière séance pourquoi combien contre Rochat d'Arve ? , - ' ( \ue000"""
WORDS = _WORDS.split()


@given(st.text() | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
@example(ODD[2])
def test_any_question_is_taken(question: str) -> None:
    understood = asked(question)
    assert understood.filters is not None and understood.preferred is not None
    for chip in understood.chips:
        assert chip.words in question and chip.label


@pytest.mark.parametrize("question", ODD)
def test_odd_questions_are_taken(question: str) -> None:
    assert asked(question).question == question


@pytest.mark.timeout(30)
def test_a_paste_is_read_quickly() -> None:
    understood = asked("La piscine et M. Delcourt en mai, " * 400)
    assert len(understood.topic) > 10_000
