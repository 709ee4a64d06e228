"""A sitting that is being brought in: what was typed, which files came. Reading alone.

Everything typed is kept as it was typed, right or wrong, so that nothing has to be typed again;
`arrival_request` makes sense of it. Files have names of ours on the disk, those of the clerk here.
"""

import re
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    select,
)

from ingest import tables as t
from ingest.errors import NotFound

arrivals = Table(
    "arrivals",
    t.metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("details", JSON, nullable=False),
    Column("session_id", String),
    Column("by", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("touched_at", DateTime, nullable=False),
)
uploads = Table(
    "uploads",
    t.metadata,
    Column("id", String, primary_key=True),
    Column("arrival", ForeignKey("arrivals.id", ondelete="CASCADE")),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("length", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("mark", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
_ID = re.compile(r"[0-9a-f]{32}")


class Standing(StrEnum):
    """Where an arrival stands: `SENT` once its transcription was asked for."""

    PREPARING = "preparing"
    SENT = "sent"
    DONE = "done"


class Content(StrEnum):
    """What a file is."""

    RECORDING = "recording"
    CAPTIONS = "captions"


@dataclass(frozen=True)
class Upload:
    """A file, come or coming. `received` of its `length` bytes are on the disk for good.

    `mark` is by which a browser knows the same file again.
    """

    id: str
    arrival: str
    position: int
    name: str
    kind: Content
    length: int
    received: int
    mark: str

    @property
    def is_whole(self) -> bool:
        """Has everything come?"""
        return self.received == self.length


@dataclass(frozen=True)
class Details:
    """What was typed, as it was typed.

    `starts` and `captions` are by recording: when it began, and which file captions it. `ordered`
    is whether somebody has put the parts in order; `inbox` names the sub-folder of the watched
    folder that it came from, `inbox_told` is whether that says what went wrong.
    """

    title: str = ""
    date: str = ""
    body: str = ""
    id: str = ""
    roster: str = ""
    agenda: str = ""
    tracks: bool = False
    starts: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    ordered: bool = False
    inbox: str = ""
    inbox_told: bool = False


@dataclass(frozen=True)
class Arrival:
    """A sitting that is being brought in; `session` is what became of it, once it is done."""

    id: str
    state: Standing
    details: Details
    session: str | None
    by: str
    created_at: datetime
    touched_at: datetime
    files: tuple[Upload, ...]

    @property
    def recordings(self) -> tuple[Upload, ...]:
        """The parts, or tracks, in order."""
        return tuple(file for file in self.files if file.kind is Content.RECORDING)

    @property
    def captions(self) -> tuple[Upload, ...]:
        """The files of captions."""
        return tuple(file for file in self.files if file.kind is Content.CAPTIONS)


def new_id() -> str:
    """A name for an arrival or a file that nobody guesses."""
    return uuid4().hex


def folder(data: Path, arrival_id: str) -> Path:
    """Where an arrival's files lie, each under its id. Raises `NotFound` for what is no id."""
    if not _ID.fullmatch(arrival_id):
        raise NotFound("Cette adresse n'est pas celle d'un apport : voyez la liste.")
    return data / "arrivals" / arrival_id


def arrival(db: Connection, arrival_id: str) -> Arrival:
    """The arrival of that id. Raises `NotFound`."""
    row = db.execute(select(arrivals).where(arrivals.c.id == arrival_id)).first()
    if row is None:
        raise NotFound("Cet apport n'existe pas, ou plus : voyez la liste des séances.")
    return _read(db, row)


def every(db: Connection, *states: Standing) -> tuple[Arrival, ...]:
    """The arrivals in one of the given states, newest first."""
    wanted = select(arrivals).where(arrivals.c.state.in_(states))
    rows = db.execute(wanted.order_by(arrivals.c.created_at.desc(), arrivals.c.id)).all()
    return tuple(_read(db, row) for row in rows)


def file(db: Connection, arrival_id: str, file_id: str) -> Upload:
    """One file of an arrival. Raises `NotFound`."""
    mine = (uploads.c.id == file_id, uploads.c.arrival == arrival_id)
    row = db.execute(select(uploads).where(*mine)).first()
    if row is None:
        raise NotFound("Ce fichier n'est plus attendu : envoyez-le de nouveau.")
    return _upload(row)


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A key by which "partie 2" comes before "partie 10"."""
    pieces = re.findall(r"\d{1,99}|\D+", name.casefold())
    return tuple((0, int(piece)) if piece.isdecimal() else (1, piece) for piece in pieces)


def _read(db: Connection, row: Row[Any]) -> Arrival:
    known = {one.name for one in fields(Details)}
    of_arrival = select(uploads).where(uploads.c.arrival == row.id)
    files = db.execute(of_arrival.order_by(uploads.c.position, uploads.c.id)).all()
    return Arrival(
        id=row.id,
        state=Standing(row.state),
        details=Details(**{k: v for k, v in row.details.items() if k in known}),
        session=row.session_id,
        by=row.by,
        created_at=row.created_at,
        touched_at=row.touched_at,
        files=tuple(map(_upload, files)),
    )


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        arrival=row.arrival,
        position=row.position,
        name=row.name,
        kind=Content(row.kind),
        length=row.length,
        received=row.received,
        mark=row.mark,
    )
