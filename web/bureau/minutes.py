"""The city's own template of minutes: given, tried, used, given up; and the fields it may name."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.auth import Account, Clerk
from api.desk import AtDesk, Desk
from api.taking_out.exports import MEDIA_TYPES, Form
from api.taking_out.minutes_docx import LARGEST_MB
from api.taking_out.minutes_fields import documented
from api.taking_out.minutes_own import drop, keep, own_since, own_template, specimen
from api.taking_out.minutes_template import default_template
from api.wording import day
from ingest import audit
from ingest.errors import BadInput, NotFound
from ingest.settings import Settings
from web.bureau.page import NOT_KEPT, bureau_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau/modele", include_in_schema=False)


@router.api_route("", methods=READ, response_class=HTMLResponse)
def template(desk: AtDesk, site: OnSite, account: Clerk, fait: str = "") -> HTMLResponse:
    """Which template is used, and how to have one's own."""
    return _page(desk, site, account, done=fait)


@router.post("")
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


@router.post("/retirer")
def give_up(desk: AtDesk, account: Clerk) -> Response:
    """Use our template again."""
    drop(desk.settings)
    return _done(desk, account, "template.drop", "retire")


@router.api_route("/{which}.docx", methods=READ)
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
        "bureau/minutes.html",
        422 if error else 200,
        since=day(since) if since else "",
        groups=documented(),
        error=error,
        done=done,
    )
