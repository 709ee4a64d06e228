"""Where media files are kept: a directory today, an S3-compatible store behind the same seam.

Keys are made by the product (`<session>/listen.opus`), never by a user.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Blobs(Protocol):
    """Files by key. `local` hands out a readable path, so that ranges can be served from it."""

    def put(self, key: str, source: Path) -> None:
        """Take over a finished file; it is there whole or not at all."""

    def swap(self, key: str, source: Path) -> None:
        """Put a file in the place of another, of which nothing is left, nor read any further."""

    def local(self, key: str) -> Path | None:
        """A path to read the file at, or None when there is none."""

    def delete(self, prefix: str) -> None:
        """Remove a file, or every file below a prefix."""


def office_sound(blobs: Blobs, session_id: str, form: str) -> Path | None:
    """A session's listening file for the office: whole, where readers get less of it."""
    names = (f"{session_id}/{name}.{form}" for name in ("office", "listen"))
    return next((path for name in names if (path := blobs.local(name))), None)


@contextmanager
def taken_back_on_failure(blobs: Blobs, prefix: str) -> Iterator[None]:
    """Files put under `prefix` are removed again when what they belong to cannot be kept."""
    try:
        yield
    except BaseException:
        blobs.delete(prefix)
        raise


class DirectoryBlobs:
    """Media files in one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, source: Path) -> None:
        """Take over a finished file: flushed to the disk, then renamed into place."""
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_suffix(f"{target.suffix}.new")
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

    def local(self, key: str) -> Path | None:
        """Path of the file, or None when there is none."""
        path = self._root / key
        return path if path.is_file() else None

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
