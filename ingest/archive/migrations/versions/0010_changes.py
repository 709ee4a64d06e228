"""Every change of a transcript, how far its review is, and the words that corrections taught."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _session() -> sa.Column[str]:
    of = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column("session_id", sa.String, of, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "changes",
        _session(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("of", sa.Integer),  # the change that is undone, done again or timed by this one
        sa.Column("splices", sa.JSON, nullable=False),
        sa.Column("voices", sa.JSON, nullable=False),
    )
    op.create_table(
        "checked",  # turns that a person has read while listening, with their revision then
        _session(),
        sa.Column("idx", sa.Integer, primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "terms",  # the glossary that clerks add to
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False, unique=True),
        sa.Column("spoken", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.add_column("sessions", sa.Column("reviewed_by", sa.String))
    op.add_column("sessions", sa.Column("reviewed_at", sa.DateTime))


def downgrade() -> None:
    for table in ("terms", "checked", "changes"):
        op.drop_table(table)
    op.drop_column("sessions", "reviewed_by")
    op.drop_column("sessions", "reviewed_at")
