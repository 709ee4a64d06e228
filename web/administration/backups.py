"""Backups from the browser: made by a worker, read back, listed, taken elsewhere.

For who runs the site: a backup holds drafts, what is in camera and the accounts. Restoring is for
the command line, since it takes an empty place and a server that stands still.
"""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.views.wording import moment
from ingest.archive import audit
from ingest.archive.backup import backup_in, kept_backups, new_name
from ingest.errors import NotFound
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState
from web.office.intake_form import size
from web.office.page import NOT_KEPT, AsAdministrator, Office, Text, see_other
from web.site import READ

router = APIRouter(prefix="/bureau/sauvegardes", include_in_schema=False)
_SHOWN = 60  # of the newest: two months of nightly ones


@router.api_route("", methods=READ, response_class=HTMLResponse)
def backups(office: AsAdministrator) -> HTMLResponse:
    """The newest backups, what a worker does about them, and the button that makes one."""
    folder = office.desk.settings.backups
    found = kept_backups(folder)[:_SHOWN] if folder else ()
    with office.desk.archive.engine.connect() as db:
        every = queue.jobs(db, tuple(JobState))
    last = next((job for job in every if job.kind is JobKind.BACKUP), None)
    return office.page(
        "office/backups.html",
        folder=folder,
        lines=[(one, moment(one.made_at), size(one.bytes)) for one in found],
        job=last if last and last.state is not JobState.DONE else None,
    )


@router.post("")
def make(office: AsAdministrator, name: Text = "") -> Response:
    """Have a backup made, or the one of that name read back."""
    folder = _folder(office)
    subject = backup_in(folder, name).name if name else new_name(datetime.now(UTC))
    with office.desk.archive.begin() as db:
        queue.add(db, JobKind.BACKUP, subject, office.account.login)
    return see_other("/bureau/sauvegardes")


@router.get("/{name}")
def download(name: str, office: AsAdministrator) -> Response:
    """A backup as a file; that it was taken is logged."""
    path = backup_in(_folder(office), name)
    with office.desk.archive.begin() as db:
        audit.record(db, office.account.login, "data.download", path.name)
    return FileResponse(path, media_type="application/x-tar", filename=path.name, headers=NOT_KEPT)


def _folder(office: Office) -> Path:
    folder = office.desk.settings.backups
    if folder is None:
        raise NotFound("Aucun dossier n'est réglé pour les sauvegardes : voyez VERBATIM_BACKUPS.")
    return folder
