"""What each kind of job does, with the product's parts. Each may be run again from the start.

Knows neither the ledger nor how the product is wired: it takes what `Parts` names.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Protocol

from sqlalchemy import Connection, select

from api.redaction import Redactor
from api.worker.running import Running, Stopped, StopReason
from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.backup import back_up, check
from ingest.archive.blobs import Blobs
from ingest.archive.change_log import ChangeKind
from ingest.archive.checkpoints import JobBusy
from ingest.archive.repository import Archive
from ingest.documents.glossary import Term
from ingest.documents.request import Request
from ingest.errors import BadInput, Conflict, UserError
from ingest.intake import intake
from ingest.intake.again import HearAgain
from ingest.intake.form import read_request
from ingest.intake.intake import Arrival, ArrivalState, arrival, folder
from ingest.intake.uploads import drop_sources, forget_work
from ingest.jobs.queue import CARRIED, HEARD, MOST_VOICES, OPEN, Job, JobKind
from ingest.pipeline import Announce, Progress
from ingest.settings import Settings
from ingest.transcript import Session
from search.index.heard_anew import CarriedOver
from search.index.publish import WORDLESS, GoOn
from search.integrity import unread


class Parts(Protocol):
    """What jobs take of the product (`api.product.Product`)."""

    @property
    def archive(self) -> Archive:
        """Drafts included: jobs are the clerks' side."""

    @property
    def settings(self) -> Settings:
        """Of which `data`, where files lie."""

    @property
    def blobs(self) -> Blobs:
        """Media files."""

    @property
    def redactor(self) -> Redactor:
        """Finishes redactions, and erases sound."""

    def glossary(self) -> tuple[Term, ...]:
        """The city's own words."""

    def ingest(self, request: Request, progress: Progress, announce: Announce) -> Session:
        """Keep a session as a draft."""

    def hear_again(
        self,
        session_id: str,
        asked: HearAgain,
        progress: Progress,
        announce: Announce,
        go_on: GoOn,
    ) -> CarriedOver:
        """Transcribe a session again, or tell its voices apart again."""

    def publish(
        self, session_id: str, by: str, go_on: GoOn, wordless: bool, without_times: bool
    ) -> Session:
        """Let readers see and find a session."""

    def refresh(self, session_id: str, go_on: GoOn) -> None:
        """Have what readers find follow a session's words."""

    def realign(self, session_id: str, go_on: Callable[[], None]) -> int:
        """Time the words that clerks typed."""


class Handler(Protocol):
    """Does a job; what it returns is written with the job's end, in one transaction."""

    def __call__(self, product: Parts, running: Running, /) -> Callable[[Connection], None] | None:
        """Raises `Stopped`, and what `api.worker.worker` writes into the ledger as a failure."""


def ingest(product: Parts, running: Running) -> Callable[[Connection], None] | None:
    """From an arrival's files to a draft. Raises `UserError` with the names that the clerk gave."""
    job = running.lease.job
    with product.archive.engine.connect() as db:
        sent = arrival(db, job.subject)
    place = folder(product.settings.data, sent.id)
    if sent.state is ArrivalState.DONE:  # killed between the last write and this job's end
        return None
    running.report("start", 0.0)

    def announce(figure: str, value: int | str) -> None:
        running.found(figure, _with_file_names(value, sent) if isinstance(value, str) else value)

    try:
        request = read_request(product.archive, sent, place, product.glossary())
        session = product.ingest(request, running.report, announce)
    except JobBusy:
        raise
    except UserError as error:
        raise BadInput(_with_file_names(str(error), sent)) from error
    if _was_kept_before(product, session.id, sent):
        running.so_far["known"] = True
    return partial(_finish, sent=sent, session=session.id, by=job.by)


def _was_kept_before(product: Parts, session: str, sent: Arrival) -> bool:
    """Were these recordings a session already when they arrived? Nothing of it has changed then."""
    kept = select(t.sessions.c.created_at).where(t.sessions.c.id == session)
    with product.archive.engine.connect() as db:
        return bool(db.execute(kept).scalar_one() < sent.created_at)


def _finish(db: Connection, sent: Arrival, session: str, by: str) -> None:
    intake.finish(db, sent.id, session)
    audit.record(db, by, "session.ingest", session)


def _with_file_names(message: str, sent: Arrival) -> str:
    """On the disk files are named by ids of ours: a clerk reads the names that she gave."""
    for file in sent.files:
        message = message.replace(file.id, file.name)
    return message


def again(product: Parts, running: Running) -> None:
    """Transcribe a session again, or tell its voices apart again.

    A job that a person stops leaves nothing: it may have heard words that are being destroyed.
    """
    job = running.lease.job
    kind = ChangeKind(job.payload.get(HEARD, ChangeKind.AGAIN))
    asked = HearAgain(kind, job.by, job.payload.get(MOST_VOICES))
    running.report("start", 0.0)
    try:
        carried = product.hear_again(
            job.subject, asked, running.report, running.found, running.go_on_within
        )
    except Stopped as stop:
        if stop.why is StopReason.CANCELLED:
            forget_work(product.archive, product.settings.data / "work", running.so_far)
        raise
    running.so_far[CARRIED] = asdict(carried)


def publish(product: Parts, running: Running) -> None:
    """Publish a session that a clerk opens, or make the passages anew of one that is published."""
    job = running.lease.job
    if job.payload.get(OPEN):
        wordless = bool(job.payload.get(WORDLESS))
        # Without times: `order` refused the points that lack one, unless the clerk agreed.
        product.publish(job.subject, job.by, running.go_on_within, wordless, without_times=True)
    else:
        with suppress(Conflict):  # corrected meanwhile: that correction added a job as well
            product.refresh(job.subject, running.go_on_within)
    if missing := [f"{one.where} : {one.what}" for one in unread(product.archive, job.subject)]:
        running.so_far["unread"] = missing


def close(product: Parts, running: Running) -> None:
    """Do what is left to do once a passage was redacted, or a whole session erased."""
    job = running.lease.job

    def report(stage: str, fraction: float) -> None:
        running.go_on()
        running.lease.note(stage, fraction, {})

    if product.archive.status(job.subject) is None:
        product.redactor.finish_erasing(job.subject, job.payload)
    else:
        product.redactor.finish(job.subject, report)


def erase_sound(product: Parts, running: Running) -> None:
    """Erase a session's sound, unless it is held since, or its rule was changed."""
    job = running.lease.job
    product.redactor.erase_sound(job.subject, job.by, date.today())


def align(product: Parts, running: Running) -> None:
    """Time the words that a clerk changed."""
    job = running.lease.job
    product.realign(job.subject, running.go_on)


def backup(product: Parts, running: Running) -> None:
    """Make the backup that the job names, unless it is there already, and read it back."""
    job, folder = running.lease.job, product.settings.backups
    if folder is None or not os.access(folder, os.W_OK):
        raise BadInput(
            f"Le dossier des sauvegardes (VERBATIM_BACKUPS : {folder or 'non réglé'}) n'existe pas,"
            " ou le serveur n'a pas le droit d'y écrire : voyez docs/deploy.md."
        )
    target = folder / job.subject

    def progress(_: str) -> None:
        running.go_on()

    if not target.exists():
        back_up(product.archive, product.settings.data, product.blobs, target, progress)
        with product.archive.begin() as db:
            audit.record(db, job.by, "data.backup", job.subject)
    check(target, progress)


def after(product: Parts, job: Job) -> None:
    """What is tidied once a job's end is written; it is found again later if this is missed."""
    if job.kind in (JobKind.INGEST, JobKind.PUBLISH):
        drop_sources(product.archive, product.settings.data, product.settings.keep_source_days)


HANDLERS: Mapping[JobKind, Handler] = {
    JobKind.INGEST: ingest,
    JobKind.PUBLISH: publish,
    JobKind.ALIGN: align,
    JobKind.CLOSE: close,
    JobKind.AGAIN: again,
    JobKind.BACKUP: backup,
    JobKind.ERASE_SOUND: erase_sound,
}
