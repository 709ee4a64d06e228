"""The office's first page: every sitting, in whatever state, and what each needs next."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.auth import Clerk
from api.desk import AtDesk
from api.views import session_view
from web.bureau.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau", include_in_schema=False)


@router.api_route("", methods=READ, response_class=HTMLResponse)
def home(request: Request, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """Every sitting, newest first."""
    sessions = [(session_view(s), s.status) for s in desk.archive.sessions()]
    return bureau_page(site, account, "bureau/home.html", sessions=sessions)


@router.api_route("/seances/{session_id}", methods=READ, response_class=HTMLResponse)
def sitting(session_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """One sitting: where it stands, and what can be done with it."""
    session = desk.archive.session(session_id)
    return bureau_page(
        site, account, "bureau/sitting.html", session=session_view(session), status=session.status
    )
