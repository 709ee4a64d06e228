"""Who speaks when, as bars and as a table."""

import re

from api.views.wording import Who
from ingest.transcript import Span
from web.public.session import LaneTurn, lanes


def spoken(name: str, start_ms: int, end_ms: int) -> LaneTurn:
    return LaneTurn(Who(name, "", "", known=True), Span(start_ms, end_ms), f"tour-{start_ms}")


def bars(path: str) -> list[tuple[int, int]]:
    return [(int(at), int(wide)) for at, wide in re.findall(r"M(\d+) 0h(\d+)", path)]


def test_each_voice_has_a_lane_who_speaks_longest_first() -> None:
    turns = [spoken("A", 0, 10_000), spoken("B", 10_000, 50_000), spoken("A", 90_000, 90_010)]
    b, a = lanes(turns, 100_000)
    assert (b.who, b.share, b.turns, b.first) == (turns[1].who, 80, 1, "tour-10000")
    assert bars(b.path) == [(100, 400)]
    assert bars(a.path) == [(0, 100), (900, 2)]  # a word is seen as well
    assert (a.turns, a.duration, a.first) == (2, "10 s", "tour-0")


def test_many_voices_share_the_last_lane_and_a_long_session_has_few_bars() -> None:
    turns = [spoken(f"P{n % 80}", n * 2_000, n * 2_000 + 1_900) for n in range(9_000)]
    *own, others = lanes(turns, 18_000_000)
    assert len(own) == 8 and others.who is None and others.voices == 72
    assert others.turns + sum(lane.turns for lane in own) == 9_000
    assert sum(len(lane.path) for lane in (*own, others)) < 20_000
    assert bars(others.path) == sorted(bars(others.path))


def test_nobody_has_no_lane() -> None:
    assert lanes([], 1_000) == ()
