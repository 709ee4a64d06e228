"""What was found in a recording when it arrived: streams of sound, speech, what is wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("uploads", sa.Column("sound", sa.JSON))


def downgrade() -> None:
    op.drop_column("uploads", "sound")
