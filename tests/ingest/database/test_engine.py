"""What an archive relies upon, whichever database it is in; and what PostgreSQL is refused for."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, inspect, select, text, update
from sqlalchemy.exc import DatabaseError, DataError, OperationalError
from sqlalchemy.types import TypeEngine

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.repository import Archive, open_archive, opened
from ingest.database import engine
from ingest.errors import BadInput, DatabaseUnreachable, NotFound, as_ours
from ingest.intake.intake import arrivals, uploads
from tests.conftest import small_session
from tests.support import paths, postgres

SITTING = "seance-1"


@pytest.fixture
def empty() -> Iterator[str]:
    with postgres.database(empty=True) as url:
        yield url


# --- one writer, one state ------------------------------------------------------------------


def test_transactions_that_read_and_then_write_follow_each_other(archive: Archive) -> None:
    archive.save(*small_session())
    mine = t.sessions.c.id == SITTING

    def one_more(_: int) -> None:
        with archive.begin() as db:
            count = db.execute(select(t.sessions.c.next_turn).where(mine)).scalar_one()
            db.execute(update(t.sessions).where(mine).values(next_turn=count + 1))

    before = archive.engine
    with before.connect() as db:
        start = db.execute(select(t.sessions.c.next_turn)).scalar_one()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one_more, range(20)))
    with before.connect() as db:
        assert db.execute(select(t.sessions.c.next_turn)).scalar_one() == start + 20


def test_a_reader_sees_one_state_from_beginning_to_end(archive: Archive) -> None:
    archive.save(*small_session())
    title = select(t.sessions.c.title)
    with archive.engine.connect() as reader:
        before = reader.execute(title).scalar_one()
        with archive.begin() as db:
            db.execute(update(t.sessions).values(title="Autre titre"))
        assert reader.execute(title).scalar_one() == before
    with archive.engine.connect() as later:
        assert later.execute(title).scalar_one() == "Autre titre"


def test_a_writer_that_is_killed_leaves_nothing_and_holds_up_nobody(archive: Archive) -> None:
    script = (
        "import sys, time\n"
        "from ingest.archive import audit\n"
        "from ingest.archive.repository import open_archive\n"
        "with open_archive(sys.argv[1]).begin() as db:\n"
        "    audit.record(db, 'greffe', 'session.publish', 'x')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(600)\n"
    )
    url = archive.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", script, url]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=paths.ROOT)
    assert writer.stdout is not None and writer.stdout.readline()
    writer.kill()
    writer.communicate()
    with archive.begin() as db:
        assert audit.newest(db) == []


# --- values -----------------------------------------------------------------------------------


def test_texts_are_ordered_byte_by_byte(archive: Archive) -> None:
    names = ["Éa", "a", "B", "ab", "Z-1", "É"]
    for name in names:
        archive.save(*small_session(name))
    with archive.engine.connect() as db:
        ordered = db.execute(select(t.sessions.c.id).order_by(t.sessions.c.id)).scalars().all()
    assert ordered == sorted(names, key=str.encode)


def test_files_are_longer_than_two_gigabytes_and_sums_are_whole_numbers(archive: Archive) -> None:
    length = 20 * 2**30
    with archive.begin() as db:
        at = {"created_at": t.now()}
        db.execute(insert(arrivals).values(
            id="a", state="sent", details={}, by="greffe", touched_at=t.now(), **at))  # fmt: skip
        db.execute(insert(uploads).values(
            id="u", arrival="a", position=0, name="n", kind="recording", length=length,
            received=0, mark="", **at))  # fmt: skip
        total = db.execute(select(func.sum(uploads.c.length - uploads.c.received))).scalar_one()
    assert (total, type(total)) == (length, int)


def test_a_number_that_no_row_bears_is_not_found_however_large(archive: Archive) -> None:
    archive.save(*small_session())
    with pytest.raises((NotFound, DataError)) as refused:
        archive.turn(SITTING, 2**40, 1)
    assert isinstance(as_ours(refused.value), NotFound)


def test_what_no_text_may_hold_stops_nothing(archive: Archive) -> None:
    session, transcript = small_session(texts=["Un\0deux \\u0000 trois."])
    archive.save(replace(session, title="Un\0deux"), transcript)
    said, title = archive.transcript(SITTING).turns[0].text, archive.session(SITTING).title
    nul = "\0" if archive.engine.dialect.name == "sqlite" else "\N{REPLACEMENT CHARACTER}"
    assert (said, title) == (f"Un{nul}deux \\u0000 trois.", f"Un{nul}deux")


def test_the_audit_log_is_only_added_to(archive: Archive) -> None:
    with archive.begin() as db:
        audit.record(db, "greffe", "session.publish", SITTING)
    for statement in ("DELETE FROM audit", "UPDATE audit SET who = 'x'"):
        with pytest.raises(DatabaseError, match="only added to"), archive.begin() as db:
            db.exec_driver_sql(statement)


# --- PostgreSQL -------------------------------------------------------------------------------


def shape(archive: Archive) -> dict[str, Any]:
    """Tables, columns and what binds them, in words that both databases have."""
    found: Any = inspect(archive.engine)

    def kind(column: TypeEngine[Any]) -> str:
        return column.python_type.__name__

    return {
        name: {
            "columns": {
                c["name"]: (kind(c["type"]), c["nullable"]) for c in found.get_columns(name)
            },
            "key": found.get_pk_constraint(name)["constrained_columns"],
            "of": {
                (*k["constrained_columns"], k["referred_table"], k["options"].get("ondelete"))
                for k in found.get_foreign_keys(name)
            },
            "once": {
                tuple(one["column_names"])
                for one in (*found.get_unique_constraints(name), *found.get_indexes(name))
                if one.get("unique", True)
            },
            "indexes": {
                tuple(one["column_names"]) for one in found.get_indexes(name) if not one["unique"]
            },
        }
        for name in found.get_table_names()
    }


def test_both_databases_have_the_same_tables(tmp_path: Any, empty: str) -> None:
    with opened(f"sqlite:///{tmp_path}/archive.sqlite") as one, opened(empty) as other:
        assert shape(one) == shape(other)


def test_processes_that_start_together_migrate_once(empty: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        archives = list(pool.map(lambda _: open_archive(empty), range(3)))
    assert [archive.sessions() for archive in archives] == [(), (), ()]
    for archive in archives:
        archive.engine.dispose()


def test_the_planner_s_figures_quote_no_word(empty: str) -> None:
    """An erased word would stay in them."""
    counted = text(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c"
        " ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        " WHERE a.atttypid IN ('text'::regtype, 'bytea'::regtype) AND a.attstattarget <> 0"
    )
    with opened(empty) as archive, archive.engine.connect() as db:
        assert db.execute(counted).scalars().all() == []


def test_a_database_that_orders_text_by_a_language_is_refused() -> None:
    refused = pytest.raises(BadInput, match=r"classée selon C\.UTF-8.*createdb --template")
    with postgres.database(empty=True, locale="C.UTF-8") as url, refused:
        open_archive(url)


def test_connections_that_the_server_closed_are_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "_TRUSTED_S", 0.0)
    with postgres.database() as url, opened(url) as archive:
        assert archive.sessions() == ()
        postgres.disconnect(archive.engine.url)
        assert archive.sessions() == ()


def test_a_server_that_does_not_answer_is_told_in_a_sentence() -> None:
    with pytest.raises(OperationalError) as refused:
        open_archive("postgresql+psycopg://verbatim@127.0.0.1:1/verbatim?connect_timeout=2")
    told = as_ours(refused.value)
    assert isinstance(told, DatabaseUnreachable) and "ne répond pas" in str(told)
