"""The members of each body, with the days from and until which each is one.

The list is typed or comes as a file, and is kept whole. Sessions that are brought in take those of
their day; those that are here already keep the list they have.
"""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from ingest.documents.office_files import LIST_FILES, MOST_DOCUMENT, document_text
from ingest.documents.roster import MOST_ROSTER
from ingest.editing.details import LONGEST
from ingest.errors import BadInput, UserError
from ingest.intake.form import as_csv, typed_memberships
from ingest.intake.rosters import bodies, change_roster, kept_roster
from web.office.page import AsClerk, Office, is_larger, see_other
from web.site import READ

router = APIRouter(prefix="/bureau/membres", include_in_schema=False)
_FIELDS = ("organe", "liste", "base")


@router.api_route("", methods=READ, response_class=HTMLResponse)
def members(office: AsClerk, organe: str | None = None, fait: str = "") -> HTMLResponse:
    """The list of a body, the first one's unless one is named, and the form that changes it."""
    return _page(office, None if organe is None else organe.strip()[:LONGEST], done=bool(fait))


@router.post("")
async def keep(request: Request, office: AsClerk) -> Response:
    """Keep a body's list, as it is typed or as a file has it."""
    if is_larger(request, MOST_DOCUMENT.size + 2 * MOST_ROSTER.size):
        raise BadInput("Ce fichier est trop grand : enregistrez-le sans images.")
    async with request.form(max_files=1, max_fields=len(_FIELDS) + 1) as form:
        file = form.get("fichier")
        given = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else None
        typed = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in _FIELDS}
    return await run_in_threadpool(_keep, office, typed, given)


def _keep(office: Office, typed: dict[str, str], file: tuple[str, bytes] | None) -> Response:
    body = " ".join(typed["organe"].split())
    try:
        if not 0 < len(body) <= LONGEST:
            raise BadInput("Dites de quel organe, par exemple « Conseil municipal ».")
        if file and file[1]:
            typed["liste"] = document_text(file[1], file[0], table=True)
        MOST_ROSTER.check(len(typed["liste"]), "liste")
        memberships = typed_memberships(typed["liste"])
        with office.desk.archive.begin() as db:
            change_roster(db, body, typed["base"], memberships, office.account.login)
    except UserError as error:
        return _page(office, body, typed, error)
    return see_other(f"/bureau/membres?{urlencode({'organe': body, 'fait': 'garde'})}")


def _page(
    office: Office,
    body: str | None,
    typed: Mapping[str, str] | None = None,
    error: UserError | None = None,
    *,
    done: bool = False,
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        known = bodies(db)
        body = next(iter(known), "") if body is None else body
        kept = kept_roster(db, body)
    memberships = kept.memberships if kept else ()
    now = date.today()
    return office.page(
        "office/members.html",
        error,
        bodies=known,
        body=kept.body if kept else body,
        lines=[(one.person, (one.since, one.until), one.holds_on(now)) for one in memberships],
        today=len(kept.on(now)) if kept else 0,
        base=kept.seal if kept else "",
        listed=typed["liste"] if typed else as_csv(memberships) if memberships else "",
        accepted=",".join(LIST_FILES),
        done=done,
    )
