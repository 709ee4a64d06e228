"""Published passages with their vectors, the full text over their stems, and a count of both.

The triggers keep the full text and the counts true also when rows go by cascade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SQLITE = (
    # Stems are separated by spaces; `ascii` leaves every other character alone.
    "CREATE VIRTUAL TABLE passage_stems USING fts5(stems, tokenize='ascii')",
    "CREATE VIRTUAL TABLE passage_terms USING fts5vocab('passage_stems', 'row')",
    """CREATE TRIGGER passage_gone AFTER DELETE ON passages BEGIN
         DELETE FROM passage_stems WHERE rowid = old.key;
         UPDATE passage_index SET
           generation = generation + 1, passages = passages - 1, stems = stems - old.length;
       END""",
    """CREATE TRIGGER passage_come AFTER INSERT ON passages BEGIN
         UPDATE passage_index SET
           generation = generation + 1, passages = passages + 1, stems = stems + new.length;
       END""",
)


def upgrade() -> None:
    op.create_table(
        "passages",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column(
            "session_id",
            sa.String,
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("first_turn", sa.Integer, nullable=False),
        sa.Column("last_turn", sa.Integer, nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),  # stems in the full text
        sa.Column("embedder", sa.String, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    counts = ("generation", "passages", "stems")
    op.create_table(
        "passage_index", *(sa.Column(name, sa.Integer, nullable=False) for name in counts)
    )
    op.execute("INSERT INTO passage_index (generation, passages, stems) VALUES (0, 0, 0)")
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)


def downgrade() -> None:
    for trigger in ("passage_gone", "passage_come"):
        op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for name in ("passage_terms", "passage_stems", "passage_index", "passages"):
        op.drop_table(name)
