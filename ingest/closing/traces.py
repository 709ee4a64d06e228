"""Where a phrase is left below a data directory: every byte of every file is read.

Databases are read twice, as bytes (what was deleted may linger there) and by their rows (a long row
is scattered over pages). Archives are opened. Knows patterns and files, nothing of sessions.
"""

import gzip
import io
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

from ingest.closing.trace_pattern import Pattern, any_in

_PIECE = 4 * 2**20
_SQLITE = b"SQLite format 3\0"
_TAIL = 600  # bytes of a page that are read together with the page that goes on with it
_DEEPEST = 4  # archives within archives


@dataclass(frozen=True, order=True)
class Trace:
    """A place where a phrase is left: a file below the directory, and what of it."""

    file: str
    where: str


def traces(data: Path, patterns: Sequence[Pattern]) -> Iterator[Trace]:
    """Every file in which one of the phrases is left. Files that go meanwhile are passed over."""
    for path in sorted(data.rglob("*")):
        name = str(path.relative_to(data))
        if any_in(name.encode(), patterns):
            yield Trace(name, "nom")
        try:
            if path.is_file() and not path.is_symlink():
                yield from _in_file(path, name, patterns)
        except FileNotFoundError:
            continue


def _in_file(path: Path, name: str, patterns: Sequence[Pattern]) -> Iterator[Trace]:
    with path.open("rb") as file:
        start = file.read(512)
        file.seek(0)
        yield from _in_stream(file, name, patterns, 0)
    if start.startswith(_SQLITE):
        yield from _in_chains(path, name, patterns, int.from_bytes(start[16:18], "big"))
        yield from _in_rows(path, name, patterns)


def _in_stream(
    file: IO[bytes], name: str, patterns: Sequence[Pattern], depth: int
) -> Iterator[Trace]:
    """The bytes as they are, then what they pack, if they are an archive."""
    if any(any_in(piece, patterns) for piece in _pieces(file, max(p.reach for p in patterns))):
        yield Trace(name, "octets")
    if depth < _DEEPEST:
        file.seek(0)
        for member, packed in _members(file):
            yield from _in_stream(packed, f"{name} › {member}", patterns, depth + 1)


def _pieces(file: IO[bytes], reach: int) -> Iterator[bytes]:
    before = b""
    while piece := file.read(_PIECE):
        yield before + piece
        before = (before + piece)[-reach:]


def _members(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """What a zip (docx), gzip or compressed tar holds; in a plain tar the bytes are as they are."""
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(file) as packed:
                for one in packed.namelist():
                    yield one, io.BytesIO(packed.read(one))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
            return
    elif start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")):
        try:
            if start.startswith(b"\x1f\x8b"):
                yield "gzip", io.BytesIO(gzip.decompress(file.read()))
            else:
                with tarfile.open(fileobj=file) as tar:
                    for entry in tar:
                        content = tar.extractfile(entry)
                        if content:
                            yield entry.name, io.BytesIO(content.read())
        except (OSError, EOFError, zlib.error, tarfile.TarError):
            return


# --- databases --------------------------------------------------------------------------------


def _in_chains(path: Path, name: str, patterns: Sequence[Pattern], page: int) -> Iterator[Trace]:
    """What goes on from one page to another, which it names in its first four bytes."""
    size = 65536 if page == 1 else page
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        for at in range(0, len(content), size):
            after = int.from_bytes(content[at : at + 4], "big")
            if 1 < after <= len(content) // size:
                goes_on = content[(after - 1) * size + 4 : (after - 1) * size + 4 + _TAIL]
                if any_in(content[at + size - _TAIL : at + size] + goes_on, patterns):
                    yield Trace(name, f"page {at // size + 1}")
                    return


def _in_rows(path: Path, name: str, patterns: Sequence[Pattern]) -> Iterator[Trace]:
    """What a database says. One that cannot be opened was read as bytes all the same."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
            db.text_factory = bytes
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            for (table,) in db.execute(tables).fetchall():
                quoted = table.decode().replace('"', '""')
                rows = db.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  # its own name
                if any(any_in(_said(row), patterns) for row in rows):
                    yield Trace(name, f"table {table.decode()}")
    except sqlite3.DatabaseError:
        return


def _said(row: Iterable[object]) -> bytes:
    return b"\n".join(value for value in row if isinstance(value, bytes))
