"""What can be chosen beside a question: what exists and leaves a choice, and no more than fits."""

from dataclasses import replace
from datetime import date, timedelta

from ingest.transcript import AgendaItem, Person, Session
from search.filters import EVERYTHING, Count, Facets, Filters
from search.query.vocabulary import Vocabulary, vocabulary_of
from tests.support.small_site import CANARY
from web.public.filter_panel import FEW, MOST, OFTEN, FieldView, panel_of


def council(members: int, sittings: int) -> Vocabulary:
    """Sessions a week apart, of members without a party."""
    roster = tuple(Person(f"Prénom{n:02} Nom", "") for n in range(members))
    return vocabulary_of(
        Session(
            f"s{n}",
            f"Séance {n}",
            date(2024, 1, 2) + timedelta(weeks=n),
            "Conseil municipal",
            agenda=(AgendaItem("1", "Divers", None), AgendaItem("2", f"Objet {n}", f"PR-{n}")),
            roster=roster,
        )
        for n in range(sittings)
    )


def counted(values: list[str]) -> tuple[Count, ...]:
    return tuple(Count(value, len(values) - n) for n, value in enumerate(values))


def field(
    name: str, facets: Facets, vocabulary: Vocabulary, chosen: Filters = EVERYTHING
) -> FieldView | None:
    panel = panel_of(facets, vocabulary, chosen)
    return next((view for view in panel.fields if view.name == name), None)


def test_a_whole_council_can_be_chosen_from() -> None:
    vocabulary = council(90, 2)
    names = [member.name for member in vocabulary.people][::-1]
    view = field("personne", Facets(90, people=counted(names)), vocabulary)
    assert view is not None
    assert [choice.value for choice in view.often] == names[:OFTEN]
    assert [choice.value for choice in view.others] == sorted(names[OFTEN:])


def test_a_short_list_is_one_list_the_most_frequent_first() -> None:
    vocabulary = council(FEW, 2)
    names = [member.name for member in vocabulary.people]
    view = field("personne", Facets(9, people=counted(names)), vocabulary)
    assert view is not None and len(view.often) == FEW and not view.others


def test_sessions_stand_newest_first_and_as_many_as_fit() -> None:
    vocabulary = council(1, 100)
    facets = Facets(9, sessions=counted([f"s{n}" for n in range(100)]))
    view = field("seance", facets, vocabulary)
    assert view is not None and not view.others and len(view.often) == MOST
    assert [choice.value for choice in view.often[:2]] == ["s99", "s98"]
    assert view.often[0].label == "Séance 99, 25 novembre 2025"


def test_what_is_no_choice_is_not_offered() -> None:
    vocabulary = council(1, 2)
    facets = Facets(9, people=counted(["Prénom00 Nom"]), bodies=counted(["Conseil municipal"]))
    panel = panel_of(facets, vocabulary, EVERYTHING)
    assert panel.fields == () and panel.first == "2024-01-02" and panel.last == "2024-01-09"
    assert panel and not panel_of(facets, council(1, 1), EVERYTHING)


def test_what_is_chosen_is_not_offered_again() -> None:
    vocabulary = council(2, 1)
    names = [member.name for member in vocabulary.people]
    chosen = Filters(people=(names[0],))
    view = field("personne", Facets(9, people=counted(names)), vocabulary, chosen)
    assert view is not None and [choice.value for choice in view.often] == names[1:]


def test_an_object_is_chosen_by_its_code_and_other_points_by_their_title() -> None:
    vocabulary = council(1, 3)
    facets = Facets(
        9, objects=counted(["PR-2", "PR-1"]), items=counted(["Objet 2", "Divers", "Objet 1"])
    )
    view = field("objet", facets, vocabulary)
    assert view is not None
    assert [choice.label for choice in view.often] == ["PR-2 : Objet 2", "PR-1 : Objet 1"]
    assert field("point", facets, vocabulary) is None  # « Divers » alone is no choice


def test_what_an_index_still_counts_is_not_shown_once_it_is_hidden() -> None:
    vocabulary = council(2, 2)
    stale = counted([CANARY, *(member.name for member in vocabulary.people)])
    everywhere = Facets(9, *(stale for _ in range(6)))
    panel = panel_of(
        replace(everywhere, sessions=counted([CANARY, "s0", "s1"])), vocabulary, EVERYTHING
    )
    assert [view.name for view in panel.fields] == ["personne", "seance"]
    assert CANARY not in repr(panel)


def test_a_long_title_is_cut_between_words() -> None:
    long = "Proposition du Conseil administratif en vue de l'ouverture d'un crédit de rénovation"
    vocabulary = replace(council(1, 1), items=(long, "Divers"))
    view = field("point", Facets(9, items=counted([long, "Divers"])), vocabulary)
    assert view is not None
    assert view.often[0].label.endswith(" d'un…") and view.often[0].value == long
