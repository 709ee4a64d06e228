"""When items are taken up: proposed where it was clearly said, left open elsewhere."""

from dataclasses import replace
from datetime import date

import pytest

from ingest.documents.agenda import agenda_times, bounded, points_named
from ingest.transcript import AgendaItem, Session, Turn, Word

AGENDA = (
    AgendaItem("1", "Communications du bureau"),
    AgendaItem("2", "Proposition PR-12 : piste cyclable du quai des Tanneurs", "PR-12"),
    AgendaItem("3", "Pétition P-3 : une fontaine et de l'ombre sur la place du Marché", "P-3"),
    AgendaItem("4", "Motion M-414 : extinction nocturne de l'éclairage public", "M-414"),
    AgendaItem("5", "Divers"),
)


def said(*texts: str) -> tuple[Turn, ...]:
    """One turn a text, the n-th beginning at n * 100 s; words last a second."""
    return tuple(
        Turn(
            n,
            "S1",
            tuple(
                Word(n * 100_000 + at * 1_000, n * 100_000 + at * 1_000 + 900, word, 0.9)
                for at, word in enumerate(text.split())
            ),
        )
        for n, text in enumerate(texts)
    )


def starts(*texts: str, agenda: tuple[AgendaItem, ...] = AGENDA) -> dict[str, int]:
    items = agenda_times(said(*texts), agenda)
    assert [item.number for item in items] == [item.number for item in agenda]
    return {item.number: item.start_ms for item in items if item.start_ms is not None}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Nous passons au point trois.", "3"),
        ("Nous passons au point 3 de l'ordre du jour.", "3"),
        ("Nous passons au point numéro quatre.", "4"),
        ("Nous passons au point deux.", "2"),
        ("Nous passons au point un de l'ordre du jour.", "1"),
        ("Nous prenons la proposition PR douze.", "2"),
        ("On passe à la PR -12, rapport de commission.", "2"),
        ("Nous traitons maintenant la pétition trois.", "3"),
        ("Nous traitons maintenant la pétition P-3.", "3"),
        ("Nous abordons la motion quatre cent quatorze.", "4"),
        ("Nous abordons l 'amotion 414.", "4"),
        ("Le point suivant, c'est la piste cyclable du quai des tanneurs.", "2"),
        ("Nous passons au point suivant. La motion M-414 demande une extinction.", "4"),
    ],
)
def test_an_item_starts_where_it_is_announced(text: str, number: str) -> None:
    assert starts("Bonsoir à tous.", text) == {number: 100_000}


@pytest.mark.parametrize(
    "text",
    [
        "La pétition trois est très importante pour la place du Marché.",
        "Nous passons au vote, la motion quatre cent quatorze est refusée.",
        "Nous passons au point trente.",
        "Nous prenons la motion quatre cent quinze.",
        "Nous prenons la proposition PR cent douze.",
        "Nous passons à la place.",
        "Nous reprenons à vingt heures trente.",
    ],
)
def test_what_announces_nothing_leaves_the_item_open(text: str) -> None:
    assert starts("Bonsoir à tous.", text) == {}


def test_the_time_is_that_of_the_sentence_not_of_the_turn() -> None:
    assert starts("Merci, Madame Keller. Nous prenons la pétition trois.") == {"3": 3_000}


def test_times_never_run_against_the_order_of_the_agenda() -> None:
    swapped = starts(
        "Nous prenons la pétition trois.",
        "Nous prenons la proposition PR douze.",
        "Nous prenons la motion quatre cent quatorze.",
    )
    assert list(swapped.values()) == sorted(swapped.values())
    assert swapped["4"] == 200_000
    assert len(swapped) == 2


def test_one_stray_announcement_does_not_block_those_that_follow() -> None:
    told = (
        "Nous prenons la pétition trois.",
        "Nous prenons la motion quatre cent quatorze.",
        "Nous reprenons la proposition PR douze.",
    )
    assert starts(*told) == {"3": 0, "4": 100_000}


def test_times_that_are_given_stay_and_bound_the_others() -> None:
    given = (AGENDA[0], AGENDA[1], AgendaItem("3", "Pétition", "P-3", 150_000), *AGENDA[3:])
    told = (
        "Nous prenons la motion quatre cent quatorze.",
        "Nous prenons la proposition PR douze.",
        "Nous prenons la motion quatre cent quatorze.",
    )
    assert starts(*told, agenda=given) == {"2": 100_000, "3": 150_000, "4": 200_000}


def test_nothing_said_changes_nothing() -> None:
    assert agenda_times((), AGENDA) == AGENDA
    assert agenda_times(said("Bonsoir."), ()) == ()


# --- what may be of a point without a time ------------------------------------------------------

PLACED = (
    replace(AGENDA[0], start_ms=0),
    AGENDA[1],  # nobody says where it begins
    replace(AGENDA[2], start_ms=500_000),
    AgendaItem("4", "Divers"),
)


def debate(*said_by: tuple[str | None, str]) -> tuple[Turn, ...]:
    turns = said(*(text for _, text in said_by))
    return tuple(replace(turn, speaker=who) for turn, (who, _) in zip(turns, said_by, strict=True))


OPENED = ("S1", "Nous passons aux communications. La parole est à Madame Fontanet.")
SPOKEN = ("S2", "Merci. Nous avons reçu une lettre.")
LATER = (("S3", "Je demande la parole."), ("S4", "Moi aussi."))
THIRD = ("S1", "Nous passons à la pétition trois.")


def points(turns: tuple[Turn, ...], *untaken: int) -> list[str | None]:
    """The number of the point at which each turn begins, None where it is not certain."""
    agenda = bounded(turns, PLACED, untaken)
    session = Session("s", "Séance", date(2025, 3, 11), agenda=agenda)
    items = (session.agenda_item_at(turn.start_ms) for turn in turns)
    return [item.number if item else None for item in items]


@pytest.mark.parametrize(
    "again",
    [
        ("S1", "Parlons à présent des vélos."),  # as no rule knows it
        ("S1", "Nous passons à la suite."),
        ("S2", "Et la piste cyclable du quai des Tanneurs ?"),
        (None, "La piste, maintenant."),
    ],
)
def test_what_may_be_of_a_point_without_a_time_has_no_point(again: tuple[str | None, str]) -> None:
    turns = debate(OPENED, SPOKEN, again, *LATER, THIRD)
    assert points(turns) == ["1", "1", None, None, None, "3"]


def test_points_are_certain_where_all_have_a_time_or_were_not_taken_up() -> None:
    turns = debate(OPENED, SPOKEN, ("S1", "Parlons à présent des vélos."), *LATER, THIRD)
    assert points(turns, 1, 3) == ["1", "1", "1", "1", "1", "3"]


def test_a_point_that_is_passed_over_within_the_opening_is_seen() -> None:
    both = ("S1", "Nous passons aux communications. Il n'y en a pas. On passe à la suite.")
    assert points(debate(both, SPOKEN, *LATER)) == ["1", None, None, None]


def test_a_point_that_begins_before_its_first_word_is_its_own() -> None:
    turns = debate(OPENED, SPOKEN)
    early = tuple(
        replace(turn, words=tuple(_later(word, 2_000) for word in turn.words)) for turn in turns
    )
    assert points(early) == ["1", "1"]


def _later(word: Word, by_ms: int) -> Word:
    return replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Le point quatre sera traité à huis clos.", "4"),
        ("Les points 2 et 4 seront traités à huis clos.", "2 4"),
        ("Les points deux, trois et cinq seront traités à huis clos.", "2 3 5"),
        ("Du point 2 au point 4, nous siégerons à huis clos.", "2 3 4"),
        ("Nous siégerons à huis clos à partir du point 4.", "4 4.1 5"),
        ("Nous siégerons à huis clos après le point 4.", "4.1 5"),
        ("Le point 4.1 sera traité à huis clos.", "4.1"),
        ("La pétition trois sera traitée à huis clos.", "3"),
        ("La piste cyclable du quai des Tanneurs sera traitée à huis clos.", "2"),
        ("Cet objet sera traité à huis clos.", "1"),
        ("Le point suivant sera traité à huis clos.", "2"),
        ("Le dernier point sera traité à huis clos.", "5"),
        ("Le point 9 sera traité à huis clos.", ""),
        ("Nous siégerons à huis clos dès vingt heures.", ""),
    ],
)
def test_the_points_that_a_sentence_speaks_of(text: str, numbers: str) -> None:
    agenda = (replace(AGENDA[0], start_ms=0), *AGENDA[1:4], AgendaItem("4.1", "Halles"), AGENDA[4])
    session = Session("s", "Séance", date(2025, 1, 1), agenda=agenda)
    places = points_named(text, session, 1_000)
    assert [agenda[at].number for at in places] == numbers.split()
