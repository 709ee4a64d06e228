"""Where media files are kept: a directory, or an S3-compatible store behind the same seam.

Keys are made by the product (`<session>/listen.opus`), never by a user. Knows nothing of sessions,
nor of who may hear them.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Protocol

from ingest.errors import InPreparation

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Blob:
    """A file that is kept. `size` in bytes, `modified_s` since 1970.

    `version` changes with what the file holds.
    """

    key: str
    size: int
    version: str
    modified_s: float


class Blobs(Protocol):
    """Files by key. Each method raises `StorageFault` where what keeps them fails."""

    @property
    def place(self) -> str:
        """Where they are, as an administrator names it."""

    def put(self, key: str, source: Path) -> None:
        """Take over a finished file, which is gone then; it is kept whole or not at all."""

    def swap(self, key: str, source: Path) -> None:
        """Put a file in the place of another, of which nothing is left, nor read any further."""

    def find(self, key: str) -> Blob | None:
        """What is kept at a key, None where nothing is."""

    def find_all(self, keys: Collection[str]) -> Mapping[str, Blob]:
        """What is kept at some keys, by key: fewer requests than one each."""

    def open(self, blob: Blob) -> BinaryIO:
        """Its bytes, to be read from any place of them; none of another version.

        Raises `InPreparation` where it is not that version any more, while it is read as well.
        """

    def local(self, blob: Blob) -> AbstractContextManager[Path]:
        """A path to read it at for as long as that is needed: of itself, or of a copy.

        The path's name is the key's last part. Raises as `open` does.
        """

    def all_keys(self, prefix: str = "") -> Iterator[str]:
        """The keys of all files, or of those below a folder, in order."""

    def delete(self, prefix: str) -> None:
        """Remove a file, or every file below a folder."""


def office_sound(blobs: Blobs, session_id: str, form: str) -> Blob | None:
    """A session's listening file for the office: whole, where readers get less of it."""
    names = (f"{session_id}/{name}.{form}" for name in ("office", "listen"))
    return next((blob for name in names if (blob := blobs.find(name))), None)


@contextmanager
def taken_back_on_failure(blobs: Blobs, prefix: str) -> Iterator[None]:
    """Files put under `prefix` are removed again when what they belong to cannot be kept."""
    try:
        yield
    except BaseException:
        blobs.delete(prefix)
        raise


def changed(blob: Blob) -> InPreparation:
    """What is raised where a file is not the one any more that was found."""
    log.info("%s has changed since it was found.", blob.key)
    return InPreparation("Le son de cette séance vient de changer : rechargez la page.")


_ARRIVING = ".new"


class DirectoryBlobs:
    """Media files in one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def place(self) -> str:
        """The directory."""
        return str(self._root)

    def put(self, key: str, source: Path) -> None:
        """Take over a finished file: flushed to the disk, then renamed into place."""
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_suffix(f"{target.suffix}{_ARRIVING}")
        shutil.move(source, arriving)  # copies when the media are on another disk
        with arriving.open("rb") as handle:
            os.fsync(handle.fileno())
        arriving.replace(target)
        sync_folder(target.parent)

    def swap(self, key: str, source: Path) -> None:
        """Put a file in the place of another, and empty that one: who streams it gets no more."""
        target = self._root / key
        with target.open("r+b") as old:
            self.put(key, source)
            old.truncate(0)

    def find(self, key: str) -> Blob | None:
        """The file's size and times, None when there is none."""
        try:
            file = (self._root / key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not S_ISREG(file.st_mode):
            return None
        return Blob(key, file.st_size, f"{file.st_mtime_ns} {file.st_size}", file.st_mtime)

    def find_all(self, keys: Collection[str]) -> dict[str, Blob]:
        """Each of them: a directory answers in microseconds."""
        return {key: blob for key in keys if (blob := self.find(key))}

    def open(self, blob: Blob) -> BinaryIO:
        """The file itself: one that is swapped meanwhile ends there."""
        if self.find(blob.key) != blob:
            raise changed(blob)
        return (self._root / blob.key).open("rb")

    @contextmanager
    def local(self, blob: Blob) -> Iterator[Path]:
        """The file itself."""
        if self.find(blob.key) != blob:
            raise changed(blob)
        yield self._root / blob.key

    def all_keys(self, prefix: str = "") -> Iterator[str]:
        """All files but those that are just arriving."""
        for path in sorted((self._root / prefix).rglob("*")):
            if path.is_file() and path.suffix != _ARRIVING:
                yield path.relative_to(self._root).as_posix()

    def delete(self, prefix: str) -> None:
        """Remove a file, or a folder of them."""
        path = self._root / prefix
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Have the names in a folder survive a power cut, new ones and renamed ones."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
