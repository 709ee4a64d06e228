"""Redactions of a session: held in camera, or erased on request."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "closed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.String, session, nullable=False, index=True),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("why", sa.String, nullable=False),  # in_camera, erased
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("stage", sa.String, nullable=False),  # words, opus, mp3, done
        sa.Column("passages", sa.JSON, nullable=False),  # ids that no index may hold any more
    )


def downgrade() -> None:
    op.drop_table("closed")
