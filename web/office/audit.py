"""The log of what was done, newest first. For administrators; nobody can change it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.accounts.roles import Administrator
from api.desk import AtDesk
from api.views.wording import local, moment
from ingest.archive import audit
from web.office.page import bureau_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau/journal", include_in_schema=False)
PER_PAGE = 100
SQL_MAX = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """An entry as it is shown. `at` is ISO 8601, `when` the same in words, where the server is."""

    at: str
    when: str
    who: str
    action: str
    what: str


@router.api_route("", methods=READ, response_class=HTMLResponse)
def journal(
    desk: AtDesk,
    site: OnSite,
    account: Administrator,
    avant: Annotated[int | None, Query(ge=1, le=SQL_MAX)] = None,
) -> HTMLResponse:
    """A hundred entries; `avant`: those before an entry's number."""
    with desk.archive.engine.connect() as db:
        found = audit.newest(db, PER_PAGE + 1, avant)
    shown = found[:PER_PAGE]
    return bureau_page(
        site,
        account,
        "office/journal.html",
        lines=[_line(site, entry) for entry in shown],
        older=shown[-1].id if len(found) > PER_PAGE else None,
        newest=avant is None,
    )


def _line(site: Site, entry: audit.Entry) -> Line:
    at = local(entry.at)
    texts = site.text.texts
    return Line(
        at=at.isoformat(timespec="seconds"),
        when=moment(entry.at),
        who=site.text.who(entry.who),
        # Some other part's verb that nobody has put into words yet is shown as it is.
        action=texts.get(f"audit.{entry.action}", entry.action),
        what="" if entry.what == entry.who else entry.what,  # to oneself: said once
    )
