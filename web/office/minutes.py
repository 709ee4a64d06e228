"""Exports from the office, drafts included, and the city's own template of minutes.

A template is given, tried, used, given up; the page lists the fields that it may name.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.exports.exports import (
    MEDIA_TYPES,
    Form,
    export_bytes,
    file_response,
    house_of,
    read_form,
    script_for,
)
from api.exports.minutes import LARGEST_MB, documented
from api.exports.minutes_store import drop, keep, own_since, own_template, specimen
from api.exports.minutes_template import default_template
from ingest.archive import audit
from ingest.archive.remainder import open_part
from ingest.errors import BadInput, NotFound
from ingest.french_dates import day
from ingest.settings import Settings
from web.office.page import NOT_KEPT, AsClerk, Office, see_other
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
    return file_response(script, wanted, body, NOT_KEPT)


@router.api_route("/modele", methods=READ, response_class=HTMLResponse)
def template(office: AsClerk, fait: str = "") -> HTMLResponse:
    """Which template is used, and how to have one's own."""
    return _page(office, done=fait)


@router.post("/modele")
async def give(request: Request, office: AsClerk) -> Response:
    """Try a template, and use it if it can be filled."""
    if int(request.headers.get("content-length", 0)) > (LARGEST_MB + 1) << 20:
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
