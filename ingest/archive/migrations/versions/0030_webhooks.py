"""Calls to other programs' addresses that wait, and those that were made."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "webhook_calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("session_id", sa.String, sa.ForeignKey("sessions.id", ondelete="CASCADE")),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("url", "session_id"),
    )


def downgrade() -> None:
    op.drop_table("webhook_calls")
