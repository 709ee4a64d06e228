"""The pages that tell the truth about work: one arrival's transcription, and all jobs.

They work by reloading; with JavaScript their figures follow by themselves. Every act on a job is a
button of a form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from api.accounts.roles import Account, Clerk
from api.desk import AtDesk, Desk
from api.views.wording import length
from ingest.archive import audit
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.errors import BadInput, NotFound
from ingest.intake import intake
from ingest.intake.form import default_title, read_date
from ingest.intake.inbox import tell
from ingest.intake.intake import Arrival, Standing, arrival, every
from ingest.intake.uploads import discard
from ingest.jobs import queue
from ingest.jobs.eta import USUAL, seconds_left
from ingest.jobs.queue import Job, Kind, State
from web.office.page import NOT_KEPT, bureau_page, sitting_page
from web.site import READ, OnSite, Site

# How a job is told to a clerk: its steps, how far it is, how long it will take, what it found.


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
    waiting = queue.jobs(db, (State.QUEUED, State.INTERRUPTED))
    running = queue.jobs(db, (State.RUNNING,))
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
    done = [one for one in queue.jobs(db, (State.DONE,)) if one.kind is Kind.INGEST]
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
        job = queue.newest(db, found.id, Kind.INGEST)
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


router = APIRouter(prefix="/bureau", include_in_schema=False)
_SHOWN = 60
_ORDER = (
    *(State.RUNNING, State.INTERRUPTED, State.QUEUED),
    *(State.FAILED, State.CANCELLED, State.DONE),
)
_REMOVED = "Cette séance a été retirée depuis le bureau."


def progress_page(desk: Desk, site: Site, account: Account, found: Arrival) -> HTMLResponse:
    """How an arrival's transcription goes on."""
    return _progress(desk, site, account, found, "office/progress.html")


@router.api_route(
    "/api/apporter/{arrival_id}/avancement", methods=READ, response_class=HTMLResponse
)
def figures(arrival_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The figures alone, and in a header the state: when it changes, so do the buttons."""
    with desk.archive.engine.connect() as db:
        found = arrival(db, arrival_id)
    return _progress(desk, site, account, found, "office/advance.html")


@router.api_route("/travaux", methods=READ, response_class=HTMLResponse)
def work(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """All that waits, runs, failed or was done lately."""
    return _work(desk, site, account, "office/jobs.html")


@router.api_route("/api/travaux", methods=READ, response_class=HTMLResponse)
def work_list(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The list alone."""
    return _work(desk, site, account, "office/jobs_list.html")


@router.post("/travaux/{job_id}/annuler")
def cancel(job_id: int, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Have a job stopped."""
    with desk.archive.begin() as db:
        job = queue.job(db, job_id)
        queue.cancel(db, job_id)
        audit.record(db, account.login, "job.cancel", f"{job.kind} {job.subject}")
    return _back_to(job)


@router.post("/travaux/{job_id}/relancer")
def retry(job_id: int, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Have a job that failed or was stopped go on."""
    with desk.archive.begin() as db:
        job = queue.job(db, job_id)
        if job.kind is Kind.INGEST:
            intake.retry(db, job.subject, job_id)
        else:
            queue.retry(db, job_id)
        audit.record(db, account.login, "job.retry", f"{job.kind} {job.subject}")
    return _back_to(job)


@router.post("/apporter/{arrival_id}/modifier")
def change(arrival_id: str, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Back to the form, with all that was typed."""
    with desk.archive.begin() as db:
        arrival(db, arrival_id)
        intake.reopen(db, arrival_id, account.login)
    return RedirectResponse(f"/bureau/apporter/{arrival_id}", 303, NOT_KEPT)


@router.post("/apporter/{arrival_id}/retirer")
def remove(arrival_id: str, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """The arrival is not wanted: its files go. A watched folder keeps its own, and is told."""
    with desk.archive.engine.connect() as db:
        found = arrival(db, arrival_id)
    place = desk.settings.inbox / found.details.inbox if desk.settings.inbox else None
    if place is not None and found.details.inbox and place.is_dir():
        tell(place, _REMOVED)
    discard(desk.archive, desk.settings.data, arrival_id, account.login)
    return RedirectResponse("/bureau", 303, NOT_KEPT)


def _progress(
    desk: Desk, site: Site, account: Account, found: Arrival, template: str
) -> HTMLResponse:
    with desk.archive.engine.connect() as db:
        job = queue.newest(db, found.id, Kind.INGEST)
        if job is None:
            raise NotFound("Cet apport n'a pas de transcription : voyez la liste des séances.")
        advance = advance_of(db, job)
    known = found.session is not None and desk.archive.status(found.session) is not None
    page = bureau_page(
        site,
        account,
        template,
        arrival=found,
        title=title_of(found),
        advance=advance,
        session=found.session if known else None,
    )
    page.headers["X-State"] = f"{job.state} {found.state} {job.cancelling}"
    return page


@dataclass(frozen=True)
class _Line:
    """A job in the list: what it is about, and where that is."""

    advance: Advance
    title: str
    address: str


def _work(desk: Desk, site: Site, account: Account, template: str) -> HTMLResponse:
    with desk.archive.engine.connect() as db:
        found = queue.jobs(db, tuple(State), _SHOWN)
        lines = [_line(desk, db, job) for job in found]
    lines.sort(key=lambda line: _ORDER.index(line.advance.job.state))
    return bureau_page(site, account, template, lines=lines)


def _line(desk: Desk, db: Connection, job: Job) -> _Line:
    try:
        if job.kind is Kind.INGEST:
            found = arrival(db, job.subject)
            title, address = title_of(found), f"/bureau/apporter/{job.subject}"
        else:
            title = desk.archive.session(job.subject).title
            address = sitting_page(job.subject)
    except NotFound:
        title, address = "", ""
    return _Line(advance_of(db, job), title, address)


def _back_to(job: Job) -> RedirectResponse:
    ingest = job.kind is Kind.INGEST
    address = f"/bureau/apporter/{job.subject}" if ingest else "/bureau/travaux"
    return RedirectResponse(address, 303, NOT_KEPT)
