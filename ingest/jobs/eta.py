"""How far an ingest is, and how long it will still take, by the pace that this machine has shown.

A pace is seconds of work for a second of sound, stage by stage: as this very job shows it, else as
the last jobs did, else as two ordinary cores have. Nothing is promised before the length is known.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingest.jobs.queue import Job

USUAL = {"decode": 0.012, "speech": 0.008, "words": 0.11, "voices": 0.05}
"""Seconds of work for a second of sound on two cores, packaged models; also the order of stages."""
_START = 0.01  # of the whole: files are read and models loaded before the first stage
_ENOUGH = 0.1  # of a stage: what a pace is measured on at least
_TOTAL = sum(USUAL.values())


def whole(stage: str, fraction: float) -> float:
    """The fraction of the whole at which a fraction of a stage stands; 0..1."""
    if stage not in USUAL:
        return 0.0
    before = sum(USUAL[earlier] for earlier in _before(stage))
    share = (before + USUAL[stage] * min(1.0, max(0.0, fraction))) / _TOTAL
    return _START + (0.99 - _START) * share


def of_stage(stage: str, overall: float) -> float:
    """The inverse of `whole`: how much of its stage is done."""
    share = (overall - _START) / (0.99 - _START) * _TOTAL
    before = sum(USUAL[earlier] for earlier in _before(stage))
    return min(1.0, max(0.0, (share - before) / USUAL[stage]))


@dataclass
class Stopwatch:
    """Measures the pace of each stage while a job runs, also of one that resumes halfway."""

    began: dict[str, tuple[float, float]] = field(default_factory=dict)
    paces: dict[str, float] = field(default_factory=dict)

    def at(self, stage: str, fraction: float, duration_ms: int) -> None:
        """A stage is at a fraction now."""
        now = time.monotonic()
        first, since = self.began.setdefault(stage, (fraction, now))
        if fraction - first >= _ENOUGH and duration_ms:
            self.paces[stage] = (now - since) / ((fraction - first) * duration_ms / 1000)


def seconds_left(job: Job, last: Iterable[Mapping[str, float]]) -> float | None:
    """How long a job will still take; None while its length is unknown.

    `last` holds the paces of the last jobs, the newest first.
    """
    duration_ms = job.found.get("duration_ms")
    if not isinstance(duration_ms, int) or job.stage not in USUAL:
        return None
    shown = [job.found.get("pace", {}), *last]
    done = (*_before(job.stage), job.stage)
    later = [stage for stage in USUAL if stage not in done]
    here = (1 - of_stage(job.stage, job.fraction)) * seconds_for(duration_ms, shown, [job.stage])
    return here + seconds_for(duration_ms, shown, later)


def seconds_for(
    duration_ms: int, last: Iterable[Mapping[str, float]], stages: Iterable[str] = USUAL
) -> float:
    """How long some stages will take on so much sound; `last` as of `seconds_left`."""
    shown = [*last, USUAL]
    return sum(next(float(p[s]) for p in shown if s in p) for s in stages) * duration_ms / 1000


def _before(stage: str) -> tuple[str, ...]:
    order = tuple(USUAL)
    return order[: order.index(stage)]
