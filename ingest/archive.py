"""Where sessions and transcripts are kept: the one truth, in SQL.

Everything else (search index, listening files' names, pages) can be made again from here. `Archive`
sees everything and is for the clerk's side; public processes see it through `ingest.published`.
A session and its transcript are written in one transaction: there is no half-saved session.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy import update as sql_update
from sqlalchemy.engine import make_url

from ingest import closed, rows
from ingest import tables as t
from ingest.errors import BadInput, Conflict, NotFound
from ingest.transcript import (
    Generator,
    Session,
    Span,
    Speaker,
    Status,
    ToReview,
    Transcript,
    Turn,
)


def open_archive(url: str) -> "Archive":
    """Open the archive at a SQLAlchemy URL, creating or migrating it as needed.

    Raises `BadInput` for a URL that is not SQLite's: full text is not written for others yet.
    """
    backend, _, _ = url.partition(":")
    if backend != "sqlite":
        raise BadInput(f"La base « {backend} » n'est pas prise en charge : sqlite:///chemin l'est.")
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    _migrate(engine)
    return Archive(engine)


# WAL: readers go on while one writes. FULL: an acknowledged commit survives a power cut.
# busy_timeout: a gigabyte is written anew (`closing.scrub`) in half a minute, and all wait for it.
# secure_delete: what is deleted is overwritten, not only forgotten.
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"),
    *("foreign_keys=ON", "busy_timeout=120000"),
)


def _prepare(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions late, and never before a CREATE TABLE: a migration
    # that was killed halfway would stay. SQLAlchemy begins them instead (`_begin`).
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that will write says so at once, and waits for its turn instead of failing.
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@dataclass(frozen=True)
class Archive:
    """Sessions and transcripts. Methods raise `NotFound` and `Conflict`."""

    engine: Engine

    def begin(self) -> AbstractContextManager[Connection]:
        """One writing transaction, also for modules with tables of their own in the archive."""
        return self.engine.execution_options(begin="IMMEDIATE").begin()

    # --- sessions -------------------------------------------------------------------------

    def sessions(
        self, statuses: Sequence[Status] = tuple(Status), limit: int | None = None
    ) -> tuple[Session, ...]:
        """The sessions in one of the given states, newest first, at most `limit` of them."""
        query = (
            select(t.sessions)
            .where(t.sessions.c.status.in_(statuses))
            .order_by(t.sessions.c.date.desc(), t.sessions.c.id.desc())
            .limit(limit)
        )
        with self.engine.connect() as db:
            return tuple(rows.session(db, row) for row in db.execute(query))

    def count(self, *statuses: Status) -> int:
        """How many sessions are in one of the given states; in any, when none is given."""
        query = select(func.count()).where(t.sessions.c.status.in_(statuses or tuple(Status)))
        with self.engine.connect() as db:
            return int(db.execute(query).scalar_one())

    def session(self, session_id: str) -> Session:
        """The session of that id."""
        with self.engine.connect() as db:
            row = db.execute(select(t.sessions).where(t.sessions.c.id == session_id)).first()
            if row is None:
                raise NotFound(
                    f"Aucune séance « {session_id} ». `verbatim sessions` donne la liste."
                )
            return rows.session(db, row)

    def session_of_recording(self, sha256: str) -> str | None:
        """Id of the session that a media file already belongs to."""
        query = select(t.recordings.c.session_id).where(t.recordings.c.sha256 == sha256)
        with self.engine.connect() as db:
            return db.execute(query).scalar()

    def session_of_text(self, sha256: str) -> str | None:
        """Id of the session that was made of an imported text."""
        query = select(t.sessions.c.id).where(t.sessions.c.text_sha256 == sha256)
        with self.engine.connect() as db:
            return db.execute(query).scalar()

    def status(self, session_id: str) -> Status | None:
        """Who may read the session of that id; None if there is none."""
        query = select(t.sessions.c.status).where(t.sessions.c.id == session_id)
        with self.engine.connect() as db:
            status = db.execute(query).scalar()
        return None if status is None else Status(status)

    def save(self, session: Session, transcript: Transcript) -> None:
        """Keep a new session and its transcript, whole or not at all."""
        if self.status(session.id) is not None:
            raise Conflict(
                f"La séance « {session.id} » existe déjà : choisissez un autre identifiant (--id)."
            )
        with self.begin() as db:
            rows.insert_session(db, session, transcript)
            rows.insert_transcript(db, transcript)

    def set_status(self, session_id: str, status: Status, db: Connection | None = None) -> None:
        """Change who may read a session, within the caller's transaction if one is given."""
        query = sql_update(t.sessions).where(t.sessions.c.id == session_id).values(status=status)
        with _within(self, db) as connection:
            if connection.execute(query).rowcount == 0:
                raise NotFound(f"Aucune séance « {session_id} ».")

    # --- transcripts ----------------------------------------------------------------------

    def transcript(self, session_id: str) -> Transcript:
        """The current revision of every turn of a session."""
        with self.engine.connect() as db:
            return read_transcript(db, session_id)

    def review(self, session_id: str) -> tuple[ToReview, ...]:
        """What a clerk should hear in a session, by start."""
        self.session(session_id)  # which must be there
        with self.engine.connect() as db:
            return rows.review(db, session_id)

    def turn(self, session_id: str, index: int, revision: int) -> Turn:
        """One revision of one turn, as it was stored."""
        where = (t.turns.c.session_id == session_id, t.turns.c.idx == index)
        query = select(t.turns).where(*where, t.turns.c.revision == revision)
        with self.engine.connect() as db:
            row = db.execute(query).first()
        if row is None:
            raise NotFound(f"Aucun tour {index} (révision {revision}) dans « {session_id} ».")
        return rows.turn(row)

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """The current revision of turns `first` to `last`, inclusive."""
        with self.engine.connect() as db:
            return rows.current_turns(db, session_id, t.turns.c.idx.between(first, last))

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """The voices of a session."""
        with self.engine.connect() as db:
            return rows.speakers(db, session_id)


def read_transcript(db: Connection, session_id: str) -> Transcript:
    """The current revision of every turn of a session, as a transaction sees it."""
    columns = (t.sessions.c.generator, t.sessions.c.unheard)
    head = db.execute(select(*columns).where(t.sessions.c.id == session_id)).first()
    if head is None:
        raise NotFound(f"Aucune séance « {session_id} ».")
    return Transcript(
        session=session_id,
        speakers=rows.speakers(db, session_id),
        turns=rows.current_turns(db, session_id),
        unheard=tuple(Span(*pair) for pair in head.unheard),
        generator=Generator(**head.generator),
        review=rows.review(db, session_id),
        closed=closed.spans(closed.of_session(db, session_id)),
    )


@contextmanager
def _within(archive: Archive, db: Connection | None) -> Iterator[Connection]:
    if db is not None:
        yield db
    else:
        with archive.begin() as connection:
            yield connection
