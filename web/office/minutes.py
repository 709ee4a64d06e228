"""Exports from the office, drafts included, and the city's own template of minutes.

A template is given, tried, used, given up; the page lists the fields that it may name.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.exports.attendance import (
    Attendance,
    Attended,
    as_typed,
    confirm,
    confirmed,
    proposal,
    read_attendance,
)
from api.exports.exports import (
    MEDIA_TYPES,
    Form,
    export_bytes,
    house_of,
    read_form,
    script_for,
)
from api.exports.minutes import LARGEST_MB, documented
from api.exports.minutes_store import drop, keep, own_since, own_template, specimen
from api.exports.minutes_template import default_template
from api.routes.http import attachment
from api.views.session import session_view
from ingest.archive import audit
from ingest.archive.remainder import open_part
from ingest.documents.roster import MOST_PEOPLE
from ingest.errors import BadInput, NotFound
from ingest.french_dates import day
from ingest.settings import Settings
from ingest.transcript import Session
from web.office.page import NOT_KEPT, AsClerk, Office, is_larger, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)


@router.api_route("/seances/{session_id}/export.{form}", methods=READ)
def export_session(session_id: str, form: str, office: AsClerk, horaires: bool = False) -> Response:
    """A session as it stands now, whatever its status, without what the office alone keeps: what
    is exported is passed on. No copy is kept on the way.
    """
    wanted, archive = read_form(form), office.desk.archive
    session, transcript = archive.session(session_id), open_part(archive.transcript(session_id))
    script = script_for(archive, session, transcript, wanted)
    body = export_bytes(script, wanted, house_of(office.desk.settings, wanted), timecodes=horaires)
    name = attachment(f"{session_id}.{wanted}")
    return Response(body, headers=name | NOT_KEPT, media_type=MEDIA_TYPES[wanted])


@router.api_route("/modele", methods=READ, response_class=HTMLResponse)
def template(office: AsClerk, fait: str = "") -> HTMLResponse:
    """Which template is used, and how to have one's own."""
    return _page(office, done=fait)


@router.post("/modele")
async def give(request: Request, office: AsClerk) -> Response:
    """Try a template, and use it if it can be filled."""
    if is_larger(request, (LARGEST_MB + 1) << 20):
        error = BadInput(f"Ce fichier dépasse {LARGEST_MB} Mo : réduisez ses images.")
        return await run_in_threadpool(_page, office, error)
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("modele")
        given = await file.read((LARGEST_MB << 20) + 1) if isinstance(file, UploadFile) else b""
    return await run_in_threadpool(_keep, office, given)


def _keep(office: Office, given: bytes) -> Response:
    try:
        if not given:
            raise BadInput("Choisissez d'abord le fichier .docx de votre modèle.")
        keep(office.desk.settings, given)
    except BadInput as error:
        return _page(office, error)
    return _done(office, "template.keep", "garde")


@router.post("/modele/retirer")
def give_up(office: AsClerk) -> Response:
    """Use our template again."""
    drop(office.desk.settings)
    return _done(office, "template.drop", "retire")


@router.api_route("/modele/{which}.docx", methods=READ)
def download(which: str, office: AsClerk) -> Response:
    """Our template, the city's, or the specimen that the one in use gives."""
    body = _document(which, office.desk.settings)
    if body is None:
        raise NotFound(f"Il n'y a pas de document « {which} » ici.")
    headers = {"Content-Disposition": f'attachment; filename="{which}.docx"'} | NOT_KEPT
    return Response(body, headers=headers, media_type=MEDIA_TYPES[Form.DOCX])


def _document(which: str, settings: Settings) -> bytes | None:
    if which == "modele":
        return default_template()
    if which == "notre-modele":
        return own_template(settings)
    return specimen(settings) if which == "exemple" else None


def _done(office: Office, verb: str, done: str) -> Response:
    with office.desk.archive.begin() as db:
        audit.record(db, office.account.login, verb, "minutes")
    return see_other(f"/bureau/modele?fait={done}")


def _page(office: Office, error: BadInput | None = None, done: str = "") -> HTMLResponse:
    since = own_since(office.desk.settings)
    shown = day(since) if since else ""
    return office.page("office/minutes.html", error, since=shown, groups=documented(), done=done)


# --- who was there ----------------------------------------------------------------------------

_MOST_FIELDS = 3 * MOST_PEOPLE + 4  # three for each member, and the hours


@router.api_route("/seances/{session_id}/presences", methods=READ, response_class=HTMLResponse)
def attendance(session_id: str, office: AsClerk, fait: str = "") -> HTMLResponse:
    """Who was there and when, as it is kept, or else as the words and the list tell it."""
    archive = office.desk.archive
    session = archive.session(session_id)
    with archive.engine.connect() as db:
        kept = confirmed(db, session)
    shown = kept or proposal(session, open_part(archive.transcript(session_id)))
    return _attendance_page(office, session, shown, is_kept=kept is not None, done=bool(fait))


def _attendance_page(
    office: Office,
    session: Session,
    shown: Attendance,
    error: BadInput | None = None,
    *,
    is_kept: bool = False,
    done: bool = False,
) -> HTMLResponse:
    return office.page(
        "office/attendance.html",
        error,
        session=session_view(session),
        shown=shown,
        states=list(Attended),
        is_kept=is_kept,
        done=done,
    )


@router.post("/seances/{session_id}/presences")
async def confirm_attendance(session_id: str, request: Request, office: AsClerk) -> Response:
    """Keep who was there, as it is typed."""
    async with request.form(max_fields=_MOST_FIELDS, max_files=0) as form:
        typed = {name: value[:40] for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_confirmed, session_id, office, typed)


def _confirmed(session_id: str, office: Office, typed: dict[str, str]) -> Response:
    session = office.desk.archive.session(session_id)
    try:
        given = read_attendance(session, typed)
    except BadInput as error:
        return _attendance_page(office, session, as_typed(session, typed), error)
    with office.desk.archive.begin() as db:
        confirm(db, session, given, office.account.login)
    office.desk.exports.forget(session_id)
    return see_other(f"{session_address(session_id, 'presences')}?fait=garde")
