"""From and until when each member of a body's kept list is one: not known of those kept so far.

A body whose sessions have lists, but for which none was kept, gets the list of the newest one
that has sound.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    db = op.get_bind()
    _change_rows(db, lambda row: [*row, *([""] * (4 - len(row))), None, None])
    newest = sa.text(
        "SELECT body, id FROM sessions WHERE text_sha256 IS NULL"
        " AND id IN (SELECT session_id FROM people)"
        " AND body NOT IN (SELECT body FROM rosters) ORDER BY date, id"
    )
    for body, session in {row.body: row.id for row in db.execute(newest)}.items():
        listed = sa.text(
            'SELECT name, role, "group", also FROM people WHERE session_id = :id ORDER BY position'
        )
        people = [[*row, None, None] for row in db.execute(listed, {"id": session})]
        keep = sa.text("INSERT INTO rosters (body, people, kept_at) VALUES (:body, :people, :at)")
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        db.execute(keep, {"body": body, "people": json.dumps(people), "at": at})


def downgrade() -> None:
    _change_rows(op.get_bind(), lambda row: [*row[:4]])


def _change_rows(db: sa.Connection, change: Callable[[list[str]], list[str | None]]) -> None:
    put = sa.text("UPDATE rosters SET people = :people WHERE body = :body")
    for body, people in db.execute(sa.text("SELECT body, people FROM rosters")).all():
        changed = [change(row) for row in json.loads(people)]
        db.execute(put, {"body": body, "people": json.dumps(changed)})
