"""The page on which a sitting is reviewed: text beside sound, hands on the keyboard.

Gives the frame, the shortcuts and the texts; the script fills it from the editor's routes, which
know what a change is. Without a script there is nothing to edit with, and the page says so.
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.auth import Clerk
from api.desk import AtDesk
from api.views import session_view
from web.bureau.keys import GROUPS
from web.bureau.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau", include_in_schema=False)
RATES = ("0.75", "1", "1.25", "1.5", "1.75", "2")
_SAID = "review.say."


@router.api_route("/seances/{session_id}/relecture", methods=READ, response_class=HTMLResponse)
def review(session_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The review of one sitting."""
    session = desk.archive.session(session_id)
    return bureau_page(
        site,
        account,
        "bureau/review.html",
        session=session_view(session),
        groups=GROUPS,
        rates=RATES,
        said={k.removeprefix(_SAID): v for k, v in site.text.texts.items() if k.startswith(_SAID)},
    )
