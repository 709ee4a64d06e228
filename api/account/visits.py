"""Who went to the provider of identities and is not back yet: kept here, named by a cookie.

Each can come back once, within ten minutes, in the browser that left, with the state it left with.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Column, Connection, DateTime, String, Table, Text, delete, insert, select

from api.account.oidc import Departure, NotProven
from api.account.tokens import kept, new_token
from ingest import tables as t
from ingest.tables import now

LASTS = timedelta(minutes=10)

table = Table(
    "visits",
    t.metadata,
    Column("token", String, primary_key=True),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("then", Text, nullable=False),
    Column("expires_at", DateTime, nullable=False),
)


@dataclass(frozen=True)
class Visit:
    """What the provider's answer is held against; `then`: the page that was asked for."""

    nonce: str
    verifier: str
    then: str


def begin(db: Connection, departure: Departure, then: str) -> str:
    """Remember a departure; the token for the browser's cookie."""
    token, moment = new_token(), now()
    db.execute(delete(table).where(table.c.expires_at < moment))
    db.execute(
        insert(table).values(
            token=kept(token),
            state=departure.state,
            nonce=departure.nonce,
            verifier=departure.verifier,
            then=then,
            expires_at=moment + LASTS,
        )
    )
    return token


def end(db: Connection, token: str | None, state: str) -> Visit:
    """What was remembered, and is no longer. Raises `NotProven`."""
    mine = table.c.token == kept(token or "")
    row = db.execute(select(table).where(mine, table.c.expires_at >= now())).first()
    if row is None or not hmac.compare_digest(row.state.encode(), state.encode()):
        raise NotProven
    db.execute(delete(table).where(mine))
    return Visit(row.nonce, row.verifier, row.then)
