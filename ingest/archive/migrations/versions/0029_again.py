"""How many people speak at most, where a clerk says so; what a new transcription replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("most_voices", sa.Integer))
    op.add_column("changes", sa.Column("hearing", sa.JSON))


def downgrade() -> None:
    op.drop_column("changes", "hearing")
    op.drop_column("sessions", "most_voices")
