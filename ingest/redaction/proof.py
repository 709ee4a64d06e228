"""Showing that redacted words are not in the rows of a session any more.

What is looked for are runs of them that the session does not say elsewhere. The bytes of the files
themselves: `ingest.redaction.proof`.
"""

import gzip
import html
import io
import json
import re
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby
from mmap import ACCESS_READ, mmap
from operator import itemgetter
from pathlib import Path
from typing import IO

import numpy as np
from sqlalchemy import Text, cast, select

from ingest.archive.blobs import Blobs
from ingest.archive.repository import Archive
from ingest.archive.schema import agenda_items, metadata
from ingest.database.transfer import rows, tables
from ingest.errors import BadInput
from ingest.text import fold, folded_words
from ingest.transcript import AgendaItem, Transcript, Word

# A phrase, looked for in bytes however it may be written, whatever is between its words. Pure.


LONGEST = 400
"""Characters of a phrase at most."""

_MOST_BETWEEN = 160  # signs between two words, each a sign that is no letter or one of these:
_HIDDEN = re.compile(rb"\"[^\"]{0,60}\"\]|<[^<>]{0,120}>|\\{1,8}[nrt]|null|true|false")
_LETTER, _LETTER_OR_DIGIT = re.compile(rb"[a-z]"), re.compile(rb"[a-z0-9]")
# Printable ASCII: a letter after a byte outside it may be a length, and no part of a word.
_SPACE, _BEYOND_ASCII = 0x20, 0x80
_JSON = re.compile(rb"(?<!\\)\\++u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(rb"%([0-9a-fA-F]{2})")
_ENTITY = re.compile(rb"&(?:[a-zA-Z]{2,8}|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});")


@dataclass(frozen=True)
class Pattern:
    """A phrase to look for. `reach`: how many bytes it may take up."""

    words: tuple[str, ...]
    reach: int

    def is_said(self, text: str) -> bool:
        """Does a text say it, word for word?"""
        return f" {' '.join(self.words)} " in f" {' '.join(folded_words(text))} "

    def is_in(self, folded: bytes) -> bool:
        """Is the phrase in one of some bytes' `readings`?"""
        first, *others = words = [word.encode() for word in self.words]
        if not all(word in folded for word in words):
            return False  # most bytes hold none: that is seen at once
        return any(
            _begins(folded[max(0, at - 2) : at]) and _goes_on(folded, at + len(first), others)
            for at in _places(folded, first)
        )


def _places(folded: bytes, word: bytes) -> Iterator[int]:
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + 1)


def _begins(before: bytes) -> bool:
    """Does a word begin after these two bytes? A letter alone may be a length in a database."""
    alone = len(before) > 1 and not _SPACE <= before[0] < _BEYOND_ASCII
    return alone or not before[-1:].isalnum()


def _goes_on(folded: bytes, end: int, words: Sequence[bytes]) -> bool:
    """Do these words follow, one after the other, on one that ends there?"""
    ends = {end}
    for word in words:
        between = _between(folded, ends)
        ends = {at + len(word) for at in between if folded.startswith(word, at)}
    return any(not _LETTER_OR_DIGIT.match(folded, at) for at in ends)


def _between(folded: bytes, ends: set[int]) -> set[int]:
    """Where the next word may begin: each place once, however many ways lead to it.

    Signs may be read in several ways (a tag, or its signs one by one): a regular expression would
    try them all, twice as many for each tag.
    """
    fewest = dict.fromkeys(ends, 0)
    places, reached = sorted(ends), set[int]()
    while places:
        at = heappop(places)
        taken = fewest[at] + 1
        for after in _steps(folded, at) if taken <= _MOST_BETWEEN else ():
            reached.add(after)
            if after not in fewest:
                heappush(places, after)
            fewest[after] = min(taken, fewest.get(after, taken))
    return reached


def _steps(folded: bytes, at: int) -> Iterator[int]:
    """Where one sign between words ends."""
    if at < len(folded) and not _LETTER.match(folded, at):
        yield at + 1
    if hidden := _HIDDEN.match(folded, at):
        yield hidden.end()


def pattern(phrase: str) -> Pattern:
    """What to look for. Raises `BadInput` for a phrase without a word, or a very long one."""
    words = tuple(folded_words(phrase))
    if not words or len(phrase) > LONGEST or not all(word.isascii() for word in words):
        raise BadInput(
            f"« {phrase[:40]} » ne peut être cherché : donnez, en alphabet latin, un mot ou plus, "
            f"{LONGEST} signes au plus."
        )
    return Pattern(words, 12 * len(phrase) + 200 * len(words))


def any_in(content: bytes, patterns: Sequence[Pattern]) -> bool:
    """Is one of these phrases in some bytes?"""
    return any(pattern.is_in(one) for one in readings(content) for pattern in patterns)


# --- bytes as plain small letters -------------------------------------------------------------


def readings(content: bytes) -> Iterator[bytes]:
    """Some bytes as small letters without accents, in every way they can be read."""
    yield _narrow(_unescaped(content))
    yield content.translate(_LATIN)
    for first in (0, 1):
        yield from _wide(np.frombuffer(content, np.uint8)[first:])


def _plain(code: int) -> bytes:
    """A character as small letters, or a space where it is none."""
    try:
        letters = fold(chr(code)).encode("ascii", "ignore")
    except ValueError:
        return b" "
    return letters if letters.isalnum() else b" "


def _table(first: int) -> list[bytes]:
    return [_plain(first + n) for n in range(64)]


_SMALL = bytes(n + 32 if 65 <= n <= 90 else n for n in range(256))  # noqa: PLR2004
_LATIN = bytes(
    n if n < 192 else (_plain(n) if len(_plain(n)) == 1 else b" ")[0]  # noqa: PLR2004
    for n in _SMALL
)
_LEADS = {0xC3: _table(0xC0), 0xC4: _table(0x100), 0xC5: _table(0x140)}  # of two bytes in UTF-8
_ACCENTS = (0xCC, 0xCD)  # what these lead is put over the letter before


def _unescaped(content: bytes) -> bytes:
    """Characters in place of their escapes. Most bytes hold none: that is seen at once."""
    if b"\\u" in content:
        content = _JSON.sub(_character, content)
    if b"%C" in content or b"%c" in content:
        content = _ADDRESS.sub(lambda one: bytes([int(one[1], 16)]), content)
    if b"&" in content:
        content = _ENTITY.sub(lambda one: html.unescape(one[0].decode()).encode(), content)
    return content


def _character(escape: re.Match[bytes]) -> bytes:
    return chr(int(escape[1], 16)).encode("utf-8", "replace")


def _narrow(content: bytes) -> bytes:
    """UTF-8: two bytes of an accented letter become the one of the letter, or two of a ligature."""
    small = np.frombuffer(content.translate(_SMALL), np.uint8).copy()
    kept = np.ones(len(small), bool)
    for lead, letters in _LEADS.items():
        places = np.flatnonzero(small[:-1] == lead)
        places = places[(small[places + 1] & 0xC0) == 0x80]  # noqa: PLR2004
        follows = small[places + 1] & 0x3F
        first = np.frombuffer(b"".join(letter[:1] for letter in letters), np.uint8)
        second = np.frombuffer(b"".join(letter[1:2] or b"\0" for letter in letters), np.uint8)
        small[places], small[places + 1] = first[follows], second[follows]
        kept[places[second[follows] == 0] + 1] = False
    for lead in _ACCENTS:
        places = np.flatnonzero(small[:-1] == lead)
        kept[places] = kept[places + 1] = False
    return small[kept].tobytes()


def _wide(content: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> Iterator[bytes]:
    """UTF-16, either order, from here on. What is not Latin-1 parts words, but for `œ`."""
    pairs = content[: len(content) // 2 * 2].reshape(-1, 2)
    for high, low in ((pairs[:, 1], pairs[:, 0]), (pairs[:, 0], pairs[:, 1])):
        if np.count_nonzero(high == 0) < len(high) / 1000:
            continue  # no text of ours is written so
        two = np.zeros((len(low), 2), np.uint8)
        two[:, 0] = np.where(high == 0, low, 0x20)
        ligature = (high == 1) & ((low == 0x52) | (low == 0x53))  # noqa: PLR2004
        two[ligature] = (ord("o"), ord("e"))
        yield two[two != 0].tobytes().translate(_LATIN)


# Words of a run that is looked for: fewer are said elsewhere by chance and prove nothing, more miss
# a shorter rest. Some 40 runs, spread evenly: each is looked for in every table and file, and more
# take longer. Chosen, not measured.
RUN = 5
_MOST = 40
_TITLE = 20  # words of a title that are looked for


@dataclass(frozen=True)
class Proof:
    """How many runs of words were looked for, in how many tables, and which of them hold one."""

    runs: int
    tables: int
    found: tuple[str, ...]


def runs(gone: Sequence[Word], kept: Transcript) -> tuple[Pattern, ...]:
    """Runs of redacted words that are said nowhere in what is kept."""
    texts = [word.text for word in gone]
    size = min(RUN, len(texts))
    step = max(size, len(texts) // _MOST) if size else 1
    starts = [*range(0, len(texts) - size + 1, step)]
    if starts and starts[-1] != len(texts) - size:
        starts.append(len(texts) - size)
    phrases = (" ".join(texts[at : at + size]) for at in starts)
    said = " ".join(turn.text for turn in kept.turns)
    usable = (p for p in phrases if folded_words(p) and all(w.isascii() for w in folded_words(p)))
    return tuple(p for p in map(pattern, usable) if not p.is_said(said))


def said_elsewhere(
    archive: Archive, session_id: str, wanted: Sequence[Pattern]
) -> frozenset[Pattern]:
    """Which of these other sessions say as well: formulas of the chair, mostly.

    Across turns too ("Vous avez la parole." "Je ..."), for passages join the turns of a session.
    """
    turns = metadata.tables["turns"].c
    query = select(turns.session_id, turns.words, cast(turns.words, Text))
    elsewhere = query.where(turns.session_id != session_id).order_by(turns.session_id, turns.idx)
    said: set[Pattern] = set()
    with archive.engine.connect() as db:
        for _, rows in groupby(db.execute(elsewhere), key=itemgetter(0)):
            texts: list[str] = []
            for _, words, as_kept in rows:
                texts += (word[2] for word in words)
                read = list(readings(as_kept.encode()))
                said |= {p for p in wanted if any(p.is_in(one) for one in read)}
            said |= {p for p in wanted if p.is_said(" ".join(texts))}
    return frozenset(said)


def titles(archive: Archive, points: Sequence[AgendaItem]) -> tuple[Pattern, ...]:
    """Titles of the points that went, such as no other point of any session bears or holds."""
    with archive.engine.connect() as db:
        kept = [folded_words(title) for title in db.execute(select(agenda_items.c.title)).scalars()]
    named = (folded_words(point.title)[:_TITLE] for point in points)
    wanted = [pattern(" ".join(words)) for words in named if words and "".join(words).isascii()]
    return tuple(p for p in wanted if not any(p.is_said(" ".join(words)) for words in kept))


def prove(
    archive: Archive, session_id: str, gone: Sequence[Word], points: Sequence[AgendaItem] = ()
) -> Proof:
    """Read every row of a session, in every table, for what was redacted."""
    wanted = (*runs(gone, archive.transcript(session_id)), *titles(archive, points))
    tables = [table for table in metadata.tables.values() if "session_id" in table.c]
    found = []
    with archive.engine.connect() as db:
        for table in tables if wanted else ():
            rows = db.execute(select(table).where(table.c.session_id == session_id))
            if any(any_in(_said(row), wanted) for row in rows):
                found.append(table.name)
    return Proof(len(wanted), len(tables), tuple(found))


def _said(row: Iterable[object]) -> bytes:
    """A row's values as JSON, as the database keeps those that are lists."""
    return json.dumps(list(row), default=_other, ensure_ascii=False).encode("utf-8", "replace")


def _other(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


# Where a phrase is left below a data directory: every byte of every file is read.


# 4 MiB are read at a time: a backup of gigabytes never fills the memory. Chosen, not measured.
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


def traces_in_blobs(blobs: Blobs, patterns: Sequence[Pattern]) -> Iterator[Trace]:
    """Every media file in whose bytes or name one of the phrases is left, wherever it is kept."""
    for key in blobs.all_keys():
        if any_in(key.encode(), patterns):
            yield Trace(f"{blobs.place}/{key}", "nom")
        if blob := blobs.find(key):
            with blobs.open(blob) as file:
                yield from _in_stream(file, f"{blobs.place}/{key}", patterns, 0)


# --- databases --------------------------------------------------------------------------------


def traces_in_rows(archive: Archive, patterns: Sequence[Pattern]) -> Iterator[Trace]:
    """Every table of an archive in whose rows one of the phrases is left, wherever it is kept."""
    with archive.engine.connect() as db:
        for table in tables(db):
            if any(any_in(_said(row), patterns) for row in rows(db, table)):
                yield Trace("base", f"table {table.name}")


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
                if any(any_in(_bytes_of(row), patterns) for row in rows):
                    yield Trace(name, f"table {table.decode()}")
    except sqlite3.DatabaseError:
        return


def _bytes_of(row: Iterable[object]) -> bytes:
    return b"\n".join(value for value in row if isinstance(value, bytes))
