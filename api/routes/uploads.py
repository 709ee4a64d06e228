"""Files come in by tus 1.0.0 (https://tus.io/protocols/resumable-upload): creation, expiration,
termination. An upload that was cut off goes on where it was, days later, from another browser.

The offset that is answered is always what is on the disk (`ingest.intake.uploads`). Addresses name
nothing but ids of ours.
"""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Annotated

from anyio import CancelScope
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from api.desk import Desk
from api.routes import AtDesk, Clerk
from ingest.errors import BadInput, Conflict
from ingest.intake import intake
from ingest.intake.intake import Upload, file, folder
from ingest.intake.uploads import Growing, check_room, probe, refresh

VERSION, EXTENSIONS = "1.0.0", "creation,expiration,termination"
_BLOCK = 2**20  # bytes gathered before they are handed to a thread
_LONGEST_METADATA = 4_096  # a file's name and mark, 200 characters each, in Base64
_BODY = "application/offset+octet-stream"


def _speaks(account: Clerk, tus_resumable: Annotated[str | None, Header()] = None) -> None:
    if tus_resumable != VERSION:
        raise HTTPException(412, headers={"Tus-Version": VERSION})


router = APIRouter(prefix="/bureau/api/apporter/{arrival_id}/fichiers", include_in_schema=False)
_TUS = [Depends(_speaks)]


@router.options("")
def abilities(arrival_id: str, desk: AtDesk, account: Clerk) -> Response:
    """What of the protocol is spoken here."""
    most = str(int(desk.settings.max_file_gib * 2**30))
    headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": most}
    return _answer(204, headers)


@router.post("", dependencies=_TUS)
def announce(
    arrival_id: str,
    desk: AtDesk,
    account: Clerk,
    upload_length: Annotated[int, Header(ge=0)],
    upload_metadata: Annotated[str, Header()] = "",
) -> Response:
    """A file is going to come. Its metadata names it (`filename`) and marks it (`mark`)."""
    metadata = _metadata(upload_metadata)
    name = metadata.get("filename", "")
    check_room(desk.settings, desk.archive, name, upload_length)
    with desk.archive.begin() as db:
        intake.begin(db, arrival_id, account.login)
        made = intake.add_file(db, arrival_id, name, upload_length, metadata.get("mark", ""))
    with Growing(desk.archive, desk.settings.data, made):  # it is there, empty
        pass
    place = {"Location": f"/bureau/api/apporter/{arrival_id}/fichiers/{made.id}"}
    return _answer(201, place | _expires(desk))


@router.head("/{file_id}", dependencies=_TUS)
def offset(arrival_id: str, file_id: str, desk: AtDesk, account: Clerk) -> Response:
    """How much of a file is there for good."""
    upload = refresh(desk.archive, arrival_id, file_id)
    headers = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.length)}
    return _answer(200, headers | _expires(desk))


@router.patch("/{file_id}", dependencies=_TUS)
async def append(
    arrival_id: str,
    file_id: str,
    request: Request,
    desk: AtDesk,
    account: Clerk,
    upload_offset: Annotated[int, Header(ge=0)],
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """More of a file, from the offset that it has. What is answered for is on the disk."""
    if content_type != _BODY:
        raise HTTPException(415)
    upload = await run_sync(_wanted, desk, arrival_id, file_id)
    if upload.received != upload_offset:
        raise Conflict(f"« {upload.name} » en est à l'octet {upload.received} : reprenez de là.")
    received = await _receive(request, desk, upload)
    if received == upload.length:
        await run_sync(probe, desk.archive, desk.settings.data, upload)
    return _answer(204, {"Upload-Offset": str(received)} | _expires(desk))


@router.delete("/{file_id}", dependencies=_TUS)
def withdraw(arrival_id: str, file_id: str, desk: AtDesk, account: Clerk) -> Response:
    """A file is not wanted after all."""
    with desk.archive.begin() as db:
        intake.remove_file(db, arrival_id, file_id)
    (folder(desk.settings.data, arrival_id) / file_id).unlink(missing_ok=True)
    return _answer(204, {})


def _wanted(desk: Desk, arrival_id: str, file_id: str) -> Upload:
    """The file, of an arrival that still waits for files."""
    with desk.archive.engine.connect() as db:
        intake.to_be_prepared(db, arrival_id)
        return file(db, arrival_id, file_id)


async def _receive(request: Request, desk: Desk, upload: Upload) -> int:
    """Write a body to the disk as it comes, also what came of one that is cut off."""
    growing = await run_sync(Growing, desk.archive, desk.settings.data, upload)
    with growing:
        waiting = bytearray()
        try:
            async for piece in request.stream():
                waiting += piece
                if len(waiting) >= _BLOCK:
                    block, waiting = bytes(waiting), bytearray()
                    await run_sync(growing.write, block)
        except ClientDisconnect:
            pass  # a laptop was closed: no one waits for an answer, but what came is kept
        finally:
            # Also when the server is stopping: what it has in hand is kept.
            with CancelScope(shield=True):
                received = await run_sync(_settle, growing, bytes(waiting))
    return received


def _settle(growing: Growing, rest: bytes) -> int:
    growing.write(rest)
    return growing.sync()


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a key and a value in Base64. Raises `BadInput`."""
    if len(header) > _LONGEST_METADATA:
        raise BadInput("Upload-Metadata est trop long : renommez le fichier plus court.")
    metadata = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            metadata[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except ValueError:
            raise BadInput(f"Upload-Metadata : « {pair[:40]} » n'est pas en Base64.") from None
    return metadata


def _expires(desk: Desk) -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(days=desk.settings.keep_unsent_days)
    return {"Upload-Expires": format_datetime(until, usegmt=True)}


def _answer(status: int, headers: dict[str, str]) -> Response:
    always = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    return Response(status_code=status, headers=always | headers)
