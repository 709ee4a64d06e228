"""Whether a SQLite file has changed: what was made of it may be kept until then.

Knows no table. Another database tells nothing of the kind: what is made of it is not kept.
"""

import sqlite3
from contextlib import suppress
from threading import Lock

from sqlalchemy import URL

from ingest.database.engine import sqlite_file


class Commits:
    """A number that is another after each commit, by whatever process, for microseconds.

    None where the database is not a file. See https://sqlite.org/pragma.html#pragma_data_version
    """

    def __init__(self, url: str | URL) -> None:
        self._lock = Lock()
        file = sqlite_file(url)
        # A connection of its own, which writes nothing: it is told of all commits but its own.
        self._connection: sqlite3.Connection | None = None
        if file is not None:
            address = f"{file.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(
                address, uri=True, isolation_level=None, check_same_thread=False
            )

    def __call__(self) -> int | None:
        """The number now."""
        if self._connection is None:
            return None
        with self._lock:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def __del__(self) -> None:
        """Close the connection."""
        with suppress(AttributeError):
            if self._connection is not None:
                self._connection.close()
