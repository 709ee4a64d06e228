"""The ledger of jobs: what waits, what runs, what came of it. Workers poll it (D-154).

A worker holds a job by a lease. Jobs are idempotent: one that is begun again goes on where it was.
The ledger knows no worker process, and holds no word of any session.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Float,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    update,
)

from ingest.archive import schema as t
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.errors import Conflict, NotFound, OurError

table = Table(
    "jobs",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("payload", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("stage", String, nullable=False),
    Column("fraction", Float, nullable=False),
    Column("found", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("furthest", Float, nullable=False),
    Column("cancelling", Boolean, nullable=False),
    Column("not_before", DateTime),
    Column("owner", String),
    Column("leased_until", DateTime),
    Column("by", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime),
    Column("told_at", DateTime),  # when a mail told its author that it ended
)


class JobKind(StrEnum):
    """What is to be done.

    The subject is an arrival's id for `INGEST`, a file's name for `BACKUP`, else a session's id.
    """

    INGEST = "ingest"
    ALIGN = "align"
    PUBLISH = "publish"
    CLOSE = "close"
    AGAIN = "again"
    BACKUP = "backup"
    ERASE_SOUND = "erase_sound"


OPEN = "open"
"""In the payload of a `PUBLISH` that a clerk orders; one that follows a correction has none."""
AT = "at"
"""Beside `OPEN`, of one that is to be done at a date: its ISO form, UTC."""


HEARD, MOST_VOICES, CARRIED = "heard", "most_voices", "carried"
"""Of an `AGAIN`: the change that it makes and the hint, in its payload; its outcome, in `found`."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Never stored: a job that runs by the ledger, but whose lease has ended. Another goes on."""


WAITING = (JobState.QUEUED, JobState.RUNNING, JobState.INTERRUPTED)
"""States of a job that is still to be worked on."""


@dataclass(frozen=True)
class Job:
    """A line of the ledger. `fraction` is of the whole job, 0..1; times are UTC.

    `stage` is the step that it is at, `found` what came to light so far, `error` what went wrong,
    in a sentence for a clerk.
    """

    id: int
    kind: JobKind
    subject: str
    payload: Mapping[str, Any]
    state: JobState
    stage: str
    fraction: float
    found: Mapping[str, Any]
    error: str
    attempts: int
    cancelling: bool
    by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def add(
    db: Connection,
    kind: JobKind,
    subject: str,
    by: str,
    payload: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> int:
    """Put a job on the ledger within the caller's transaction; its id.

    One that waits already for the same, with the same payload, is not added again. `not_before` is
    when it may begin, UTC; None: now.
    """
    given = dict(payload or {})
    waiting = select(table.c.id, table.c.payload).where(
        table.c.kind == kind, table.c.subject == subject, table.c.state == JobState.QUEUED
    )
    for row in db.execute(waiting):
        if row.payload == given:
            return int(row.id)
    made = db.execute(
        insert(table).values(
            kind=kind,
            subject=subject,
            payload=given,
            state=JobState.QUEUED,
            stage="",
            fraction=0.0,
            found={},
            error="",
            attempts=0,
            furthest=0.0,
            cancelling=False,
            not_before=not_before,
            by=by,
            created_at=now(),
        )
    )
    return int((made.inserted_primary_key or (0,))[0])


def job(db: Connection, job_id: int) -> Job:
    """The job of that id. Raises `NotFound`."""
    row = db.execute(select(table).where(table.c.id == job_id)).first()
    if row is None:
        raise NotFound(f"Aucune tâche n° {job_id} : voyez la liste des tâches.")
    return read(row)


def newest(db: Connection, subject: str, kind: JobKind) -> Job | None:
    """The last job of a kind on a subject, if there ever was one."""
    same = (table.c.subject == subject, table.c.kind == kind)
    row = db.execute(select(table).where(*same).order_by(table.c.id.desc()).limit(1)).first()
    return None if row is None else read(row)


def begun_or_due(db: Connection, subject: str) -> tuple[Job, ...]:
    """The jobs on a subject that run or wait, in order, but those that are to be done later."""
    is_due = or_(table.c.not_before.is_(None), table.c.not_before <= now())
    same = (table.c.subject == subject, table.c.state.in_(WAITING), is_due)
    return tuple(map(read, db.execute(select(table).where(*same).order_by(table.c.id))))


def jobs(db: Connection, states: Sequence[JobState], limit: int = 200) -> tuple[Job, ...]:
    """The jobs in one of the given states, newest first."""
    stored = [state for state in states if state not in (JobState.RUNNING, JobState.INTERRUPTED)]
    wanted: list[ColumnElement[bool]] = [table.c.state.in_(stored)]
    if JobState.RUNNING in states:
        wanted.append(is_held())
    if JobState.INTERRUPTED in states:
        wanted.append(is_interrupted())
    of_states = select(table).where(or_(*wanted))
    return tuple(map(read, db.execute(of_states.order_by(table.c.id.desc()).limit(limit))))


def cancel(db: Connection, job_id: int) -> None:
    """Have a job stopped: at once if no worker holds it, else when its worker next reports.

    One that has ended is left as it is.
    """
    this = table.c.id == job_id
    over = {"state": JobState.CANCELLED, "owner": None, "leased_until": None, "ended_at": now()}
    waits = or_(table.c.state == JobState.QUEUED, is_interrupted())
    db.execute(update(table).where(this, waits).values(over))
    runs = update(table).where(this, table.c.state == JobState.RUNNING)
    db.execute(runs.values(cancelling=True))


def cancel_all(db: Connection, subject: str, kind: JobKind) -> None:
    """Have the jobs of a kind on a subject stopped, those that a worker runs too."""
    same = (table.c.kind == kind, table.c.subject == subject, table.c.state.in_(WAITING))
    for job_id in db.execute(select(table.c.id).where(*same)).scalars().all():
        cancel(db, job_id)


def retry(db: Connection, job_id: int) -> None:
    """Have a job that failed or was cancelled done after all; what is finished of it serves again.

    Raises `NotFound`, and `Conflict` when the same is on its way already, or done.
    """
    old = job(db, job_id)
    last = newest(db, old.subject, old.kind)
    if old.state in (*WAITING, JobState.DONE) or last is None or last.id != job_id:
        raise Conflict(
            "Cette tâche n'a pas à être relancée : elle est faite, en cours, ou remplacée."
        )
    db.execute(
        update(table)
        .where(table.c.id == job_id)
        .values(
            state=JobState.QUEUED,
            error="",
            attempts=0,
            cancelling=False,
            not_before=None,
            ended_at=None,
            created_at=now(),
        )
    )


def forget(db: Connection, subject: str) -> None:
    """Remove the jobs on a subject that no worker holds: the subject is to leave no trace."""
    db.execute(delete(table).where(table.c.subject == subject, ~is_held()))


def forget_ended(db: Connection, before: datetime) -> None:
    """Remove the jobs that ended well, or were cancelled, before a moment."""
    ended = (table.c.state.in_((JobState.DONE, JobState.CANCELLED)), table.c.ended_at < before)
    db.execute(delete(table).where(*ended))


def read(row: Row[Any]) -> Job:
    """A line as the dataclass, its state as it is at this moment."""
    lapsed = row.state == JobState.RUNNING and row.leased_until <= now()
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        subject=row.subject,
        payload=row.payload,
        state=JobState.INTERRUPTED if lapsed else JobState(row.state),
        stage=row.stage,
        fraction=row.fraction,
        found=row.found,
        error=row.error,
        attempts=row.attempts,
        cancelling=bool(row.cancelling),
        by=row.by,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def is_held() -> ColumnElement[bool]:
    """A job that a worker holds, and whose lease runs."""
    return (table.c.state == JobState.RUNNING) & (table.c.leased_until > now())


def is_interrupted() -> ColumnElement[bool]:
    """A job whose worker has let its lease run out: it died, or lost the database for long."""
    return (table.c.state == JobState.RUNNING) & (table.c.leased_until <= now())


# Leases: claims, heartbeats, late writes.


LEASE_S = 60  # a heartbeat each ten seconds: five may be missed before another takes the job
MANY_DEATHS, MOST_DEATHS = 8, 16
"""At one place (D-009). After many, a job waits longer from death to death; after most, it fails:
random kills of workers are not to fail a harmless job."""
_LONGEST_WAIT_S = 3600  # the eight waits (1, 2, 4... minutes) then take three hours
_FURTHER = 0.002  # of the whole job (7 s of an hour of sound): no longer the same place
_KILLED = (
    f"Le traitement s'est interrompu {MOST_DEATHS} fois au même endroit, sans dire pourquoi : la "
    "mémoire de la machine suffit-elle ? Relancez-le ; s'il s'arrête encore, prévenez "
    "l'informatique."
)


class Lost(OurError):
    """The job is no longer this worker's: its lease ran out, and others may be at it."""


@dataclass(frozen=True)
class Lease:
    """A job that `owner` holds. Methods raise `Lost` when it does not any more."""

    archive: Archive
    job: Job
    owner: str

    def extend(self) -> bool:
        """Hold it for another `LEASE_S`; True if it is to be cancelled."""
        with self.archive.begin() as db:
            return self.hold(db)

    def hold(self, db: Connection) -> bool:
        """The same within the caller's transaction: until its end no other cancels or takes it."""
        self._write(db, leased_until=_lease_end())
        wanted = select(table.c.cancelling).where(table.c.id == self.job.id)
        return bool(db.execute(wanted).scalar_one())

    def note(self, stage: str, fraction: float, found: Mapping[str, Any]) -> bool:
        """Write how far it is; True if it is to be cancelled.

        A job that gets further than ever before has not died in vain: its deaths count anew.
        """
        with self.archive.begin() as db:
            row = db.execute(select(table).where(table.c.id == self.job.id)).one()
            further = fraction > row.furthest + _FURTHER
            self._write(
                db,
                stage=stage,
                fraction=fraction,
                found=dict(found),
                leased_until=_lease_end(),
                furthest=fraction if further else row.furthest,
                attempts=1 if further else row.attempts,
            )
            return bool(row.cancelling)

    def done(
        self,
        also: Callable[[Connection], None] = lambda db: None,
        found: Mapping[str, Any] | None = None,
    ) -> None:
        """It is done; what `also` writes is written with it, or neither is."""
        last = {} if found is None else {"found": dict(found)}
        with self.archive.begin() as db:
            self._end(db, JobState.DONE, fraction=1.0, **last)
            also(db)

    def failed(self, why: str) -> None:
        """It cannot be done, for a reason that a clerk understands."""
        with self.archive.begin() as db:
            self._end(db, JobState.FAILED, error=why)

    def cancelled(self) -> None:
        """It was stopped on request."""
        with self.archive.begin() as db:
            self._end(db, JobState.CANCELLED)

    def put_back(self, after_s: int = 0) -> None:
        """Leave it to another, or to later; that is no death of its worker."""
        with self.archive.begin() as db:
            self._write(
                db,
                state=JobState.QUEUED,
                owner=None,
                leased_until=None,
                attempts=table.c.attempts - 1,
                not_before=now() + timedelta(seconds=after_s) if after_s else None,
            )

    def _end(self, db: Connection, state: JobState, **more: Any) -> None:
        self._write(db, state=state, owner=None, leased_until=None, ended_at=now(), **more)

    def _write(self, db: Connection, **values: Any) -> None:
        mine = (table.c.id == self.job.id, table.c.owner == self.owner)
        runs = table.c.state == JobState.RUNNING
        if db.execute(update(table).where(*mine, runs).values(**values)).rowcount == 0:
            raise Lost(f"La tâche n° {self.job.id} n'est plus à ce processus.")


def claim(archive: Archive, owner: str, kinds: Sequence[JobKind]) -> Lease | None:
    """Take the first job of the given kinds that can be done now, if there is any.

    Jobs of one subject are done one after the other, in order. One whose worker died is taken like
    one that waits, but fails when it has killed its worker too often at the same place.
    """
    if not _has_claimable(archive, kinds):
        return None
    with archive.begin() as db:
        # Its worker, if it lives, holds it anew within a minute; else the job is free then.
        db.execute(update(table).where(_outlasts_any()).values(leased_until=_lease_end()))
        _bury(db)
        waiting = db.execute(select(table).where(_is_claimable(kinds)).order_by(table.c.id)).all()
        row = next((row for row in waiting if not _is_resting(row)), None)
        if row is None:
            return None
        taken = {
            "state": JobState.RUNNING,
            "owner": owner,
            "leased_until": _lease_end(),
            "attempts": row.attempts + 1,
            "started_at": row.started_at or now(),
        }
        db.execute(update(table).where(table.c.id == row.id).values(**taken))
        job = replace(
            read(row),
            state=JobState.RUNNING,
            attempts=row.attempts + 1,
            started_at=taken["started_at"],
        )
        return Lease(archive, job, owner)


def _has_claimable(archive: Archive, kinds: Sequence[JobKind]) -> bool:
    """One read by the index on `state`: an idle worker's poll takes no write lock."""
    with archive.engine.connect() as db:
        wanted = select(table.c.id).where(or_(_is_claimable(kinds), _outlasts_any())).limit(1)
        return db.execute(wanted).first() is not None


def _is_claimable(kinds: Sequence[JobKind]) -> ColumnElement[bool]:
    """A job of these kinds that is due or interrupted, and whose subject no other job holds."""
    is_due = or_(table.c.not_before.is_(None), table.c.not_before <= now())
    held = select(table.c.subject).where(is_held()).scalar_subquery()
    return (
        or_((table.c.state == JobState.QUEUED) & is_due, is_interrupted())
        & table.c.kind.in_(kinds)
        & table.c.subject.not_in(held)
    )


def release(archive: Archive, is_dead: Callable[[str], bool]) -> int:
    """End the leases of owners known to be dead, so that no job waits for them; how many."""
    with archive.begin() as db:
        owners = select(table.c.owner).where(table.c.state == JobState.RUNNING).distinct()
        dead = [owner for owner in db.execute(owners).scalars() if owner and is_dead(owner)]
        theirs = (table.c.owner.in_(dead), is_held())
        return db.execute(update(table).where(*theirs).values(leased_until=now())).rowcount


def _is_resting(row: Row[Any]) -> bool:
    """Has it killed so many workers that the next one had better wait?"""
    deaths = row.attempts - MANY_DEATHS
    if row.state != JobState.RUNNING or deaths < 0:
        return False
    wait = timedelta(seconds=min(_LONGEST_WAIT_S, 60 * 2**deaths))
    return bool(now() < row.leased_until + wait)


def _bury(db: Connection) -> None:
    """End the jobs without a worker that are to be cancelled, or have killed too many."""
    over = {"owner": None, "leased_until": None, "ended_at": now()}
    stopped = update(table).where(is_interrupted(), table.c.cancelling)
    db.execute(stopped.values(state=JobState.CANCELLED, **over))
    deadly = update(table).where(is_interrupted(), table.c.attempts >= MOST_DEATHS)
    db.execute(deadly.values(state=JobState.FAILED, error=_KILLED, **over))


def _lease_end() -> Any:
    return now() + timedelta(seconds=LEASE_S)


def _outlasts_any() -> ColumnElement[bool]:
    """A lease that ends later than any does: the clock that wrote it was set back since.

    Twice a lease, for machines whose clocks differ.
    """
    furthest = now() + timedelta(seconds=2 * LEASE_S)
    return (table.c.state == JobState.RUNNING) & (table.c.leased_until > furthest)
