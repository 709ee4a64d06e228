"""A session's sound: the whole listening file with ranges, or one interval cut out of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response

from api.clip import FORMATS, cut
from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.caching import REVALIDATE, etag_of, matches, unchanged
from ingest.errors import NotFound

router = APIRouter(prefix="/sessions/{session_id}", tags=["écoute"])


class Extension(StrEnum):
    """The two listening formats: Opus, and MP3 for players that lack it."""

    OPUS = "opus"
    MP3 = "mp3"


@dataclass(frozen=True)
class Interval:
    """A stretch of the session's time line, in milliseconds."""

    start_ms: Annotated[int, Query(ge=0, examples=[24_810])]
    end_ms: Annotated[int, Query(ge=1, examples=[28_640])]


_SOUND: dict[int | str, dict[str, object]] = {
    200: {"content": {f.media_type: {} for f in FORMATS.values()}, "description": "Le son"},
    **documented(404, 422),
}


def listening_file(deps: Deps, session_id: str, extension: str) -> Path:
    """The listening file of a published session. Raises `NotFound`."""
    session = deps.published.session(session_id)
    path = deps.blobs.local(f"{session.id}/listen.{extension}")
    if path is None:
        raise NotFound(f"La séance « {session.id} » n'a pas de fichier d'écoute {extension}.")
    return path


@router.head("/audio.{extension}", include_in_schema=False)
@router.get("/audio.{extension}", response_class=FileResponse, responses=_SOUND)
def audio(session_id: str, extension: Extension, deps: Parts, request: Request) -> Response:
    """The whole sitting. Answers `Range` and `If-Range` (206, 416)."""
    path = listening_file(deps, session_id, extension)
    response = FileResponse(
        path,
        media_type=FORMATS[extension].media_type,
        headers=REVALIDATE,
        stat_result=path.stat(),
    )
    etag = response.headers["etag"]
    return unchanged(etag) if matches(request, etag) else response


@router.head("/clip.{extension}", include_in_schema=False)
@router.get("/clip.{extension}", response_class=FileResponse, responses=_SOUND)
def clip(
    session_id: str,
    extension: Extension,
    deps: Parts,
    request: Request,
    interval: Annotated[Interval, Depends()],
) -> Response:
    """One interval of at most five minutes as a file of its own, faded and evened in loudness."""
    duration_ms = deps.published.session(session_id).duration_ms
    source = listening_file(deps, session_id, Extension.OPUS)
    version = source.stat()
    etag = etag_of(f"{version.st_mtime_ns} {version.st_size} {request.url.query}".encode())
    if matches(request, etag):
        return unchanged(etag)
    sound = cut(source, interval.start_ms, interval.end_ms, duration_ms, extension)
    name = f"{session_id}-{interval.start_ms}-{interval.end_ms}.{extension}"
    disposition = {"Content-Disposition": f'inline; filename="{name}"', "ETag": etag}
    return Response(
        sound, headers=disposition | REVALIDATE, media_type=FORMATS[extension].media_type
    )
