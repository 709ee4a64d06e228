"""A kept file as a response: conditional, with ranges, read a piece at a time."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

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
    return _BlobResponse(blobs, blob, media_type, {**headers, "ETag": etag})


class _BlobResponse(FileResponse):
    """Starlette's own, which opens another file than a path names."""

    def __init__(
        self, blobs: Blobs, blob: Blob, media_type: str, headers: Mapping[str, str]
    ) -> None:
        known = os.stat_result((0o100644, 0, 0, 0, 0, 0, blob.size, 0, int(blob.modified_s), 0))
        super().__init__(blob.key, headers=headers, media_type=media_type, stat_result=known)
        self._blobs, self._blob = blobs, blob

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[Any]]:
        file = anyio.wrap_file(await run_sync(self._blobs.open, self._blob))
        try:
            yield file
        finally:
            with anyio.CancelScope(shield=True):  # closed also where a reader goes away
                await file.aclose()
