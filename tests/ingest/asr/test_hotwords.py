"""What a recogniser is to expect, and what is left out when not all fits."""

from ingest.asr.hotwords import LIMIT, hints, items_in
from ingest.documents.glossary import Term
from ingest.transcript import AgendaItem, Person, Span
from tests.support.small_council import ROSTER

ITEMS = (
    AgendaItem("1", "Communications du bureau", None, 0),
    AgendaItem("2", "Proposition PR-12 : piste du quai du Soleil", "PR-12", 60_000),
    AgendaItem("3", "Motion M-7 de Madame Keller : les Vernets", "M-7", 120_000),
)
MANY = tuple(Person(f"Anne Nom{n}", "conseillère municipale") for n in range(200))


def test_people_of_the_title_then_of_a_rare_role_come_first() -> None:
    said = hints((*MANY, *ROSTER), (Term("SIG"),), ITEMS[2:]).split(", ")
    assert said[:5] == ["Keller", "Baudin", "Rochat", "Lambert", "Delcourt"]
    assert said.index("Maillard") < said.index("SIG") < said.index("M-7") < said.index("Vernets")
    assert said.index("Vernets") < said.index("Nom0")


def test_the_hotwords_fit_and_stand_once() -> None:
    said = hints((*MANY, *ROSTER), (Term("SIG"), Term("SIG")), (*ITEMS, *ITEMS))
    assert LIMIT - 10 < len(said) <= LIMIT
    words = said.split(", ")
    assert len(words) == len(set(words))
    assert hints((*MANY, *ROSTER), limit=14) == "Baudin, Rochat"
    assert hints(()) == ""


def test_only_what_may_be_discussed_in_a_window_is_given() -> None:
    assert items_in(Span(70_000, 90_000), ITEMS) == ITEMS[1:2]
    assert items_in(Span(30_000, 60_001), ITEMS) == ITEMS[:2]
    assert items_in(Span(120_000, 500_000), ITEMS) == ITEMS[2:]
    untimed = (AgendaItem("1", "Divers"),)
    assert items_in(Span(0, 1), untimed) == untimed
    assert items_in(Span(0, 1), ()) == ()
