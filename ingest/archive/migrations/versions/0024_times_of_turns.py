"""When each turn begins and ends, in an index: who speaks how long is told without any words."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_SQLITE = {
    "start_ms": "json_extract(words, '$[0][0]')",
    "end_ms": "json_extract(words, '$[#-1][1]')",
}
# PostgreSQL 15 computes when a row is written, and keeps what it computed.
_POSTGRESQL = {"start_ms": "(words->0->>0)::bigint", "end_ms": "(words->-1->>1)::bigint"}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, bound_of in (_SQLITE if is_sqlite else _POSTGRESQL).items():
        bound = sa.Computed(bound_of, persisted=not is_sqlite)
        op.add_column("turns", sa.Column(name, sa.Integer, bound))
    bounds = ["session_id", "speaker", "start_ms", "end_ms", "id"]
    op.create_index("turns_by_voice", "turns", bounds)
    op.create_index("voices_by_person", "speakers", ["person"])


def downgrade() -> None:
    op.drop_index("voices_by_person", "speakers")
    op.drop_index("turns_by_voice", "turns")
    for name in _SQLITE:
        op.drop_column("turns", name)
