"""Who speaks how long, added up over sessions, is what the turns themselves tell."""

import pytest

from ingest.archive.published import Published
from ingest.archive.speaking import SILENT, parts_of, spoken, spoken_by, turns_of
from ingest.transcript import Evidence
from tests.support.recorded_council import FIRST, VOTED, recorded_deps
from tests.support.small_site import PUBLISHED


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return recorded_deps(tmp_path_factory.mktemp("speaking")).published


def test_turns_are_those_that_readers_get_newest_session_first(published: Published) -> None:
    found = turns_of(published, sessions=(FIRST, VOTED))
    assert [turn.session.id for turn in found] == [VOTED] * 4 + [FIRST] * 3
    for turn in found:
        (said,) = published.turns(turn.session.id, turn.turn, turn.turn)
        assert (turn.start_ms, turn.end_ms) == (said.start_ms, said.end_ms)
        assert turn.session.is_recorded


def test_each_way_of_adding_up_gives_the_same(published: Published) -> None:
    for person in ("Hélène Baudin", "Julien Rochat", "Claire Fontanet"):
        total = SILENT
        for part in parts_of(published, (person,)):
            total += part.spoken
        assert total == spoken(turns_of(published, (person,))) == spoken_by(published)[person]
        assert total.time_ms > 0


def test_who_is_heard_only_where_something_is_withheld_does_not_speak(
    published: Published,
) -> None:
    assert "Zoé Clerc" not in spoken_by(published)
    assert not parts_of(published, ("Zoé Clerc",))
    assert not turns_of(published, ("Zoé Clerc",))


def test_a_part_says_how_the_name_is_known(published: Published) -> None:
    (part, *_) = parts_of(published, ("Julien Rochat",))
    assert (part.session.id, part.evidence) == (VOTED, Evidence.CHAIR)
    (part,) = parts_of(published, ("Claire Fontanet",))
    assert part.session.id == PUBLISHED
