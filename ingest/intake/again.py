"""A draft is transcribed again from its kept recordings: another stream, other lists.

Only a draft that nobody has corrected: what a clerk changed or withheld would be lost with it. The
caller erases the draft afterwards; killed in between, the recordings are found to be kept already.
"""

from pathlib import Path

from sqlalchemy import Connection, select, update

from ingest.archive import audit, change_log, redactions
from ingest.archive import schema as t
from ingest.errors import Conflict
from ingest.intake.intake import Arrival, Standing, arrivals, every, folder
from ingest.transcript import Status


def source_of(db: Connection, data: Path, session_id: str) -> Arrival | None:
    """The arrival that a draft may be made of again, None where it may not.

    Nobody corrected or withheld anything of the draft, and its recordings are all still here.
    """
    status = db.execute(select(t.sessions.c.status).where(t.sessions.c.id == session_id)).scalar()
    touched = redactions.of_session(db, session_id) or change_log.revision(db, session_id) > 1
    if status != Status.DRAFT or touched:
        return None
    done = every(db, Standing.DONE, session=session_id)
    return next((one for one in done if one.recordings and _is_here(one, data)), None)


def take_up(db: Connection, data: Path, session_id: str, by: str) -> Arrival:
    """Have the arrival of a draft prepared anew, with all that was typed. Raises `Conflict`."""
    source = source_of(db, data, session_id)
    if source is None:
        raise Conflict(
            "Cette séance ne se transcrit pas de nouveau : elle a été corrigée ou publiée, ou ses"
            " enregistrements ne sont plus là. Apportez-les de nouveau sous un autre identifiant."
        )
    back = {"state": Standing.PREPARING, "session_id": None, "touched_at": t.now()}
    db.execute(update(arrivals).where(arrivals.c.id == source.id).values(**back))
    audit.record(db, by, "arrival.again", source.id)
    return source


def _is_here(one: Arrival, data: Path) -> bool:
    place = folder(data, one.id)
    return all((place / file.id).is_file() for file in one.files)
