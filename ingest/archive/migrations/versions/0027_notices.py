"""Where an account is told by mail, and which jobs were."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("email", sa.Text))
    op.add_column("jobs", sa.Column("told_at", sa.DateTime))


def downgrade() -> None:
    op.drop_column("jobs", "told_at")
    op.drop_column("accounts", "email")
