"""The glossary that clerks keep: words to be written so, and how they are misheard.

Shows, adds and removes what corrections taught. The city's own file is not changed.
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ingest.editing import learned_terms
from ingest.errors import BadInput
from web.office.page import AsClerk, Office, RowNumber, Text
from web.site import READ

router = APIRouter(prefix="/bureau/glossaire", include_in_schema=False)
HERE = "/bureau/glossaire"


@router.api_route("", methods=READ, response_class=HTMLResponse)
def glossary(office: AsClerk) -> HTMLResponse:
    """The words, newest first, and the form that adds one."""
    return _page(office)


@router.post("")
def add(office: AsClerk, text: Text = "", spoken: Text = "") -> Response:
    """Add a word; `spoken` are its misheard forms, parted by commas."""
    try:
        forms = [form for form in spoken.split(",") if form.strip()]
        with office.desk.archive.begin() as db:
            learned_terms.teach(db, text, forms, office.account.login)
    except BadInput as error:
        return _page(office, (text, spoken), error)
    return RedirectResponse(HERE, 303)


@router.post("/{number}/retirer")
def remove(number: RowNumber, office: AsClerk) -> Response:
    """Remove a word."""
    with office.desk.archive.begin() as db:
        learned_terms.forget(db, number, office.account.login)
    return RedirectResponse(HERE, 303)


def _page(
    office: Office, typed: tuple[str, str] = ("", ""), error: BadInput | None = None
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        terms = learned_terms.taught(db)
    return office.page("office/glossary.html", error, terms=terms[::-1], typed=typed)
