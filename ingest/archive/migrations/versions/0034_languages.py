"""In which language a reader who left an address is written to: French so far."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
_TABLES = ("alerts", "reports")


def upgrade() -> None:
    for table in _TABLES:
        column = sa.Column("language", sa.String, nullable=False, server_default="fr")
        op.add_column(table, column)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "language")
