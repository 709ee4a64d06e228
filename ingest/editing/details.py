"""What is said of a session beside its words: title, day, body, members; changed after import.

Its id, of which addresses are made, stays. Several people may change the same session: a change
says what it was made from, and is refused when that is no longer what stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, delete, update

from ingest.archive import audit, repository, retention
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind, Voices, check_session
from ingest.editing.changes import Changes, Drawn
from ingest.errors import Conflict
from ingest.french_dates import day_written, read_date
from ingest.intake.form import FormReading, Mistakes, typed_roster
from ingest.intake.rosters import keep_roster
from ingest.jobs import queue
from ingest.transcript import Person, Session, Speaker, Status

LONGEST = 500
"""Characters of a title or of a body's name: they stand on one line of a list."""


@dataclass(frozen=True)
class Details:
    """What a clerk says of a session."""

    title: str
    date: date
    body: str
    roster: tuple[Person, ...]


def details_of(session: Session) -> Details:
    """What is said of a session now."""
    return Details(session.title, session.date, session.body, session.roster)


def seal(details: Details) -> str:
    """A digest, by which a change made meanwhile is noticed."""
    content = json.dumps(asdict(details), ensure_ascii=False, default=str)
    return sha256(content.encode()).hexdigest()[:16]


def read_details(typed: Mapping[str, str]) -> Details:
    """Details as they were typed, the list as for an intake. Raises `Mistakes`."""
    reading = FormReading()
    title, body = (" ".join(typed.get(name, "").split()) for name in ("title", "body"))
    if not title:
        reading.wrong["title"] = "Donnez un titre à la séance."
    if not body:
        reading.wrong["body"] = "Dites quel organe siège, par exemple « Conseil municipal »."
    for name, text in (("title", title), ("body", body)):
        if len(text) > LONGEST:
            reading.wrong[name] = f"{len(text)} signes : {LONGEST} au plus."
    day = reading.read("date", lambda: read_date(typed.get("date", "")), date.min)
    text = typed.get("roster", "")
    on = day_written(typed.get("date", ""))
    roster = reading.read("roster", lambda: typed_roster(text, on), ())
    if reading.wrong:
        raise Mistakes(reading.wrong)
    return Details(title, day, body, roster)


def change_details(changes: Changes, session_id: str, base: str, details: Details, by: str) -> bool:
    """Keep details made from those sealed `base`; whether that changes anything.

    A voice follows its person where only the spelling of the name changed. The list is kept for the
    body's next session, and a published session is published anew by a job. Raises `NotFound`, and
    `Conflict` where somebody else changed them meanwhile, or where the session is held from
    erasure and its body would be another.
    """
    with changes.archive.begin() as db:
        session = repository.session(db, check_session(db, session_id))
        before = details_of(session)
        if seal(before) != base:
            raise Conflict(
                "Quelqu'un d'autre a modifié cette séance entre-temps : comparez avec ce qui s'y"
                " trouve à présent, puis enregistrez de nouveau."
            )
        if details == before:
            return False
        if details.body != before.body and retention.hold_of(db, session_id):
            raise Conflict(
                "Cette séance est en conservation légale : son organe reste le même tant qu'elle"
                " dure (page Conservation du bureau)."
            )
        _write(db, session_id, details)
        speakers = repository.speakers(db, session_id)
        if voices := _respelt(before.roster, details.roster, speakers):
            changes.write(db, session_id, by, ChangeKind.SPEAKER, Drawn((), voices))
        audit.record(db, by, "session.details", session_id)
        if session.status is Status.PUBLISHED:
            queue.add(db, queue.JobKind.PUBLISH, session_id, by)
    return True


def _write(db: Connection, session_id: str, details: Details) -> None:
    this = t.sessions.c.id == session_id
    values = {"title": details.title, "date": details.date, "body": details.body}
    db.execute(update(t.sessions).where(this).values(values))
    db.execute(delete(t.people).where(t.people.c.session_id == session_id))
    rows = [asdict(person) for person in details.roster]
    repository.insert_in_order(db, t.people, session_id, rows)
    keep_roster(db, details.body, details.roster)


def _respelt(
    before: Sequence[Person], after: Sequence[Person], speakers: Sequence[Speaker]
) -> Voices | None:
    """The voices of people whose line of the list bears another name, and who are gone else."""
    names = dict(renamed(before, after))
    old = tuple(speaker for speaker in speakers if speaker.person in names)
    new = tuple(replace(speaker, person=names[speaker.person or ""]) for speaker in old)
    return Voices(old, new) if old else None


def renamed(before: Sequence[Person], after: Sequence[Person]) -> Iterator[tuple[str, str]]:
    """Names that changed in their place of the list: of one length, nobody came or went."""
    if len(before) != len(after):
        return
    known = {person.name for person in before} & {person.name for person in after}
    for old, new in zip(before, after, strict=True):
        if old.name != new.name and not {old.name, new.name} & known:
            yield old.name, new.name
