"""Who may read a sitting, said on one page: publish, withdraw, in camera, draft, closed passages.

Publishing and what follows a closing are jobs; the page tells how far they are. What hides takes
effect at once. Closing a passage: `web.office.redact`.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from api.accounts.roles import Clerk
from api.desk import AtDesk
from api.views.answer import clock_in, session_view
from api.views.wording import moment
from ingest.archive import audit, closed_spans
from ingest.archive.closed_spans import Closed, Stage, Why
from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.jobs import queue
from ingest.jobs.queue import OPEN, Job, Kind, State
from ingest.transcript import Session, Status
from search.index.withdraw import hold_in_camera, reopen, withdraw
from web.office.page import NOT_KEPT, bureau_page, sitting_page
from web.office.status import standing
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau/seances/{session_id}/publication", include_in_schema=False)
_STATES = ("session.publish", "session.withdraw", "session.in_camera", "session.reopen")


@dataclass(frozen=True)
class Moment:
    """When a state began, and who said so."""

    when: str
    who: str


@dataclass(frozen=True)
class ClosedLine:
    """A closed passage of the list."""

    place: str
    erased: bool
    since: Moment
    done: bool


@router.api_route("", methods=READ, response_class=HTMLResponse)
def publication(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    mots: int = -1,
    cherche: int = 0,
    tables: int = 0,
    trouve: str = "",
) -> HTMLResponse:
    """Where a sitting stands, and what can be done. The parameters tell of a closing just done."""
    session = desk.archive.session(session_id)
    with desk.archive.engine.connect() as db:
        some = closed_spans.of_session(db, session_id)
        publishing = _asked_to_publish(queue.newest(db, session_id, Kind.PUBLISH))
        closing = queue.newest(db, session_id, Kind.CLOSE)
    unfinished = [one for one in some if not one.has(Stage.DONE)]
    return bureau_page(
        site,
        account,
        "office/publication.html",
        session=session_view(session),
        status=session.status,
        since=_since(desk.archive, session_id),
        standing=standing(desk.archive, session),
        publishing=publishing,
        unfinished=unfinished,
        sound_is_ready=all(one.has(Stage.MP3) for one in some),
        closing_failed=closing.error if closing and closing.state is State.FAILED else "",
        closed=[_line(one, session) for one in some],
        waits=bool(unfinished) or (publishing is not None and publishing.state in queue.WAITING),
        done={"words": mots, "runs": cherche, "tables": tables, "found": trouve[:200]},
    )


@router.post("/publier")
def publish(session_id: str, desk: AtDesk, account: Clerk) -> Response:
    """Ask for it to be published."""
    session = desk.archive.session(session_id)
    if session.status is Status.IN_CAMERA:
        raise BadInput("Cette séance est à huis clos : remettez-la d'abord en brouillon.")
    with desk.archive.begin() as db:
        queue.add(db, Kind.PUBLISH, session_id, account.login, {OPEN: True})
    return _back(session_id)


@router.post("/retirer")
def retire(session_id: str, desk: AtDesk, account: Clerk) -> Response:
    """Withdraw it from readers, at once."""
    withdraw(desk.archive, session_id, account.login)
    desk.exports.forget(session_id)
    return _back(session_id)


@router.post("/huis-clos")
def in_camera(
    session_id: str, desk: AtDesk, account: Clerk, certain: Annotated[str, Form()] = ""
) -> Response:
    """Close the whole sitting, at once."""
    _check_certain(certain)
    hold_in_camera(desk.archive, session_id, account.login)
    desk.exports.forget(session_id)
    return _back(session_id)


@router.post("/brouillon")
def draft(
    session_id: str, desk: AtDesk, account: Clerk, certain: Annotated[str, Form()] = ""
) -> Response:
    """Make it a draft again."""
    _check_certain(certain)
    reopen(desk.archive, session_id, account.login)
    return _back(session_id)


def _check_certain(certain: str) -> None:
    if certain != "oui":
        raise BadInput("Cochez la case qui confirme, puis recommencez.")


def _back(session_id: str) -> Response:
    return RedirectResponse(address(session_id), 303, NOT_KEPT)


def address(session_id: str) -> str:
    """The page of a sitting's publication."""
    return sitting_page(session_id, "publication")


def _asked_to_publish(job: Job | None) -> Job | None:
    """A publishing that a clerk asked for and that is not done: what follows corrections is not."""
    wanted = job is not None and job.payload.get(OPEN) and job.state is not State.DONE
    return job if wanted else None


def _since(archive: Archive, session_id: str) -> Moment | None:
    """Since when it is in its state, by the log of who did what."""
    table = audit.table.c
    query = select(table.at, table.who).where(table.what == session_id, table.action.in_(_STATES))
    with archive.engine.connect() as db:
        row = db.execute(query.order_by(table.id.desc()).limit(1)).first()
    return None if row is None else Moment(moment(row.at), row.who)


def _line(one: Closed, session: Session) -> ClosedLine:
    start, end = one.span.start_ms, one.span.end_ms
    clocks = (clock_in(session, start), clock_in(session, end))
    place = f"{clocks[0]}–{clocks[1]}" if clocks[0] else f"{start}–{end}"
    return ClosedLine(
        place, one.why is Why.ERASED, Moment(moment(one.at), one.by), one.has(Stage.DONE)
    )
