"""Who may read a session: publish, withdraw, hold in camera, make a draft, and its redactions.

Publishing and what follows a redaction are jobs; the page tells how far they are. What hides takes
effect at once. Redacting a passage: `web.office.redact`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from api.views.session import session_view
from api.views.wording import clock_in, moment
from ingest.archive import audit
from ingest.archive.redactions import Redaction, RedactionReason, RedactionStage, of_session
from ingest.archive.repository import Archive, has_words
from ingest.archive.schema import now
from ingest.documents.agenda_store import unplaced
from ingest.documents.in_camera import is_marked
from ingest.errors import BadInput, Conflict, UserError
from ingest.jobs import queue
from ingest.jobs.queue import AT, OPEN, Job, JobKind, JobState
from ingest.redaction.held import Held, exact, held, sentence
from ingest.transcript import Session, Span, Status
from search.index.publish import order
from search.index.withdraw import give_back, hold_in_camera, reopen, withdraw
from search.votes.confirm import judged_session
from web.office.page import (
    AsClerk,
    Check,
    Office,
    check_certain,
    checklist,
    remaining,
    see_other,
    session_address,
)
from web.office.progress import progress_of
from web.site import READ

router = APIRouter(prefix="/bureau/seances/{session_id}/publication", include_in_schema=False)
_STATES = ("session.publish", "session.withdraw", "session.in_camera", "session.reopen")
Certain = Annotated[str, Form()]
Ticks = Annotated[list[str], Form(default_factory=list)]
NOTHING_DONE = {"words": -1, "runs": 0, "tables": 0, "found": ""}  # no redaction just now


@router.api_route("", methods=READ, response_class=HTMLResponse)
def publication(
    session_id: str,
    office: AsClerk,
    mots: int = -1,
    cherche: int = 0,
    tables: int = 0,
    trouve: str = "",
) -> HTMLResponse:
    """Who may read a session, and what can be done. The parameters report a redaction just done:
    words redacted, runs of words searched for, tables searched, and tables that still hold some.
    """
    done = {"words": mots, "runs": cherche, "tables": tables, "found": trouve[:200]}
    return _page(office, session_id, done=done)


def _page(
    office: Office,
    session_id: str,
    error: UserError | None = None,
    ticked: Sequence[str] = (),
    done: Mapping[str, object] = NOTHING_DONE,
) -> HTMLResponse:
    archive = office.desk.archive
    session = archive.session(session_id)
    with archive.engine.connect() as db:
        kept_back = held(db, session)
        is_wordless = not has_words(db, session_id)
        redactions = of_session(db, session_id)
        publishing = _by_a_clerk(queue.newest(db, session_id, JobKind.PUBLISH))
        redacting = queue.newest(db, session_id, JobKind.CLOSE)
        points = unplaced(db, session_id)
        working = [progress_of(db, job) for job in queue.begun_or_due(db, session_id)]
    unfinished = [one for one in redactions if not one.has(RedactionStage.DONE)]
    failed = redacting is not None and redacting.state is JobState.FAILED
    scheduled = _scheduled(publishing)
    under_way = bool(publishing and publishing.state in queue.WAITING and not scheduled)
    return office.page(
        "office/publish.html",
        error,
        session=session_view(session),
        status=session.status,
        since=_since(archive, session_id),
        checks=[] if under_way else _checks(archive, session, kept_back),
        publishing=publishing,
        scheduled=scheduled,
        under_way=under_way,
        working=working,
        unfinished=unfinished,
        sound_is_ready=all(one.has(RedactionStage.MP3) for one in redactions),
        returning=bool(unfinished)
        and all(one.why is RedactionReason.RETURNED for one in unfinished),
        withholding=all(one.why is RedactionReason.WITHHELD for one in unfinished),
        redaction_failed=redacting.error if redacting and failed else "",
        redactions=[
            _line(one, session) for one in redactions if one.why is not RedactionReason.RETURNED
        ],
        waits=bool(unfinished) or under_way,
        is_wordless=is_wordless,
        held=[_held(one, session) for one in kept_back],
        ticked=ticked,
        unplaced=[item for item in points if not is_marked(item.title)],
        done=done,
    )


def _checks(archive: Archive, session: Session, kept_back: Sequence[Held]) -> list[Check]:
    """What is to be looked at before publishing. Votes are read anew: a second for three hours."""
    if session.status not in (Status.DRAFT, Status.WITHDRAWN):
        return []
    votes = judged_session(archive, session.id).votes
    judged = sum(one.verdict is not None for one in votes)
    timeless = sum(one.between is not None for one in kept_back)
    return checklist(remaining(archive, session), judged, len(votes), timeless)


def _held(one: Held, session: Session) -> dict[str, object]:
    """What is held back, and where each of its stretches is redacted."""
    return {
        "seal": one.seal,
        "told": sentence(one, session),
        "placed": one.between is None,
        "passage": _closing(session, one.between, RedactionReason.WITHHELD)
        if one.between and one.is_notice
        else "",
        "closings": [_closing(session, span) for span in one.left],
    }


def _closing(session: Session, span: Span, why: RedactionReason = RedactionReason.IN_CAMERA) -> str:
    """The page on which a stretch is read before it is destroyed, or kept for the office."""
    ends = {"de": exact(span.start_ms, session), "a": exact(span.end_ms, session)}
    here = session_address(session.id, "publication/passage")
    return f"{here}?{urlencode({'motif': why.value} | ends)}"


@router.post("/publier")
def publish(
    session_id: str,
    office: AsClerk,
    public: Ticks,
    wordless: Annotated[str, Form()] = "",
    sans_temps: Annotated[str, Form()] = "",
    quand: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Have it published, at the moment `quand` if one is given.

    `public` are the seals of what is in camera and may be public. `wordless` is "oui" where a
    session without a word is meant to be, `sans_temps` where points are meant to have no time.
    """
    archive, by = office.desk.archive, office.account.login
    try:
        order(
            archive,
            session_id,
            public,
            by,
            wordless == "oui",
            without_times=sans_temps == "oui",
            at=_moment(quand),
        )
    except (BadInput, Conflict) as refusal:
        return _page(office, session_id, refusal, public)
    return _back(session_id)


@router.post("/deprogrammer")
def unschedule(session_id: str, office: AsClerk) -> Response:
    """Have it not be published at the date that was given."""
    with office.desk.archive.begin() as db:
        job = queue.newest(db, session_id, JobKind.PUBLISH)
        if job and _scheduled(job):
            queue.cancel(db, job.id)
            audit.record(db, office.account.login, "job.cancel", f"{job.kind} {job.subject}")
    return _back(session_id)


def _moment(typed: str) -> datetime | None:
    """A moment to come as a browser sends it, by the server's clock, in UTC. Raises `BadInput`."""
    if not typed.strip():
        return None
    try:
        at = datetime.fromisoformat(typed.strip()).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise BadInput(f"« {typed[:30]} » ne se lit pas : donnez un jour et une heure.") from None
    if at <= now():
        raise BadInput(
            "Ce moment est passé : donnez-en un à venir, ou aucun pour publier aussitôt."
        )
    return at


def _scheduled(job: Job | None) -> str:
    """When a publishing that waits for its moment is done, in words."""
    at = job.payload.get(AT) if job and job.state is JobState.QUEUED else None
    return moment(datetime.fromisoformat(at)) if at else ""


@router.post("/rendre")
def give(session_id: str, office: AsClerk, passage: Annotated[int, Form(ge=1)]) -> Response:
    """Let readers have a passage again that the office kept."""
    give_back(office.desk.archive, session_id, passage, office.account.login)
    office.desk.exports.forget(session_id)
    return _back(session_id)


@router.post("/retirer")
def retire(session_id: str, office: AsClerk) -> Response:
    """Withdraw it from readers, at once."""
    withdraw(office.desk.archive, session_id, office.account.login)
    office.desk.exports.forget(session_id)
    return _back(session_id)


@router.post("/huis-clos")
def in_camera(session_id: str, office: AsClerk, certain: Certain = "") -> Response:
    """Hold the whole session in camera, at once."""
    check_certain(certain)
    hold_in_camera(office.desk.archive, session_id, office.account.login)
    office.desk.exports.forget(session_id)
    return _back(session_id)


@router.post("/brouillon")
def draft(session_id: str, office: AsClerk, certain: Certain = "") -> Response:
    """Make it a draft again."""
    check_certain(certain)
    reopen(office.desk.archive, session_id, office.account.login)
    return _back(session_id)


def _back(session_id: str) -> Response:
    return see_other(session_address(session_id, "publication"))


def _by_a_clerk(job: Job | None) -> Job | None:
    """A publishing that a clerk wants and that is not done; None for one that follows an edit."""
    wanted = job is not None and job.payload.get(OPEN) and job.state is not JobState.DONE
    return job if wanted else None


def _since(archive: Archive, session_id: str) -> dict[str, str] | None:
    """When its present status began and by whom, by the log of who did what."""
    table = audit.table.c
    query = select(table.at, table.who).where(table.what == session_id, table.action.in_(_STATES))
    with archive.engine.connect() as db:
        row = db.execute(query.order_by(table.id.desc()).limit(1)).first()
    return None if row is None else {"when": moment(row.at), "who": row.who}


def _line(one: Redaction, session: Session) -> dict[str, object]:
    """A redaction of the list: where, why, since when and by whom, and whether it is finished."""
    start, end = one.span.start_ms, one.span.end_ms
    points = [i.title for i in session.agenda if i.start_ms == start]
    clocks = (clock_in(session, start), clock_in(session, end))
    return {
        "place": f"{clocks[0]}–{clocks[1]}" if clocks[0] else f"{start}–{end}",
        "point": points[0] if points else "",
        "why": one.why,
        "number": one.id,
        "closing": _closing(session, one.span) if one.why is RedactionReason.WITHHELD else "",
        "since": {"when": moment(one.at), "who": one.by},
        "done": one.has(RedactionStage.DONE),
    }
