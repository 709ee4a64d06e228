"""The agenda on the time line: what the chair's words propose, confirmed, moved or taken away.

One form: whichever of its buttons is pressed, all that is typed is kept with it. Made from an
agenda that somebody else has changed since, it is shown again beside that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.auth import Account, Clerk
from api.desk import AtDesk, Desk
from api.views import session_view
from ingest.agenda_desk import (
    Place,
    Placed,
    Stale,
    agenda_of,
    change,
    nearest,
    places,
    proposals,
    seal,
)
from ingest.errors import UserError
from ingest.transcript import Session
from web.bureau.agenda_form import MOST, Row, Typed, WrongRow, points, read_form, row_of, shown
from web.bureau.page import NOT_KEPT, bureau_page, sitting_page
from web.site import READ, OnSite, Site

router = APIRouter(prefix="/bureau/seances/{session_id}/ordre-du-jour", include_in_schema=False)
DONE = ("garde", "place")
_FIELDS = 8 * (MOST + 2)


@dataclass(frozen=True)
class Line:
    """A row of the page. `words` are those its time rests on, or those that propose one."""

    row: Row
    words: str
    proposed: str
    proposed_ms: int | None
    wrong: str = ""


@router.api_route("", methods=READ, response_class=HTMLResponse)
def agenda(
    session_id: str, desk: AtDesk, site: OnSite, account: Clerk, fait: str = ""
) -> HTMLResponse:
    """The points, each with its time and the words it rests on."""
    shelf = _Shelf(desk, session_id)
    rows = [row_of(shelf.session, one) for one in shelf.kept]
    return shelf.page(site, account, rows, shelf.base, done=fait if fait in DONE else "")


@router.post("")
async def save(
    session_id: str, request: Request, desk: AtDesk, site: OnSite, account: Clerk
) -> Response:
    """Keep what is typed, do what the button says, and come back to the point."""
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        typed = read_form(form)
    return await run_in_threadpool(_saved, session_id, desk, site, account, typed)


def _saved(session_id: str, desk: Desk, site: Site, account: Account, typed: Typed) -> Response:
    shelf = _Shelf(desk, session_id)
    try:
        made = points(shelf.session, shelf.places, typed)
        if change(desk.archive, session_id, typed.base, made, account.login):
            desk.wake()
    except WrongRow as error:
        return shelf.page(site, account, typed.rows, typed.base, error=error)
    except Stale as error:
        return shelf.page(site, account, typed.rows, shelf.base, error=error)
    here = sitting_page(session_id, "ordre-du-jour")
    if typed.act == "pick":
        return _to(f"{here}/choisir?point={typed.at}")
    at = typed.at + {"up": -1, "down": 1}.get(typed.act, 0)
    return _to(f"{here}?fait=garde" + (f"#point-{at}" if 0 <= at < len(made) else ""))


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, NOT_KEPT)


class _Shelf:
    """What the page is made of: the session, its agenda as it stands, where sentences begin."""

    def __init__(self, desk: Desk, session_id: str) -> None:
        self.session: Session = desk.archive.session(session_id)
        self.turns = desk.archive.transcript(session_id).turns
        self.places = places(self.turns)
        with desk.archive.engine.connect() as db:
            self.kept = agenda_of(db, session_id)
        self.base = seal(self.kept)

    def page(
        self,
        site: Site,
        account: Account,
        rows: Sequence[Row],
        base: str,
        error: UserError | None = None,
        done: str = "",
    ) -> HTMLResponse:
        """The page with these rows; with an error, what stands now beside them."""
        stale = isinstance(error, Stale)
        status = 200 if error is None else 409 if stale else 422
        blank = error is None or not rows or not rows[-1].is_blank
        return bureau_page(
            site,
            account,
            "bureau/agenda.html",
            status,
            session=session_view(self.session),
            status=self.session.status,
            lines=self._lines(rows, error),
            with_blank=blank and error is None,
            base=base,
            error=str(error) if error else "",
            now=[row_of(self.session, one) for one in self.kept] if stale else [],
            done=done,
        )

    def _lines(self, rows: Sequence[Row], error: UserError | None) -> list[Line]:
        as_is = [row_of(self.session, one) for one in self.kept] == list(rows)
        none: tuple[int | None, ...] = (None,) * len(rows)
        told = proposals(self.turns, self.kept) if as_is else none
        return [
            Line(
                row=row,
                words=self._words(row.start_ms if proposed is None else proposed),
                proposed=shown(self.session, proposed),
                proposed_ms=proposed,
                wrong=error.field if isinstance(error, WrongRow) and error.row == n else "",
            )
            for n, (row, proposed) in enumerate(zip(rows, told, strict=True))
        ]

    def _words(self, at_ms: int | None) -> str:
        place: Place | None = None if at_ms is None else nearest(self.places, at_ms)
        return place.words if place else ""


def unconfirmed(agenda: Sequence[Placed]) -> int:
    """How many points have a time that nobody has confirmed."""
    return sum(one.item.start_ms is not None and not one.confirmed for one in agenda)
