"""The office's first page, which lists sessions of every status, and the page of one session.

Both show what is left to do and lead to the pages where it is done. From the last, a session is
transcribed again, or its voices told apart: what is at stake, what came of it. What could not be
carried over is listed with its sound, until a clerk has settled it in the review, or left it out.
"""

from math import ceil
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.mail import outbox
from api.views.session import session_view
from ingest.archive import reports, retention
from ingest.archive.change_log import ChangeKind
from ingest.archive.repository import Archive, has_words
from ingest.archive.schema import SQL_MAX
from ingest.editing.review_progress import all_open_doubts, leave_out
from ingest.errors import BadInput, NotFound, UserError
from ingest.french_dates import day
from ingest.intake.again import has_tracks, source_of, untouched_source
from ingest.intake.form import read_voices
from ingest.jobs import queue
from ingest.jobs.eta import USUAL, seconds_for
from ingest.jobs.queue import CARRIED, HEARD, MOST_VOICES, WAITING, Job, JobKind
from ingest.redaction.held import is_held
from ingest.text import clock
from ingest.transcript import Doubt, Session, Status
from search.index.heard_anew import at_stake
from web.office.page import AsClerk, Office, remaining, see_other, session_address
from web.office.progress import in_progress, last_paces, progress_of
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)
PER_PAGE = 40  # sessions: about a year of a council that meets weekly
_VOICES_ALONE = ("decode", "speech", "voices")  # of the stages of `ingest.jobs.eta`


@router.api_route("", methods=READ, response_class=HTMLResponse)
def home(office: AsClerk, etat: str = "", page: int = 1) -> HTMLResponse:
    """Sessions, newest first, `PER_PAGE` at a time; `etat` keeps those of one status."""
    archive, page = office.desk.archive, max(1, page)
    last = page * PER_PAGE
    sessions = archive.sessions(_statuses(etat), last + 1)
    tabs = [("", archive.count()), *((status.value, archive.count(status)) for status in Status)]
    with archive.engine.connect() as db:
        reported, mails = reports.count(db), outbox.trouble(db)
    return office.page(
        "office/home.html",
        reported=reported,
        mails=mails,
        listed=[
            (session_view(s), s.status, _is_leaking(archive, s))
            for s in sessions[last - PER_PAGE : last]
        ],
        coming=in_progress(archive) if page == 1 and not etat else (),
        etat=etat,
        page=page,
        more=len(sessions) > last,
        tabs=tabs,
    )


@router.api_route("/seances/{session_id}", methods=READ, response_class=HTMLResponse)
def session(session_id: str, office: AsClerk) -> HTMLResponse:
    """One session: its status, what is left to do, and where."""
    archive = office.desk.archive
    shown = archive.session(session_id)
    with archive.engine.connect() as db:
        is_wordless = not has_words(db, session_id)
        source = untouched_source(db, office.desk.settings.data, session_id)
        due = retention.due(db, session_id)
        is_held = retention.hold_of(db, session_id) is not None
    return office.page(
        "office/session.html",
        session=session_view(shown),
        status=shown.status,
        remaining=remaining(archive, shown),
        leaking=_is_leaking(archive, shown),
        is_wordless=is_wordless,
        again=source is not None,
        due=day(due[0].on) if due else "",
        held=is_held,
    )


def _is_leaking(archive: Archive, session: Session) -> bool:
    """Is it published although some of it seems to be in camera, as by an older release?"""
    if session.status is not Status.PUBLISHED:
        return False
    with archive.engine.connect() as db:
        return is_held(db, session)


def _statuses(etat: str) -> tuple[Status, ...]:
    if not etat:
        return tuple(Status)
    try:
        return (Status(etat),)
    except ValueError:
        raise BadInput(f"« {etat[:40]} » n'est pas un état de séance : voyez la liste.") from None


# --- hearing it again -------------------------------------------------------------------------


@router.api_route("/seances/{session_id}/transcrire", methods=READ, response_class=HTMLResponse)
def again(session_id: str, office: AsClerk) -> HTMLResponse:
    """The form: what is carried over and how long it takes; the last result."""
    return _again_page(office, session_id)


@router.post("/seances/{session_id}/transcrire")
def order(
    session_id: str,
    office: AsClerk,
    quoi: Annotated[Literal["tout", "voix"], Form()],
    voix: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Queue the job, unless one is queued or at work."""
    office.desk.archive.session(session_id)  # which must be there
    try:
        most = read_voices(voix)
    except UserError as error:
        return _again_page(office, session_id, error)
    kind = ChangeKind.AGAIN if quoi == "tout" else ChangeKind.VOICES
    with office.desk.archive.begin() as db:
        last = queue.newest(db, session_id, JobKind.AGAIN)
        if last is None or last.state not in WAITING:
            asked = {HEARD: kind, MOST_VOICES: most}
            queue.add(db, JobKind.AGAIN, session_id, office.account.login, asked)
    return see_other(session_address(session_id, "transcrire"))


@router.post("/seances/{session_id}/transcrire/laisser")
def leave(
    session_id: str,
    office: AsClerk,
    debut: Annotated[int, Form(ge=0, le=SQL_MAX)],
    fin: Annotated[int, Form(ge=0, le=SQL_MAX)],
) -> Response:
    """Leave out what was not carried over."""
    with office.desk.archive.begin() as db:
        leave_out(db, session_id, debut, fin, office.account.login)
    return see_other(session_address(session_id, "transcrire") + "#reste")


@router.api_route(
    "/api/seances/{session_id}/transcription", methods=READ, response_class=HTMLResponse
)
def figures(session_id: str, office: AsClerk) -> HTMLResponse:
    """How far it is, alone; in a header the state: when it changes, so does the page."""
    with office.desk.archive.engine.connect() as db:
        job = queue.newest(db, session_id, JobKind.AGAIN)
        if job is None:
            raise NotFound("Cette séance n'a pas été transcrite de nouveau.")
        progress = progress_of(db, job)
    page = office.page("office/progress_figures.html", progress=progress)
    page.headers["X-State"] = _state(job)
    return page


def _state(job: Job) -> str:
    return f"{job.state} {job.cancelling}"


def _again_page(office: Office, session_id: str, error: UserError | None = None) -> HTMLResponse:
    desk = office.desk
    session = desk.archive.session(session_id)
    with desk.archive.engine.connect() as db:
        job = queue.newest(db, session_id, JobKind.AGAIN)
        progress = progress_of(db, job) if job else None
        paces = last_paces(db)
        doubts = all_open_doubts(db, session_id)
        source = source_of(db, desk.settings.data, session_id)
    minutes = {
        quoi: max(1, ceil(seconds_for(session.duration_ms, paces, stages) / 60))
        for quoi, stages in (("tout", USUAL), ("voix", _VOICES_ALONE))
    }
    return office.page(
        "office/again.html",
        error,
        session=session_view(session),
        status=session.status,
        most_voices=session.most_voices or "",
        stake=at_stake(desk.archive, session_id),
        minutes=minutes,
        from_source=source is not None,
        has_tracks=has_tracks(session),
        progress=progress,
        state=_state(job) if job else "",
        carried=job.found.get(CARRIED) if job else None,
        left=[(one, clock(one.start_ms)) for one in doubts if one.doubt is Doubt.CARRY],
    )
