"""What clerks enter of votes: figures, who voted how, and votes that the words do not tell."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("confirmed_votes", sa.Column("entered", sa.JSON))
    op.add_column("votes", sa.Column("ballots", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("votes", "ballots")
    op.drop_column("confirmed_votes", "entered")
