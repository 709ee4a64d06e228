"""What every page of the office shares: who asks for it, how it is answered, what is left to do.

Nothing of the office is kept by a browser or a cache. Knows no page in particular.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.roles import Account, Role
from api.desk import Desk
from api.routes import AtDesk, needs
from ingest.archive import repository
from ingest.archive.repository import Archive
from ingest.archive.schema import SQL_MAX
from ingest.documents.agenda_store import unplaced
from ingest.editing.progress import checked
from ingest.editing.review_progress import likely_errors, open_doubts
from ingest.errors import BadInput
from ingest.transcript import Session
from web.site import OnSite, Site

NOT_KEPT = {"Cache-Control": "no-store"}
Text = Annotated[str, Form()]
RowNumber = Annotated[int, Path(ge=1, le=SQL_MAX)]


@dataclass(frozen=True)
class Office:
    """A request to the office: the desk, the site, and the account in whose name it is sent."""

    desk: Desk
    site: Site
    account: Account

    def page(self, template: str, error: Exception | None = None, **values: object) -> HTMLResponse:
        """A template as a response. An `error` decides its status, and is shown as `error`."""
        return self.site.form_page(template, error, account=self.account, **values)


def _office(role: Role) -> Callable[..., Office]:
    def office(
        desk: AtDesk, site: OnSite, account: Annotated[Account, Depends(needs(role))]
    ) -> Office:
        return Office(desk, site, account)

    return office


AsReader = Annotated[Office, Depends(_office(Role.READER))]
AsClerk = Annotated[Office, Depends(_office(Role.CLERK))]
AsAdministrator = Annotated[Office, Depends(_office(Role.ADMINISTRATOR))]


def office_page(
    site: Site, account: Account | None, template: str, status_code: int = 200, **values: object
) -> HTMLResponse:
    """A template of the office as a response."""
    body = site.render(template, account=account, **values)
    return HTMLResponse(body, status_code, headers=NOT_KEPT)


def see_other(address: str) -> Response:
    """Send the browser on to a page, as a form that was sent is answered (303)."""
    return RedirectResponse(address, 303, NOT_KEPT)


def is_larger(request: Request, limit: int) -> bool:
    """Is what is sent larger than so many bytes, or of a length that is not told?

    A form is put on the disk whole before it can be read.
    """
    length = request.headers.get("content-length", "")
    return not length.isdecimal() or int(length) > limit


def check_certain(ticked: str) -> None:
    """Raise `BadInput` unless the box that confirms an act was ticked."""
    if ticked != "oui":
        raise BadInput("Cochez la case qui confirme, puis recommencez.")


def session_address(session_id: str, part: str = "") -> str:
    """The address of a session's page in the office, or of a `part` of its own (votes)."""
    return f"/bureau/seances/{quote(session_id, safe='')}" + (f"/{part}" if part else "")


@dataclass(frozen=True)
class Remaining:
    """What is left to do on a session.

    `turns` have words; `unnamed` voices speak without a name; `placed` of the agenda's `points`
    have a time, or were not taken up as a person says; `likely_errors` are wrong words, None where
    that cannot be told.
    """

    turns: int
    checked: int
    unnamed: int
    doubts: int
    likely_errors: int | None
    points: int
    placed: int


def remaining(archive: Archive, session: Session) -> Remaining:
    """What is left to do on a session now."""
    with archive.engine.connect() as db:
        turns = repository.outlines(db, session.id)
        speakers = repository.speakers(db, session.id)
        marks = checked(db, session.id)
        missing = unplaced(db, session.id)
        doubts = open_doubts(db, session.id, turns, speakers, marks)
        errors = likely_errors(db, session.id, marks)
    named = {speaker.label for speaker in speakers if speaker.person}
    return Remaining(
        turns=len(turns),
        checked=sum(turn.id in marks for turn in turns),
        unnamed=len({turn.speaker for turn in turns if turn.speaker} - named),
        doubts=len(doubts),
        likely_errors=errors,
        points=len(session.agenda),
        placed=len(session.agenda) - len(missing),
    )


@dataclass(frozen=True)
class Check:
    """A line of what is looked at before publishing: so many `n` of so many `of`, settled there."""

    name: str
    part: str
    n: int
    of: int

    @property
    def done(self) -> bool:
        """Is nothing left of it?"""
        return self.n == self.of


def checklist(left: Remaining, judged: int, votes: int, timeless: int) -> list[Check]:
    """What is looked at before publishing.

    `judged` of the `votes` have a verdict; `timeless` points are in camera and have no time.
    """
    return [
        Check("text", "relecture", min(left.turns, 1), 1),
        Check("turns", "relecture", left.checked, left.turns),
        Check("unnamed", "voix", left.unnamed, 0),
        Check("doubts", "relecture", left.doubts, 0),
        Check("points", "ordre-du-jour", left.placed, left.points),
        Check("votes", "votes", judged, votes),
        Check("in_camera", "ordre-du-jour", timeless, 0),
    ]
