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
        # A digest of the words judged: others are not, and a word erased since is not kept here.
        sa.Column("said", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),  # confirmed, refused
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.add_column(
        "votes", sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("votes", "confirmed")
    op.drop_table("confirmed_votes")
