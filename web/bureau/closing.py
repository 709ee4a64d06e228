"""Closing a passage, in three steps that need no script: choose it, read what goes, confirm.

Nothing is changed before the last step, which is refused when the words are no longer those that
were read.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import Account, Clerk
from api.desk import AtDesk
from api.views import clock_in, session_view
from ingest.closed import Why
from ingest.closing.erase import cut
from ingest.closing.proof import prove
from ingest.closing.transaction import Asked, mark
from ingest.errors import BadInput, Conflict
from ingest.transcript import Session, Span, Transcript
from search.hiding import close_passage
from web.bureau.page import NOT_KEPT, bureau_page
from web.bureau.passage import EDGE_MS, Asking, choices, lines, written
from web.bureau.publishing import address
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau/seances/{session_id}/publication", include_in_schema=False)


def _asking(
    de: Annotated[str, Query(max_length=20)] = "",
    a: Annotated[str, Query(max_length=20)] = "",
    premier: Annotated[str, Query(max_length=9)] = "",
    dernier: Annotated[str, Query(max_length=9)] = "",
    motif: Annotated[str, Query(max_length=20)] = "",
) -> Asking:
    return Asking(de.strip(), a.strip(), premier, dernier, motif)


@router.api_route("/passage", methods=READ, response_class=HTMLResponse)
def passage(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    asking: Annotated[Asking, Depends(_asking)],
) -> HTMLResponse:
    """The form; once it is filled in, what would go."""
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    if not asking.is_asked:
        return _form(site, account, session, transcript, asking)
    try:
        asked = Asked(asking.span(session, transcript), asking.why, account.login)
        return _preview(site, account, session, transcript, asked)
    except BadInput as error:
        return _form(site, account, session, transcript, asking, str(error))


@router.post("/passage")
def close(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    start_ms: Annotated[int, Form(ge=0)],
    end_ms: Annotated[int, Form(ge=1)],
    motif: Annotated[Why, Form()],
    vu: Annotated[str, Form(max_length=64)],
    certain: Annotated[str, Form()] = "",
) -> Response:
    """Take the passage out, look for its words in every table, and tell what was found."""
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    asked = Asked(Span(start_ms, end_ms), motif, account.login, vu)
    if certain != "oui":
        told = "Cochez la case qui confirme : rien n'a encore été effacé."
        return _preview(site, account, session, transcript, asked, told)
    found = cut(transcript.turns, session, asked.span)
    try:
        close_passage(desk.archive, session_id, asked)
    except Conflict as error:
        return _preview(site, account, session, transcript, asked, str(error))
    desk.wake()
    proof = prove(desk.archive, session_id, found.gone, found.points)
    done = {"mots": str(len(found.gone)), "cherche": str(proof.runs), "tables": str(proof.tables)}
    left = {"trouve": ", ".join(proof.found)} if proof.found else {}
    return RedirectResponse(f"{address(session_id)}?{urlencode(done | left)}", 303, NOT_KEPT)


def _form(
    site: Site,
    account: Account,
    session: Session,
    transcript: Transcript,
    asking: Asking,
    error: str = "",
) -> HTMLResponse:
    return bureau_page(
        site,
        account,
        "bureau/passage.html",
        422 if error else 200,
        session=session_view(session),
        asking=asking,
        choices=choices(session, transcript),
        error=error,
    )


def _preview(
    site: Site,
    account: Account,
    session: Session,
    transcript: Transcript,
    asked: Asked,
    error: str = "",
) -> HTMLResponse:
    done = cut(transcript.turns, session, asked.span)
    span, end_ms = done.span, session.duration_ms
    return bureau_page(
        site,
        account,
        "bureau/passage_confirm.html",
        422 if error else 200,
        session=session_view(session),
        status=session.status,
        asked=asked,
        seen=mark(done),
        words=len(done.gone),
        lines=list(lines(session, transcript, done, asked.span)),
        titles=[point.title for point in done.points],
        de=written(asked.span.start_ms, session),
        a=written(asked.span.end_ms, session),
        first=(max(0, span.start_ms - EDGE_MS), min(end_ms, span.start_ms + EDGE_MS)),
        last=(max(0, span.end_ms - EDGE_MS), min(end_ms, span.end_ms + EDGE_MS)),
        start=clock_in(session, span.start_ms),
        end=clock_in(session, span.end_ms),
        error=error,
    )
