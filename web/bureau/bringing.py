"""Bringing a sitting in: one form, its files, and what is done with them until it is sent off.

The form works without JavaScript: files come with it, each button sends all that was typed. With
it files travel by themselves, resumably (`api.routes.uploads`), and the form keeps itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import Account, Clerk
from api.desk import AtDesk, Desk
from api.multipart import read_form
from ingest.arriving import arrivals
from ingest.arriving.arrival import Arrival, Details, Standing, arrival, every, folder, new_id
from ingest.arriving.discard import discard
from ingest.arriving.inbox import problems
from ingest.arriving.kept_rosters import kept_rosters
from ingest.arriving.typed import Mistakes, read_request
from ingest.tables import now
from web.bureau.bring_form import (
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
from web.bureau.page import NOT_KEPT, bureau_page
from web.bureau.progress import progress_page
from web.bureau.sent_form import Sent
from web.site import READ, OnSite, Site

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
        arrivals.keep(db, arrival_id, details, by)
        if wanted in ("up", "down"):
            arrivals.move(db, arrival_id, which, -1 if wanted == "up" else 1)
        if wanted == "remove":
            arrivals.remove_file(db, arrival_id, which)
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
            desk.wake()
            return RedirectResponse(f"/bureau/apporter/{arrival_id}", 303, NOT_KEPT)
    if fragment:
        was = shown_seals(form, now)
        return _form(
            shown, found, sent.wrong, "bureau/bring_parts.html", was=was, clashes=list(clashes)
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
        arrivals.send(db, found.id, by)
    return {}


def _form(
    shown: _Shown,
    found: Arrival,
    wrong: Mapping[str, str] = NO_MISTAKES,
    template: str = "bureau/bring.html",
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
