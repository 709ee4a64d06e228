"""What arrives, file by file, and the ledger of the work that is done on it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "arrivals",  # a session that is being brought in
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),  # preparing, sent, done
        sa.Column("details", sa.JSON, nullable=False),  # as typed: title, date, roster, agenda...
        sa.Column("session_id", sa.String),  # what became of it, once it is done
        sa.Column("by", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("touched_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("arrival", sa.String, sa.ForeignKey("arrivals.id", ondelete="CASCADE")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String, nullable=False),  # recording, captions
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),  # bytes that are on the disk for good
        sa.Column("mark", sa.String, nullable=False),  # by which a browser knows the file again
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "rosters",  # the last list of each body, kept from session to session
        sa.Column("body", sa.String, primary_key=True),
        sa.Column("people", sa.JSON, nullable=False),
        sa.Column("kept_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),  # ingest, align, publish
        sa.Column("subject", sa.String, nullable=False, index=True),  # an arrival or a session
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("fraction", sa.Float, nullable=False),  # of the whole, not of the stage
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),  # since it last got any further
        sa.Column("furthest", sa.Float, nullable=False),
        sa.Column("cancelling", sa.Boolean, nullable=False),
        sa.Column("not_before", sa.DateTime),
        sa.Column("owner", sa.String),  # of the lease
        sa.Column("leased_until", sa.DateTime),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("started_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
    )


def downgrade() -> None:
    for table in ("jobs", "rosters", "uploads", "arrivals"):
        op.drop_table(table)
