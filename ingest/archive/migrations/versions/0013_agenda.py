"""Whether a person has said that the time of a point of the agenda is right."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column(
        "agenda_items",
        sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("agenda_items", "confirmed")
