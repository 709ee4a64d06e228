"""The office's list of what readers reported as wrong, with the words, the sound and the review.

Shows what strangers wrote as plain text, and the words as the office has them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from api.readers.reports import settle as settle_report
from api.views.link_history import Fate, quoted_since
from api.views.session import SessionView, session_view
from api.views.wording import clock_in, moment
from ingest.archive import reports
from ingest.archive.change_log import since
from ingest.archive.reports import Report, ReportState
from ingest.archive.repository import Archive, read_transcript
from ingest.archive.schema import SQL_MAX
from ingest.errors import BadInput
from ingest.transcript import Session, Span, Status, Transcript
from web.office.page import AsClerk, RowNumber, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau/signalements", include_in_schema=False)
HERE = "/bureau/signalements"
PER_PAGE = 20  # reports: each shows a passage and a player
_ACTS = {
    "corriger": ReportState.CORRECTED,
    "ecarter": ReportState.DISMISSED,
    "rouvrir": ReportState.OPEN,
}
Read = Callable[[str], tuple[Session, Transcript]]


@dataclass(frozen=True)
class ReportLine:
    """A report as it is shown. `words` stand at its place now, `corrected` since it was sent."""

    report: Report
    session: SessionView
    status: Status
    words: str
    corrected: bool
    at: str | None
    span: Span
    review: str
    sent: str
    settled: str


@router.api_route("", methods=READ, response_class=HTMLResponse)
def listed(
    office: AsClerk,
    etat: ReportState = ReportState.OPEN,
    avant: Annotated[int | None, Query(ge=1, le=SQL_MAX)] = None,
) -> HTMLResponse:
    """`PER_PAGE` reports in one state, newest first; `avant`: those before a number."""
    archive = office.desk.archive
    with archive.engine.connect() as db:
        some = reports.in_state(db, etat, PER_PAGE + 1, avant)
        lines = _lines(archive, db, some[:PER_PAGE])
        tabs = [(state, reports.count(db, state)) for state in ReportState]
    older = lines[-1].report.id if len(some) > PER_PAGE else None
    return office.page("office/reports.html", lines=lines, etat=etat, tabs=tabs, older=older)


@router.post("/{number}/{act}")
def settle(number: RowNumber, act: str, office: AsClerk) -> Response:
    """Say what became of a report, open it again, or delete it."""
    desk, by = office.desk, office.account.login
    with desk.archive.begin() as db:
        if act == "effacer":
            reports.erase(db, number, by)
        elif act in _ACTS:
            settle_report(desk.archive, db, desk.settings, number, _ACTS[act], by)
        else:
            raise BadInput(f"« {act[:20]} » ne se fait pas d'un signalement : voyez la liste.")
    return see_other(HERE)


def _lines(archive: Archive, db: Connection, some: Sequence[Report]) -> list[ReportLine]:
    @cache
    def read(session_id: str) -> tuple[Session, Transcript]:
        return archive.session(session_id), read_transcript(db, session_id)

    return [_line(db, report, read) for report in some]


def _line(db: Connection, report: Report, read: Read) -> ReportLine:
    place = report.place
    session, transcript = read(place.session)
    changes = since(db, place.session, place.revision)
    now = quoted_since(transcript.turns, changes, place.span.start_ms, place.span.end_ms)
    span = Span(now.start_ms, now.end_ms)
    words = (word for turn in transcript.turns for word in turn.words)
    return ReportLine(
        report=report,
        session=session_view(session),
        status=session.status,
        words=" ".join(word.text for word in words if span.touches(word)),
        corrected=now.fate is Fate.CORRECTED,
        at=clock_in(session, span.start_ms),
        span=span,
        review=f"{session_address(session.id, 'relecture')}?t={span.start_ms}",
        sent=moment(report.at),
        settled=moment(report.settled_at) if report.settled_at else "",
    )
