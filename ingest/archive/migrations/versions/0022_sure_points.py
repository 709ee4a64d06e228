"""From when on a point of the agenda may be over, for one without a time follows it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("agenda_items", sa.Column("until_ms", sa.Integer))


def downgrade() -> None:
    op.drop_column("agenda_items", "until_ms")
