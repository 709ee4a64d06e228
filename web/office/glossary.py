"""The glossary that clerks keep: words to be written so, and how they are heard otherwise.

What corrections taught is seen here, added to and taken back. The city's own file is not changed.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.roles import Account, Clerk
from api.desk import AtDesk, Desk
from api.problems import problem_of
from ingest.editing import learned_terms
from ingest.errors import BadInput
from web.office.page import bureau_page
from web.site import READ, OnSite

router = APIRouter(prefix="/bureau/glossaire", include_in_schema=False)
HERE = "/bureau/glossaire"
Text = Annotated[str, Form()]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]  # what SQL can hold


@router.api_route("", methods=READ, response_class=HTMLResponse)
def words(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The list, newest first, and the form that adds to it."""
    return _page(desk, site, account)


@router.post("")
def add(desk: AtDesk, site: OnSite, account: Clerk, text: Text = "", spoken: Text = "") -> Response:
    """Add a word; `spoken` is what it is heard as, parted by commas."""
    try:
        forms = [form for form in spoken.split(",") if form.strip()]
        with desk.archive.begin() as db:
            learned_terms.teach(db, text, forms, account.login)
    except BadInput as error:
        return _page(desk, site, account, (text, spoken), error)
    return RedirectResponse(HERE, 303)


@router.post("/{number}/retirer")
def remove(number: Number, desk: AtDesk, account: Clerk) -> Response:
    """Take a word off the list."""
    with desk.archive.begin() as db:
        learned_terms.forget(db, number, account.login)
    return RedirectResponse(HERE, 303)


def _page(
    desk: Desk,
    site: OnSite,
    account: Account,
    given: tuple[str, str] = ("", ""),
    error: BadInput | None = None,
) -> HTMLResponse:
    with desk.archive.engine.connect() as db:
        found = learned_terms.taught(db)
    problem = problem_of(error, HERE) if error else None
    return bureau_page(
        site,
        account,
        "office/words.html",
        problem.status if problem else 200,
        found=found[::-1],
        given=given,
        error=problem.detail if problem else None,
    )
