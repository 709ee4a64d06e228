"""What published sessions name."""

from datetime import date, timedelta

import pytest

from ingest.transcript import AgendaItem, Person, Session
from search.query.vocabulary import vocabulary_of
from tests.support.named_council import vocabulary


def test_it_names_what_the_sessions_do() -> None:
    known = vocabulary()
    assert known.bodies == ("Conseil municipal", "Commission des finances")
    assert known.sessions[0].id == "2025-05-13-cantines-nuit"
    assert known.by_family["centre"] == ("Le Centre",)
    assert known.by_code["pr1594"] == ("PR-1594 A", "PR-1594 B")
    assert known.person("Claire Fontanet") is not None


@pytest.mark.timeout(60)
def test_twenty_years_of_sessions_are_read_in_a_moment() -> None:
    people = [Person(f"Prénom{n} Nom{n}", "conseillère municipale", "PS") for n in range(400)]
    sittings = [
        Session(
            f"s{n}",
            "Séance ordinaire",
            date(2005, 1, 1) + timedelta(days=6 * n),
            agenda=tuple(
                AgendaItem(str(k), f"Motion M-{8 * n + k}", f"M-{8 * n + k}") for k in range(8)
            ),
            roster=tuple(people[n // 4 : n // 4 + 80]),
        )
        for n in range(1200)
    ]
    known = vocabulary_of(sittings)
    assert known.by_name and known.by_code and known.by_family
