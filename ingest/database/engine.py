"""Opening a database: SQLite in a file, or PostgreSQL. What differs between the two stands here.

Both give what the archive relies upon: a transaction reads one state from its beginning to its
end, one transaction writes at a time, and text is ordered byte by byte. Knows no table.
"""

import json
import re
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from ingest.errors import BadInput, shown

POSTGRESQL = "postgresql"
_DRIVER = "postgresql+psycopg"
_WAIT_S = 120  # a gigabyte is written anew (`redaction.scrub`) in half a minute, and all wait

READING, WRITING, MIGRATING = "reading", "writing", "migrating"
"""What a transaction is for: the execution option `begin`."""


def is_postgresql(url: str | URL) -> bool:
    """Does a URL name a database of PostgreSQL?"""
    return make_url(url).get_backend_name() == POSTGRESQL


def sqlite_file(url: str | URL) -> Path | None:
    """The file that a SQLite URL names; None for another database, and for one in memory."""
    database = None if is_postgresql(url) else make_url(url).database
    return Path(database) if database else None


def engine_for(url: str) -> Engine:
    """The engine of a URL; a new SQLite file's folder is made.

    Raises `BadInput` for another database than these two, and where PostgreSQL's driver is missing.
    """
    backend = url.partition(":")[0].partition("+")[0]  # no more of it: it may hold a password
    if backend == POSTGRESQL:
        return _postgresql(make_url(url))
    if backend != "sqlite":
        raise BadInput(
            f"La base « {shown(backend)} » n'est pas prise en charge : sqlite:///chemin et "
            f"{_DRIVER}://utilisateur@hôte/base le sont."
        )
    if file := sqlite_file(url):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


# --- SQLite -------------------------------------------------------------------------------------

# WAL: readers go on while one writes. FULL: an acknowledged commit survives a power cut.
# secure_delete: what is deleted is overwritten, not only forgotten.
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"),
    *("foreign_keys=ON", f"busy_timeout={_WAIT_S * 1000}"),
)


def _prepare(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions late, and never before a CREATE TABLE: a migration
    # that was killed halfway would stay. SQLAlchemy begins them instead (`_begin`).
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that will write says so at once, and waits for its turn instead of failing.
    reads = _purpose(connection) == READING
    connection.exec_driver_sql("BEGIN DEFERRED" if reads else "BEGIN IMMEDIATE")


def _purpose(connection: Connection) -> str:
    return str(connection.get_execution_options().get("begin", READING))


# --- PostgreSQL ---------------------------------------------------------------------------------

# Times are kept in UTC without a zone, and `now()` gives the session's. The keepalives end a
# connection of a machine that lost its power within a minute: it may hold the lock of writers.
_OPTIONS = (
    "-c timezone=UTC"
    f" -c lock_timeout={_WAIT_S}s"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_TRUSTED_S = 1.0  # a server takes longer than that to start again
# Nothing else takes it: a number without a meaning, below 2^63.
_MIGRATION_LOCK = 5_871_203_944_120_887
# Each archive has this table, and it is never written but by a migration (D-257).
_ONE_WRITER = "LOCK TABLE alembic_version IN EXCLUSIVE MODE"
_ORDER = (
    "SELECT datcollate, pg_encoding_to_char(encoding), datlocprovider FROM pg_database"
    " WHERE datname = current_database()"
)


def _postgresql(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401  # an extra: most cities have no PostgreSQL
    except ImportError:
        raise BadInput(
            "PostgreSQL demande un paquet de plus : pip install 'verbatim-council[postgres]'."
        ) from None
    engine = create_engine(
        url.set(drivername=_DRIVER),
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
        json_serializer=_written,
        connect_args={"options": _OPTIONS},
    )
    event.listen(engine, "connect", _adapt)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check_use)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


_NUL_OF_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # not a backslash that is itself escaped


def without_nul(text: str, *, is_json: bool = False) -> str:
    """A text in which the sign for what cannot be shown stands in the place of each NUL."""
    if is_json:
        return _NUL_OF_JSON.sub(r"\1\\ufffd", text) if r"\u0000" in text else text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _written(value: Any) -> str:
    return without_nul(json.dumps(value), is_json=True)


def _adapt(connection: Any, _record: object) -> None:
    """Have values go in and come out as with SQLite."""
    from psycopg.adapt import Loader
    from psycopg.types.string import StrDumper

    class WithoutNul(StrDumper):
        """PostgreSQL keeps no NUL in a text."""

        def dump(self, obj: str) -> Any:
            return super().dump(without_nul(obj))

    class Number(Loader):
        """A sum of 64-bit integers, as counts are, is `numeric`: an integer again."""

        def load(self, data: Any) -> int | float:
            written = bytes(data)
            return float(written) if b"." in written else int(written)

    connection.adapters.register_dumper(str, WithoutNul)
    connection.adapters.register_loader("numeric", Number)


def _note_use(_connection: object, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _check_use(connection: Any, record: Any, _proxy: object) -> None:
    """A server that was started again is no failure of the next request.

    Asked of connections that were left alone: an answer takes one 75 times, and asking each time
    would be one in four of all that it sends.
    """
    if time.monotonic() - record.info.get("used", time.monotonic()) < _TRUSTED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def _begin_postgresql(connection: Connection) -> None:
    # LOCK takes no snapshot: the transaction sees what the writer before it wrote. A lock that a
    # SELECT takes would be given after the snapshot was, and updates would fail.
    purpose = _purpose(connection)
    if purpose == WRITING:
        connection.exec_driver_sql(_ONE_WRITER)
    elif purpose == MIGRATING:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")


def migrating(engine: Engine) -> Engine:
    """The engine for transactions that bring tables up to date, one at a time.

    Raises `BadInput` for a database of PostgreSQL that orders text by a language.
    """
    if not is_postgresql(engine.url):
        return engine.execution_options(begin=MIGRATING)
    with engine.connect() as db:
        collation, encoding, provider = db.exec_driver_sql(_ORDER).one()
    if collation not in ("C", "POSIX") or encoding != "UTF8" or provider == "i":
        raise BadInput(
            f"La base « {engine.url.database} » est en {encoding}, classée selon {collation} : "
            "il la faut en UTF8, classée par octets. Créez-en une autre, vide : "
            "createdb --template=template0 --encoding=UTF8 --locale=C NOM."
        )
    # Committed: what another process migrated while this one waited must be seen.
    return engine.execution_options(begin=MIGRATING, isolation_level="READ COMMITTED")


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
