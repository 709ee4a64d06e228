"""Leaving nothing of deleted rows in the database's own files: they are written anew, whole.

SQLite keeps what was deleted in free pages and in its write-ahead log until these are used again.
"""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from ingest.archive import Archive
from ingest.errors import OurError

PATIENCE_S = 300.0
_PAUSE_S = 0.2
_MERGED_AT_ONCE = 1_000  # pages


class StillRead(OurError):
    """Somebody reads an old state of the database, and has done so for a long time."""


def scrub(archive: Archive, full_text: Sequence[str] = (), patience_s: float = PATIENCE_S) -> None:
    """Write the database anew and empty its log; full-text tables (FTS5) are merged first.

    Readers go on meanwhile; who writes waits, half a minute for a gigabyte on two busy cores.
    Raises `StillRead`; doing it again is harmless.
    """
    with closing(archive.engine.raw_connection()) as pooled:
        connection: Any = pooled.driver_connection
        until = time.monotonic() + patience_s
        for table in full_text:
            _merge(connection, table, until)
        _patiently(connection, "VACUUM", until)
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            _wait(until)


def _merge(connection: Any, table: str, until: float) -> None:
    """Make one segment of a full text, in which words of deleted rows are no more.

    Bit by bit, so that others write in between: https://sqlite.org/fts5.html#the_merge_command
    """
    merge = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', {{}})"  # noqa: S608  # our own
    _patiently(connection, merge.format(-_MERGED_AT_ONCE), until)
    changes = 0
    while connection.total_changes - changes > 1:  # a step that did nothing changes one row
        changes = connection.total_changes
        _patiently(connection, merge.format(_MERGED_AT_ONCE), until)


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
            " Fermez ce qui lit archive.sqlite ; l'effacement s'achève de lui-même ensuite."
        )
    time.sleep(_PAUSE_S)
