"""What readers report as wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.String, session, nullable=False, index=True),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("wrong", sa.Text, nullable=False),
        sa.Column("instead", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("settled_by", sa.String),
        sa.Column("settled_at", sa.DateTime),
    )


def downgrade() -> None:
    op.drop_table("reports")
