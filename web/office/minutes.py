"""The city's own template of minutes: given, tried, used, given up; and the fields it may name."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.accounts.roles import Account, Clerk
from api.desk import AtDesk, Desk
from api.exports.exports import MEDIA_TYPES, Form, read_form, taken_out, written_down
from api.exports.minutes import LARGEST_MB, documented
from api.exports.minutes_store import drop, keep, own_since, own_template, specimen
from api.exports.minutes_template import default_template
from ingest.archive import audit
from ingest.errors import BadInput, NotFound
from ingest.french_dates import day
from ingest.settings import Settings
from web.office.page import NOT_KEPT, bureau_page
from web.public.export import file_response, house_of
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau", include_in_schema=False)


@router.api_route("/modele", methods=READ, response_class=HTMLResponse)
def template(desk: AtDesk, site: OnSite, account: Clerk, fait: str = "") -> HTMLResponse:
    """Which template is used, and how to have one's own."""
    return _page(desk, site, account, done=fait)


@router.post("/modele")
async def give(request: Request, desk: AtDesk, site: OnSite, account: Clerk) -> Response:
    """Try a template, and use it if it can be filled."""
    if int(request.headers.get("content-length", 0)) > (LARGEST_MB + 1) << 20:
        told = f"Ce fichier dépasse {LARGEST_MB} Mo : réduisez ses images."
        return await run_in_threadpool(_page, desk, site, account, told)
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("modele")
        given = await file.read((LARGEST_MB << 20) + 1) if isinstance(file, UploadFile) else b""
    return await run_in_threadpool(_given, desk, site, account, given)


def _given(desk: Desk, site: Site, account: Account, given: bytes) -> Response:
    try:
        if not given:
            raise BadInput("Choisissez d'abord le fichier .docx de votre modèle.")
        keep(desk.settings, given)
    except BadInput as error:
        return _page(desk, site, account, str(error))
    return _done(desk, account, "template.keep", "garde")


@router.post("/modele/retirer")
def give_up(desk: AtDesk, account: Clerk) -> Response:
    """Use our template again."""
    drop(desk.settings)
    return _done(desk, account, "template.drop", "retire")


@router.api_route("/modele/{which}.docx", methods=READ)
def download(which: str, desk: AtDesk, account: Clerk) -> Response:
    """Our template, the city's, or the specimen that the one in use gives."""
    body = _document(which, desk.settings)
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


def _done(desk: Desk, account: Account, verb: str, told: str) -> Response:
    with desk.archive.begin() as db:
        audit.record(db, account.login, verb, "minutes")
    return RedirectResponse(f"/bureau/modele?fait={told}", 303, NOT_KEPT)


def _page(
    desk: Desk, site: Site, account: Account, error: str = "", done: str = ""
) -> HTMLResponse:
    since = own_since(desk.settings)
    return bureau_page(
        site,
        account,
        "office/minutes.html",
        422 if error else 200,
        since=day(since) if since else "",
        groups=documented(),
        error=error,
        done=done,
    )


# A sitting taken out of the office, drafts included. No copy is kept on the way.


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
