"""Subjects: which phrases of an agenda's titles are what a council speaks of."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from search.engine.bm25 import posted
from search.engine.corpus import Block, Corpus, Segment, empty
from search.engine.facets import columns
from search.engine.topics import Topics, phrases
from search.index.store import IndexedSession
from search.language.stems import stems
from search.passage import About

POOL = "Proposition PR-18 : rénovation de la piscine de la Prairie"
LIGHT = "Motion M-14 : extinction nocturne de l'éclairage public"
NEWS = "Communications du bureau"
SAID = [  # the point, who speaks, what is said
    (POOL, "Maillard", "La piscine a cinquante ans, sa rénovation coûte trois millions."),
    (POOL, "Rochat", "La piscine sera fermée un an."),
    (POOL, "Keller", "Une piscine, puis la rénovation des écoles."),
    (LIGHT, "Keller", "L'extinction nocturne de l'éclairage public épargne de l'énergie."),
    (LIGHT, "Rochat", "L'éclairage public rassure, l'extinction nocturne inquiète."),
    (NEWS, "Baudin", "Les communications du bureau sont brèves."),
    (NEWS, "Baudin", "Le bureau n'a pas d'autres communications."),
]


def corpus(said: list[tuple[str, str, str]]) -> Corpus:
    start = empty()
    rows = [("s", About(item=item, people=(person,))) for item, person, _ in said]
    held = IndexedSession("s", date(2025, 4, 8), "Conseil", 1, len(said))
    numbers = start.vocabulary
    words = posted([np.array([numbers[one] for one in stems(text)], np.int32) for *_, text in said])
    block = Block(
        columns(start.columns.values, [held], range(len(said)), rows),
        Segment(words, np.zeros((len(said), 4), dtype=np.float16)),
    )
    return start.plus(block)


@pytest.mark.parametrize(
    ("title", "named"),
    [
        (POOL, ["rénovation", "piscine"]),  # neither the kind of object nor a place's own name
        (LIGHT, ["extinction nocturne", "éclairage public"]),
        ("Une fontaine, de l'ombre et des bancs", ["fontaine", "ombre", "bancs"]),
        ("Budget 2026", ["budget"]),
        ("Fermeture à vingt-trois heures", ["fermeture"]),
        ("Question de Mme Fontanet", ["question"]),
        ("", []),
    ],
)
def test_a_title_names_its_nouns(title: str, named: list[str]) -> None:
    assert [phrase.name for phrase in phrases(title)] == named


@pytest.mark.parametrize(
    ("title", "named"),
    [
        (POOL, ["piscine"]),  # what is done with it is no subject of its own
        (LIGHT, ["extinction nocturne", "éclairage public"]),
        (NEWS, []),  # one person alone says it
        ("Divers", []),
    ],
)
def test_a_subject_is_what_several_people_say_again_and_again(title: str, named: list[str]) -> None:
    assert [topic.name for topic in Topics(corpus(SAID)).of(title)] == named


def test_a_subject_is_said_by_its_words_one_after_the_other() -> None:
    _, light = phrases(LIGHT)
    assert light.is_in("De l'éclairage public, encore.")
    assert not light.is_in("Un éclairage jugé trop public.")
    assert not light.is_in("")


def test_passages_that_say_a_subject_are_found_in_every_segment() -> None:
    start = corpus(SAID)
    twice = replace(start, segments=start.segments * 2)
    assert twice.rows_holding(stems("éclairage public")).tolist() == [3, 4, 10, 11]
    assert twice.times(stems("piscine")[0], np.array([0, 1, 6, 9])).tolist() == [1, 1, 0, 1]
    assert start.rows_holding(["jamais"]).tolist() == []
