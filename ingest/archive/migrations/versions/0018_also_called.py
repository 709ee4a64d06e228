"""Another name that a person of the roster has, such as the one borne before a marriage."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("people", sa.Column("also", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("people", "also")
