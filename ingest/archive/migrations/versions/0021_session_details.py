"""A session's title, day, body and members may change: what is kept of them in memory follows."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            """CREATE TRIGGER session_described AFTER UPDATE OF title ON sessions BEGIN
                 UPDATE passage_index SET generation = generation + 1;
               END"""
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER session_described")
