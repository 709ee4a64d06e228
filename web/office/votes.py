"""The votes and decisions that the words of a session announce, confirmed or set aside."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.answers.vote_sentences import sentence
from api.views.session import clock_in, session_view
from api.views.wording import moment
from ingest.errors import BadInput
from search.votes.confirm import Gone, JudgedSession, judge, judged_session
from search.votes.verdicts import Judged, Verdict, digest
from search.votes.vote import COMMISSION
from web.office.page import AsClerk, Office, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau/seances/{session_id}/votes", include_in_schema=False)
_VERDICTS = {"confirmed": Verdict.CONFIRMED, "refused": Verdict.REFUSED, "none": None}


@router.api_route("", methods=READ, response_class=HTMLResponse)
def votes(session_id: str, office: AsClerk) -> HTMLResponse:
    """Every vote that the words announce now."""
    return _page(office, session_id)


@router.post("")
def say(
    session_id: str,
    office: AsClerk,
    start_ms: Annotated[int, Form()],
    said: Annotated[str, Form()],
    verdict: Annotated[str, Form()],
) -> Response:
    """Confirm a vote, set it aside, or take that back; then on to the next one."""
    if verdict not in _VERDICTS:
        raise BadInput(f"« {verdict[:40]} » n'est pas un avis sur un vote : rechargez la page.")
    archive, login = office.desk.archive, office.account.login
    try:
        judge(archive, session_id, start_ms, said, _VERDICTS[verdict], login)
    except Gone as error:
        return _page(office, session_id, error)
    return see_other(f"{session_address(session_id, 'votes')}#vote-{start_ms}")


def _page(office: Office, session_id: str, error: Gone | None = None) -> HTMLResponse:
    read = judged_session(office.desk.archive, session_id)
    lines = [_line(read, one) for one in read.votes]
    return office.page(
        "office/votes.html",
        error,
        session=session_view(read.session),
        status=read.session.status,
        lines=lines,
        left=sum(line["state"] == "none" for line in lines),
    )


def _line(read: JudgedSession, one: Judged) -> dict[str, object]:
    """A vote as it is shown. `key` names it in the address, `seal` its words in the form."""
    vote, session = one.vote, read.session
    words = sentence(vote)
    return {
        "key": f"vote-{vote.start_ms}",
        "seal": digest(vote.said),
        "told": f"{words[0].upper()}{words[1:]}.",
        "said": vote.said,
        "committee": vote.body == COMMISSION,
        "object": vote.object,
        "item": vote.item,
        "who": read.transcript.person(*read.transcript.between(vote.turn, vote.turn)),
        "start_ms": vote.start_ms,
        "end_ms": vote.end_ms,
        "start": clock_in(session, vote.start_ms) or "",
        "state": one.verdict.value if one.verdict else "none",
        "judged": f"{one.by}, {moment(one.at)}" if one.at else "",  # by whom, and when
    }
