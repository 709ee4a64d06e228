"""Sessions made of an imported text, without sound, and the language of what was said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("text_sha256", sa.String))
    op.add_column("sessions", sa.Column("text_words", sa.Integer))
    op.create_index("ix_sessions_text_sha256", "sessions", ["text_sha256"], unique=True)
    op.add_column("turns", sa.Column("language", sa.String))


def downgrade() -> None:
    op.drop_column("turns", "language")
    op.drop_index("ix_sessions_text_sha256", "sessions")
    op.drop_column("sessions", "text_words")
    op.drop_column("sessions", "text_sha256")
