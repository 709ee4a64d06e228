"""A point of the agenda begins where the chair announces it, be it in the middle of her turn."""

from collections.abc import Sequence
from datetime import date

import pytest

from api.views.excerpt import read_moment
from ingest.transcript import AgendaItem, Generator, Recording, Session, Speaker, Transcript, Turn
from tests.support.small_site import said
from web.public.session import ReadTurn, Section, sections

CHAIR = "Bonsoir. La séance est ouverte. Nous passons à la piste. Madame Fontanet."
ITEMS = (AgendaItem("1", "Communications", None, 0), AgendaItem("2", "Piste", "PR-12", 2100))


def read(
    *items: AgendaItem, t: str | None = None, texts: Sequence[str] = ()
) -> tuple[Section, ...]:
    """Words of 400 ms, a turn every 5 s: the chair takes up the track at 2000 ms, word 5."""
    spoken = texts or (CHAIR, "Le crédit est de deux millions.")
    turns = tuple(Turn(n, f"S{n + 1}", said(text, 5000 * n)) for n, text in enumerate(spoken))
    session = Session("s", "S", date(2025, 3, 11), parts=(Recording("h", 0, 20_000),), agenda=items)
    speakers = (Speaker("S1", "Anne Roy"), Speaker("S2"))
    return sections(
        session, Transcript("s", speakers, turns, (), Generator("", "", "", {})), read_moment(t)
    )


def told(section: Section) -> list[str]:
    return [e.before + e.quoted + e.after for e in section.entries if isinstance(e, ReadTurn)]


def test_an_announcement_stands_under_the_point_that_it_opens() -> None:
    first, second = read(*ITEMS)
    assert told(first) == ["Bonsoir. La séance est ouverte."]
    assert told(second) == [
        "Nous passons à la piste. Madame Fontanet.",
        "Le crédit est de deux millions.",
    ]
    part = second.entries[0]
    assert isinstance(part, ReadTurn)
    assert (part.id, part.index, part.first_word, part.start_ms) == ("tour-0-5", 0, 5, 2000)
    opening = first.entries[0]
    assert isinstance(opening, ReadTurn) and part.who == opening.who


@pytest.mark.parametrize("at_ms", [1600, 2000, 2700])
def test_a_time_given_by_hand_finds_the_nearest_sentence(at_ms: int) -> None:
    _, second = read(ITEMS[0], AgendaItem("2", "Piste", None, at_ms))
    assert told(second)[0].startswith("Nous passons à la piste.")


def test_every_point_that_has_a_time_has_its_heading() -> None:
    late, unplaced = AgendaItem("9", "Divers", None, 60_000), AgendaItem("8", "Budget")
    again = AgendaItem("3", "Piste, suite", None, 2200)
    found = read(*ITEMS, again, unplaced, late)
    assert [s.item.number for s in found if s.item] == ["1", "2", "3", "9"]
    assert [len(s.entries) for s in found] == [1, 0, 1, 1]
    assert " ".join(text for s in found for text in told(s)) == (
        f"{CHAIR} Le crédit est de deux millions."
    )


def test_a_quotation_that_a_heading_parts_is_marked_on_both_sides() -> None:
    entries = [e for s in read(*ITEMS, t="1200-2780") for e in s.entries]
    marked = [(e.quoted, e.anchor) for e in entries if isinstance(e, ReadTurn) and e.cited]
    assert marked == [("est ouverte.", True), ("Nous passons", False)]


def test_a_session_without_an_agenda_is_one_section() -> None:
    [only] = read()
    assert only.item is None
    assert told(only)[0] == CHAIR
    assert read(*ITEMS, texts=("",)) == ()
