"""What readers want to be told of by mail, and the sessions of which they were told."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.String, nullable=False, unique=True),
        sa.Column("email", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("confirmed_at", sa.DateTime),
    )
    op.create_table(
        "announced",
        sa.Column(
            "session_id",
            sa.String,
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.execute(
        "INSERT INTO announced SELECT id, CURRENT_TIMESTAMP FROM sessions "
        "WHERE status = 'published'"
    )


def downgrade() -> None:
    op.drop_table("announced")
    op.drop_table("alerts")
