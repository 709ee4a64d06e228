"""The agenda on the time line: what the chair's words propose, confirmed, moved or removed.

One form: whichever of its buttons is pressed, all that is typed is kept with it. A form made from
an agenda that was changed since is shown again beside the new one. A point is also placed by
choosing, from a list, the sentence that takes it up.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from api.desk import Desk
from api.views.session import session_view
from api.views.wording import Who, nameless, who
from ingest.documents.agenda_store import (
    PlacedPoint,
    PlaceSentence,
    Stale,
    agenda_of,
    change,
    moved,
    nearest,
    placed,
    places,
    proposals,
    seal,
    snapped,
)
from ingest.documents.in_camera import is_marked, marked
from ingest.errors import BadInput, NotFound, UserError
from ingest.speakers.chair import read_debate
from ingest.text import clock, fold
from ingest.transcript import AgendaItem, Session, Transcript
from web.office.page import AsClerk, Office, see_other, session_address
from web.site import READ

router = APIRouter(prefix="/bureau/seances/{session_id}/ordre-du-jour", include_in_schema=False)
MOST = 300  # points: such a form, every sign escaped, fits the 2 MiB of `LimitedBodies`
_LONGEST = 500  # characters of a field: a title of an agenda is a sentence
_FIELDS = 9 * (MOST + 2)  # of a form: a row has eight, and the form has three of its own
MOST_SENTENCES = 250  # of a list to choose from: a longer one is searched
DONE = ("garde", "place")
TO_PLACE = "a-placer"  # points without a time, or whose time is not confirmed
ACTS = ("save", "all", "accept", "confirm", "clear", "up", "down", "delete", "pick")
# 12:31, 0:12:31, 1h02m03, 12'31", with or without tenths and a last "s": as people write clocks.
_CLOCK = re.compile(r"(?:(\d{1,2})[:h])?(\d{1,3})[:m'](\d{2})(?:[.,](\d{1,3}))?\"?s?")
_LAST = 59  # of seconds


@dataclass(frozen=True)
class Row:
    """A point as it is in the form. `start_ms` is the time it had; `time` what is typed of it.

    `closed` is ticked to mark its title as in camera: what is marked is unmarked in its title.
    """

    number: str = ""
    title: str = ""
    object: str = ""
    time: str = ""
    start_ms: int | None = None
    confirmed: bool = False
    proposed_ms: int | None = None
    closed: bool = False

    @property
    def is_blank(self) -> bool:
        """Is nothing typed in it?"""
        return not (self.number or self.title or self.object or self.time)


@dataclass(frozen=True)
class Typed:
    """A whole form: what it was made from, its rows, and the button pressed with its row."""

    base: str
    rows: tuple[Row, ...]
    act: str
    at: int


class WrongRow(BadInput):
    """A row that cannot be kept as it is typed."""

    def __init__(self, row: int, field: str, message: str) -> None:
        super().__init__(message)
        self.row, self.field = row, field


def shown(session: Session, at_ms: int | None) -> str:
    """A place as it is shown and typed: a clock, or the number of a word without sound."""
    if at_ms is None:
        return ""
    return clock(at_ms) if session.is_recorded else str(at_ms)


def row_of(session: Session, one: PlacedPoint) -> Row:
    """A point as a row."""
    item = one.item
    at = shown(session, item.start_ms)
    return Row(item.number, item.title, item.object or "", at, item.start_ms, one.confirmed)


def read_form(given: Mapping[str, object]) -> Typed:
    """A form as it was sent. Raises `BadInput` for what no page of ours sends."""

    def typed(name: str) -> str:
        value = given.get(name, "")
        return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""

    def whole(name: str) -> int | None:
        return int(typed(name)) if re.fullmatch(r"\d{1,9}", typed(name)) else None

    count = min(whole("rows") or 0, MOST)
    rows = [
        Row(
            number=typed(f"number-{n}"),
            title=typed(f"title-{n}"),
            object=typed(f"object-{n}"),
            time=typed(f"time-{n}"),
            start_ms=whole(f"start-{n}"),
            confirmed=typed(f"confirmed-{n}") == "1",
            proposed_ms=whole(f"proposed-{n}"),
            closed=typed(f"closed-{n}") == "oui",
        )
        for n in range(count)
    ]
    act, _, at = typed("act").partition(":")
    if act not in ACTS:
        raise BadInput(f"Le bouton « {act[:40]} » n'existe pas : rechargez la page.")
    return Typed(typed("base"), tuple(rows), act, int(at) if at.isdecimal() else -1)


def points(
    session: Session, sentences: Sequence[PlaceSentence], typed: Typed
) -> tuple[PlacedPoint, ...]:
    """The agenda that a form describes, its button pressed. Raises `WrongRow` for what cannot be.

    A time that a clerk types or removes counts as confirmed.
    """
    deleted = typed.at if typed.act == "delete" else None
    rows = list(enumerate(typed.rows))
    kept = [(n, row) for n, row in rows if n != deleted and not (row.is_blank and n == rows[-1][0])]
    agenda = tuple(_point(session, sentences, n, row) for n, row in kept)
    if typed.act == "all":
        return tuple(
            replace(p, confirmed=p.confirmed or p.item.start_ms is not None) for p in agenda
        )
    if typed.act in ("save", "delete", "pick") or not 0 <= typed.at < len(agenda):
        return agenda
    if typed.act == "accept":
        return placed(agenda, typed.at, typed.rows[typed.at].proposed_ms)
    if typed.act == "clear":
        return placed(agenda, typed.at, None)
    if typed.act == "confirm":
        return placed(agenda, typed.at, agenda[typed.at].item.start_ms)
    return moved(agenda, typed.at, -1 if typed.act == "up" else 1)


def _point(session: Session, sentences: Sequence[PlaceSentence], n: int, row: Row) -> PlacedPoint:
    if not row.title:
        raise WrongRow(
            n, "title", f"Le point {n + 1} n'a pas de titre : écrivez-le, ou supprimez-le."
        )
    start_ms, confirmed = row.start_ms, row.confirmed
    if row.time != shown(session, row.start_ms):
        start_ms, confirmed = _time(session, sentences, n, row.time), True
    title = marked(row.title, row.closed)
    return PlacedPoint(AgendaItem(row.number, title, row.object or None, start_ms), confirmed)


def _time(session: Session, sentences: Sequence[PlaceSentence], n: int, typed: str) -> int | None:
    if not typed:
        return None
    at_ms = read_place(session, typed)
    if at_ms is None:
        how = "0:12:31 ou 12:31" if session.is_recorded else "le rang d'un mot"
        raise WrongRow(n, "time", f"Point {n + 1} : « {typed[:20]} » ne se lit pas. Écrivez {how}.")
    if at_ms >= session.duration_ms:
        end = shown(session, session.duration_ms)
        raise WrongRow(n, "time", f"Point {n + 1} : « {typed} » est après la fin ({end}).")
    return snapped(sentences, at_ms) if session.is_recorded else at_ms


def read_place(session: Session, typed: str) -> int | None:
    """A place as it is typed, None where it cannot be read."""
    if not session.is_recorded:
        return int(typed) if re.fullmatch(r"\d{1,9}", typed) else None
    clock_parts = _CLOCK.fullmatch(typed.replace(" ", ""))
    if clock_parts is None or int(clock_parts[3]) > _LAST:
        return None
    seconds = (int(clock_parts[1] or 0) * 60 + int(clock_parts[2])) * 60 + int(clock_parts[3])
    return seconds * 1000 + int((clock_parts[4] or "").ljust(3, "0"))


@dataclass(frozen=True)
class AgendaRow:
    """A row of the page. `words` are those its time rests on, or those that propose one."""

    row: Row
    words: str
    proposed: str
    proposed_ms: int | None
    wrong: str = ""

    @property
    def is_marked(self) -> bool:
        """Does its title say that it is in camera?"""
        return is_marked(self.row.title)


@router.api_route("", methods=READ, response_class=HTMLResponse)
def agenda(session_id: str, office: AsClerk, fait: str = "", voir: str = "") -> HTMLResponse:
    """The points, each with its time and the words it rests on; all, or those left to place."""
    kept = _Kept(office.desk, session_id)
    done = fait if fait in DONE else ""
    return kept.page(office, kept.rows, kept.base, done=done, only_left=voir == TO_PLACE)


@router.post("")
async def save(session_id: str, request: Request, office: AsClerk, voir: str = "") -> Response:
    """Keep what is typed, do what the button says, and come back to the point."""
    async with request.form(max_fields=_FIELDS, max_files=0) as form:
        typed = read_form(form)
    return await run_in_threadpool(_saved, session_id, office, typed, voir == TO_PLACE)


def _saved(session_id: str, office: Office, typed: Typed, only_left: bool) -> Response:
    kept = _Kept(office.desk, session_id)
    try:
        made = points(kept.session, kept.places, typed)
        change(office.desk.archive, session_id, typed.base, made, office.account.login)
    except WrongRow as error:
        return kept.page(office, typed.rows, typed.base, error)
    except Stale as error:
        return kept.page(office, typed.rows, kept.base, error)
    here = session_address(session_id, "ordre-du-jour")
    if typed.act == "pick":
        return see_other(f"{here}/choisir?point={typed.at}")
    at = typed.at + {"up": -1, "down": 1}.get(typed.act, 0)
    onward = [n for n, one in enumerate(made) if n >= at and not (only_left and one.confirmed)]
    query = f"?voir={TO_PLACE}&fait=garde" if only_left else "?fait=garde"
    return see_other(here + query + (f"#point-{onward[0]}" if onward and at >= 0 else ""))


class _Kept:
    """What the page is made of: the session, its agenda as it is kept, where sentences begin."""

    def __init__(self, desk: Desk, session_id: str) -> None:
        self.session: Session = desk.archive.session(session_id)
        self.turns = desk.archive.transcript(session_id).turns
        self.places = places(self.turns)
        with desk.archive.engine.connect() as db:
            self.agenda = agenda_of(db, session_id)
        self.rows = [row_of(self.session, one) for one in self.agenda]
        self.base = seal(self.agenda)

    def page(
        self,
        office: Office,
        rows: Sequence[Row],
        base: str,
        error: UserError | None = None,
        done: str = "",
        only_left: bool = False,
    ) -> HTMLResponse:
        """The page with these rows; with an error, the agenda as it is kept beside them.

        With `only_left`, a point that is confirmed is in the form, hidden.
        """
        return office.page(
            "office/agenda.html",
            error,
            session=session_view(self.session),
            status=self.session.status,
            lines=self._lines(rows, error),
            left=[n for n, row in enumerate(rows) if not row.confirmed],
            only_left=only_left,
            with_blank=error is None,
            base=base,
            now=self.rows if isinstance(error, Stale) else [],
            done=done,
        )

    def _lines(self, rows: Sequence[Row], error: UserError | None) -> list[AgendaRow]:
        none: tuple[int | None, ...] = (None,) * len(rows)
        proposed_ms = proposals(self.turns, self.agenda) if self.rows == list(rows) else none
        return [
            AgendaRow(
                row=row,
                words=self._words(row.start_ms if proposed is None else proposed),
                proposed=shown(self.session, proposed),
                proposed_ms=proposed,
                wrong=error.field if isinstance(error, WrongRow) and error.row == n else "",
            )
            for n, (row, proposed) in enumerate(zip(rows, proposed_ms, strict=True))
        ]

    def _words(self, at_ms: int | None) -> str:
        place: PlaceSentence | None = None if at_ms is None else nearest(self.places, at_ms)
        return place.words if place else ""


@dataclass(frozen=True)
class SentenceChoice:
    """A sentence that may take a point up."""

    start_ms: int
    start: str
    who: Who
    words: str


@router.api_route("/choisir", methods=READ, response_class=HTMLResponse)
def choose(
    session_id: str, office: AsClerk, point: int = 0, q: str = "", tout: bool = False
) -> HTMLResponse:
    """The sentences between the points before and after, or all of them; `q` narrows them."""
    archive = office.desk.archive
    session, transcript = archive.session(session_id), archive.transcript(session_id)
    agenda = _agenda_with(office.desk, session_id, point)
    after, before = (0, session.duration_ms) if tout else _bounds(session, agenda, point)
    choices = [
        choice
        for choice in _choices(session, transcript)
        if after <= choice.start_ms <= before and fold(q) in fold(choice.words)
    ]
    return office.page(
        "office/agenda_pick.html",
        session=session_view(session),
        point=point,
        item=agenda[point].item,
        choices=choices[:MOST_SENTENCES],
        more=len(choices) > MOST_SENTENCES,
        everything=tout,
        q=q,
        base=seal(agenda),
    )


@router.post("/choisir")
def take(
    session_id: str,
    office: AsClerk,
    point: Annotated[int, Form()],
    start_ms: Annotated[int, Form(ge=0)],
    base: Annotated[str, Form()],
) -> Response:
    """Place the point at the sentence that was chosen."""
    desk, login = office.desk, office.account.login
    agenda = placed(_agenda_with(desk, session_id, point), point, start_ms)
    change(desk.archive, session_id, base, agenda, login)
    return see_other(f"{session_address(session_id, 'ordre-du-jour')}?fait=place#point-{point}")


def _agenda_with(desk: Desk, session_id: str, point: int) -> tuple[PlacedPoint, ...]:
    """The agenda as it is kept. Raises `NotFound` where it has no such point."""
    with desk.archive.engine.connect() as db:
        agenda = agenda_of(db, session_id)
    if not 0 <= point < len(agenda):
        raise NotFound("Ce point n'est plus à l'ordre du jour : revenez à la liste des points.")
    return agenda


def _bounds(session: Session, agenda: Sequence[PlacedPoint], point: int) -> tuple[int, int]:
    """From the point before to the point after, where these have times in order."""
    before = [p.item.start_ms for p in agenda[:point] if p.item.start_ms is not None]
    after = [p.item.start_ms for p in agenda[point + 1 :] if p.item.start_ms is not None]
    start, end = max(before, default=0), min(after, default=session.duration_ms)
    return (start, end) if start < end else (0, session.duration_ms)


def _choices(session: Session, transcript: Transcript) -> Iterator[SentenceChoice]:
    """The first sentence of each turn, and all of the chair's: points begin in mid-turn."""
    chairs = read_debate(transcript.turns, session.roster).chairs
    numbers = nameless((turn.speaker for turn in transcript.turns), transcript.speakers)
    turns = {turn.index: turn for turn in transcript.turns}
    seen: set[int] = set()
    place: PlaceSentence
    for place in places(transcript.turns):
        turn = turns[place.turn]
        if place.turn in seen and turn.speaker not in chairs and session.is_recorded:
            continue
        seen.add(place.turn)
        speaks = who(session, transcript.person(turn), numbers.get(turn.speaker or ""))
        yield SentenceChoice(place.start_ms, shown(session, place.start_ms), speaks, place.words)
