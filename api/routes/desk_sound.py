"""The sound of a sitting in whatever state, for those who review it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.auth import Clerk
from api.clip import FORMATS
from api.desk import AtDesk
from api.routes.audio import Extension
from api.routes.caching import matches, unchanged
from ingest import closed
from ingest.errors import NotFound

router = APIRouter(prefix="/bureau/api/seances/{session_id}", include_in_schema=False)
_KEPT = {"Cache-Control": "private, no-cache"}  # asked for in pieces: the browser may keep them


@router.api_route("/audio.{extension}", methods=["GET", "HEAD"])
def audio(
    session_id: str, extension: Extension, desk: AtDesk, account: Clerk, request: Request
) -> Response:
    """The whole sitting. Answers `Range` and `If-Range` (206, 416)."""
    session = desk.archive.session(session_id)
    path = desk.blobs.local(f"{session.id}/listen.{extension}")
    if path is None:
        raise NotFound(f"La séance « {session.id} » n'a pas de fichier d'écoute {extension}.")
    with desk.archive.engine.connect() as db:
        closed.check_sound(db, session.id, extension)
    response = FileResponse(
        path, media_type=FORMATS[extension].media_type, headers=_KEPT, stat_result=path.stat()
    )
    etag = response.headers["etag"]
    return unchanged(etag) if matches(request, etag) else response
