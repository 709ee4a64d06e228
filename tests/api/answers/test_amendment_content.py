"""What an amendment says is asked for by its number; who defends it seldom says that number."""

import json
from pathlib import Path

import pytest

from api.answers import amendment_content as of
from api.answers.answer import State
from api.product import Product
from ingest.settings import Settings
from ingest.text_import.importer import TextRequest, import_texts
from search.query.parsed import Intent, Query


def asking(question: str, *mentioned: str, topic: str = "", intent: Intent = Intent.OPEN) -> Query:
    return Query(question, topic or question, mentioned=mentioned, intent=intent)


@pytest.mark.parametrize(
    "line",
    [
        "(Les amendements identiques nos 212, 256 et 289 ne sont pas adoptés.)",
        "Les amendements nos 488, 512 et 548 ne sont pas défendus.",
        "Je vais maintenant mettre aux voix les amendements identiques nos 212 et 256.",
        "La parole est à M. Kert, pour soutenir l'amendement n° 4352.",
        "Je suis saisi de deux amendements identiques, nos 12 et 15.",
    ],
)
def test_the_chair_calls_amendments(line: str) -> None:
    assert of.is_call(line)


def test_who_defends_an_amendment_does_not_call_it() -> None:
    assert not of.is_call("Cet amendement vise à protéger les arbres de la rue.")
    assert not of.is_call("Nous avons déposé cet amendement ; votez-le.")
    assert not of.is_call("Je mets aux voix la motion.")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (asking("De quoi parle l'amendement n° 8 ?"), ("8",)),
        (asking("¿Qué propone la enmienda 646?"), ("646",)),
        (asking("Wovon handelt der Änderungsantrag 3091?"), ("3091",)),
        (asking("5298 de Fritch dit quoi", "Édouard Fritch"), ("5298",)),
        (asking("5298 arbres"), ()),
        (asking("Fritch en 2013", "Édouard Fritch"), ()),
        (asking("L'amendement n° 8 a-t-il été adopté ?"), ()),
        (asking("sort de l'amendement 8"), ()),
        (asking("L'amendement n° 8 ?", intent=Intent.VOTE), ()),
    ],
)
def test_an_amendment_whose_content_is_asked_for(query: Query, numbers: tuple[str, ...]) -> None:
    assert of.asked_for(query) == numbers


@pytest.mark.parametrize(
    ("query", "alone"),
    [
        (asking("Que prévoit l'amendement n° 8 de Luc Roy ?", "Luc Roy"), True),
        (asking("De quoi parle l'amendement n° 8 ?", topic="l'amendement n° 8"), True),
        (asking("la enmienda 646 de Luc Roy", "Luc Roy"), True),
        (asking("Quel âge minimum pour l'alliance civile dans l'amendement 8 ?"), False),
        (asking("l'amendement 8 ouvre la PMA aux couples"), False),
        (asking("Que prévoit la motion 8 ?"), False),
    ],
)
def test_an_amendment_may_be_all_that_is_asked_for(query: Query, alone: bool) -> None:
    assert of.is_alone(query) is alone


def test_what_became_of_an_amendment_is_told_by_a_line_that_names_it() -> None:
    line = "Les amendements 488, 512 et 548 ne sont pas défendus."
    assert of.tells_fate(line, asking("sort de l'amendement 488"))
    assert not of.tells_fate(line, asking("sort de l'amendement 489"))
    assert not of.tells_fate(line, asking("De quoi parle l'amendement 488 ?"))


@pytest.mark.models
def test_the_speech_that_defends_an_amendment_tells_what_it_says(tmp_path: Path) -> None:
    product, chair = Product(Settings(data=tmp_path)), {"speaker": "Ada Roux", "role": "présidente"}
    speech = (
        "Nous voulons protéger les arbres de la rue, et que la ville en plante cent de plus ici."
    )
    debate = (
        chair | {"text": "Les amendements nos 1918 et 1920 ne sont pas défendus."},
        chair | {"text": "La parole est à M. Roy, pour soutenir l'amendement n° 1919."},
        {"speaker": "Luc Roy", "text": speech},
        chair | {"text": "Quel est l'avis de la commission sur cet amendement ?"},
    )
    lines = [json.dumps({"session": "s", "date": "2025-03-11"} | said) for said in debate]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), "utf-8")
    for imported in import_texts(TextRequest((tmp_path / "s.jsonl",), titled=str), product.archive):
        product.publish(imported.session.id)

    def answer(question: str) -> tuple[State, str]:
        told = product.ask(product.parse(question)).answer
        return told.state, told.citations[0].quote

    assert answer("De quoi parle l'amendement n° 1919 ?") == (State.ANSWER, speech)
    assert answer("amendement 1918 issue") == (
        State.ANSWER,
        "Les amendements nos 1918 et 1920 ne sont pas défendus.",
    )
