"""Browsers in which an account signed in before, known by a cookie ("device cookie", OWASP).

A browser that is known has limits of its own: whoever tries passwords elsewhere, from however many
addresses, never keeps a person out of it. The cookie opens nothing by itself.
"""

from datetime import timedelta

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from api.account.tokens import kept, new_token
from ingest import tables as t
from ingest.tables import now

LASTS = timedelta(days=365)

table = Table(
    "browsers",
    t.metadata,
    Column("token", String, primary_key=True),
    Column("account", Integer, ForeignKey("accounts.id"), primary_key=True),
    Column("seen_at", DateTime, nullable=False),
)


def is_known(db: Connection, token: str | None, account_id: int) -> bool:
    """Did that account sign in in this browser, within the last year?"""
    if not token:
        return False
    query = select(table.c.account).where(
        table.c.token == kept(token),
        table.c.account == account_id,
        table.c.seen_at > now() - LASTS,
    )
    return db.execute(query).first() is not None


def remember(db: Connection, token: str | None, account_id: int) -> str:
    """The account signed in there; the browser's new token.

    New each time, and what the old one knew goes over: who planted the old one knows nothing.
    """
    moment, fresh = now(), new_token()
    db.execute(delete(table).where(table.c.seen_at < moment - LASTS))
    if token:
        db.execute(update(table).where(table.c.token == kept(token)).values(token=kept(fresh)))
    row = {"token": kept(fresh), "account": account_id, "seen_at": moment}
    db.execute(
        insert(table)
        .values(row)
        .on_conflict_do_update(index_elements=["token", "account"], set_={"seen_at": moment})
    )
    return fresh
