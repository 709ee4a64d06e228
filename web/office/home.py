"""The office's first page, which lists sessions of every status, and the page of one session.

Both show what is left to do and lead to the pages where it is done.
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.views.session import session_view
from ingest.archive import reports
from ingest.archive.repository import Archive, has_words
from ingest.errors import BadInput
from ingest.intake.again import source_of
from ingest.redaction.held import is_held
from ingest.transcript import Session, Status
from web.office.page import AsClerk, remaining
from web.office.progress import in_progress
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)
PER_PAGE = 40  # sessions: about a year of a council that meets weekly


@router.api_route("", methods=READ, response_class=HTMLResponse)
def home(office: AsClerk, etat: str = "", page: int = 1) -> HTMLResponse:
    """Sessions, newest first, `PER_PAGE` at a time; `etat` keeps those of one status."""
    archive, page = office.desk.archive, max(1, page)
    last = page * PER_PAGE
    sessions = archive.sessions(_statuses(etat), last + 1)
    tabs = [("", archive.count()), *((status.value, archive.count(status)) for status in Status)]
    with archive.engine.connect() as db:
        reported = reports.count(db)
    return office.page(
        "office/home.html",
        reported=reported,
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
        again = source_of(db, office.desk.settings.data, session_id) is not None
    return office.page(
        "office/session.html",
        session=session_view(shown),
        status=shown.status,
        remaining=remaining(archive, shown),
        leaking=_is_leaking(archive, shown),
        is_wordless=is_wordless,
        again=again,
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
