"""When each turn begins and ends, in an index: who speaks how long is told without any words."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_BOUNDS = {"start_ms": "$[0][0]", "end_ms": "$[#-1][1]"}


def upgrade() -> None:
    for name, place in _BOUNDS.items():
        bound = sa.Computed(f"json_extract(words, '{place}')", persisted=False)
        op.add_column("turns", sa.Column(name, sa.Integer, bound))
    bounds = ["session_id", "speaker", "start_ms", "end_ms", "id"]
    op.create_index("turns_by_voice", "turns", bounds)
    op.create_index("voices_by_person", "speakers", ["person"])


def downgrade() -> None:
    op.drop_index("voices_by_person", "speakers")
    op.drop_index("turns_by_voice", "turns")
    for name in _BOUNDS:
        op.drop_column("turns", name)
