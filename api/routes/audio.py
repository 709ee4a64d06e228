"""A session's sound: the whole listening file with ranges, or one interval cut out of it.

Few clips are cut at once and the others wait their turn; one that waits too long gets a 503.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, TypeVar

import numpy as np
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool

from api.answers.clip import FORMATS, copied, cut, samples_of
from api.deps import Deps
from api.problems import documented
from api.routes import Parts
from api.routes.blobs import sent_blob, sent_bytes
from api.routes.http import REVALIDATE, attachment, etag_of, matches, unchanged
from api.routes.turns import Turns
from api.views.excerpt import Moment, excerpt
from api.views.wording import erasure
from ingest.archive.blobs import Blob, Blobs
from ingest.errors import InPreparation, NotFound
from ingest.text import clock

router = APIRouter(prefix="/sessions/{session_id}", tags=["écoute"])
CUTS = Turns("d'extraits")
Made = TypeVar("Made")


class Extension(StrEnum):
    """The two listening formats: Opus, and MP3 for players that lack it."""

    OPUS = "opus"
    MP3 = "mp3"


@dataclass(frozen=True)
class Interval:
    """An interval of the session's time line, in milliseconds."""

    start_ms: Annotated[int, Query(ge=0, examples=[24_810])]
    end_ms: Annotated[int, Query(ge=1, examples=[28_640])]


# What the description of the API says of an answer with sound.
_SOUND: dict[int | str, dict[str, object]] = {
    200: {"content": {f.media_type: {} for f in FORMATS.values()}, "description": "Le son"},
    **documented(404, 422, 503),
}


def listening_key(session_id: str, extension: str) -> str:
    """Where a session's listening file is kept."""
    return f"{session_id}/listen.{extension}"


def listening_file(deps: Deps, session_id: str, extension: str) -> Blob:
    """The listening file of a published session. Raises `NotFound`, and `InPreparation`."""
    session = deps.published.session(session_id)
    if not session.is_recorded:
        raise NotFound(f"La séance « {session.id} » est un texte importé : rien n'y est à écouter.")
    if erased := erasure(session):
        raise NotFound(
            f"Le son de la séance « {session.id} » a été effacé le {erased.day} (règle de "
            "conservation) : ses mots restent."
        )
    blob = deps.blobs.find(listening_key(session.id, extension))
    if blob is None:
        raise NotFound(f"La séance « {session.id} » n'a pas de fichier d'écoute {extension}.")
    deps.published.check_sound(session.id, extension)
    return blob


@router.head("/audio.{extension}", include_in_schema=False)
@router.get("/audio.{extension}", response_class=FileResponse, responses=_SOUND)
def audio(session_id: str, extension: Extension, deps: Parts, request: Request) -> Response:
    """The whole session. Answers `Range` and `If-Range` (206, 416)."""
    blob = listening_file(deps, session_id, extension)
    return sent_blob(request, deps.blobs, blob, FORMATS[extension].media_type, REVALIDATE)


@dataclass(frozen=True)
class ClipSource:
    """What a clip is cut from."""

    blobs: Blobs
    blob: Blob
    duration_ms: int

    @property
    def version(self) -> str:
        """What changes with the sound."""
        return self.blob.version

    def samples(self, start_ms: int, end_ms: int) -> NDArray[np.int16]:
        """An interval of it. Raises as `api.answers.clip.samples_of` does."""
        with self.blobs.open(self.blob) as sound:
            return samples_of(sound, start_ms, end_ms, self.duration_ms)

    def cut(
        self, start_ms: int, end_ms: int, extension: str, tags: Mapping[str, str] | None
    ) -> bytes:
        """An interval as a file of its own. Raises as `api.answers.clip.cut` does."""
        with self.blobs.open(self.blob) as sound:
            return cut(sound, start_ms, end_ms, self.duration_ms, extension, tags)

    def copied(self, start_ms: int, end_ms: int) -> bytes:
        """An interval of its own packets. Raises as `api.answers.clip.copied` does."""
        with self.blobs.open(self.blob) as sound:
            return copied(sound, start_ms, end_ms, self.duration_ms)


def source_of(session_id: str, deps: Parts) -> ClipSource:
    """The file that a published session's clips are cut from. Raises as `listening_file` does."""
    blob = listening_file(deps, session_id, Extension.OPUS)
    return ClipSource(deps.blobs, blob, deps.published.session(session_id).duration_ms)


async def made_of(
    source: ClipSource, session_id: str, deps: Deps, turns: Turns | None, work: Callable[[], Made]
) -> Made:
    """What is made of a session's sound, in its turn where that is costly.

    Raises `Busy`, and `InPreparation` where the sound is another by then.
    """
    made = await (turns.make(work) if turns else run_in_threadpool(work))
    if await run_in_threadpool(source_of, session_id, deps) != source:
        raise InPreparation("Le son de cette séance vient de changer : demandez l'extrait encore.")
    return made


@router.head("/interval.opus", include_in_schema=False)
@router.get("/interval.opus", response_class=FileResponse, responses=_SOUND)
async def interval(
    session_id: str,
    request: Request,
    deps: Parts,
    source: Annotated[ClipSource, Depends(source_of)],
    wanted: Annotated[Interval, Depends()],
) -> Response:
    """One interval of at most 90 seconds as it is in the whole session: what the pages play.

    It begins 80 to 100 ms before, at a multiple of 20 ms. Answers `Range` and `If-Range`.
    """
    etag = etag_of(f"{source.version} {request.url.query}".encode())
    if matches(request, etag):
        return unchanged(etag)
    work = partial(source.copied, wanted.start_ms, wanted.end_ms)
    sound = await made_of(source, session_id, deps, None, work)  # some milliseconds (D-291)
    return sent_bytes(sound, etag, FORMATS["opus"].media_type, REVALIDATE)


@dataclass(frozen=True)
class KeptClip:
    """A clip as a file to keep: what it is called, and what players show of it."""

    name: str
    tags: dict[str, str]


def _kept(
    session_id: str,
    deps: Parts,
    interval: Annotated[Interval, Depends()],
    download: bool = False,
) -> KeptClip | None:
    """The name and the tags of a clip that is asked for to be kept; those of its words."""
    if not download:
        return None
    moment = Moment(interval.start_ms, interval.end_ms)
    said = excerpt(deps.published, session_id, moment)
    date = said.session.date.isoformat()
    site = deps.settings.address or ""
    where = f"{said.session.title}, {said.session.body}".removesuffix(", ")
    return KeptClip(
        " ".join(filter(None, (date, said.names, clock(interval.start_ms).replace(":", "-")))),
        {
            "title": f"« {said.text} »" if said.text else said.session.title,
            "artist": said.names,
            "album": where,
            "date": date,
            "comment": f"{site}{said.links.page}",
        },
    )


@router.head("/clip.{extension}", include_in_schema=False)
@router.get("/clip.{extension}", response_class=FileResponse, responses=_SOUND)
async def clip(
    session_id: str,
    extension: Extension,
    request: Request,
    deps: Parts,
    source: Annotated[ClipSource, Depends(source_of)],
    interval: Annotated[Interval, Depends()],
    kept: Annotated[KeptClip | None, Depends(_kept)],
) -> Response:
    """One interval of at most 90 seconds as a file of its own, faded and evened in loudness.

    `download=1` names and tags it after who speaks, and when.
    """
    etag = etag_of(f"{source.version} {request.url.query} {kept}".encode())
    if matches(request, etag):
        return unchanged(etag)
    start_ms, end_ms, tags = interval.start_ms, interval.end_ms, kept.tags if kept else None
    work = partial(source.cut, start_ms, end_ms, extension, tags)
    sound = await made_of(source, session_id, deps, CUTS, work)
    name = f"{session_id}-{start_ms}-{end_ms}.{extension}"
    disposition = (
        attachment(f"{kept.name}.{extension}", plain=name)
        if kept
        else {"Content-Disposition": f'inline; filename="{name}"'}
    )
    headers = {**disposition, "ETag": etag, **REVALIDATE}
    return Response(sound, headers=headers, media_type=FORMATS[extension].media_type)
