"""A passage's stems are a column of its row; the FTS5 table that held them goes (D-155).

SQLAlchemy knows no virtual table, and nothing ever searched this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_KEEP = """
    UPDATE passages SET stems = coalesce(
      (SELECT s.stems FROM passage_stems AS s WHERE s.rowid = passages.key), '')"""
_SQLITE = (
    _KEEP,
    "DROP TRIGGER passage_gone",
    "DROP TABLE passage_terms",
    "DROP TABLE passage_stems",
    """CREATE TRIGGER passage_gone AFTER DELETE ON passages BEGIN
         UPDATE passage_index SET
           generation = generation + 1, passages = passages - 1, stems = stems - old.length;
       END""",
)


def upgrade() -> None:
    op.add_column("passages", sa.Column("stems", sa.Text, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
