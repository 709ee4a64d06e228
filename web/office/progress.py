"""How far work has come: one arrival's transcription, and all jobs, with a button for each act.

The pages work by reloading; with JavaScript their figures follow by themselves.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from api.accounts.roles import Role, needed
from api.views.wording import length
from ingest.archive import audit
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.errors import Conflict, NotFound
from ingest.intake import intake
from ingest.intake.form import title_of
from ingest.intake.inbox import tell
from ingest.intake.intake import Arrival, ArrivalState, arrival, every
from ingest.intake.uploads import discard
from ingest.jobs import queue
from ingest.jobs.eta import USUAL, seconds_left
from ingest.jobs.queue import Job, JobKind, JobState
from web.office.page import AsClerk, Office, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)
_DESTROYING = (JobKind.CLOSE, JobKind.ERASE_SOUND)  # half done, they leave sound that nobody lists
HEARING = (JobKind.INGEST, JobKind.AGAIN)  # jobs that hear a recording, stage by stage
STEPS = ("start", *USUAL)
_LAST = 5  # jobs whose pace is looked at: enough to even out one odd recording
# A worker asks for jobs every second or so: one that waits this long while none runs has no worker.
_NO_WORKER_S = 120
_HOUR = 60  # minutes: more are given in hours
_SHOWN = 60  # jobs of the list: two or three screens
_ORDER = (
    *(JobState.RUNNING, JobState.INTERRUPTED, JobState.QUEUED),
    *(JobState.FAILED, JobState.CANCELLED, JobState.DONE),
)
_REMOVED = "Cette séance a été retirée depuis le bureau."


@dataclass(frozen=True)
class Step:
    """One step of an ingest; `when` is done, now or later."""

    name: str
    when: str


@dataclass(frozen=True)
class Figures:
    """What an ingest has measured so far, lengths in words; None where that is yet to come."""

    duration: str | None
    speech: str | None
    words: str | None
    voices: int | None
    named: int | None
    notes: tuple[str, ...] = ()
    """What was odd about the files."""


@dataclass(frozen=True)
class Progress:
    """A job as it is shown.

    `minutes` are those left, None while they cannot be estimated; `before`: the jobs of its kind
    that come first; `is_alone`: no worker takes it.
    """

    job: Job
    percent: int
    steps: tuple[Step, ...]
    minutes: int | None
    found: Figures
    before: int
    is_alone: bool

    @property
    def left(self) -> tuple[str, dict[str, str | int]] | None:
        """The key of the text that says how long it will take, with its values."""
        if self.minutes is None or self.job.state is not JobState.RUNNING:
            return None
        if self.minutes <= 1:
            return "soon", {}
        if self.minutes <= _HOUR:
            return "minutes", {"n": self.minutes}
        return "hours", {"h": self.minutes // _HOUR, "m": f"{self.minutes % _HOUR:02}"}


def progress_of(db: Connection, job: Job) -> Progress:
    """How far a job is, and how long it will still take."""
    left = seconds_left(job, last_paces(db)) if job.kind in HEARING else None
    waiting = queue.jobs(db, (JobState.QUEUED, JobState.INTERRUPTED))
    running = queue.jobs(db, (JobState.RUNNING,))
    waited_s = (now() - job.created_at).total_seconds()
    return Progress(
        job=job,
        percent=int(100 * job.fraction),
        steps=_steps(job),
        minutes=None if left is None else ceil(left / 60),
        found=_figures(job),
        before=sum(one.kind == job.kind and one.id < job.id for one in (*waiting, *running)),
        is_alone=job.state is JobState.QUEUED and waited_s > _NO_WORKER_S and not running,
    )


def last_paces(db: Connection) -> list[dict[str, float]]:
    """How quick the last recordings were heard, by stage, the newest first."""
    done = [one for one in queue.jobs(db, (JobState.DONE,)) if one.kind in HEARING]
    return [one.found["pace"] for one in done[:_LAST] if one.found.get("pace")]


def _steps(job: Job) -> tuple[Step, ...]:
    at = STEPS.index(job.stage) if job.stage in STEPS else -1
    if job.state is JobState.DONE:
        at = len(STEPS)
    later = ["done" if n < at else "now" if n == at else "later" for n in range(len(STEPS))]
    return tuple(Step(name, when) for name, when in zip(STEPS, later, strict=True))


def _figures(job: Job) -> Figures:
    counts = [count for name, count in job.found.items() if name.startswith("words ")]
    spans = (job.found.get("duration_ms"), job.found.get("speech_ms"))
    duration, speech = (None if span is None else length(span) for span in spans)
    words = f"{sum(counts):,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if counts else None
    notes = tuple(str(note) for name, note in job.found.items() if name.startswith("note "))
    return Figures(duration, speech, words, job.found.get("voices"), job.found.get("named"), notes)


@dataclass(frozen=True)
class Coming:
    """A session that is not in the archive yet; `progress` is its ingest's, once it was sent."""

    arrival: Arrival
    title: str
    progress: Progress | None

    @property
    def state(self) -> str:
        """preparing, or the job's: queued, running, interrupted, failed, cancelled."""
        return str(self.progress.job.state) if self.progress else str(ArrivalState.PREPARING)


def in_progress(archive: Archive) -> tuple[Coming, ...]:
    """The sessions that are being brought in, the newest first."""
    with archive.engine.connect() as db:
        arrivals = every(db, ArrivalState.PREPARING, ArrivalState.SENT)
        return tuple(_coming(db, one) for one in arrivals)


def _coming(db: Connection, one: Arrival) -> Coming:
    job = queue.newest(db, one.id, JobKind.INGEST) if one.state is ArrivalState.SENT else None
    return Coming(one, title_of(one), progress_of(db, job) if job else None)


def progress_page(office: Office, shown: Arrival) -> HTMLResponse:
    """How an arrival's transcription goes on."""
    return _progress(office, shown, "office/progress.html")


@router.api_route(
    "/api/apporter/{arrival_id}/avancement", methods=READ, response_class=HTMLResponse
)
def figures(arrival_id: str, office: AsClerk) -> HTMLResponse:
    """The figures alone, and in a header the state: when it changes, so do the buttons."""
    with office.desk.archive.engine.connect() as db:
        shown = arrival(db, arrival_id)
    return _progress(office, shown, "office/progress_figures.html")


@router.api_route("/travaux", methods=READ, response_class=HTMLResponse)
def jobs(office: AsClerk) -> HTMLResponse:
    """The jobs that wait, run, failed or were done lately."""
    return _jobs(office, "office/jobs.html")


@router.api_route("/api/travaux", methods=READ, response_class=HTMLResponse)
def job_list(office: AsClerk) -> HTMLResponse:
    """Their list alone."""
    return _jobs(office, "office/job_list.html")


@router.post("/travaux/{job_id}/annuler")
def cancel(job_id: int, office: AsClerk) -> Response:
    """Have a job stopped."""
    with office.desk.archive.begin() as db:
        job = _own(office, queue.job(db, job_id))
        if job.kind in _DESTROYING:
            raise Conflict("Un effacement commencé va à son terme : il n'est pas arrêté.")
        queue.cancel(db, job_id)
        audit.record(db, office.account.login, "job.cancel", f"{job.kind} {job.subject}")
    return _back_to(job)


@router.post("/travaux/{job_id}/relancer")
def retry(job_id: int, office: AsClerk) -> Response:
    """Have a job that failed or was stopped go on."""
    with office.desk.archive.begin() as db:
        job = _own(office, queue.job(db, job_id))
        if job.kind is JobKind.INGEST:
            intake.retry(db, job.subject, job_id)
        else:
            queue.retry(db, job_id)
        audit.record(db, office.account.login, "job.retry", f"{job.kind} {job.subject}")
    return _back_to(job)


@router.post("/apporter/{arrival_id}/modifier")
def change(arrival_id: str, office: AsClerk) -> Response:
    """Back to the form, with all that was typed."""
    with office.desk.archive.begin() as db:
        arrival(db, arrival_id)
        intake.reopen(db, arrival_id, office.account.login)
    return see_other(f"/bureau/apporter/{arrival_id}")


@router.post("/apporter/{arrival_id}/retirer")
def remove(arrival_id: str, office: AsClerk) -> Response:
    """Delete an arrival's files. A watched folder keeps its own, with a note that says so."""
    settings, archive = office.desk.settings, office.desk.archive
    with archive.engine.connect() as db:
        inbox = arrival(db, arrival_id).details.inbox
    place = settings.inbox / inbox if settings.inbox else None
    if place is not None and inbox and place.is_dir():
        tell(place, _REMOVED)
    discard(archive, settings.data, arrival_id, office.account.login)
    return see_other("/bureau")


def _progress(office: Office, shown: Arrival, template: str) -> HTMLResponse:
    archive = office.desk.archive
    with archive.engine.connect() as db:
        job = queue.newest(db, shown.id, JobKind.INGEST)
        if job is None:
            raise NotFound("Cet apport n'a pas de transcription : voyez la liste des séances.")
        progress = progress_of(db, job)
    known = shown.session is not None and archive.status(shown.session) is not None
    page = office.page(
        template,
        arrival=shown,
        title=title_of(shown),
        progress=progress,
        session=shown.session if known else None,
    )
    page.headers["X-State"] = f"{job.state} {shown.state} {job.cancelling}"
    return page


def _jobs(office: Office, template: str) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        lines = [_line(office, db, job) for job in queue.jobs(db, tuple(JobState), _SHOWN)]
    lines.sort(key=lambda line: _ORDER.index(line["progress"].job.state))
    return office.page(template, lines=lines)


def _line(office: Office, db: Connection, job: Job) -> dict[str, Any]:
    """A job of the list, with the title and the address of what it is about."""
    try:
        if job.kind is JobKind.INGEST:
            title, address = title_of(arrival(db, job.subject)), f"/bureau/apporter/{job.subject}"
        elif job.kind is JobKind.BACKUP:
            title, address = job.subject, "/bureau/sauvegardes"
        else:
            title = office.desk.archive.session(job.subject).title
            address = session_address(job.subject)
    except NotFound:
        title, address = "", ""
    return {"progress": progress_of(db, job), "title": title, "address": address}


def _own(office: Office, job: Job) -> Job:
    """The job, if the account may act on it: backups are the administrators'."""
    if job.kind is JobKind.BACKUP:
        needed(office.account, Role.ADMINISTRATOR)
    return job


def _back_to(job: Job) -> Response:
    pages = {
        JobKind.INGEST: f"/bureau/apporter/{job.subject}",
        JobKind.AGAIN: session_address(job.subject, "transcrire"),
        JobKind.BACKUP: "/bureau/sauvegardes",
    }
    return see_other(pages.get(job.kind, "/bureau/travaux"))
