"""Documents of published sessions, kept from one request to the next: each is made once.

Kept below the data directory, a folder a session. A file is named after a digest of all that shapes
it, so what has changed since has another name. Rights are checked before. What must leave the disk
as well (a redaction, a withdrawal) is removed by `forget`: a document that is being made meanwhile
is not kept, since its seal is compared once more under the lock that `forget` waits for. Knows
nothing of what is in a document.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import BadInput, InPreparation

FOLDER = "exports"
LARGEST = 256 << 20
"""Bytes of all that is kept. A session's document has 50 KB, or a city's images besides."""
_PATIENCE_S = 30.0  # for the lock: all that may wait, at two seconds each, are through by then
_VERSION = version("verbatim-council").encode()  # another may write another document
_REFUSED_S = 600.0  # a template that fails today is not tried at every request
_MOST_WAITING = 12
"""Requests of one process that wait for their turn; it answers 40 at once, most of them others."""
_waiting = threading.BoundedSemaphore(_MOST_WAITING)
_BUSY = "Ce document est en préparation : redemandez-le dans un instant."


@dataclass(frozen=True)
class KeptExports:
    """The documents kept below a data directory."""

    data: Path

    def document(
        self,
        session_id: str,
        seal: bytes,
        make: Callable[[], bytes],
        seal_now: Callable[[], bytes],
        variant: str = "",
    ) -> bytes:
        """The document of a seal, made if it is not kept; others of its session are dropped then.

        `seal_now` is called once it is made. Raises what `make` and `seal_now` raise, and
        `InPreparation` when too many wait, or when the session has changed meanwhile.
        """
        digest = sha256(_VERSION + seal).hexdigest()
        path = self._root / session_id / f"{digest}{variant}"
        if kept := _kept(path):
            return kept
        with self._locked():
            if kept := _kept(path):  # it was made while we waited
                return kept
            refused = None
            try:
                made, name = make(), path
            except BadInput as error:
                refused, made, name = error, str(error).encode(), _refusal(path)
            if seal_now() != seal:
                raise InPreparation("Cette séance vient de changer : redemandez son document.")
            self._keep(name, digest, made)
            if refused:
                raise refused
            return made

    def forget(self, session_id: str) -> None:
        """Remove all documents of a session; one that is being made is not kept."""
        with self._lock():
            shutil.rmtree(self._root / session_id, ignore_errors=True)

    @property
    def _root(self) -> Path:
        return self.data / FOLDER

    def _lock(self) -> FileLock:
        self.data.mkdir(parents=True, exist_ok=True)
        return FileLock(self.data / f"{FOLDER}.lock")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Under a lock: one document is made at a time, in all processes together."""
        if not _waiting.acquire(blocking=False):
            raise InPreparation(_BUSY)
        lock = self._lock()
        try:
            with lock.acquire(timeout=_PATIENCE_S):
                yield
        except Timeout:
            raise InPreparation(_BUSY) from None
        finally:
            _waiting.release()

    def _keep(self, path: Path, digest: str, made: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in path.parent.iterdir():
            if not other.name.startswith(digest):
                other.unlink()
        self._make_room(len(made))
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(made)
        part.replace(path)

    def _make_room(self, size: int) -> None:
        """Drop the documents that were read longest ago."""
        files = [path for path in self._root.rglob("*") if path.is_file()]
        total = size + sum(path.stat().st_size for path in files)
        for path in sorted(files, key=lambda path: path.stat().st_mtime):
            if total <= LARGEST:
                return
            total -= path.stat().st_size
            path.unlink()


def _refusal(path: Path) -> Path:
    """The file that says why a document cannot be made."""
    return path.with_name(f"{path.name}.refused")


def _kept(path: Path) -> bytes | None:
    """A document, if it is kept. Raises `BadInput` if it could not be made a while ago."""
    with suppress(FileNotFoundError):
        kept = path.read_bytes()
        os.utime(path)  # read now
        return kept
    with suppress(FileNotFoundError):
        refusal = _refusal(path)
        if time.time() - refusal.stat().st_mtime < _REFUSED_S:
            raise BadInput(refusal.read_text("utf-8"))
    return None
