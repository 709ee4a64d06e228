"""Sessions, their recordings, roster and agenda, their transcripts, and the ingest's checkpoints.

A migration is frozen: it repeats the tables as they were on the day instead of importing them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _of_session(*columns: sa.Column[Any]) -> list[sa.Column[Any]]:
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return [sa.Column("session_id", sa.String, session, primary_key=True), *columns]


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("generator", sa.JSON, nullable=False),
        sa.Column("unheard", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False, server_default=sa.func.now()),
    )
    _create_what_it_is_made_of()
    _create_what_was_said()


def _create_what_it_is_made_of() -> None:
    op.create_table(
        "recordings",
        *_of_session(
            sa.Column("position", sa.Integer, primary_key=True),
            sa.Column("sha256", sa.String, nullable=False, unique=True),
            sa.Column("offset_ms", sa.Integer, nullable=False),
            sa.Column("duration_ms", sa.Integer, nullable=False),
        ),
    )
    op.create_table(
        "people",
        *_of_session(
            sa.Column("position", sa.Integer, primary_key=True),
            sa.Column("name", sa.Text, nullable=False),
            sa.Column("role", sa.Text, nullable=False),
            sa.Column("group", sa.Text, nullable=False),
        ),
    )
    op.create_table(
        "agenda_items",
        *_of_session(
            sa.Column("position", sa.Integer, primary_key=True),
            sa.Column("number", sa.String, nullable=False),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("object", sa.String),
            sa.Column("start_ms", sa.Integer),
        ),
    )


def _create_what_was_said() -> None:
    op.create_table(
        "speakers",
        *_of_session(
            sa.Column("label", sa.String, primary_key=True),
            sa.Column("person", sa.Text),
            sa.Column("evidence", sa.String, nullable=False),
            sa.Column("confidence", sa.Float, nullable=False),
            sa.Column("reason", sa.Text, nullable=False),
        ),
    )
    op.create_table(
        "turns",
        *_of_session(
            sa.Column("idx", sa.Integer, primary_key=True),
            sa.Column("revision", sa.Integer, primary_key=True),
            sa.Column("speaker", sa.String),
            sa.Column("words", sa.JSON, nullable=False),
        ),
    )
    op.create_table(
        "checkpoints",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("stage", sa.String, primary_key=True),
        sa.Column("window", sa.Integer, primary_key=True),
        sa.Column("result", sa.LargeBinary, nullable=False),
        sa.Column("done_at", sa.DateTime, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    for name in (
        "checkpoints",
        "turns",
        "speakers",
        "agenda_items",
        "people",
        "recordings",
        "sessions",
    ):
        op.drop_table(name)
