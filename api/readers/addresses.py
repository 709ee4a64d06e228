"""Every table that keeps e-mail addresses, so that one can be deleted at its owner's request."""

from sqlalchemy import Connection, func, update

from api.accounts.schema import accounts
from api.mail import outbox
from api.readers import alerts
from ingest.archive import reports


def forget_address(db: Connection, email: str) -> None:
    """Delete an address from alerts, reports, accounts and the mails that wait."""
    alerts.forget(db, email)
    outbox.forget(db, email)
    for table in (reports.table, accounts):
        is_theirs = func.lower(table.c.email) == email.lower()
        db.execute(update(table).where(is_theirs).values(email=None))
