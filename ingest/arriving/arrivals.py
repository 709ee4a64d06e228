"""What is done with sittings that are being brought in: begun, added to, sent, finished, removed.

Each function writes within the caller's transaction. Does not know how files travel
(`ingest.arriving.uploads`), nor how they are transcribed.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from ingest import audit, jobs
from ingest.arriving.arrival import (
    Arrival,
    Content,
    Details,
    Standing,
    Upload,
    arrival,
    arrivals,
    folder,
    natural,
    new_id,
    uploads,
)
from ingest.errors import BadInput, Conflict, NotFound
from ingest.jobs import WAITING, Kind
from ingest.tables import now

_CAPTIONS = (".vtt", ".srt", ".json")
_LONGEST_NAME = 200
_MOST_FILES = 300  # of a sitting: a track of every participant; each is compared with the others


def begin(db: Connection, arrival_id: str, by: str) -> None:
    """Have an arrival of that id, if there is none yet. Raises `NotFound` for what is no id."""
    folder(Path(), arrival_id)
    if db.execute(select(arrivals.c.id).where(arrivals.c.id == arrival_id)).first() is None:
        first = {"id": arrival_id, "state": Standing.PREPARING, "by": by}
        empty = {"details": asdict(Details()), "created_at": now(), "touched_at": now()}
        db.execute(insert(arrivals).values(**first, **empty))
        audit.record(db, by, "arrival.begin", arrival_id)


def keep(db: Connection, arrival_id: str, details: Details, by: str) -> None:
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

    Parts are in the order of their names ("partie 2" before "partie 10") until somebody moves one.
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
    db.execute(insert(uploads).values(**asdict(file), created_at=now()))
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
    changed = {"state": Standing.SENT, "touched_at": now()}
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(**changed))
    audit.record(db, by, "arrival.send", arrival_id)
    return jobs.add(db, Kind.INGEST, arrival_id, by)


def reopen(db: Connection, arrival_id: str, by: str) -> None:
    """Let an arrival whose transcription failed or was stopped be changed again."""
    last = jobs.newest(db, arrival_id, Kind.INGEST)
    if last is not None and last.state in WAITING:
        raise Conflict("La transcription est en cours : arrêtez-la d'abord.")
    back = update(arrivals).where(arrivals.c.id == arrival_id, arrivals.c.state == Standing.SENT)
    if db.execute(back.values(state=Standing.PREPARING, touched_at=now())).rowcount:
        audit.record(db, by, "arrival.reopen", arrival_id)


def retry(db: Connection, arrival_id: str, job_id: int) -> None:
    """Have a transcription that failed or was stopped go on: with the files that were sent off.

    Raises `Conflict` when others are being brought, which its end would remove.
    """
    if arrival(db, arrival_id).state is Standing.PREPARING:
        raise Conflict(
            "Cette séance est rouverte, et quelqu'un est peut-être en train de la modifier : "
            "demandez la transcription depuis sa page, une fois tout apporté."
        )
    jobs.retry(db, job_id)


def finish(db: Connection, arrival_id: str, session_id: str) -> None:
    """The sitting is saved: of the arrival only its name remains, the session says the rest."""
    old = arrival(db, arrival_id).details
    left = Details(title=old.title, date=old.date, body=old.body, inbox=old.inbox)
    done = {"state": Standing.DONE, "session_id": session_id, "details": asdict(left)}
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(**done))
    db.execute(delete(uploads).where(uploads.c.arrival == arrival_id))


def remove(db: Connection, arrival_id: str, by: str) -> None:
    """Forget an arrival; the caller deletes its folder, and what its job left, afterwards."""
    last = jobs.newest(db, arrival_id, Kind.INGEST)
    if last is not None and last.state in WAITING:
        raise Conflict("La transcription est en cours : arrêtez-la d'abord.")
    if db.execute(delete(arrivals).where(arrivals.c.id == arrival_id)).rowcount:
        audit.record(db, by, "arrival.remove", arrival_id)
    jobs.forget(db, arrival_id)


def to_be_prepared(db: Connection, arrival_id: str) -> None:
    """Raise `NotFound` or `Conflict` unless the arrival may still be changed."""
    state = db.execute(select(arrivals.c.state).where(arrivals.c.id == arrival_id)).scalar()
    if state is None:
        raise NotFound("Cet apport n'existe pas, ou plus : voyez la liste des séances.")
    if state != Standing.PREPARING:
        raise Conflict("La transcription est demandée : arrêtez-la pour changer quelque chose.")


def touch(db: Connection, arrival_id: str) -> None:
    """Somebody is at it: what is left alone for long is removed one day."""
    db.execute(update(arrivals).where(arrivals.c.id == arrival_id).values(touched_at=now()))


def set_details(db: Connection, arrival_id: str, details: Details) -> None:
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
