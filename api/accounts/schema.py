"""The tables of accounts, and what is kept of a secret. Imported by all that reads or writes them.

A secret that a browser or a link carries is random, and kept here by its SHA-256 alone: who reads
the database, or a copy of it, cannot sign in with what it holds.
"""

import hashlib
import secrets
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Row, String, Table, Text

from api.accounts.roles import Account, Role
from ingest.archive.schema import metadata

LONGEST_TOKEN = 100  # characters: `new_token` makes 43, what is longer was never one of ours

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("password", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("email", Text),  # where the account is told by mail; none: it is not
    Column("provided", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
logins = Table(
    "logins",
    metadata,
    Column("token", String, primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
)
browsers = Table(
    "browsers",
    metadata,
    Column("token", String, primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id"), primary_key=True),
    Column("seen_at", DateTime, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("token", String, primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id")),
    Column("expires_at", DateTime, nullable=False),
)
visits = Table(
    "visits",
    metadata,
    Column("token", String, primary_key=True),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("then", Text, nullable=False),
    Column("expires_at", DateTime, nullable=False),
)
attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("at", DateTime, nullable=False),
)


def account_of(row: Row[*tuple[Any, ...]]) -> Account:
    """A row of `accounts` as an account."""
    return Account(row.id, row.login, row.name, Role(row.role))


def new_token() -> str:
    """256 random bits, fit for cookies and addresses."""
    return secrets.token_urlsafe(32)


def kept(token: str) -> str:
    """What is stored of a token. Its entropy needs no salt, nor a slow hash."""
    return hashlib.sha256(token[:LONGEST_TOKEN].encode()).hexdigest()
