"""What passages can be narrowed by, beside them: who speaks, for whom, on what point.

A session whose status changes counts as a change of the passages, so that what is kept of them in
memory follows at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# What `search.index.publish` writes for new passages, for those that are there already.
_ITEM = """
    (SELECT a.{column} FROM agenda_items AS a
      WHERE a.session_id = passages.session_id AND a.start_ms <= passages.start_ms
      ORDER BY a.start_ms DESC, a.position LIMIT 1)"""
_SPOKE = """
    SELECT DISTINCT s.person AS name, (
        SELECT p."group" FROM people AS p
         WHERE p.session_id = s.session_id AND p.name = s.person ORDER BY p.position LIMIT 1
      ) AS party
      FROM turns AS t JOIN speakers AS s ON s.session_id = t.session_id AND s.label = t.speaker
     WHERE t.session_id = passages.session_id AND s.person IS NOT NULL
       AND t.idx BETWEEN passages.first_turn AND passages.last_turn
       AND t.revision = (SELECT max(revision) FROM turns AS newer
                          WHERE newer.session_id = t.session_id AND newer.idx = t.idx)"""
_FILL = f"""
    UPDATE passages SET
      item = coalesce({_ITEM.format(column="title")}, ''),
      object = coalesce({_ITEM.format(column="object")}, ''),
      people = (SELECT json_group_array(name) FROM ({_SPOKE})),
      parties = (SELECT json_group_array(DISTINCT party) FROM ({_SPOKE}) WHERE party <> '')
"""  # noqa: S608  # of nothing but this file's own words
_OPENED_OR_CLOSED = """
    CREATE TRIGGER session_opened_or_closed AFTER UPDATE OF status ON sessions
    WHEN old.status <> new.status BEGIN
      UPDATE passage_index SET generation = generation + 1;
    END"""


def upgrade() -> None:
    for name in ("item", "object"):
        op.add_column("passages", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("people", "parties"):
        op.add_column("passages", sa.Column(name, sa.JSON, nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_FILL)
        op.execute(_OPENED_OR_CLOSED)


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS session_opened_or_closed")
    for name in ("item", "object", "people", "parties"):
        op.drop_column("passages", name)
