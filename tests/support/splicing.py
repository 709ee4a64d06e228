"""A row of turns after a change, made again in memory: what the archive should hold."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.archive.splices import Splice
from ingest.transcript import Turn


def applied(turns: Sequence[Turn], splices: Sequence[Splice], revision: int) -> tuple[Turn, ...]:
    """The turns after a change, numbered anew; those that it made bear `revision`."""
    made: list[Turn] = []
    at = 0
    for splice in splices:
        made += turns[at : splice.first]
        made += (replace(turn, revision=revision) for turn in splice.after)
        at = splice.stop
    made += turns[at:]
    return tuple(replace(turn, index=n) for n, turn in enumerate(made))
