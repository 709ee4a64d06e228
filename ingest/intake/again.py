"""A session is heard again: from its kept recordings, or else from its own listening file.

What is already known of the session is asked for as it stands: title, roster, points, glossary.
How what people changed is carried over: `search.index.heard_anew`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, select, update

from ingest.archive import audit, change_log, redactions
from ingest.archive import schema as t
from ingest.archive.blobs import Blobs, office_sound
from ingest.archive.change_log import ChangeKind
from ingest.archive.repository import Archive
from ingest.archive.retention import hold_of
from ingest.documents.captions import Cue
from ingest.documents.glossary import Term
from ingest.documents.request import Request
from ingest.errors import BadInput, Conflict
from ingest.intake.form import read_request
from ingest.intake.intake import Arrival, ArrivalState, arrivals, every, folder
from ingest.transcript import Session, Status


@dataclass(frozen=True)
class HearAgain:
    """What a person asks for: all transcribed again, or voices alone told apart again.

    `kind` is that of the change it makes; `captions` are the platform's, by part, in the place of
    those that came with the recordings.
    """

    kind: ChangeKind
    by: str = audit.CONSOLE
    most_voices: int | None = None
    captions: tuple[tuple[Cue, ...], ...] = ()


def source_of(db: Connection, data: Path, session_id: str) -> Arrival | None:
    """The arrival whose recordings a session was made of, if they are all still here.

    None once something was destroyed: they hold it.
    """
    if any(one.is_destroyed for one in redactions.of_session(db, session_id)):
        return None
    done = every(db, ArrivalState.DONE, session=session_id)
    return next((one for one in done if one.recordings and _is_here(one, data)), None)


def untouched_source(db: Connection, data: Path, session_id: str) -> Arrival | None:
    """The same, of a draft that nobody corrected: `take_up` may prepare it anew."""
    return source_of(db, data, session_id) if _is_untouched(db, session_id) else None


def _is_untouched(db: Connection, session_id: str) -> bool:
    """Is a session a draft without a correction, a redaction, a verdict or a legal hold?"""
    row = change_log.check_session(db, session_id)
    acts = select(audit.table.c.id).where(
        audit.table.c.what == session_id,
        audit.table.c.at >= row.created_at,  # one of that name may have been erased
        audit.table.c.action != "session.ingest",
    )
    checks = select(t.checked.c.turn).where(t.checked.c.session_id == session_id)
    return (
        row.status == Status.DRAFT
        and not redactions.of_session(db, session_id)
        and change_log.revision(db, session_id) == 1
        and hold_of(db, session_id) is None
        and not any(db.execute(query.limit(1)).first() for query in (acts, checks))
    )


def take_up(db: Connection, data: Path, session_id: str, by: str) -> Arrival:
    """Have the arrival of an untouched draft prepared anew, with all that was typed.

    The caller erases the draft; killed in between, the recordings are found to be kept already.
    Raises `Conflict`.
    """
    source = untouched_source(db, data, session_id)
    if source is None:
        raise Conflict(
            "Cette séance ne revient pas au formulaire : elle a été corrigée ou publiée, ou ses"
            " enregistrements ne sont plus là. Transcrivez-la de nouveau : ce qui y a été fait est"
            " gardé."
        )
    back = {"state": ArrivalState.PREPARING, "session_id": None, "touched_at": t.now()}
    db.execute(update(arrivals).where(arrivals.c.id == source.id).values(**back))
    audit.record(db, by, "arrival.again", source.id)
    return source


def has_tracks(session: Session) -> bool:
    """Was each participant recorded apart?"""
    return len(session.parts) > 1 and not any(part.offset_ms for part in session.parts)


@contextmanager
def request_again(
    archive: Archive,
    blobs: Blobs,
    data: Path,
    session: Session,
    glossary: Sequence[Term] = (),
    most_voices: int | None = None,
    *,
    voices_alone: bool = False,
) -> Iterator[Request]:
    """What to hear again of a session: its recordings while they are here, else what was kept.

    For `voices_alone` it is always what was kept: its words and its sound go together. Raises
    `BadInput` where neither will do, `InPreparation` while its sound is being redacted.
    """
    with archive.engine.connect() as db:
        redactions.check_sound(db, session.id, "opus", office=True)
        source = source_of(db, data, session.id)
    if has_tracks(session) and (voices_alone or source is None):
        raise BadInput(
            "Chaque participant a sa piste : ses voix sont sûres, et il faut les enregistrements"
            " d'origine pour la transcrire de nouveau."
        )
    if source and not voices_alone:
        request = read_request(archive, _of_files(source, session), folder(data, source.id))
        yield _as_known(request, session, glossary, most_voices)
        return
    sound = office_sound(blobs, session.id, "opus")
    if sound is None:
        raise BadInput(f"La séance « {session.id} » n'a pas de son : il n'y a rien à réentendre.")
    with blobs.local(sound) as path:
        request = Request((path,), session.title, session.date)
        yield _as_known(request, session, glossary, most_voices)


def _of_files(source: Arrival, session: Session) -> Arrival:
    """An arrival of which the files and what is said of them count, and nothing else."""
    details = replace(
        source.details,
        title=session.title,
        date=session.date.isoformat(),
        body=session.body,
        id="",
        roster="",
        agenda="",
        voices="",
    )
    return replace(source, details=details)


def _as_known(
    request: Request, session: Session, glossary: Sequence[Term], most_voices: int | None
) -> Request:
    return replace(
        request,
        title=session.title,
        date=session.date,
        body=session.body,
        roster=session.roster,
        agenda=session.agenda,
        glossary=tuple(glossary),
        most_voices=most_voices,
    )


def _is_here(one: Arrival, data: Path) -> bool:
    place = folder(data, one.id)
    return all((place / file.id).is_file() for file in one.files)
