"""A session that is being brought in (an arrival): what was typed, which files came.

Everything typed is kept as it was typed, right or wrong, so that nothing has to be typed again;
`arrival_request` makes sense of it. Files have names of ours on the disk, those of the clerk here.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.schema import now
from ingest.asr.probe import ProbedSound
from ingest.errors import BadInput, Conflict, NotFound
from ingest.jobs import queue
from ingest.jobs.queue import WAITING, JobKind

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
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("mark", String, nullable=False),
    Column("sound", JSON),  # what was found in it; NULL: not looked into yet
    Column("created_at", DateTime, nullable=False),
)
_ID = re.compile(r"[0-9a-f]{32}")


class ArrivalState(StrEnum):
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

    `mark` is by which a browser knows the same file again. `sound` is what was found in a
    recording, None until it was looked into.
    """

    id: str
    arrival: str
    position: int
    name: str
    kind: Content
    length: int
    received: int
    mark: str
    sound: ProbedSound | None = None

    @property
    def is_whole(self) -> bool:
        """Has everything come?"""
        return self.received == self.length


@dataclass(frozen=True)
class TypedDetails:
    """What was typed, as it was typed.

    `starts`, `captions` and `streams` are by recording: when it began, which file captions it, and
    which of its streams of sound, counted from 1, is taken. `ordered`
    is whether a clerk has put the parts in order; `inbox` names the sub-folder of the watched
    folder that it came from, `inbox_told` is whether that says what went wrong.
    """

    title: str = ""
    date: str = ""
    body: str = ""
    id: str = ""
    roster: str = ""
    agenda: str = ""
    tracks: bool = False
    voices: str = ""
    starts: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)
    ordered: bool = False
    inbox: str = ""
    inbox_told: bool = False


@dataclass(frozen=True)
class Arrival:
    """A session that is being brought in; `session` is what became of it, once it is done."""

    id: str
    state: ArrivalState
    details: TypedDetails
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
    """A name for an arrival or a file that cannot be guessed."""
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
    return _read(row, _files(db, uploads.c.arrival == arrival_id)[arrival_id])


def every(db: Connection, *states: ArrivalState, session: str | None = None) -> tuple[Arrival, ...]:
    """The arrivals in one of the given states, newest first; those of one session alone."""
    wanted = select(arrivals).where(arrivals.c.state.in_(states))
    if session is not None:
        wanted = wanted.where(arrivals.c.session_id == session)
    files = _files(db, uploads.c.arrival.in_(wanted.with_only_columns(arrivals.c.id)))
    rows = db.execute(wanted.order_by(arrivals.c.created_at.desc(), arrivals.c.id))
    return tuple(_read(row, files[row.id]) for row in rows)


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


def _files(db: Connection, which: ColumnElement[bool]) -> defaultdict[str, list[Upload]]:
    """Files in their order, by arrival."""
    files: defaultdict[str, list[Upload]] = defaultdict(list)
    query = select(uploads).where(which).order_by(uploads.c.position, uploads.c.id)
    for row in db.execute(query):
        files[row.arrival].append(_upload(row))
    return files


def _read(row: Row[Any], files: Sequence[Upload]) -> Arrival:
    known = {one.name for one in fields(TypedDetails)}
    return Arrival(
        id=row.id,
        state=ArrivalState(row.state),
        details=TypedDetails(**{k: v for k, v in row.details.items() if k in known}),
        session=row.session_id,
        by=row.by,
        created_at=row.created_at,
        touched_at=row.touched_at,
        files=tuple(files),
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
        sound=ProbedSound.from_row(row.sound) if row.sound else None,
    )


# What is done with arrivals: begun, added to, sent, finished, removed.


_CAPTIONS = (".vtt", ".srt", ".json")
_LONGEST_NAME = 200  # characters; chosen, not measured
_MOST_FILES = 300  # of a session: a track of every participant; each is compared with the others


def begin(db: Connection, arrival_id: str, by: str) -> None:
    """Have an arrival of that id, if there is none yet. Raises `NotFound` for what is no id."""
    folder(Path(), arrival_id)
    if db.execute(select(arrivals.c.id).where(arrivals.c.id == arrival_id)).first() is None:
        first = {"id": arrival_id, "state": ArrivalState.PREPARING, "by": by}
        empty = {"details": asdict(TypedDetails()), "created_at": now(), "touched_at": now()}
        db.execute(insert(arrivals).values(**first, **empty))
        audit.record(db, by, "arrival.begin", arrival_id)


def keep(db: Connection, arrival_id: str, details: TypedDetails, by: str) -> None:
    """Keep what was typed of an arrival, which begins with it if it is not there yet.

    Raises `Conflict` once it was sent off, `NotFound` for what is no id.
    """
    begin(db, arrival_id, by)
    to_be_prepared(db, arrival_id)
    set_details(db, arrival_id, details)
    touch(db, arrival_id)


def add_file(
    db: Connection,
    arrival_id: str,
    name: str,
    length: int,
    mark: str = "",
    came_as: str | None = None,
) -> Upload:
    """Announce a file: its name, as the clerk's machine has it, tells what it is.

    One that is there already, whole, `came_as` a file of that id in the arrival's folder.

    Parts are in the order of their names ("partie 2" before "partie 10") until a clerk moves one.
    """
    to_be_prepared(db, arrival_id)
    shown = Path(name.replace("\\", "/").replace("\0", "")).name.strip()[-_LONGEST_NAME:]
    if not shown or length <= 0:
        raise BadInput(f"« {shown or name[:40]} » est vide : a-t-il été copié en entier ?")
    kind = Content.CAPTIONS if Path(shown).suffix.lower() in _CAPTIONS else Content.RECORDING
    mine = uploads.c.arrival == arrival_id
    last = select(func.max(uploads.c.position)).where(mine)
    if (db.execute(select(func.count()).where(mine)).scalar() or 0) >= _MOST_FILES:
        raise BadInput(
            f"« {shown} » est de trop : {_MOST_FILES} fichiers au plus par séance. Retirez-en, ou"
            " réunissez les parties avant de les envoyer."
        )
    file = Upload(
        id=came_as or new_id(),
        arrival=arrival_id,
        position=(db.execute(last).scalar() or 0) + 1,
        name=shown,
        kind=kind,
        length=length,
        received=length if came_as else 0,
        mark=mark[:_LONGEST_NAME],
    )
    values = {name: value for name, value in asdict(file).items() if name != "sound"}
    db.execute(insert(uploads).values(**values, created_at=now()))
    touch(db, arrival_id)
    _in_natural_order(db, arrival(db, arrival_id))
    return file


def move(db: Connection, arrival_id: str, file_id: str, by: int) -> None:
    """Put a part `by` places later (earlier, if negative) than it is."""
    to_be_prepared(db, arrival_id)
    found = arrival(db, arrival_id)
    order = [file.id for file in found.recordings]
    if file_id in order:
        at = order.index(file_id)
        order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
        _write_order(db, order)
        set_details(db, arrival_id, replace(found.details, ordered=True))


def remove_file(db: Connection, arrival_id: str, file_id: str) -> None:
    """Forget a file; the caller deletes its bytes, `folder / file_id`, afterwards."""
    to_be_prepared(db, arrival_id)
    mine = (uploads.c.id == file_id, uploads.c.arrival == arrival_id)
    if db.execute(delete(uploads).where(*mine)).rowcount == 0:
        raise NotFound("Ce fichier n'est plus là.")


def send(db: Connection, arrival_id: str, by: str) -> int:
    """Ask for the transcription of what was read without a mistake; the job's id."""
    to_be_prepared(db, arrival_id)
    changed = {"state": ArrivalState.SENT, "touched_at": now()}
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(**changed))
    audit.record(db, by, "arrival.send", arrival_id)
    return queue.add(db, JobKind.INGEST, arrival_id, by)


def reopen(db: Connection, arrival_id: str, by: str) -> None:
    """Let an arrival whose transcription failed or was stopped be changed again."""
    last = queue.newest(db, arrival_id, JobKind.INGEST)
    if last is not None and last.state in WAITING:
        raise Conflict("La transcription est en cours : arrêtez-la d'abord.")
    back = update(arrivals).where(
        arrivals.c.id == arrival_id, arrivals.c.state == ArrivalState.SENT
    )
    if db.execute(back.values(state=ArrivalState.PREPARING, touched_at=now())).rowcount:
        audit.record(db, by, "arrival.reopen", arrival_id)


def retry(db: Connection, arrival_id: str, job_id: int) -> None:
    """Have a transcription that failed or was stopped go on: with the files that were sent off.

    Raises `Conflict` when others are being brought, which its end would remove.
    """
    if arrival(db, arrival_id).state is ArrivalState.PREPARING:
        raise Conflict(
            "Cette séance est rouverte, et quelqu'un est peut-être en train de la modifier : "
            "demandez la transcription depuis sa page, une fois tout apporté."
        )
    queue.retry(db, job_id)


def finish(db: Connection, arrival_id: str, session_id: str) -> None:
    """The session is saved. Its recordings are kept for a while: see `drop_source`."""
    done = {"state": ArrivalState.DONE, "session_id": session_id, "touched_at": now()}
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(**done))


def drop_source(db: Connection, arrival_id: str) -> None:
    """Of an arrival only its name remains; the caller deletes its folder afterwards."""
    old = arrival(db, arrival_id).details
    left = TypedDetails(title=old.title, date=old.date, body=old.body, inbox=old.inbox)
    changed = update(arrivals).where(arrivals.c.id == arrival_id).values(details=asdict(left))
    db.execute(changed)
    db.execute(delete(uploads).where(uploads.c.arrival == arrival_id))


def remove(db: Connection, arrival_id: str, by: str) -> None:
    """Forget an arrival; the caller deletes its folder, and what its job left, afterwards."""
    last = queue.newest(db, arrival_id, JobKind.INGEST)
    if last is not None and last.state in WAITING:
        raise Conflict("La transcription est en cours : arrêtez-la d'abord.")
    if db.execute(delete(arrivals).where(arrivals.c.id == arrival_id)).rowcount:
        audit.record(db, by, "arrival.remove", arrival_id)
    queue.forget(db, arrival_id)


def to_be_prepared(db: Connection, arrival_id: str) -> None:
    """Raise `NotFound` or `Conflict` unless the arrival may still be changed."""
    state = db.execute(select(arrivals.c.state).where(arrivals.c.id == arrival_id)).scalar()
    if state is None:
        raise NotFound("Cet apport n'existe pas, ou plus : voyez la liste des séances.")
    if state != ArrivalState.PREPARING:
        raise Conflict("La transcription est demandée : arrêtez-la pour changer quelque chose.")


def touch(db: Connection, arrival_id: str) -> None:
    """Note that it is being worked on: one that is left alone for long is removed one day."""
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(touched_at=now()))


def set_sound(db: Connection, file_id: str, sound: Mapping[str, Any]) -> None:
    """Keep what was found in a file."""
    db.execute(update(uploads).where(uploads.c.id == file_id).values(sound=sound))


def set_details(db: Connection, arrival_id: str, details: TypedDetails) -> None:
    """Write what was typed, whatever the state."""
    changed = {"details": asdict(details)}
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(**changed))


def _in_natural_order(db: Connection, found: Arrival) -> None:
    if found.details.ordered:
        return
    parts = sorted(found.recordings, key=lambda file: natural(file.name))
    if any(one.position > other.position for one, other in pairwise(parts)):
        _write_order(db, [file.id for file in parts])


def _write_order(db: Connection, order: Sequence[str]) -> None:
    for position, file_id in enumerate(order, 1):
        db.execute(update(uploads).where(uploads.c.id == file_id).values(position=position))
