"""A sitting taken out of the office, drafts included. No copy is kept on the way."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Clerk
from api.desk import AtDesk
from api.taking_out.exports import read_form, taken_out, written_down
from web.bureau.page import NOT_KEPT
from web.site import READ
from web.taking_out import file_response, house_of

router = APIRouter(prefix="/bureau", include_in_schema=False)


@router.api_route("/seances/{session_id}/export.{form}", methods=READ)
def take_out(
    session_id: str, form: str, desk: AtDesk, account: Clerk, horaires: bool = False
) -> Response:
    """A sitting as it stands now, in whatever state."""
    wanted = read_form(form)
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    script = written_down(desk.archive, session, transcript, wanted)
    house = house_of(desk.settings, wanted)
    body = taken_out(script, wanted, house, timecodes=horaires)
    return file_response(script, wanted, body, NOT_KEPT)
