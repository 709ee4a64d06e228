"""Votes whose figures cannot be so, or were heard in two ways: kept without them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column(
        "votes", sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("votes", "unsure")
