"""Where sessions and transcripts are kept: the one truth, in SQL.

Everything else (search index, listening files' names, pages) can be made again from here. `Archive`
sees everything and is for the clerk's side; public processes see it through
`ingest.archive.published`. A session and its transcript are written in one transaction: there is no
half-saved session.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Row,
    Select,
    column,
    delete,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy import update as sql_update

from ingest.archive import redactions
from ingest.archive import schema as t
from ingest.database.engine import WRITING, engine_for, migrating
from ingest.errors import BadInput, Conflict, NotFound
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    Generator,
    ImportedText,
    Person,
    Recording,
    Reviewed,
    ReviewItem,
    ReviewProgress,
    Session,
    Span,
    Speaker,
    Status,
    Transcript,
    Turn,
    Word,
)

# The archive's rows, and the types they stand for. Knows no transaction: the caller holds it.


def session(db: Connection, row: Row[Any]) -> Session:
    """The session of a row, with all that belongs to it."""
    return next(_whole(db, [row], (row.id,)))


def _whole(db: Connection, found: Sequence[Row[Any]], wanted: Any) -> Iterator[Session]:
    """The sessions of rows; `wanted` are their ids, or a query of them.

    What belongs to them is read at once: twenty years are two thousand sessions.
    """
    parts, agendas, rosters = (
        _by_session(db, table, wanted) for table in (t.recordings, t.agenda_items, t.people)
    )
    readings = _readings(db, wanted)
    for row in found:
        of = row.id
        yield _session(row, parts[of], agendas[of], rosters[of], readings[of])


def _by_session(db: Connection, table: Any, wanted: Any) -> Mapping[str, list[Row[Any]]]:
    """The rows of a table that belong to sessions, in order."""
    rows = defaultdict[str, list[Row[Any]]](list)
    query = select(table).where(table.c.session_id.in_(wanted)).order_by(table.c.position)
    for row in db.execute(query):
        rows[row.session_id].append(row)
    return rows


def _session(
    row: Row[Any],
    parts: Sequence[Row[Any]],
    agenda: Sequence[Row[Any]],
    roster: Sequence[Row[Any]],
    reading: ReviewProgress,
) -> Session:
    return Session(
        id=row.id,
        title=row.title,
        date=row.date,
        body=row.body,
        status=Status(row.status),
        parts=tuple(Recording(r.sha256, r.offset_ms, r.duration_ms, r.starts_at) for r in parts),
        agenda=tuple(
            AgendaItem(r.number, r.title, r.object, r.start_ms, r.until_ms) for r in agenda
        ),
        roster=tuple(Person(r.name, r.role, r.group, r.also) for r in roster),
        text=ImportedText(row.text_sha256, row.text_words) if row.text_sha256 else None,
        reviewed=Reviewed(row.reviewed_by, row.reviewed_at) if row.reviewed_at else None,
        reading=reading,
        most_voices=row.most_voices,
        sound_erased=row.sound_erased_at,
    )


def _readings(db: Connection, wanted: Any) -> Mapping[str, ReviewProgress]:
    """How many turns were read, of how many, by session; `wanted` are ids or a query of them."""

    def counts(rows: Any) -> dict[str, int]:
        of = t.turns.c.session_id
        query = select(of, func.count()).select_from(rows).where(of.in_(wanted)).group_by(of)
        return {row[0]: row[1] for row in db.execute(query)}

    done, turns = counts(t.turns.join(t.checked, t.is_checked)), counts(t.turns)
    read = {one: ReviewProgress(done.get(one, 0), count) for one, count in turns.items()}
    return defaultdict(lambda: ReviewProgress(0, 0), read)


def published_but(db: Connection, known: Select[Any]) -> Sequence[str]:
    """Ids of the published sessions that are not among those a query gives, oldest first."""
    s = t.sessions.c
    query = select(s.id).where(s.status == Status.PUBLISHED, s.id.not_in(known))
    return db.execute(query.order_by(s.date, s.id)).scalars().all()


def titles(db: Connection) -> dict[str, str]:
    """The title of each session, by id."""
    rows = db.execute(select(t.sessions.c.id, t.sessions.c.title))
    return {row.id: row.title for row in rows}


def speakers(db: Connection, session_id: str) -> tuple[Speaker, ...]:
    """The voices of a session."""
    where = t.speakers.c.session_id == session_id
    return tuple(
        Speaker(r.label, r.person, Evidence(r.evidence), r.confidence, r.reason)
        for r in db.execute(select(t.speakers).where(where).order_by(t.speakers.c.label))
    )


def review(db: Connection, session_id: str) -> tuple[ReviewItem, ...]:
    """What a clerk should hear in a session, by start."""
    where = t.review.c.session_id == session_id
    return tuple(
        ReviewItem(r.start_ms, r.end_ms, Doubt(r.doubt), r.reason)
        for r in db.execute(select(t.review).where(where).order_by(t.review.c.position))
    )


def current_turns(db: Connection, session_id: str, *where: Any) -> tuple[Turn, ...]:
    """The turns that fit, in order."""
    query = select(t.turns).where(t.turns.c.session_id == session_id, *where)
    return tuple(turn(row) for row in db.execute(query.order_by(t.turns.c.idx)))


@dataclass(frozen=True, order=True)
class Outline(Span):
    """A turn without its words: where it stands, how often it was changed, by whom it is said."""

    id: int
    revision: int
    speaker: str | None = field(compare=False)


def outlines(db: Connection, session_id: str) -> tuple[Outline, ...]:
    """Every current turn, in order, without reading its words: a session has thirty thousand."""
    # Computed of the words (migration 0024).
    start, end = column("start_ms", Integer), column("end_ms", Integer)
    query = (
        select(start, end, t.turns.c.id, t.turns.c.revision, t.turns.c.speaker)
        .where(t.turns.c.session_id == session_id)
        .order_by(t.turns.c.idx)
    )
    return tuple(
        Outline(r[0] or 0, r[1] or 0, r.id, r.revision, r.speaker) for r in db.execute(query)
    )


def has_words(db: Connection, session_id: str) -> bool:
    """Was anything heard in a session, or read?"""
    mine = select(t.turns.c.id).where(t.turns.c.session_id == session_id)
    return db.execute(mine.limit(1)).first() is not None


def turn(row: Row[Any]) -> Turn:
    """The turn of a row."""
    words = tuple(Word(*word) for word in row.words)
    return Turn(row.idx, row.speaker, words, row.revision, row.language, row.id)


def turn_row(session_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn."""
    return {
        "session_id": session_id,
        "id": turn.id,
        "idx": turn.index,
        "revision": turn.revision,
        "speaker": turn.speaker,
        "words": [word_row(word) for word in turn.words],
        "language": turn.language,
    }


def word_row(word: Word) -> tuple[object, ...]:
    """A word in a row. The mark of a guess is written for the few that are one."""
    return astuple(word) if word.guessed else astuple(word)[:-1]


def insert_session(db: Connection, session: Session, transcript: Transcript) -> None:
    """Write a session, its parts, its agenda and its roster."""

    def rows(table: Any, values: Sequence[dict[str, Any]]) -> None:
        insert_in_order(db, table, session.id, values)

    db.execute(
        insert(t.sessions).values(
            id=session.id,
            title=session.title,
            date=session.date,
            body=session.body,
            status=session.status,
            generator=asdict(transcript.generator),
            unheard=_pairs(transcript.unheard),
            text_sha256=session.text.id if session.text else None,
            text_words=session.text.words if session.text else None,
            next_turn=max((turn.id for turn in transcript.turns), default=-1) + 1,
            most_voices=session.most_voices,
        )
    )
    rows(
        t.recordings,
        [
            {
                "sha256": r.id,
                "offset_ms": r.offset_ms,
                "duration_ms": r.duration_ms,
                "starts_at": r.starts_at,
            }
            for r in session.parts
        ],
    )
    rows(t.agenda_items, [asdict(item) for item in session.agenda])
    rows(t.people, [asdict(person) for person in session.roster])


def insert_in_order(
    db: Connection, table: Any, session_id: str, values: Sequence[dict[str, Any]]
) -> None:
    """Write rows of a session, each with its place among them."""
    if values:
        numbered = [{"session_id": session_id, "position": n, **v} for n, v in enumerate(values)]
        db.execute(insert(table), numbered)


def insert_transcript(db: Connection, transcript: Transcript) -> None:
    """Write a transcript's speakers, turns and list of doubts."""
    speakers = [{"session_id": transcript.session, **asdict(s)} for s in transcript.speakers]
    turns = [turn_row(transcript.session, turn) for turn in transcript.turns]
    if speakers:
        db.execute(insert(t.speakers), speakers)
    if turns:
        db.execute(insert(t.turns), turns)
    insert_in_order(db, t.review, transcript.session, [asdict(r) for r in transcript.review])


def replace_hearing(
    db: Connection,
    session_id: str,
    generator: Generator,
    unheard: Sequence[Span],
    review: Sequence[ReviewItem],
) -> None:
    """Have a session say what made its transcript, and what is doubtful in it."""
    values = {"generator": asdict(generator), "unheard": _pairs(unheard)}
    db.execute(sql_update(t.sessions).where(t.sessions.c.id == session_id).values(**values))
    db.execute(delete(t.review).where(t.review.c.session_id == session_id))
    insert_in_order(db, t.review, session_id, [asdict(item) for item in review])


def _pairs(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start_ms, span.end_ms] for span in spans]


def open_archive(url: str) -> "Archive":
    """Open the archive at a SQLAlchemy URL, creating or migrating it as needed.

    Raises `BadInput` for a URL of another database than SQLite and PostgreSQL, and for an archive
    that a later version has migrated; nothing in it is changed then.
    """
    engine = engine_for(url)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Archive(engine)


@contextmanager
def opened(url: str) -> Iterator["Archive"]:
    """An archive for a while: its connections are closed afterwards."""
    archive = open_archive(url)
    try:
        yield archive
    finally:
        archive.engine.dispose()


_OF_A_LATER_VERSION = (
    "Une version plus récente de Verbatim a déjà ouvert ces données, et celle-ci ne les lit plus ; "
    "rien n'y a été changé. Installez cette version plus récente, ou restaurez la sauvegarde faite "
    "avant la mise à jour (verbatim restore)."
)


_MIGRATIONS = Path(__file__).parent / "migrations"


def _migrate(engine: Engine) -> None:
    newest = max(path.name.partition("_")[0] for path in _MIGRATIONS.glob("versions/0*.py"))
    with migrating(engine).begin() as connection:
        if _revision(connection) != newest:
            _upgrade(connection)


def _revision(db: Connection) -> str | None:
    """The last migration that an archive went through; None where there was none."""
    if not inspect(db).has_table("alembic_version"):
        return None
    return db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(db: Connection) -> None:
    from alembic import command  # a tenth of what a command takes to start, and seldom needed
    from alembic.config import Config
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", str(_MIGRATIONS))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):  # its revision is none of ours
            raise BadInput(_OF_A_LATER_VERSION) from error
        raise


@dataclass(frozen=True)
class Archive:
    """Sessions and transcripts. Methods raise `NotFound` and `Conflict`."""

    engine: Engine

    def begin(self) -> AbstractContextManager[Connection]:
        """One writing transaction, also for modules with tables of their own in the archive."""
        return self.engine.execution_options(begin=WRITING).begin()

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
            rows = db.execute(query).all()
            return tuple(_whole(db, rows, query.with_only_columns(t.sessions.c.id)))

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
                raise NotFound(f"Aucune séance « {session_id} ».")
            return session(db, row)

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
            insert_session(db, session, transcript)
            insert_transcript(db, transcript)

    def set_status(self, session_id: str, status: Status) -> None:
        """Change who may read a session."""
        query = sql_update(t.sessions).where(t.sessions.c.id == session_id).values(status=status)
        with self.begin() as db:
            if db.execute(query).rowcount == 0:
                raise NotFound(f"Aucune séance « {session_id} ».")

    # --- transcripts ----------------------------------------------------------------------

    def transcript(self, session_id: str) -> Transcript:
        """The current revision of every turn of a session."""
        with self.engine.connect() as db:
            return read_transcript(db, session_id)

    def review(self, session_id: str) -> tuple[ReviewItem, ...]:
        """What a clerk should hear in a session, by start."""
        self.session(session_id)  # which must be there
        with self.engine.connect() as db:
            return review(db, session_id)

    def turn(self, session_id: str, turn_id: int, revision: int) -> Turn:
        """The turn of an id, if it still is of that revision. Raises `NotFound`."""
        here = (t.turns.c.id == turn_id, t.turns.c.revision == revision)
        with self.engine.connect() as db:
            found = current_turns(db, session_id, *here)
        if not found:
            raise NotFound(
                f"Aucune intervention {turn_id} (révision {revision}) dans « {session_id} »."
            )
        return found[0]

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """The turns from one id to another, both included; none if either is not there."""
        place = select(t.turns.c.idx).where(t.turns.c.session_id == session_id)
        start, end = (
            place.where(t.turns.c.id == turn_id).scalar_subquery() for turn_id in (first, last)
        )
        with self.engine.connect() as db:
            return current_turns(db, session_id, t.turns.c.idx.between(start, end))

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """The voices of a session."""
        with self.engine.connect() as db:
            return speakers(db, session_id)


def read_transcript(db: Connection, session_id: str) -> Transcript:
    """The current revision of every turn of a session, as a transaction sees it."""
    columns = (t.sessions.c.generator, t.sessions.c.unheard)
    head = db.execute(select(*columns).where(t.sessions.c.id == session_id)).first()
    if head is None:
        raise NotFound(f"Aucune séance « {session_id} ».")
    return Transcript(
        session=session_id,
        speakers=speakers(db, session_id),
        turns=current_turns(db, session_id),
        unheard=tuple(Span(*pair) for pair in head.unheard),
        generator=Generator(**head.generator),
        review=review(db, session_id),
        closed=redactions.spans(redactions.of_session(db, session_id)),
    )
