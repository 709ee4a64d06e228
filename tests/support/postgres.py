"""Databases of PostgreSQL for tests, each made from one template that the migrations made once.

`VERBATIM_TEST_POSTGRES` is the URL of a server of which anything may be lost; `.ci/run` starts one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.engine import make_url

from ingest.archive.repository import open_archive

SERVER = os.environ.get("VERBATIM_TEST_POSTGRES")
WHY_NOT = "VERBATIM_TEST_POSTGRES names no server (CONTRIBUTING.md says how to start one)"


@contextmanager
def database(*, empty: bool = False, locale: str = "C") -> Iterator[str]:
    """The URL of a database of its own, which is dropped afterwards; `empty`: without tables.

    Skips the test where there is no server.
    """
    if SERVER is None:
        pytest.skip(WHY_NOT)
    name = f"t{uuid4().hex}"
    template = "template0" if empty else _template()
    how = f"STRATEGY FILE_COPY LC_COLLATE '{locale}' LC_CTYPE '{locale}'"  # 0.1 s; by the log 0.5
    run(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
    try:
        yield _url(name).render_as_string(hide_password=False)
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")


def disconnect(url: URL) -> None:
    """End all connections to a database, as a server does that is started again."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    run(f"{ended} WHERE datname = '{url.database}'")


def run(statement: str) -> None:
    """Have the server do something, outside of any transaction."""
    with _administrator().connect() as db:
        db.exec_driver_sql(statement)


@cache
def _administrator() -> Engine:
    return create_engine(_url("postgres"), isolation_level="AUTOCOMMIT")


@cache
def _template() -> str:
    name = f"template_{uuid4().hex}"
    run(f"CREATE DATABASE {name} TEMPLATE template0")
    open_archive(_url(name).render_as_string(hide_password=False)).engine.dispose()
    return name


def _url(name: str) -> URL:
    assert SERVER is not None
    return make_url(SERVER).set(database=name)
