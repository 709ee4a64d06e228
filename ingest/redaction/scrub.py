"""Leaving nothing of deleted rows in the database's own files: they are written anew, whole.

SQLite keeps what was deleted in free pages and in its write-ahead log until these are used again.
PostgreSQL keeps it in its tables until they are written anew, and in its own log until it is
overwritten: that log, copies and replicas are its administrator's (docs/deploy.md).
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, delete, inspect, select

from ingest.archive.repository import Archive
from ingest.archive.schema import checkpoints
from ingest.database.engine import is_postgresql
from ingest.errors import OurError
from ingest.transcript import Word

# Seconds of waiting for readers, ten times what a gigabyte takes to write: less fails while a long
# export reads, more holds the worker for a reader that never ends. A new try every 0.2 s costs
# nothing beside that. Chosen, not measured.
PATIENCE_S = 300.0
_PAUSE_S = 0.2


class StillRead(OurError):
    """A reader holds an old state of the database, and has done so for a long time."""


def scrub(archive: Archive, patience_s: float = PATIENCE_S) -> None:
    """Write the database anew and empty its log.

    Readers go on meanwhile; writers wait, half a minute for a gigabyte on two busy cores. On
    PostgreSQL readers of a table wait while that table is written.
    Raises `StillRead`; doing it again is harmless.
    """
    if is_postgresql(archive.engine.url):
        _rewrite_tables(archive, patience_s)
        return
    with closing(archive.engine.raw_connection()) as pooled:
        connection: Any = pooled.driver_connection
        until = time.monotonic() + patience_s
        _patiently(connection, "VACUUM", until)
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            _wait(until)


def _patiently(connection: Any, statement: str, until: float) -> None:
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            _wait(until)
        else:
            return


def _wait(until: float) -> None:
    if time.monotonic() > until:
        raise StillRead(
            "La base est lue sans cesse par un autre programme : son journal n'a pas pu être vidé."
            " Fermez ce qui lit la base ; l'effacement s'achève de lui-même ensuite."
        )
    time.sleep(_PAUSE_S)


# Transactions that may still see what was deleted before one's own number was given: rows that one
# of them may see are copied as well.
_STILL_READING = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND age(backend_xmin) > age('{}'::xid) LIMIT 1"
)


def _rewrite_tables(archive: Archive, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    with archive.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        mine = db.exec_driver_sql("SELECT pg_current_xact_id()::xid::text").scalar_one()
        while db.exec_driver_sql(_STILL_READING.format(mine)).first():
            _wait(until)
        for table in inspect(db).get_table_names():
            db.exec_driver_sql(f'VACUUM (FULL) "{table}"')


# What an ingest killed at its very end may leave behind: words and sound of a session kept since.


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
    """Remove the folders of jobs without a worker of which no word is kept.

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
