"""Bringing a session in: one form, its files, and what is done with them until it is sent off.

The form works without JavaScript: files come with it, each button sends all that was typed. With
it files travel by themselves, resumably (`api.routes.uploads`), and the form keeps itself. What the
form shows and how two people's changes are merged: `web.office.intake_form`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import HTMLResponse, Response

from api.desk import Desk
from api.routes.multipart import Sink, Text, read_form
from ingest.archive.schema import now
from ingest.documents.agenda_text import MOST_AGENDA
from ingest.documents.office_files import (
    AGENDA_FILES,
    LIST_FILES,
    MOST_DOCUMENT,
    document_text,
)
from ingest.documents.roster import MOST_ROSTER, Membership
from ingest.errors import BadInput, UserError, reason
from ingest.french_dates import day_written
from ingest.intake import intake
from ingest.intake.again import take_up
from ingest.intake.form import Mistakes, as_csv, read_request
from ingest.intake.inbox import SOUND_FILES, problems
from ingest.intake.intake import Arrival, ArrivalState, TypedDetails, arrival, every, folder, new_id
from ingest.intake.rosters import kept_roster, kept_rosters
from ingest.intake.uploads import check_room, discard, probe_all
from search.index.withdraw import erase_session
from web.office.intake_form import (
    Begun,
    begun,
    captioned,
    fields_of,
    listed,
    listed_captions,
    merged,
    overlaid,
    seals,
    shown_seals,
    understood_agenda,
    understood_roster,
)
from web.office.page import AsClerk, Office, check_certain, office_page, see_other
from web.office.progress import progress_page
from web.site import READ

router = APIRouter(prefix="/bureau", include_in_schema=False)
USUAL_BODY = "Conseil municipal"
NO_MISTAKES: Mapping[str, str] = MappingProxyType({})
_TEXTS = {"roster": MOST_ROSTER, "agenda": MOST_AGENDA}
"""Files that are read into the field of that name, and how much of a text each may be."""
_BLOCK = 2**20  # bytes gathered before a thread writes them: smaller ones cost a switch each


@dataclass
class IncomingForm:
    """A form as it comes in: files that are lists are read, others go to the arrival's folder.

    `wrong` gathers what is wrong, by field.
    """

    desk: Desk
    login: str
    arrival_id: str
    request: Request
    texts: dict[str, Text] = field(default_factory=dict)
    open: "list[_DiskSink]" = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """The arrival is there, and may be changed. Raises `NotFound` or `Conflict`."""
        with self.desk.archive.begin() as db:
            intake.begin(db, self.arrival_id, self.login)
            intake.to_be_prepared(db, self.arrival_id)

    async def choose(self, name: str, filename: str) -> Sink:
        """Where a file goes, by the field that it is in."""
        known = name.removesuffix("_file")
        if known in _TEXTS:
            self.texts[known] = Text(filename, MOST_DOCUMENT.size)
            return _FaultyFileSink(self.texts[known], self.wrong, known)
        try:
            announced = int(self.request.headers.get("content-length", 0))
            await run_sync(check_room, self.desk.settings, self.desk.archive, filename, announced)
            sink = await run_sync(_DiskSink, self.desk, self.arrival_id, filename)
        except UserError as error:
            self.wrong["files"] = str(error)
            return _FaultyFileSink(None, self.wrong, "files")
        self.open.append(sink)
        return _FaultyFileSink(sink, self.wrong, "files")

    def drop(self) -> None:
        """Remove what has not come in whole."""
        for sink in self.open:
            sink.drop()

    def lists(self) -> dict[str, str]:
        """The texts of the lists that came as files; what cannot be read is `wrong`."""
        read = {}
        for name, text in self.texts.items():
            if name in self.wrong:
                continue
            try:
                content = document_text(bytes(text.content), text.name, table=name == "roster")
                if not content.strip():
                    raise BadInput(f"« {text.name} » est vide : a-t-il été enregistré ?")
                _TEXTS[name].check(len(content), text.name)
                read[name] = content
            except BadInput as error:
                self.wrong[name] = str(error)
        return read


class _FaultyFileSink:
    """A sink whose first `UserError` is noted at a field; what comes after it is dropped."""

    def __init__(self, sink: Sink | None, wrong: dict[str, str], name: str) -> None:
        self._sink, self._wrong, self._name = sink, wrong, name

    async def write(self, piece: bytes) -> None:
        """Write bytes, or drop them."""
        try:
            if self._sink is not None:
                await self._sink.write(piece)
        except UserError as error:
            self._wrong[self._name], self._sink = str(error), None

    async def close(self) -> None:
        """Close the sink, if it is still written to."""
        try:
            if self._sink is not None:
                await self._sink.close()
        except UserError as error:
            self._wrong[self._name] = str(error)


class _DiskSink:
    """A file of the form, on its way to the arrival's folder, which lists it once it is whole."""

    def __init__(self, desk: Desk, arrival_id: str, name: str) -> None:
        self._desk, self._arrival, self._name = desk, arrival_id, name
        self._id, self._size, self._waiting = new_id(), 0, bytearray()
        place = folder(desk.settings.data, arrival_id)
        place.mkdir(parents=True, exist_ok=True)
        self._path = place / self._id
        self._file = self._path.open("wb")

    async def write(self, piece: bytes) -> None:
        """Write bytes."""
        self._waiting += piece
        if len(self._waiting) >= _BLOCK:
            await run_sync(self._flush)

    async def close(self) -> None:
        """The file is whole: sync it to the disk, and add it to the arrival."""
        await run_sync(self._settle)

    def _flush(self) -> None:
        try:
            self._file.write(self._waiting)
        except OSError as error:
            raise BadInput(
                f"« {self._name} » n'a pas pu être écrit sur le disque du serveur "
                f"({reason(error)}) : faites de la place, puis renvoyez-le."
            ) from error
        self._size += len(self._waiting)
        self._waiting = bytearray()

    def _settle(self) -> None:
        self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        try:
            with self._desk.archive.begin() as db:
                given = (self._arrival, self._name, self._size)
                intake.add_file(db, *given, came_as=self._id)
        except UserError:
            self._path.unlink(missing_ok=True)
            raise

    def drop(self) -> None:
        """Remove the file, if it is not whole."""
        if not self._file.closed:
            self._file.close()
            self._path.unlink(missing_ok=True)


@router.api_route("/apporter", methods=READ, response_class=HTMLResponse)
def new(office: AsClerk) -> HTMLResponse:
    """An empty form, and the arrivals that were begun."""
    with office.desk.archive.engine.connect() as db:
        others = every(db, ArrivalState.PREPARING)
        kept = kept_rosters(db)
    body = kept[0].body if kept else USUAL_BODY
    blank = Arrival(
        id=new_id(),
        state=ArrivalState.PREPARING,
        details=TypedDetails(body=body),
        session=None,
        by=office.account.login,
        created_at=now(),
        touched_at=now(),
        files=(),
    )
    unkept = seals(
        fields_of(replace(blank, details=TypedDetails()))
    )  # the usual body is yet to be kept
    return _form(office, blank, left=[begun(one) for one in others], was=unkept)


@router.api_route("/apporter/{arrival_id}", methods=READ, response_class=HTMLResponse)
def one(arrival_id: str, office: AsClerk) -> HTMLResponse:
    """The form of an arrival, or how its transcription goes on."""
    with office.desk.archive.engine.connect() as db:
        shown = arrival(db, arrival_id)
    return (_form if shown.state is ArrivalState.PREPARING else progress_page)(office, shown)


@router.post("/apporter/{arrival_id}")
async def keep(
    arrival_id: str, request: Request, office: AsClerk, x_fragment: Annotated[str, Header()] = ""
) -> Response:
    """Keep what was typed, and do what the button says."""
    sent = IncomingForm(office.desk, office.account.login, arrival_id, request)
    await run_sync(sent.begin)
    try:
        form = await read_form(request, sent.choose)
    finally:
        await run_sync(sent.drop)  # a file that has not come in whole
    return await run_sync(_act, office, sent, form, x_fragment == "parts")


@router.post("/seances/{session_id}/reprendre")
def again(session_id: str, office: AsClerk, certain: Annotated[str, Form()] = "") -> Response:
    """Back to the form of a draft that nobody has corrected; the draft makes room for the next."""
    check_certain(certain)
    desk, by = office.desk, office.account.login
    with desk.archive.begin() as db:
        source = take_up(db, desk.settings.data, session_id, by)
    erase_session(desk.archive, session_id, by)
    desk.exports.forget(session_id)
    return see_other(f"/bureau/apporter/{source.id}")


def _act(office: Office, sent: IncomingForm, form: Mapping[str, str], fragment: bool) -> Response:
    desk, by, arrival_id = office.desk, office.account.login, sent.arrival_id
    wanted, _, which = form.get("do", "save").partition(":")
    with desk.archive.begin() as db:
        old = arrival(db, arrival_id)
        both = merged(form, old, sent.lists())
        details = both.details
        if wanted == "roster" and (same := kept_roster(db, details.body)):
            members = same.on(day_written(details.date) or date.today())
            details = replace(details, roster=as_csv(map(Membership, members)))
        intake.keep(db, arrival_id, details, by)
        if wanted in ("up", "down"):
            intake.move(db, arrival_id, which, -1 if wanted == "up" else 1)
        if wanted == "remove":
            intake.remove_file(db, arrival_id, which)
    kept = probe_all(desk.archive, desk.settings.data, arrival_id)
    now = fields_of(kept)
    clashes = {name: now[name] for name in both.clashes if name in now}
    sent.wrong |= {name: _clash(kept, text) for name, text in clashes.items()}
    if wanted == "remove":
        (folder(desk.settings.data, arrival_id) / which).unlink(missing_ok=True)
    if wanted == "discard":
        discard(desk.archive, desk.settings.data, arrival_id, by)
        return see_other("/bureau")
    if wanted == "send" and not sent.wrong:
        sent.wrong |= _send(desk, kept, by)
        if not sent.wrong:
            return see_other(f"/bureau/apporter/{arrival_id}")
    if fragment:
        shown = _shown(office, kept, sent.wrong, shown_seals(form, now), list(clashes))
        status = 422 if sent.wrong else 200
        return office_page(office.site, office.account, "office/intake_kept.html", status, **shown)
    if sent.wrong:
        kept = replace(kept, details=overlaid(kept.details, both.clashes))
        return _form(office, kept, sent.wrong, was=seals(now))
    return see_other(f"/bureau/apporter/{arrival_id}#apport")


def _clash(kept: Arrival, text: str) -> str:
    files = {file.id: file.name for file in kept.files}
    return (
        f"Quelqu'un d'autre a changé ce champ entre-temps, et y a mis : « {files.get(text, text)} »"
        ". Gardez ce qu'il faut des deux, puis enregistrez de nouveau."
    )


def _send(desk: Desk, kept: Arrival, by: str) -> dict[str, str]:
    """Send an arrival to be transcribed; what is wrong, by field, if it cannot be sent yet."""
    try:
        read_request(desk.archive, kept, folder(desk.settings.data, kept.id))
    except Mistakes as mistakes:
        return mistakes.fields
    with desk.archive.begin() as db:
        intake.send(db, kept.id, by)
    return {}


def _form(
    office: Office,
    shown: Arrival,
    wrong: Mapping[str, str] = NO_MISTAKES,
    left: Sequence[Begun] = (),
    was: Mapping[str, str] | None = None,
) -> HTMLResponse:
    with office.desk.archive.engine.connect() as db:
        kept = kept_rosters(db)
    settings = office.desk.settings
    day = day_written(shown.details.date) or date.today()
    return office_page(
        office.site,
        office.account,
        "office/intake.html",
        422 if wrong else 200,
        **_shown(office, shown, wrong, seals(fields_of(shown)) if was is None else was),
        arrival=shown,
        typed=shown.details,
        accepted={"sound": SOUND_FILES, "roster": LIST_FILES, "agenda": AGENDA_FILES},
        kept=[(roster, roster.on(day)) for roster in kept],
        begun=left,
        folder_problems=problems(settings.inbox),
        most=f"{settings.max_file_gib:g}".replace(".", ","),
        kept_days=settings.keep_unsent_days,
        source_days=settings.keep_source_days,
        today=date.today().isoformat(),
    )


def _shown(
    office: Office,
    shown: Arrival,
    wrong: Mapping[str, str],
    was: Mapping[str, str],
    clashes: Sequence[str] = (),
) -> dict[str, Any]:
    """What the form shows of an arrival, and again each time that what is typed was kept."""
    return {
        "was": was,
        "clashes": clashes,
        "parts": listed(shown),
        "captions": listed_captions(shown),
        "wrong": wrong,
        "captioned": captioned(shown, folder(office.desk.settings.data, shown.id)),
        "agenda": understood_agenda(shown.details),
        "people": understood_roster(shown.details),
    }
