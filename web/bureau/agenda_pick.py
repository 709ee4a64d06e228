"""Saying where a point is taken up by choosing the sentence that does it, from a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import Clerk
from api.desk import AtDesk
from api.views import session_view
from api.wording import Who, nameless, who
from ingest.agenda_desk import Place, Placed, agenda_of, change, placed, places, seal
from ingest.errors import NotFound
from ingest.naming.chair import read_sitting
from ingest.text import fold
from ingest.transcript import Session, Transcript
from web.bureau.agenda_form import shown
from web.bureau.page import NOT_KEPT, bureau_page, sitting_page
from web.site import READ, OnSite

router = APIRouter(
    prefix="/bureau/seances/{session_id}/ordre-du-jour/choisir", include_in_schema=False
)
MOST = 250  # sentences: more is not looked through, but searched


@dataclass(frozen=True)
class Choice:
    """A sentence that may take a point up."""

    start_ms: int
    start: str
    who: Who
    words: str


@router.api_route("", methods=READ, response_class=HTMLResponse)
def choose(
    session_id: str,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    point: int = 0,
    q: str = "",
    tout: bool = False,
) -> HTMLResponse:
    """The sentences between the points before and after, or all of them; `q` narrows them."""
    session, transcript = desk.archive.session(session_id), desk.archive.transcript(session_id)
    with desk.archive.engine.connect() as db:
        agenda = agenda_of(db, session_id)
    _check(agenda, point)
    after, before = (0, session.duration_ms) if tout else _bounds(session, agenda, point)
    found = [
        choice
        for choice in _choices(session, transcript)
        if after <= choice.start_ms <= before and fold(q) in fold(choice.words)
    ]
    return bureau_page(
        site,
        account,
        "bureau/agenda_pick.html",
        session=session_view(session),
        point=point,
        item=agenda[point].item,
        choices=found[:MOST],
        more=len(found) > MOST,
        everything=tout,
        q=q,
        base=seal(agenda),
    )


@router.post("")
def take(
    session_id: str,
    desk: AtDesk,
    account: Clerk,
    point: Annotated[int, Form()],
    start_ms: Annotated[int, Form(ge=0)],
    base: Annotated[str, Form()],
) -> Response:
    """Place the point at the sentence that was chosen."""
    with desk.archive.engine.connect() as db:
        agenda = agenda_of(db, session_id)
    _check(agenda, point)
    if change(desk.archive, session_id, base, placed(agenda, point, start_ms), account.login):
        desk.wake()
    here = sitting_page(session_id, "ordre-du-jour")
    return RedirectResponse(f"{here}?fait=place#point-{point}", 303, NOT_KEPT)


def _check(agenda: Sequence[Placed], point: int) -> None:
    if not 0 <= point < len(agenda):
        raise NotFound("Ce point n'est plus à l'ordre du jour : revenez à la liste des points.")


def _bounds(session: Session, agenda: Sequence[Placed], point: int) -> tuple[int, int]:
    """From the point before to the point after, where these have times in order."""
    before = [p.item.start_ms for p in agenda[:point] if p.item.start_ms is not None]
    after = [p.item.start_ms for p in agenda[point + 1 :] if p.item.start_ms is not None]
    start, end = max(before, default=0), min(after, default=session.duration_ms)
    return (start, end) if start < end else (0, session.duration_ms)


def _choices(session: Session, transcript: Transcript) -> Iterator[Choice]:
    """The first sentence of each turn, and all of those who chair: points are in mid-turn."""
    chairs = read_sitting(transcript.turns, session.roster).chairs
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    turns = {turn.index: turn for turn in transcript.turns}
    seen: set[int] = set()
    place: Place
    for place in places(transcript.turns):
        turn = turns[place.turn]
        if place.turn in seen and turn.speaker not in chairs and session.has_audio:
            continue
        seen.add(place.turn)
        speaks = who(session, transcript.person(turn), numbers.get(turn.speaker or ""))
        yield Choice(place.start_ms, shown(session, place.start_ms), speaks, place.words)
