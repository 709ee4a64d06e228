"""Who works on which job, and for how long that is believed: claims, heartbeats, late writes.

A claim is one transaction, so a job has one owner. The owner's heartbeat extends its lease; when a
worker dies the lease runs out and another goes on. Every write says whose it is, and one from an
owner who has lost the job is refused (`Lost`): it can neither overwrite nor finish what is
somebody else's by now. Knows nothing of what jobs do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from ingest.archive import Archive
from ingest.errors import OurError
from ingest.jobs import Job, Kind, State, is_held, is_interrupted, read, table
from ingest.tables import now

LEASE_S = 60
MANY_DEATHS, MOST_DEATHS = 8, 16
"""At one place. After many, a job waits longer from death to death; after most, it fails: whoever
kills workers at random is not to fail a job that does no harm."""
_LONGEST_WAIT_S = 3600
_FURTHER = 0.002  # of the whole job: enough not to have died at the same place
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
        """Hold it for another while; whether somebody has asked to cancel it."""
        with self.archive.begin() as db:
            return self.hold(db)

    def hold(self, db: Connection) -> bool:
        """The same within the caller's transaction: until its end nobody cancels or takes it."""
        self._write(db, leased_until=_lease_end())
        wanted = select(table.c.cancelling).where(table.c.id == self.job.id)
        return bool(db.execute(wanted).scalar_one())

    def note(self, stage: str, fraction: float, found: Mapping[str, Any]) -> bool:
        """Say how far it is; whether somebody has asked to cancel it.

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
            self._end(db, State.DONE, fraction=1.0, **last)
            also(db)

    def failed(self, why: str) -> None:
        """It cannot be done, for a reason that a clerk understands."""
        with self.archive.begin() as db:
            self._end(db, State.FAILED, error=why)

    def cancelled(self) -> None:
        """It was stopped, as somebody asked."""
        with self.archive.begin() as db:
            self._end(db, State.CANCELLED)

    def put_back(self, after_s: int = 0) -> None:
        """Leave it to another, or to later; that is no death of its worker."""
        with self.archive.begin() as db:
            self._write(
                db,
                state=State.QUEUED,
                owner=None,
                leased_until=None,
                attempts=table.c.attempts - 1,
                not_before=now() + timedelta(seconds=after_s) if after_s else None,
            )

    def _end(self, db: Connection, state: State, **more: Any) -> None:
        self._write(db, state=state, owner=None, leased_until=None, ended_at=now(), **more)

    def _write(self, db: Connection, **values: Any) -> None:
        mine = (table.c.id == self.job.id, table.c.owner == self.owner)
        runs = table.c.state == State.RUNNING
        if db.execute(update(table).where(*mine, runs).values(**values)).rowcount == 0:
            raise Lost(f"Le travail n° {self.job.id} n'est plus à ce processus.")


def claim(archive: Archive, owner: str, kinds: Sequence[Kind]) -> Lease | None:
    """Take the first job of the given kinds that can be done now, if there is any.

    Jobs of one subject are done one after the other, in order. One whose worker died is taken like
    one that waits, but fails when it has killed its worker too often at the same place.
    """
    with archive.begin() as db:
        _bury(db)
        busy = select(table.c.subject).where(is_held()).scalar_subquery()
        free = or_(
            (table.c.state == State.QUEUED)
            & or_(table.c.not_before.is_(None), table.c.not_before <= now()),
            is_interrupted(),
        )
        wanted = select(table).where(table.c.kind.in_(kinds), free, table.c.subject.not_in(busy))
        found = db.execute(wanted.order_by(table.c.id)).all()
        row = next((one for one in found if not _is_resting(one)), None)
        if row is None:
            return None
        taken = {
            "state": State.RUNNING,
            "owner": owner,
            "leased_until": _lease_end(),
            "attempts": row.attempts + 1,
            "started_at": row.started_at or now(),
        }
        db.execute(update(table).where(table.c.id == row.id).values(**taken))
        job = replace(
            read(row),
            state=State.RUNNING,
            attempts=row.attempts + 1,
            started_at=taken["started_at"],
        )
        return Lease(archive, job, owner)


def release(archive: Archive, is_dead: Callable[[str], bool]) -> int:
    """End the leases of owners known to be dead, so that nobody waits for them; how many."""
    with archive.begin() as db:
        owners = select(table.c.owner).where(table.c.state == State.RUNNING).distinct()
        dead = [owner for owner in db.execute(owners).scalars() if owner and is_dead(owner)]
        theirs = (table.c.owner.in_(dead), is_held())
        return db.execute(update(table).where(*theirs).values(leased_until=now())).rowcount


def _is_resting(row: Row[Any]) -> bool:
    """Has it killed so many workers that the next one had better wait?"""
    deaths = row.attempts - MANY_DEATHS
    if row.state != State.RUNNING or deaths < 0:
        return False
    wait = timedelta(seconds=min(_LONGEST_WAIT_S, 60 * 2**deaths))
    return bool(now() < row.leased_until + wait)


def _bury(db: Connection) -> None:
    """End the jobs without a worker that are to be cancelled, or have killed too many."""
    over = {"owner": None, "leased_until": None, "ended_at": now()}
    stopped = update(table).where(is_interrupted(), table.c.cancelling)
    db.execute(stopped.values(state=State.CANCELLED, **over))
    deadly = update(table).where(is_interrupted(), table.c.attempts >= MOST_DEATHS)
    db.execute(deadly.values(state=State.FAILED, error=_KILLED, **over))


def _lease_end() -> Any:
    return now() + timedelta(seconds=LEASE_S)
