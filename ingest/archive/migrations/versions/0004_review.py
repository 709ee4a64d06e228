"""What a clerk should hear again, and when each recording began by the clock."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "review",
        sa.Column("session_id", sa.String, session, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("doubt", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.add_column("recordings", sa.Column("starts_at", sa.Time))


def downgrade() -> None:
    op.drop_table("review")
    op.drop_column("recordings", "starts_at")
