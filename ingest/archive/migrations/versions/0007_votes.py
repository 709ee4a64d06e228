"""Votes and decisions said in published sessions, and by which rules they were found."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _session() -> sa.Column[str]:
    of = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column("session_id", sa.String, of, primary_key=True)


def upgrade() -> None:
    op.create_table(
        "votes",
        _session(),
        sa.Column("position", sa.Integer, primary_key=True),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("turn", "revision", "first_word", "last_word", "start_ms", "end_ms")
        ),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("said", "subject", "noun", "item", "outcome", "destination", "margin")
        ),
        sa.Column("object", sa.String),
        sa.Column("codes", sa.String, nullable=False),  # " M-7 PR-12 ": what it is asked for by
        sa.Column("mover", sa.Text),
        *(sa.Column(name, sa.Integer) for name in ("yes", "no", "abstentions")),
        sa.Column("unanimous", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stems", sa.Text, nullable=False),
    )
    op.create_table(
        "votes_read",
        _session(),
        sa.Column("rules", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("votes_read")
    op.drop_table("votes")
