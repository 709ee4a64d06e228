"""Votes that a person has confirmed or set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "confirmed_votes",
        sa.Column(
            "session_id",
            sa.String,
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("start_ms", sa.Integer, primary_key=True),
        sa.Column("said", sa.Text, primary_key=True),  # the words confirmed: others are not
        sa.Column("verdict", sa.String, nullable=False),  # confirmed, refused
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("confirmed_votes")
