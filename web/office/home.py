"""The office's first page, every sitting in whatever state; and one sitting's page, what it needs.

Shows where things stand and leads on; what is done with a sitting has a page of its own.
"""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.accounts.roles import Clerk
from api.desk import AtDesk
from api.views.answer import SessionView, session_view
from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.transcript import Status
from web.office.page import bureau_page
from web.office.progress import in_progress
from web.office.status import standing
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau", include_in_schema=False)
PER_PAGE = 40


@dataclass(frozen=True)
class Listed:
    """A line of the list."""

    session: SessionView
    status: Status


@router.api_route("", methods=READ, response_class=HTMLResponse)
def home(desk: AtDesk, site: OnSite, account: Clerk, etat: str = "", page: int = 1) -> HTMLResponse:
    """Sittings, newest first, forty at a time; `etat` keeps those of one state."""
    chosen = _chosen(etat)
    last = max(1, page) * PER_PAGE
    found = desk.archive.sessions(chosen, last + 1)
    listed = [Listed(session_view(s), s.status) for s in found[last - PER_PAGE : last]]
    return bureau_page(
        site,
        account,
        "office/home.html",
        listed=listed,
        coming=in_progress(desk.archive) if page <= 1 and not etat else (),
        etat=etat,
        page=max(1, page),
        more=len(found) > last,
        tabs=[("", desk.archive.count()), *_tabs(desk.archive)],
    )


@router.api_route("/seances/{session_id}", methods=READ, response_class=HTMLResponse)
def sitting(session_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """One sitting: where it stands, and what can be done with it."""
    session = desk.archive.session(session_id)
    return bureau_page(
        site,
        account,
        "office/sitting.html",
        session=session_view(session),
        status=session.status,
        standing=standing(desk.archive, session),
    )


def _tabs(archive: Archive) -> list[tuple[str, int]]:
    return [(status.value, archive.count(status)) for status in Status]


def _chosen(etat: str) -> tuple[Status, ...]:
    if not etat:
        return tuple(Status)
    try:
        return (Status(etat),)
    except ValueError:
        raise BadInput(f"« {etat[:40]} » n'est pas un état de séance : voyez la liste.") from None
