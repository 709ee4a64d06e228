"""Copying every row of a database into another one, of the same kind or not, and reading it back.

Values are those that both kinds keep: JSON is the text that was written, what is computed of a row
is left out. Both databases have the tables of the same migration. The caller holds a transaction on
each: a copy that is cut short leaves nothing behind.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    event,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.types import UserDefinedType

from ingest.database.engine import POSTGRESQL, without_nul
from ingest.errors import Conflict, Corrupt

_OF_THE_DATABASE = ("alembic_version", "passage_index")
"""What a database says of itself: its migration, and counts that its triggers keep."""
_BATCH = 500  # rows: a turn's are some kilobytes, so a batch is a megabyte or two
Progress = Callable[[str], None]


class _WrittenJson(UserDefinedType[str]):
    """JSON of PostgreSQL as the text that was written: spaces, order of keys and numbers stay."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "JSON"

    def bind_expression(self, bindvalue: Any) -> ColumnElement[Any]:
        return cast(type_coerce(bindvalue, Text), JSON)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        return cast(column, Text)


class _OnSqlite(Text):
    """JSON of SQLite, which is a text there."""


def tables(db: Connection) -> list[Table]:
    """What is kept, as the database has it, each table after those that it refers to."""
    metadata = MetaData()
    written = _WrittenJson() if db.dialect.name == POSTGRESQL else _OnSqlite()

    @event.listens_for(metadata, "column_reflect")
    def as_text(_inspector: object, _table: object, column: Any) -> None:
        if isinstance(column["type"], JSON):
            column["type"] = written

    metadata.reflect(db)
    return [table for table in metadata.sorted_tables if table.name not in _OF_THE_DATABASE]


def rows(db: Connection, table: Table) -> Generator[tuple[Any, ...], None, None]:
    """A table's rows in the order of their keys, read as they are asked for."""
    query = select(*_kept(table)).order_by(*table.primary_key)
    is_json = [isinstance(column.type, _OnSqlite | _WrittenJson) for column in _kept(table)]
    with db.execute(query, execution_options={"yield_per": _BATCH}) as found:
        for row in found:
            yield tuple(
                without_nul(value, is_json=json) if isinstance(value, str) else value
                for value, json in zip(row, is_json, strict=True)
            )


def _kept(table: Table) -> list[Any]:
    return [column for column in table.c if column.computed is None]


def first_used(db: Connection, among: Iterable[Table]) -> str | None:
    """The name of a table that has rows; None where none has."""
    used = (table for table in among if db.execute(select(table).limit(1)).first())
    return next((table.name for table in used), None)


def copy(source: Connection, target: Connection, progress: Progress) -> Mapping[str, int]:
    """Copy all that is kept into an empty database, and compare both row by row.

    Returns how many rows each table has. Raises `Conflict` where the target is not empty,
    `Corrupt` where a row does not read back as it is in the source.
    """
    kept, into = tables(source), {table.name: table for table in tables(target)}
    if used := first_used(target, into.values()):
        raise Conflict(
            f"La base d'arrivée n'est pas vide (table {used}) : donnez-en une où rien n'est gardé."
        )
    for table in kept:
        progress(table.name)
        names = [column.name for column in _kept(table)]
        values = (dict(zip(names, row, strict=True)) for row in rows(source, table))
        while some := list(islice(values, _BATCH)):
            target.execute(insert(into[table.name]), some)
        if target.dialect.name == POSTGRESQL:
            _count_on(target, into[table.name])
    return {table.name: _compared(source, target, table, into[table.name]) for table in kept}


def _count_on(db: Connection, table: Table) -> None:
    """Have ids that the database gives go on after those that were copied."""
    keys = list(table.primary_key)
    if len(keys) == 1 and isinstance(keys[0].type, Integer):
        sequence = func.pg_get_serial_sequence(table.name, keys[0].name)
        db.execute(select(func.setval(sequence, func.max(keys[0]))).having(func.count() > 0))


def _compared(source: Connection, target: Connection, table: Table, into: Table) -> int:
    count = 0
    with closing(rows(source, table)) as before, closing(rows(target, into)) as after:
        for one, other in zip_longest(before, after):
            if one != other:
                key = (one or other)[: len(table.primary_key)]
                raise Corrupt(
                    f"La ligne {key} de la table « {table.name} » ne se relit pas comme elle "
                    "était : rien n'a été copié. Signalez-le."
                )
            count += 1
    return count
