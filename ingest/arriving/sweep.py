"""What nobody needs any more is removed: files of arrivals that are done or gone, and those that
were left lying before they were sent off. What was sent off is never touched.
"""

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select

from ingest import audit, jobs
from ingest.archive import Archive
from ingest.arriving.arrival import Standing, arrivals, uploads
from ingest.tables import now

log = logging.getLogger(__name__)
_ENDED_DAYS = 30
_ORPHAN_S = 86_400  # a form that is still on its way writes files that no row names yet


def sweep(archive: Archive, data: Path, keep_unsent_days: int) -> None:
    """Remove what serves nobody. May be killed anywhere, and be run twice at once."""
    left_before = now() - timedelta(days=keep_unsent_days)
    with archive.begin() as db:
        left = (arrivals.c.state == Standing.PREPARING, arrivals.c.touched_at < left_before)
        for arrival_id in db.execute(select(arrivals.c.id).where(*left)).scalars().all():
            db.execute(delete(arrivals).where(arrivals.c.id == arrival_id))
            audit.record(db, audit.MACHINE, "arrival.expire", arrival_id)
        old = now() - timedelta(days=_ENDED_DAYS)
        done = (arrivals.c.state == Standing.DONE, arrivals.c.touched_at < old)
        db.execute(delete(arrivals).where(*done))
        jobs.forget_ended(db, old)
    with archive.engine.connect() as db:
        undone = select(arrivals.c.id).where(arrivals.c.state != Standing.DONE)
        wanted = set(db.execute(undone).scalars())
        files = set(db.execute(select(uploads.c.id)).scalars())
    for folder in (data / "arrivals").glob("*/"):
        if folder.name not in wanted:
            _remove_old(folder, (folder,))
        else:
            _remove_old(folder, [path for path in folder.iterdir() if path.name not in files])


def _remove_old(folder: Path, paths: "tuple[Path, ...] | list[Path]") -> None:
    for path in paths:
        if time.time() - path.stat().st_mtime < _ORPHAN_S:
            continue
        log.info("Removing %s, which nothing needs any more.", path.relative_to(folder.parent))
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
