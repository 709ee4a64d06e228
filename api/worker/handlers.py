"""What each kind of job does, with the product. Every handler may be run again from the start."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from api.worker.running import Running
from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.checkpoints import Busy
from ingest.errors import BadInput, Conflict, UserError
from ingest.intake import intake
from ingest.intake.form import read_request
from ingest.intake.intake import Arrival, Standing, arrival, folder
from ingest.jobs.queue import Job, Kind
from search.integrity import unread

if TYPE_CHECKING:
    from api.product import Product

Handler = Callable[["Product", Running], Callable[[Connection], None] | None]
"""Does a job; what it returns is written with the job's end, in one transaction."""


def ingest(product: "Product", running: Running) -> Callable[[Connection], None] | None:
    """From an arrival's files to a draft. Raises `UserError` with the names that the clerk gave."""
    job = running.lease.job
    with product.archive.engine.connect() as db:
        found = arrival(db, job.subject)
    place = folder(product.settings.data, found.id)
    if found.state is Standing.DONE:  # killed between the last write and this job's end
        return None
    running.report("start", 0.0)
    try:
        request = read_request(product.archive, found, place, product.glossary())
        session = product.ingest(request, running.report, running.found)
    except Busy:
        raise
    except UserError as error:
        raise BadInput(_as_the_clerk_says(str(error), found)) from error
    if _was_kept_before(product, session.id, found):
        running.so_far["known"] = True
    return partial(_finish, found=found, session=session.id, by=job.by)


def _was_kept_before(product: "Product", session: str, found: Arrival) -> bool:
    """Were these recordings a session already when they arrived? Nothing of it has changed then."""
    kept = select(t.sessions.c.created_at).where(t.sessions.c.id == session)
    with product.archive.engine.connect() as db:
        return bool(db.execute(kept).scalar_one() < found.created_at)


def _finish(db: Connection, found: Arrival, session: str, by: str) -> None:
    intake.finish(db, found.id, session)
    audit.record(db, by, "session.ingest", session)


def _as_the_clerk_says(message: str, found: Arrival) -> str:
    """Files are called by ids of ours on the disk: nobody should read those."""
    for file in found.files:
        message = message.replace(file.id, file.name)
    return message


def publish(product: "Product", running: Running) -> None:
    """Publish a session that a clerk opens, or make the passages anew of one that is published."""
    job = running.lease.job
    if job.payload.get(OPEN):
        product.publish(job.subject, job.by, running.go_on_within)
    else:
        with suppress(Conflict):  # corrected meanwhile: that correction asked for a job as well
            product.refresh(job.subject, running.go_on_within)
    if missing := [f"{one.where} : {one.what}" for one in unread(product.archive, job.subject)]:
        running.so_far["unread"] = missing


def close(product: "Product", running: Running) -> None:
    """Do what is left to do once a passage was taken out, or a whole sitting."""
    job = running.lease.job

    def report(stage: str, fraction: float) -> None:
        running.go_on()
        running.lease.note(stage, fraction, {})

    if product.archive.status(job.subject) is None:
        product.closer.finish_erasing(job.subject, job.payload)
    else:
        product.closer.finish(job.subject, report)


def align(product: "Product", running: Running) -> None:
    """Time the words that a clerk changed."""
    job = running.lease.job
    product.realign(job.subject, running.go_on)


def after(product: "Product", job: Job) -> None:
    """What is tidied once a job's end is written; it is found again later if this is missed."""
    if job.kind is Kind.INGEST:
        shutil.rmtree(folder(product.settings.data, job.subject), ignore_errors=True)


OPEN = "open"
"""In the payload of a publishing: a clerk wants it, it is no mere consequence of a correction."""
HANDLERS: Mapping[Kind, Handler] = {
    Kind.INGEST: ingest,
    Kind.PUBLISH: publish,
    Kind.ALIGN: align,
    Kind.CLOSE: close,
}
