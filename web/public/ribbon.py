"""Who speaks when in a session: a lane of bars for each voice, drawn here, that is a table's row.

Pure. Those who speak longest have a lane each, the others one together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.views.wording import Who, length
from ingest.transcript import Span

WIDTH = 1000  # units of a lane, which is as wide as the page lets it be
_THINNEST = 2  # units: a bar that can be seen on a phone
_MOST = 9  # lanes, so that the table fits a screen


@dataclass(frozen=True)
class Spoken:
    """A turn as a lane needs it; `id` is the element that holds its words."""

    who: Who
    span: Span
    id: str


@dataclass(frozen=True)
class Lane:
    """Bars as an SVG path, and the same told. Without `who`: the `voices` that share a lane."""

    who: Who | None
    voices: int
    path: str
    duration: str
    share: int
    turns: int
    first: str


def lanes(spoken: Sequence[Spoken], duration_ms: int) -> tuple[Lane, ...]:
    """A lane for each voice, who speaks longest first. `share` is in percent of all speech."""
    by_voice: dict[Who, list[Spoken]] = {}
    for turn in spoken:
        by_voice.setdefault(turn.who, []).append(turn)
    ordered = sorted(by_voice.items(), key=lambda voice: -_length_ms(voice[1]))
    total = _length_ms(spoken)
    own = ordered if len(ordered) <= _MOST else ordered[: _MOST - 1]
    made = [_lane(who, 1, turns, duration_ms, total) for who, turns in own]
    if rest := ordered[len(own) :]:
        turns = sorted((t for _, said in rest for t in said), key=lambda t: t.span)
        made.append(_lane(None, len(rest), turns, duration_ms, total))
    return tuple(made)


def _lane(
    who: Who | None, voices: int, turns: Sequence[Spoken], duration_ms: int, total_ms: int
) -> Lane:
    spoken_ms = _length_ms(turns)
    return Lane(
        who=who,
        voices=voices,
        path=_path(turns, duration_ms),
        duration=length(spoken_ms),
        share=round(100 * spoken_ms / max(total_ms, 1)),
        turns=len(turns),
        first=turns[0].id,
    )


def _length_ms(turns: Iterable[Spoken]) -> int:
    return sum(turn.span.end_ms - turn.span.start_ms for turn in turns)


def _path(turns: Sequence[Spoken], duration_ms: int) -> str:
    """Bars in units of a lane; those that touch are one, so that a long session stays light."""
    bars: list[tuple[int, int]] = []
    for turn in turns:
        start, end = (
            round(WIDTH * at / duration_ms) for at in (turn.span.start_ms, turn.span.end_ms)
        )
        end = max(end, start + _THINNEST)
        if bars and start <= bars[-1][1] + 1:
            bars[-1] = (bars[-1][0], max(end, bars[-1][1]))
        else:
            bars.append((start, end))
    return "".join(f"M{start} 0h{end - start}v1H{start}z" for start, end in bars)
