"""Parts on a session's time line, and on the clock of the room."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from ingest.documents.captions import Cue
from ingest.documents.request import Request, place_cues, place_parts
from ingest.errors import BadInput
from ingest.transcript import Recording, pause_ms

HOUR = 3_600_000


def _request(*starts: str, files: int = 2, **more: object) -> Request:
    names = tuple(Path(f"{n}.mp4") for n in range(files))
    at = tuple(time.fromisoformat(text) for text in starts)
    return Request(names, "Séance", date(2025, 3, 11), starts_at=at, **more)  # type: ignore[arg-type]


def test_parts_follow_each_other_and_their_pause_is_known() -> None:
    first, second = place_parts(_request("17:30", "20:30"), ["a", "b"], [2 * HOUR, HOUR])
    assert (second.offset_ms, second.starts_at) == (2 * HOUR, time(20, 30))
    assert pause_ms(first, second) == HOUR


def test_a_session_may_go_past_midnight() -> None:
    first, second = place_parts(_request("22:30", "00:45"), ["a", "b"], [2 * HOUR, HOUR])
    assert pause_ms(first, second) == 15 * 60_000


def test_a_clock_read_to_the_minute_makes_no_part_begin_too_early() -> None:
    first, second = place_parts(_request("17:30", "18:30"), ["a", "b"], [HOUR + 40_000, HOUR])
    assert pause_ms(first, second) == 0


def test_without_a_clock_nothing_is_said_of_the_pause() -> None:
    first, second = place_parts(_request("17:30"), ["a", "b"], [HOUR, HOUR])
    assert (first.starts_at, second.starts_at) == (time(17, 30), None)
    assert pause_ms(first, second) is None


def test_parts_in_the_wrong_order_are_reported() -> None:
    with pytest.raises(BadInput, match=r"La partie 2 commencerait à 17:30:00.*--start-at"):
        place_parts(_request("20:30", "17:30"), ["a", "b"], [HOUR, 2 * HOUR])


def test_more_hours_than_parts_are_refused() -> None:
    with pytest.raises(BadInput, match="3 heures"):
        _request("17:30", "18:30", "19:30")
    with pytest.raises(BadInput, match="2 heures"):
        _request("17:30", "17:30", participants=("A", "B"))


def test_tracks_all_begin_with_the_session() -> None:
    request = _request("17:30", participants=("A", "B"))
    parts = place_parts(request, ["a", "b"], [HOUR, 2 * HOUR])
    assert parts == (Recording("a", 0, HOUR, time(17, 30)), Recording("b", 0, 2 * HOUR))


def test_captions_lie_on_their_parts_and_not_beyond() -> None:
    cues = (Cue(0, 4_000, "A"), Cue(9_000, 12_000, "B"), Cue(11_000, 12_000, "C"))
    request = replace(_request(), captions=((), cues))
    parts = place_parts(request, ["a", "b"], [5_000, 10_000])
    assert place_cues(request, parts) == (Cue(5_000, 9_000, "A"), Cue(14_000, 15_000, "B"))


def test_captions_of_another_recording_are_reported() -> None:
    request = replace(_request(), captions=((Cue(600_000, 4_600_000, "A"),), ()))
    with pytest.raises(BadInput, match=r"partie 1 vont jusqu'à 1:16:40, l'enregistrement jusqu'à"):
        place_cues(request, place_parts(request, ["a", "b"], [60_000, 60_000]))
