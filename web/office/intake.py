"""Bringing a sitting in: one form, its files, and what is done with them until it is sent off.

The form works without JavaScript: files come with it, each button sends all that was typed. With
it files travel by themselves, resumably (`api.routes.uploads`), and the form keeps itself.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.roles import Account, Clerk
from api.desk import AtDesk, Desk
from api.routes.multipart import Sink, Text, read_form
from ingest.archive.schema import now
from ingest.documents.roster import text_of
from ingest.errors import BadInput, UserError, reason
from ingest.intake import intake
from ingest.intake.form import Mistakes, kept_rosters, read_request
from ingest.intake.inbox import problems
from ingest.intake.intake import Arrival, Details, Standing, arrival, every, folder, new_id
from ingest.intake.uploads import check_room, discard
from web.office.intake_form import (
    Begun,
    begun,
    fields_of,
    listed,
    listed_captions,
    merged,
    overlaid,
    seals,
    shown_seals,
    with_kept_roster,
)
from web.office.page import NOT_KEPT, bureau_page
from web.office.progress import progress_page
from web.site import READ, OnSite, Site

# A form with files on its way in: lists are read, recordings go to the arrival's folder.


_TEXTS = ("roster", "agenda")  # files that are read into the field of that name
_BLOCK = 2**20


@dataclass
class Sent:
    """A form on its way in: files that are lists are read, others go to the arrival's folder."""

    desk: Desk
    login: str
    arrival_id: str
    request: Request
    texts: dict[str, Text] = field(default_factory=dict)
    open: "list[_ToDisk]" = field(default_factory=list)
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
            self.texts[known] = Text(filename)
            return _Forgiving(self.texts[known], self.wrong, known)
        try:
            announced = int(self.request.headers.get("content-length", 0))
            await run_sync(check_room, self.desk.settings, self.desk.archive, filename, announced)
            sink = await run_sync(_ToDisk, self.desk, self.arrival_id, filename)
        except UserError as error:
            self.wrong["files"] = str(error)
            return _Forgiving(None, self.wrong, "files")
        self.open.append(sink)
        return _Forgiving(sink, self.wrong, "files")

    def drop(self) -> None:
        """Remove what has not come in whole."""
        for sink in self.open:
            sink.drop()

    def lists(self) -> dict[str, str]:
        """The texts of the lists that came as files; one that is no text is told at its field."""
        read = {}
        for name, text in self.texts.items():
            if name in self.wrong:
                continue
            try:
                read[name] = text_of(bytes(text.content), text.name)
            except BadInput as error:
                self.wrong[name] = str(error)
        return read


class _Forgiving:
    """A sink whose first mistake is told at a field; what comes after it goes nowhere."""

    def __init__(self, sink: Sink | None, wrong: dict[str, str], name: str) -> None:
        self._sink, self._wrong, self._name = sink, wrong, name

    async def write(self, piece: bytes) -> None:
        """Take bytes, or leave them."""
        try:
            if self._sink is not None:
                await self._sink.write(piece)
        except UserError as error:
            self._wrong[self._name], self._sink = str(error), None

    async def close(self) -> None:
        """Close what was not given up."""
        try:
            if self._sink is not None:
                await self._sink.close()
        except UserError as error:
            self._wrong[self._name] = str(error)


class _ToDisk:
    """A file of the form, on its way to the arrival's folder. It is announced once it is whole."""

    def __init__(self, desk: Desk, arrival_id: str, name: str) -> None:
        self._desk, self._arrival, self._name = desk, arrival_id, name
        self._id, self._size, self._waiting = new_id(), 0, bytearray()
        place = folder(desk.settings.data, arrival_id)
        place.mkdir(parents=True, exist_ok=True)
        self._path = place / self._id
        self._file = self._path.open("wb")

    async def write(self, piece: bytes) -> None:
        """Take bytes."""
        self._waiting += piece
        if len(self._waiting) >= _BLOCK:
            await run_sync(self._flush)

    async def close(self) -> None:
        """The file is whole: it lasts, and it is announced."""
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


router = APIRouter(prefix="/bureau", include_in_schema=False)
USUAL_BODY = "Conseil municipal"
NO_MISTAKES: Mapping[str, str] = MappingProxyType({})


@router.api_route("/apporter", methods=READ, response_class=HTMLResponse)
def bring(desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """An empty form, and those that were begun."""
    with desk.archive.engine.connect() as db:
        others = every(db, Standing.PREPARING)
        kept = kept_rosters(db)
    body = kept[0].body if kept else USUAL_BODY
    blank = Arrival(
        id=new_id(),
        state=Standing.PREPARING,
        details=Details(body=body),
        session=None,
        by=account.login,
        created_at=now(),
        touched_at=now(),
        files=(),
    )
    shown = _Shown(desk, site, account)
    unkept = seals(fields_of(replace(blank, details=Details())))  # the usual body is yet to be kept
    return _form(shown, blank, left=[begun(one) for one in others], was=unkept)


@router.api_route("/apporter/{arrival_id}", methods=READ, response_class=HTMLResponse)
def one(arrival_id: str, desk: AtDesk, site: OnSite, account: Clerk) -> HTMLResponse:
    """The form of an arrival, or how its transcription goes on."""
    with desk.archive.engine.connect() as db:
        found = arrival(db, arrival_id)
    if found.state is not Standing.PREPARING:
        return progress_page(desk, site, account, found)
    return _form(_Shown(desk, site, account), found)


@router.post("/apporter/{arrival_id}")
async def keep(
    arrival_id: str,
    request: Request,
    desk: AtDesk,
    site: OnSite,
    account: Clerk,
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """Keep what was typed, and do what the button says."""
    sent = Sent(desk, account.login, arrival_id, request)
    await run_sync(sent.begin)
    try:
        form = await read_form(request, sent.choose)
    finally:
        await run_sync(sent.drop)  # a file that has not come in whole
    shown = _Shown(desk, site, account)
    return await run_sync(_act, shown, sent, form, x_fragment == "parts")


@dataclass(frozen=True)
class _Shown:
    """Where and to whom the form is shown."""

    desk: Desk
    site: Site
    account: Account


def _act(shown: _Shown, sent: Sent, form: Mapping[str, str], fragment: bool) -> Response:
    desk, by, arrival_id = shown.desk, shown.account.login, sent.arrival_id
    wanted, _, which = form.get("do", "save").partition(":")
    with desk.archive.begin() as db:
        old = arrival(db, arrival_id)
        both = merged(form, old, sent.lists())
        details = both.details
        if wanted == "roster":
            details = with_kept_roster(details, kept_rosters(db))
        intake.keep(db, arrival_id, details, by)
        if wanted in ("up", "down"):
            intake.move(db, arrival_id, which, -1 if wanted == "up" else 1)
        if wanted == "remove":
            intake.remove_file(db, arrival_id, which)
        found = arrival(db, arrival_id)
    now = fields_of(found)
    clashes = {name: now[name] for name in both.clashes if name in now}
    sent.wrong |= {name: _clash(found, kept) for name, kept in clashes.items()}
    if wanted == "remove":
        (folder(desk.settings.data, arrival_id) / which).unlink(missing_ok=True)
    if wanted == "discard":
        discard(desk.archive, desk.settings.data, arrival_id, by)
        return RedirectResponse("/bureau", 303, NOT_KEPT)
    if wanted == "send" and not sent.wrong:
        sent.wrong |= _send(desk, found, by)
        if not sent.wrong:
            return RedirectResponse(f"/bureau/apporter/{arrival_id}", 303, NOT_KEPT)
    if fragment:
        was = shown_seals(form, now)
        return _form(
            shown, found, sent.wrong, "office/bring_parts.html", was=was, clashes=list(clashes)
        )
    if sent.wrong:
        found = replace(found, details=overlaid(found.details, both.clashes))
        return _form(shown, found, sent.wrong, was=seals(now))
    return RedirectResponse(f"/bureau/apporter/{arrival_id}#apport", 303, NOT_KEPT)


def _clash(found: Arrival, kept: str) -> str:
    files = {file.id: file.name for file in found.files}
    return (
        f"Quelqu'un d'autre a changé ce champ entre-temps, et y a mis : « {files.get(kept, kept)} »"
        ". Gardez ce qu'il faut des deux, puis enregistrez de nouveau."
    )


def _send(desk: Desk, found: Arrival, by: str) -> dict[str, str]:
    """Ask for the transcription; what is wrong, by field, if it cannot be asked for yet."""
    try:
        read_request(desk.archive, found, folder(desk.settings.data, found.id))
    except Mistakes as mistakes:
        return mistakes.fields
    with desk.archive.begin() as db:
        intake.send(db, found.id, by)
    return {}


def _form(
    shown: _Shown,
    found: Arrival,
    wrong: Mapping[str, str] = NO_MISTAKES,
    template: str = "office/bring.html",
    left: Sequence[Begun] = (),
    was: Mapping[str, str] | None = None,
    clashes: Sequence[str] = (),
) -> HTMLResponse:
    with shown.desk.archive.engine.connect() as db:
        kept = kept_rosters(db)
    settings = shown.desk.settings
    return bureau_page(
        shown.site,
        shown.account,
        template,
        422 if wrong else 200,
        arrival=found,
        typed=found.details,
        was=seals(fields_of(found)) if was is None else was,
        clashes=clashes,
        parts=listed(found),
        captions=listed_captions(found),
        wrong=wrong,
        kept=kept,
        begun=left,
        folder_problems=problems(settings.inbox),
        most=f"{settings.max_file_gib:g}".replace(".", ","),
        kept_days=settings.keep_unsent_days,
        today=date.today().isoformat(),
    )
