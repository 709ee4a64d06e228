"""An arrival that is not wanted after all is removed: what was typed, its files, what was heard."""

import shutil
from pathlib import Path

from ingest import jobs
from ingest.archive import Archive
from ingest.arriving import arrivals
from ingest.arriving.arrival import folder
from ingest.checkpoints import Checkpoints, clear
from ingest.jobs import Kind


def discard(archive: Archive, data: Path, arrival_id: str, by: str) -> None:
    """Remove an arrival. Raises `Conflict` while it is being transcribed.

    Rows go first: killed after that, what is left on the disk is found by `ingest.arriving.sweep`.
    """
    with archive.begin() as db:
        last = jobs.newest(db, arrival_id, Kind.INGEST)
        arrivals.remove(db, arrival_id, by)
    if last is not None and (work := last.found.get("work")):
        clear(data / "work", Checkpoints(archive, str(work)))
    shutil.rmtree(folder(data, arrival_id), ignore_errors=True)
