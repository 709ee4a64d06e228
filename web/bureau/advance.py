"""How a job is told to a clerk: its steps, how far it is, how long it will take, what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import Connection

from api.wording import length
from ingest import jobs
from ingest.archive import Archive
from ingest.arriving.arrival import Arrival, Standing, every
from ingest.arriving.typed import default_title, read_date
from ingest.errors import BadInput
from ingest.jobs import Job, Kind, State
from ingest.pace import USUAL, seconds_left
from ingest.tables import now

STEPS = ("start", *USUAL)
_LAST = 5  # jobs whose pace is looked at
_UNHEARD_S = 120  # a job that waits longer than this, with nobody at work, waits for nobody
_HOUR = 60


@dataclass(frozen=True)
class Step:
    """One step of an ingest: done, now or later."""

    name: str
    when: str


@dataclass(frozen=True)
class Found:
    """What came to light so far, lengths in words; None: nothing yet."""

    duration: str | None
    speech: str | None
    words: str | None
    voices: int | None
    named: int | None


@dataclass(frozen=True)
class Advance:
    """A job, as it is shown. `minutes` are those left, None while nobody can know."""

    job: Job
    percent: int
    steps: tuple[Step, ...]
    minutes: int | None
    found: Found
    before: int
    is_alone: bool

    @property
    def left(self) -> tuple[str, dict[str, str | int]] | None:
        """The key of the text that says how long it will take, with its values."""
        if self.minutes is None or self.job.state is not State.RUNNING:
            return None
        if self.minutes <= 1:
            return "soon", {}
        if self.minutes <= _HOUR:
            return "minutes", {"n": self.minutes}
        return "hours", {"h": self.minutes // _HOUR, "m": f"{self.minutes % _HOUR:02}"}


def advance_of(db: Connection, job: Job) -> Advance:
    """How far a job is now."""
    left = seconds_left(job, _last_paces(db)) if job.kind is Kind.INGEST else None
    waiting = jobs.jobs(db, (State.QUEUED, State.INTERRUPTED))
    running = jobs.jobs(db, (State.RUNNING,))
    waited_s = (now() - job.created_at).total_seconds()
    return Advance(
        job=job,
        percent=int(100 * job.fraction),
        steps=_steps(job),
        minutes=None if left is None else ceil(left / 60),
        found=_found(job),
        before=sum(one.kind == job.kind and one.id < job.id for one in (*waiting, *running)),
        is_alone=job.state is State.QUEUED and waited_s > _UNHEARD_S and not running,
    )


def _last_paces(db: Connection) -> list[dict[str, float]]:
    done = [one for one in jobs.jobs(db, (State.DONE,)) if one.kind is Kind.INGEST]
    return [one.found["pace"] for one in done[:_LAST] if one.found.get("pace")]


def _steps(job: Job) -> tuple[Step, ...]:
    at = STEPS.index(job.stage) if job.stage in STEPS else -1
    if job.state is State.DONE:
        at = len(STEPS)
    later = ["done" if n < at else "now" if n == at else "later" for n in range(len(STEPS))]
    return tuple(Step(name, when) for name, when in zip(STEPS, later, strict=True))


def _found(job: Job) -> Found:
    counts = [count for name, count in job.found.items() if name.startswith("words ")]
    spans = (job.found.get("duration_ms"), job.found.get("speech_ms"))
    duration, speech = (None if span is None else length(span) for span in spans)
    words = f"{sum(counts):,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if counts else None
    return Found(duration, speech, words, job.found.get("voices"), job.found.get("named"))


@dataclass(frozen=True)
class Coming:
    """A sitting that is not in the list yet. `job` is its transcription, once asked for."""

    arrival: Arrival
    title: str
    advance: Advance | None

    @property
    def state(self) -> str:
        """preparing, or the job's: queued, running, interrupted, failed, cancelled."""
        return str(self.advance.job.state) if self.advance else str(Standing.PREPARING)


def in_progress(archive: Archive) -> tuple[Coming, ...]:
    """The sittings that are being brought in, the newest first."""
    with archive.engine.connect() as db:
        found = every(db, Standing.PREPARING, Standing.SENT)
        return tuple(_coming(db, one) for one in found)


def _coming(db: Connection, found: Arrival) -> Coming:
    job = None
    if found.state is Standing.SENT:
        job = jobs.newest(db, found.id, Kind.INGEST)
    return Coming(found, title_of(found), advance_of(db, job) if job else None)


def title_of(found: Arrival) -> str:
    """What an arrival is called: its title, else whose and of when, else its files."""
    details, names = found.details, [file.name for file in found.recordings]
    if title := " ".join(details.title.split()):
        return title
    try:
        return default_title(details.body.strip() or "Séance", read_date(details.date))
    except BadInput:
        return _some(names) or "Séance sans date"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + ("…" if len(names) > 2 else "")  # noqa: PLR2004
