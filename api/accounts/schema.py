"""The table of accounts, shared by those who change them and those who look up who is signed in."""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, Row, String, Table, Text

from api.accounts.roles import Account, Role
from ingest.archive import schema as t

table = Table(
    "accounts",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("password", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("provided", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
)


def account_of(row: Row[*tuple[Any, ...]]) -> Account:
    """A row as an account."""
    return Account(row.id, row.login, row.name, Role(row.role))
