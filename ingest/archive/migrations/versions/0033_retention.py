"""How long sound is kept, what is held from erasure, and when a session's sound was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("sound_erased_at", sa.DateTime))
    op.create_table(
        "retention_rules",
        sa.Column("body", sa.Text, primary_key=True),
        sa.Column("months", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.String, sa.ForeignKey("sessions.id", ondelete="CASCADE")),
        sa.Column("body", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("lifted_by", sa.String),
        sa.Column("lifted_at", sa.DateTime),
    )


def downgrade() -> None:
    op.drop_table("legal_holds")
    op.drop_table("retention_rules")
    op.drop_column("sessions", "sound_erased_at")
