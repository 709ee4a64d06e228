"""Media files in an S3-compatible store: one object a file, read by parts.

Nothing is signed for anybody: the server reads and hands on, and so still decides who may hear.
Knows nothing of sessions.
"""

import io
import logging
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

from filelock import FileLock, Timeout

from ingest.archive.blobs import Blob, changed
from ingest.errors import BadInput, MediaUnreachable, StorageFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore import ObjectMeta
    from obstore.store import S3Store
    from pydantic import SecretStr

    from ingest.settings import Settings

log = logging.getLogger(__name__)
# Bytes that one request brings: a minute and a half of speech in Opus. Less is a request more often
# (10 to 50 ms each), more is read for nothing when a reader seeks. Chosen, not measured.
_PIECE = 256 * 1024
# A store that is quick answers in some 30 ms. What waits longer than this is as good as gone for a
# player, and each that waits holds one of the forty threads that answer readers.
_READING_S = 8.0
_WRITING_S = 900.0  # 170 MB, twelve hours of MP3, at 2 Mbit/s: a file goes in one request
_CONNECTING_S = 2.0
_RETRIES = 2
# At most so many requests to the store at once, of the forty threads: words go on being served by
# the others while it hangs.
_AT_ONCE = 16
_TURN_S = 1.0  # a turn comes within 0.1 s where the store is well; the other threads wait no longer
_PAUSE_S = 5.0  # one that failed is not asked again for so long: nobody waits for it meanwhile
_SILENT = (
    "Le magasin du son (S3) ne répond pas : ce qui concerne le son n'a pas été fait, les mots "
    "restent servis. Réessayez bientôt ; si cela dure, prévenez l'informatique : VERBATIM_MEDIA."
)
_REFUSING = (
    "Le magasin du son (S3) refuse l'accès : ce qui concerne le son n'a pas été fait, les mots "
    "restent servis. Prévenez l'informatique : la clé (AWS_ACCESS_KEY_ID) vaut-elle pour "
    "VERBATIM_MEDIA, et ce seau existe-t-il ?"
)
_VERSIONED = (
    "Le seau S3 de VERBATIM_MEDIA garde les anciennes versions de ses objets : ce qui est effacé y "
    "resterait, et rien n'y est donc écrit. L'informatique doit y suspendre les versions."
)
_COPY = "copie-"  # what folders of copies are called, below `work`
_NO_VERSION = (None, "null")  # what S3 calls an object of a bucket that keeps no older ones


class S3Blobs:
    """Media files below a prefix of a bucket. `work` is where copies for decoders are made.

    `patience_s` is how long a request that reads may take.
    """

    def __init__(
        self, address: str, settings: "Settings", work: Path, patience_s: float = _READING_S
    ) -> None:
        self.place = address.rstrip("/")
        self._work = work
        self._reads = _opened(self.place, settings, patience_s)
        self._writes = _opened(self.place, settings, _WRITING_S)
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._silent_until = 0.0

    def put(self, key: str, source: Path) -> None:
        """Send a file in one request, which leaves nothing when it is cut short; then remove it."""
        import obstore

        try:
            with self._asking():
                kept = obstore.put(self._writes, key, source, use_multipart=False)
        except FileNotFoundError as error:  # the bucket
            raise MediaUnreachable(_REFUSING) from error
        if kept["version"] not in _NO_VERSION:
            self.delete(key)
            raise StorageFault(_VERSIONED)
        source.unlink()

    def swap(self, key: str, source: Path) -> None:
        """Put a file in the place of another: who reads that one gets no further piece of it."""
        self.put(key, source)

    def find(self, key: str) -> Blob | None:
        """What the store says of an object."""
        import obstore

        try:
            with self._asking():
                meta = obstore.head(self._reads, key)
        except FileNotFoundError:
            return None
        return _blob(key, meta)

    def find_all(self, keys: Collection[str]) -> dict[str, Blob]:
        """Listed from the first of them on, a thousand a request: the newest sessions are last."""
        import obstore

        wanted = set(keys)
        if not wanted:
            return {}
        with self._asking():
            listed = obstore.list(self._reads, offset=min(wanted)[:-1]).collect()
        return {path: _blob(path, meta) for meta in listed if (path := meta["path"]) in wanted}

    def open(self, blob: Blob) -> BinaryIO:
        """Its bytes, a piece at a time."""
        return io.BufferedReader(_Object(self, blob), _PIECE)

    @contextmanager
    def local(self, blob: Blob) -> Iterator[Path]:
        """A copy, which goes when it is not needed any more."""
        self._work.mkdir(parents=True, exist_ok=True)
        for left in self._work.glob(f"{_COPY}*/"):  # by a process that was killed
            _remove(left)
        folder = self._work / f"{_COPY}{uuid4().hex}"
        with FileLock(f"{folder}.lock"):  # held: `redaction.scrub` leaves it alone, too
            folder.mkdir()
            try:
                path = folder / Path(blob.key).name
                with self.open(blob) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy, _PIECE)
                yield path
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)

    def all_keys(self, prefix: str = "") -> Iterator[str]:
        """The objects' names."""
        import obstore

        with self._asking():
            pages = list(obstore.list(self._reads, prefix or None))
        yield from sorted(meta["path"] for page in pages for meta in page)

    def delete(self, prefix: str) -> None:
        """Remove an object, or all below a folder: of no other, for some stores take it for one."""
        import obstore

        keys = list(self.all_keys(prefix)) or ([prefix] if self.find(prefix) else [])
        if keys:
            with self._asking():
                obstore.delete(self._reads, keys)

    def piece(self, blob: Blob, start: int, end: int) -> bytes:
        """Bytes [start, end) of an object. Raises `InPreparation` where it is another by now.

        Its tag is compared here: not every store heeds `If-Match`.
        """
        import obstore

        try:
            with self._asking():
                answer = obstore.get(self._reads, blob.key, options={"range": (start, end)})
                content = bytes(answer.bytes())
        except FileNotFoundError:
            raise changed(blob) from None
        if (answer.meta["e_tag"] or str(answer.meta["last_modified"])) != blob.version:
            raise changed(blob)
        return content

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """One request. Raises `MediaUnreachable`, at once where the store did not answer lately."""
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        is_silent = time.monotonic() < self._silent_until
        if is_silent or not self._free.acquire(timeout=_TURN_S):
            raise MediaUnreachable(_SILENT)
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            log.error("%s: %s", self.place, _first_line(error))
            raise MediaUnreachable(_REFUSING) from error
        except BaseError as error:
            log.error("%s: %s", self.place, _first_line(error))
            self._silent_until = time.monotonic() + _PAUSE_S
            raise MediaUnreachable(_SILENT) from error
        finally:
            self._free.release()


def _blob(key: str, meta: "ObjectMeta") -> Blob:
    version = meta["e_tag"] or str(meta["last_modified"])
    return Blob(key, meta["size"], version, meta["last_modified"].timestamp())


def _remove(folder: Path) -> None:
    """Remove a copy that nobody holds."""
    with suppress(Timeout), FileLock(f"{folder}.lock", timeout=0):
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)


class _Object(io.RawIOBase):
    """An object as a file, each of whose reads is a request."""

    def __init__(self, blobs: S3Blobs, blob: Blob) -> None:
        self._blobs, self._blob, self._at = blobs, blob, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer).cast("B")
        end = min(self._at + len(room), self._blob.size)
        if end <= self._at:
            return 0
        content = self._blobs.piece(self._blob, self._at, end)
        room[: len(content)] = content
        self._at += len(content)
        return len(content)


def _opened(address: str, settings: "Settings", patience_s: float) -> "S3Store":
    """The store at `s3://bucket/prefix`. Raises `BadInput` without its package."""
    try:
        from obstore.store import S3Store
    except ImportError:
        raise BadInput(
            "VERBATIM_MEDIA demande un paquet de plus : pip install obstore (voyez docs/deploy.md)."
        ) from None
    where, endpoint = urlsplit(address), settings.media_endpoint
    given = {
        "endpoint": endpoint,
        "region": settings.aws_region,
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": _secret(settings.aws_secret_access_key),
        "session_token": _secret(settings.aws_session_token),
    }
    return S3Store(
        where.netloc,
        prefix=where.path.strip("/") or None,
        config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]
        client_options={
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "connect_timeout": timedelta(seconds=_CONNECTING_S),
            "timeout": timedelta(seconds=patience_s),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=patience_s)},
    )


def _secret(value: "SecretStr | None") -> str | None:
    return value.get_secret_value() if value else None


def _first_line(error: Exception) -> str:
    """The library's own words, without the pages that it prints of the request."""
    return str(error).partition("\n")[0]
