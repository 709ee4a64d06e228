"""The log of who did what, newest first, and what came of it in figures, year by year.

For administrators; no page changes either.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.catalogue import Catalogue
from api.views.wording import length, moment
from ingest.archive import audit, statistics
from ingest.archive.schema import SQL_MAX, to_local
from web.office.page import AsAdministrator
from web.site import READ

router = APIRouter(prefix="/bureau/journal", include_in_schema=False)
PER_PAGE = 100  # entries: a few screens


@router.api_route("", methods=READ, response_class=HTMLResponse)
def log(
    office: AsAdministrator, avant: Annotated[int | None, Query(ge=1, le=SQL_MAX)] = None
) -> HTMLResponse:
    """`PER_PAGE` entries; `avant`: those before an entry's number."""
    with office.desk.archive.engine.connect() as db:
        entries = audit.newest(db, PER_PAGE + 1, avant)
    shown = entries[:PER_PAGE]
    return office.page(
        "office/audit.html",
        lines=[_line(office.site.text, entry) for entry in shown],
        older=shown[-1].id if len(entries) > PER_PAGE else None,
        newest=avant is None,
    )


@router.api_route("/chiffres", methods=READ, response_class=HTMLResponse)
def figures(office: AsAdministrator) -> HTMLResponse:
    """What was published, read and corrected, by year."""
    with office.desk.archive.engine.connect() as db:
        years = statistics.by_year(db)
    shown = [(line, length(line.sound_ms) if line.sound_ms else "") for line in years]
    return office.page("office/figures.html", years=shown)


def _line(text: Catalogue, entry: audit.Entry) -> dict[str, str]:
    """An entry as it is shown: `at` is ISO 8601, `when` the same in words, where the server is."""
    return {
        "at": to_local(entry.at).isoformat(timespec="seconds"),
        "when": moment(entry.at),
        "who": text.who(entry.who),
        # A verb that the catalogue lacks is shown as it is kept.
        "action": text.texts.get(f"audit.{entry.action}", entry.action),
        "what": "" if entry.what == entry.who else entry.what,  # to oneself: said once
    }
