"""Names as they sound, and what a role says of who is called."""

from collections.abc import Sequence

import pytest

from ingest.phonetics import THRESHOLD, THRESHOLD_UNCAPPED, NameMatch, find_people, is_woman
from ingest.transcript import Person
from tests.support.small_council import ROSTER

MARGIN = 8.0  # how much better than the next person the named one must fit


def find_person(words: Sequence[str], people: Sequence[Person]) -> NameMatch | None:
    """The one person whose name begins at the first of these words, as heard, or None."""
    fits = find_people(words, people)
    capital = bool(words) and words[0][:1].isupper()
    if not fits or fits[0].score < (THRESHOLD if capital else THRESHOLD_UNCAPPED):
        return None
    if len(fits) > 1 and fits[0].score - fits[1].score < MARGIN:
        return None
    return fits[0]


@pytest.mark.parametrize(
    ("heard", "person"),
    [
        ("Fontanet", "Claire Fontanet"),
        ("Nadia Kelly", "Nadia Keller"),
        ("Rocha a bien lu", "Julien Rochat"),
        ("quelle affaire", None),
        ("", None),
    ],
)
def test_a_person_is_found_where_the_name_begins(heard: str, person: str | None) -> None:
    match = find_person(heard.split(), ROSTER)
    assert (match.person.name if match else None) == person


def test_a_masculine_role_says_nothing_where_all_roles_are_masculine() -> None:
    generic = (Person("Claire Fontanet", "conseiller municipal"),)
    assert is_woman(generic[0], generic) is None
    assert is_woman(ROSTER[1], ROSTER) is True
    assert is_woman(ROSTER[3], ROSTER) is False
    assert is_woman(Person("A B", "conseiller·ère"), ROSTER) is None


def test_a_long_list_changes_nothing_for_who_is_alone() -> None:
    others = tuple(Person(f"Urs Zbinden {'X' * n}") for n in range(1, 200))
    match = find_person(["Fontané", "nous"], (*others, *ROSTER))
    assert match is not None
    assert (match.person.name, match.words) == ("Claire Fontanet", 1)
    assert find_person(["Fontané"], ()) is None
