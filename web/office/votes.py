"""The votes and decisions that the words of a sitting tell, confirmed or set aside one by one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.roles import Account, Clerk
from api.answers.vote_sentences import told
from api.desk import AtDesk
from api.views.answer import clock_in, session_view
from api.views.wording import moment
from ingest.errors import BadInput
from search.votes.confirm import Gone, JudgedSession, judge, judged_session
from search.votes.verdicts import Judged, Verdict, digest
from search.votes.vote import COMMISSION
from web.office.page import NOT_KEPT, bureau_page, sitting_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau/seances/{session_id}/votes", include_in_schema=False)
_VERDICTS = {"confirmed": Verdict.CONFIRMED, "refused": Verdict.REFUSED, "none": None}


@dataclass(frozen=True)
class Line:
    """A vote of the page. `key` names it in the address, `seal` its words in the form."""

    key: str
    seal: str
    told: str
    said: str
    committee: bool
    object: str | None
    item: str
    who: str | None
    start_ms: int
    end_ms: int
    start: str
    state: str
    judged: str


@router.api_route("", methods=READ, response_class=HTMLResponse)
def votes(session_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """Every vote that the words tell now."""
    return _page(site, account, judged_session(desk.archive, session_id))


@router.post("")
def say(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    start_ms: Annotated[int, Form()],
    said: Annotated[str, Form()],
    verdict: Annotated[str, Form()],
) -> Response:
    """Confirm a vote, set it aside, or take that back; then on to the next one."""
    if verdict not in _VERDICTS:
        raise BadInput(f"« {verdict[:40]} » n'est pas un avis sur un vote : rechargez la page.")
    try:
        judge(desk.archive, session_id, start_ms, said, _VERDICTS[verdict], account.login)
    except Gone as error:
        return _page(site, account, judged_session(desk.archive, session_id), str(error))
    here = sitting_page(session_id, "votes")
    return RedirectResponse(f"{here}#vote-{start_ms}", 303, NOT_KEPT)


def _page(site: Site, account: Account, given: JudgedSession, error: str = "") -> HTMLResponse:
    lines = [_line(given, one) for one in given.votes]
    return bureau_page(
        site,
        account,
        "office/votes.html",
        409 if error else 200,
        session=session_view(given.session),
        status=given.session.status,
        lines=lines,
        left=sum(line.state == "none" for line in lines),
        error=error,
    )


def _line(given: JudgedSession, one: Judged) -> Line:
    vote, session = one.vote, given.session
    sentence = told(vote)
    return Line(
        key=f"vote-{vote.start_ms}",
        seal=digest(vote.said),
        told=f"{sentence[0].upper()}{sentence[1:]}.",
        said=vote.said,
        committee=vote.body == COMMISSION,
        object=vote.object,
        item=vote.item,
        who=given.transcript.person(*given.transcript.between(vote.turn, vote.turn)),
        start_ms=vote.start_ms,
        end_ms=vote.end_ms,
        start=clock_in(session, vote.start_ms) or "",
        state=one.verdict.value if one.verdict else "none",
        judged=_judged(one),
    )


def _judged(one: Judged) -> str:
    """By whom, and when."""
    if one.at is None:
        return ""
    return f"{one.by}, {moment(one.at)}"
