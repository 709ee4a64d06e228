"""How much was spoken, in words, and as the length of a bar; by person, point or party. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from api.views.wording import length
from ingest.archive.speaking import Spoken, SpokenTurn, spoken

Key = TypeVar("Key")

_WORD_MS = 375  # 160 words a minute: to draw what was read beside what was heard


def amount(spoken: Spoken) -> str:
    """`12 min`, `840 mots` where there is no sound, or both."""
    words = f"{spoken.words:,} mot{'s' if spoken.words > 1 else ''}"
    parts = (
        length(spoken.time_ms) if spoken.time_ms or not spoken.words else "",
        words.replace(",", "\N{NARROW NO-BREAK SPACE}") if spoken.words else "",
    )
    return " et ".join(part for part in parts if part)


def weight(spoken: Spoken) -> int:
    """How much it is beside others: milliseconds, about."""
    return spoken.time_ms + spoken.words * _WORD_MS


def percents(spoken: Iterable[Spoken]) -> tuple[float, ...]:
    """The length of each one's bar: 100 for the longest."""
    weights = [weight(one) for one in spoken]
    most = max(weights, default=0) or 1
    return tuple(round(100 * one / most, 1) for one in weights)


def shares(keyed: Iterable[tuple[Key, SpokenTurn]]) -> list[tuple[Key, Spoken, float]]:
    """How much is spoken under each key, with the length of its bar; the most first."""
    turns: dict[Key, list[SpokenTurn]] = defaultdict(list)
    for key, turn in keyed:
        turns[key].append(turn)
    totals = [spoken(some) for some in turns.values()]
    rows = zip(turns, totals, percents(totals), strict=True)
    return sorted(rows, key=lambda row: -row[2])
