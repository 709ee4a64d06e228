"""When items are taken up: proposed where it was clearly said, left open elsewhere."""

import pytest

from ingest.documents.agenda import agenda_times
from ingest.transcript import AgendaItem, Turn, Word

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
