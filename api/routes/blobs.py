"""Kept files and bytes as responses: conditional, with ranges, read a piece at a time."""

import io
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, BinaryIO

import anyio
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import FileResponse, Response

from api.routes.http import etag_of, matches, unchanged
from ingest.archive.blobs import Blob, Blobs


def sent_blob(
    request: Request, blobs: Blobs, blob: Blob, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The file. Answers `Range`, `If-Range` and `If-None-Match` (206, 304, 416)."""
    etag = etag_of(blob.version.encode())
    if matches(request, etag):
        return unchanged(etag)
    opening = partial(blobs.open, blob)
    known = (blob.size, int(blob.modified_s))
    return _Opened(opening, known, blob.key, media_type, {**headers, "ETag": etag})


def sent_bytes(sound: bytes, etag: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """Bytes that were made for this request. Answers `Range` and `If-Range` (206, 416)."""
    opening = partial(io.BytesIO, sound)
    return _Opened(opening, (len(sound), 0), "", media_type, {**headers, "ETag": etag})


class _Opened(FileResponse):
    """Starlette's own, of what `opening` opens; `known` are its size and when it was changed."""

    def __init__(
        self,
        opening: Callable[[], BinaryIO],
        known: tuple[int, int],
        name: str,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        size, modified_s = known
        stat = os.stat_result((0o100644, 0, 0, 0, 0, 0, size, 0, modified_s, 0))
        super().__init__(name, headers=headers, media_type=media_type, stat_result=stat)
        self._opening = opening

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[Any]]:
        file = anyio.wrap_file(await run_sync(self._opening))
        try:
            yield file
        finally:
            with anyio.CancelScope(shield=True):  # closed also where a reader goes away
                await file.aclose()
