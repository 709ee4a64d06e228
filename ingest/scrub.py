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

PATIENCE_S = 60.0
_PAUSE_S = 0.2


class StillRead(OurError):
    """Somebody reads an old state of the database, and has done so for a long time."""


def scrub(archive: Archive, before: Sequence[str] = (), patience_s: float = PATIENCE_S) -> None:
    """Write the database anew and empty its log. `before` are statements to run first.

    Readers go on meanwhile; who writes waits. Raises `StillRead`; doing it again is harmless.
    """
    with closing(archive.engine.raw_connection()) as pooled:
        connection: Any = pooled.driver_connection
        until = time.monotonic() + patience_s
        for statement in (*before, "VACUUM"):
            _patiently(connection, statement, until)
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
            " Fermez ce qui lit archive.sqlite ; l'effacement s'achève de lui-même ensuite."
        )
    time.sleep(_PAUSE_S)
