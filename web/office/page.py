"""How a page of the office is made: never kept by anybody, and in the name of an account."""

from urllib.parse import quote

from fastapi.responses import HTMLResponse

from api.accounts.roles import Account
from web.site import Site

NOT_KEPT = {"Cache-Control": "no-store"}


def sitting_page(session_id: str, part: str = "") -> str:
    """The address of a sitting's page in the office, or of a `part` of its own (votes)."""
    return f"/bureau/seances/{quote(session_id, safe='')}" + (f"/{part}" if part else "")


def bureau_page(
    site: Site, account: Account | None, template: str, status_code: int = 200, **values: object
) -> HTMLResponse:
    """A template of the office as a response; `account` None before anybody has signed in."""
    body = site.render(template, account=account, **values)
    return HTMLResponse(body, status_code, headers=NOT_KEPT)
