"""What an ingest killed at its very end may leave behind: words and sound of a session kept since.

Such remains serve nobody any more; a passage that is taken out must not live on in them.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, delete, select

from ingest.archive import Archive
from ingest.tables import checkpoints
from ingest.transcript import Word

_ENOUGH = 0.5  # of the words: some were repaired, corrected or timed anew since they were heard


def forget_hearing(db: Connection, gone: Sequence[Word]) -> None:
    """Delete the checkpoints of a job that heard these very words at these very times."""
    times = {(word.start_ms, word.end_ms) for word in gone}
    heard: dict[str, set[tuple[int, int]]] = {}
    query = select(checkpoints.c.job, checkpoints.c.result)
    for job, result in db.execute(query.where(checkpoints.c.stage.startswith("words"))):
        found = {(row[0], row[1]) for row in json.loads(result)}
        heard.setdefault(job, set()).update(times & found)
    jobs = [job for job, same in heard.items() if times and len(same) >= _ENOUGH * len(times)]
    db.execute(delete(checkpoints).where(checkpoints.c.job.in_(jobs)))


def clear_work(archive: Archive, work: Path) -> None:
    """Remove the folders of jobs that nobody is at and of which no word is kept.

    One that was only decoded yet is decoded again when it goes on.
    """
    with archive.engine.connect() as db:
        kept = set(db.execute(select(checkpoints.c.job).distinct()).scalars())
    for folder in work.glob("*/"):
        if folder.name in kept:
            continue
        lock = FileLock(f"{folder}.lock")
        try:
            with lock.acquire(timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
                Path(lock.lock_file).unlink(missing_ok=True)
        except Timeout:
            continue
