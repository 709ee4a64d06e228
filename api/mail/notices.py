"""Mails to clerks: a transcription they asked for is done, or has failed.

Reads the ledger of jobs, which knows nothing of mails. An account without an address gets none.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, or_, select, update

from api.accounts.schema import accounts
from api.mail import letters, outbox
from api.mail.outbox import Letter
from ingest.archive.repository import Archive
from ingest.archive.schema import now
from ingest.errors import NotFound
from ingest.french_dates import day
from ingest.intake.intake import arrival
from ingest.jobs import queue
from ingest.jobs.queue import Job, JobKind, JobState
from ingest.settings import Settings

_NEWS = timedelta(days=1)  # what ended longer ago is known by then, or was never waited for


@dataclass(frozen=True)
class Notices:
    """The ends of transcriptions, each told once to the account that asked for it."""

    archive: Archive
    settings: Settings

    def collect(self) -> None:
        """Put a letter into the outbox for each transcription that ended since."""
        with self.archive.engine.connect() as db:
            if not _untold(db):
                return
        with self.archive.begin() as db:
            for job, email in _untold(db):
                if letter := self._letter(db, job, email):
                    outbox.put(db, letter)
                this = queue.table.c.id == job.id
                db.execute(update(queue.table).where(this).values(told_at=now()))

    def _letter(self, db: Connection, job: Job, email: str) -> Letter | None:
        """The letter on a job's end; None where its arrival or session was removed."""
        try:
            brought = arrival(db, job.subject)
            if job.state is JobState.DONE:
                session = self.archive.session(brought.session or "")
                return letters.transcribed(self.settings, session, email)
        except NotFound:
            return None
        title = brought.details.title.strip() or f"apport du {day(brought.created_at.date())}"
        return letters.failed(self.settings, title, brought.id, job.error, email)


def _untold(db: Connection) -> list[tuple[Job, str]]:
    jobs = queue.table.c
    query = select(queue.table, accounts.c.email).join(accounts, accounts.c.login == jobs.by)
    ended = (jobs.kind == JobKind.INGEST, jobs.state.in_((JobState.DONE, JobState.FAILED)))
    news = (
        jobs.ended_at > now() - _NEWS,
        or_(jobs.told_at.is_(None), jobs.told_at < jobs.ended_at),
    )
    told = (accounts.c.active.is_(True), accounts.c.email.is_not(None))
    return [(queue.read(row), row.email) for row in db.execute(query.where(*ended, *news, *told))]
