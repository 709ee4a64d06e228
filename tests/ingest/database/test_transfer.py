"""A database copied into another, there and back: every row as it was, or nothing at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.change_log import table as changes
from ingest.archive.repository import Archive, open_archive, opened
from ingest.database import transfer
from ingest.errors import Conflict, Corrupt
from ingest.jobs import queue
from search.index.store import passage_index
from search.index.store import passages as passage_table
from tests.conftest import small_session
from tests.support import postgres

SITTING = "seance-1"


def unreported(_: str) -> None:
    """A listener that ignores progress."""


@pytest.fixture
def there() -> Iterator[Archive]:
    """An empty archive in PostgreSQL."""
    with postgres.database() as url, opened(url) as archive:
        yield archive


@pytest.fixture
def here(tmp_path: Path) -> Archive:
    """An archive in SQLite with a row of every kind of value."""
    archive = open_archive(f"sqlite:///{tmp_path}/archive.sqlite")
    archive.save(*small_session(texts=["Né à Évian\0.", "Merci, Madame.", "Non."]))
    with archive.begin() as db:
        audit.record(db, "greffe", "session.publish", SITTING)
        queue.add(db, queue.JobKind.PUBLISH, SITTING, "greffe", {"open": True})
        db.execute(insert(changes).values(session_id=SITTING, number=1, at=t.now(), author="g",
                                          kind="text", splices=[], voices={}))  # fmt: skip
        db.execute(insert(passage_table).values(
            key=7, id="p", session_id=SITTING, first_turn=0, last_turn=1, start_ms=0, end_ms=9,
            text="Né à Évian.", length=2, embedder="e", vector=bytes(range(256)), item="",
            object="", people=["é"], parties=[], stems="ne evian"))  # fmt: skip
    return archive


def everything(db: Connection) -> dict[str, list[object]]:
    return {table.name: list(transfer.rows(db, table)) for table in transfer.tables(db)}


def test_every_row_is_there_and_comes_back_as_it_was(
    here: Archive, there: Archive, tmp_path: Path
) -> None:
    back = open_archive(f"sqlite:///{tmp_path}/back.sqlite")
    with here.begin() as one, there.begin() as two:
        counts = transfer.copy(one, two, unreported)
    with there.engine.connect() as two, back.begin() as three:
        transfer.copy(two, three, unreported)
    with here.engine.connect() as one, back.engine.connect() as three:
        assert everything(one) == everything(three)
    assert counts["turns"] == 3 and counts["audit"] == 1
    with there.begin() as db:
        assert db.execute(select(passage_index.c.passages, passage_index.c.stems)).one() == (1, 2)
        assert queue.add(db, queue.JobKind.PUBLISH, "autre", "greffe") == 2  # ids go on
        audit.record(db, "greffe", "session.publish", "autre")


def test_a_database_in_which_something_is_kept_is_refused(here: Archive, there: Archive) -> None:
    there.save(*small_session("autre"))
    refused = pytest.raises(Conflict, match=r"pas vide \(table \w+\)")
    with here.begin() as one, there.begin() as two, refused:
        transfer.copy(one, two, unreported)
    assert [session.id for session in there.sessions()] == ["autre"]


def test_a_copy_that_is_cut_short_leaves_nothing_and_is_begun_again(
    here: Archive, there: Archive
) -> None:
    def stop(table: str) -> None:
        if table == "turns":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), here.begin() as one, there.begin() as two:
        transfer.copy(one, two, stop)
    assert there.sessions() == ()
    with here.begin() as one, there.begin() as two:
        transfer.copy(one, two, unreported)
    assert there.sessions() == here.sessions()


def test_a_row_that_reads_back_otherwise_is_named_and_nothing_is_copied(
    here: Archive, there: Archive
) -> None:
    with there.begin() as db:
        db.exec_driver_sql("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
                           " $$ BEGIN NEW.name := 'X'; RETURN NEW; END $$")  # fmt: skip
        db.exec_driver_sql("CREATE TRIGGER spoil BEFORE INSERT ON people FOR EACH ROW"
                           " EXECUTE FUNCTION spoil()")  # fmt: skip
    refused = pytest.raises(Corrupt, match=rf"{SITTING}.*« people »")
    with refused, here.begin() as one, there.begin() as two:
        transfer.copy(one, two, unreported)
    with there.engine.connect() as db:
        assert db.execute(select(func.count()).select_from(t.people)).scalar_one() == 0
