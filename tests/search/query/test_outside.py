"""What lies outside the record is told apart from what sessions may have spoken of."""

from datetime import date

import pytest

from search.query.parse import parse
from search.query.parsed import Intent, Outside
from tests.support.named_council import vocabulary

TODAY = date(2026, 11, 30)  # the newest session is of May 2025, the oldest one of October 2023


def outside(question: str) -> tuple[Outside, ...]:
    return parse(question, vocabulary(), TODAY).outside


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("combien de naissances en 2019 ?", Outside(time="en 2019")),
        ("meteo demain", Outside(time="demain", later=True)),
        ("Qui sera élu l'année prochaine ?", Outside(time="l'année prochaine", later=True)),
        ("Qu'a-t-on voté au Grand Conseil ?", Outside(body="Grand Conseil")),
        ("Que dit-on au Conseil national du climat ?", Outside(body="Conseil national")),
        ("Qui est le maire en 2032 ?", Outside(time="en 2032", later=True)),
    ],
)
def test_a_time_or_a_body_without_sessions_is_told(question: str, named: Outside) -> None:
    assert outside(question) == (named,)


@pytest.mark.parametrize(
    "question",
    [
        "Qu'a-t-on dit en mai 2025 ?",
        "Que dit-on au conseil municipal du stade ?",
        "A-t-on transmis la pétition au Grand Conseil ?",
        "Combien de logements depuis 2023 ?",
        "Pourquoi le Conseil d'État refuse-t-il ?",
        "Combien coûte la piscine ?",
    ],
)
def test_what_sessions_may_tell_is_inside(question: str) -> None:
    assert outside(question) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Quelles sont les décisions de la séance du 8 avril ?",
        "liste des votes",
        "Quelles motions ont été refusées ?",
        "Les décisions prises en mai",
        "quel est le résultat du scrutin",
    ],
)
def test_a_list_of_decisions_is_asked_for_as_votes(question: str) -> None:
    assert parse(question, vocabulary(), TODAY).intent is Intent.VOTE
