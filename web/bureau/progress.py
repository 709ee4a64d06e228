"""The pages that tell the truth about work: one arrival's transcription, and all jobs.

They work by reloading; with JavaScript their figures follow by themselves. Every act on a job is a
button of a form.
"""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from api.auth import Account, Clerk
from api.desk import AtDesk, Desk
from ingest import audit, jobs
from ingest.arriving import arrivals
from ingest.arriving.arrival import Arrival, arrival
from ingest.arriving.discard import discard
from ingest.arriving.inbox import tell
from ingest.errors import NotFound
from ingest.jobs import Job, Kind, State
from web.bureau.advance import Advance, advance_of, title_of
from web.bureau.page import NOT_KEPT, bureau_page, sitting_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau", include_in_schema=False)
_SHOWN = 60
_ORDER = (
    *(State.RUNNING, State.INTERRUPTED, State.QUEUED),
    *(State.FAILED, State.CANCELLED, State.DONE),
)
_REMOVED = "Cette séance a été retirée depuis le bureau."


def progress_page(desk: Desk, site: Site, account: Account, found: Arrival) -> HTMLResponse:
    """How an arrival's transcription goes on."""
    return _progress(desk, site, account, found, "bureau/progress.html")


@router.api_route(
    "/api/apporter/{arrival_id}/avancement", methods=READ, response_class=HTMLResponse
)
def figures(arrival_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The figures alone, and in a header the state: when it changes, so do the buttons."""
    with desk.archive.engine.connect() as db:
        found = arrival(db, arrival_id)
    return _progress(desk, site, account, found, "bureau/advance.html")


@router.api_route("/travaux", methods=READ, response_class=HTMLResponse)
def work(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """All that waits, runs, failed or was done lately."""
    return _work(desk, site, account, "bureau/jobs.html")


@router.api_route("/api/travaux", methods=READ, response_class=HTMLResponse)
def work_list(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The list alone."""
    return _work(desk, site, account, "bureau/jobs_list.html")


@router.post("/travaux/{job_id}/annuler")
def cancel(job_id: int, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Have a job stopped."""
    with desk.archive.begin() as db:
        job = jobs.job(db, job_id)
        jobs.cancel(db, job_id)
        audit.record(db, account.login, "job.cancel", f"{job.kind} {job.subject}")
    return _back_to(job)


@router.post("/travaux/{job_id}/relancer")
def retry(job_id: int, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Have a job that failed or was stopped go on."""
    with desk.archive.begin() as db:
        job = jobs.job(db, job_id)
        if job.kind is Kind.INGEST:
            arrivals.retry(db, job.subject, job_id)
        else:
            jobs.retry(db, job_id)
        audit.record(db, account.login, "job.retry", f"{job.kind} {job.subject}")
    desk.wake()
    return _back_to(job)


@router.post("/apporter/{arrival_id}/modifier")
def change(arrival_id: str, desk: AtDesk, account: Clerk) -> RedirectResponse:
    """Back to the form, with all that was typed."""
    with desk.archive.begin() as db:
        arrival(db, arrival_id)
        arrivals.reopen(db, arrival_id, account.login)
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
        job = jobs.newest(db, found.id, Kind.INGEST)
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
        found = jobs.jobs(db, tuple(State), _SHOWN)
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
