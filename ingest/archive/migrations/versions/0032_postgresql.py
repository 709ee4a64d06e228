"""On PostgreSQL, what SQLite has from earlier migrations: counts of passages, large numbers.

What is kept in memory follows the generation, which each change of the passages, of a session's
status and of its title raises. Nothing of this is needed on SQLite.
"""

from alembic import op

revision = "0032"
down_revision = "0031"

_COUNTED = """
    CREATE FUNCTION passages_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE passage_index SET generation = generation + changed.passages,
          passages = passage_index.passages {sign} changed.passages,
          stems = passage_index.stems {sign} changed.stems
        FROM (SELECT count(*) AS passages, coalesce(sum(length), 0) AS stems FROM {side}) AS changed
        WHERE changed.passages > 0;
      RETURN NULL;
    END $$"""
_COUNTING = """
    CREATE TRIGGER passages_{event} AFTER {verb} ON passages REFERENCING {of} TABLE AS {side}
      FOR EACH STATEMENT EXECUTE FUNCTION passages_{event}()"""
_POSTGRESQL = (
    *(
        statement.format(event=event, verb=verb, sign=sign, of=of, side=side)
        for event, verb, sign, of, side in (
            ("come", "INSERT", "+", "NEW", "added"),
            ("gone", "DELETE", "-", "OLD", "removed"),
        )
        for statement in (_COUNTED, _COUNTING)
    ),
    """CREATE FUNCTION session_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         UPDATE passage_index SET generation = generation + 1;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER session_opened_or_closed AFTER UPDATE OF status ON sessions FOR EACH ROW
         WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION session_changed()""",
    """CREATE TRIGGER session_described AFTER UPDATE OF title ON sessions FOR EACH ROW
         EXECUTE FUNCTION session_changed()""",
    """CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'the audit log is only added to';
       END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
         FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()""",
    "ALTER TABLE uploads ALTER length TYPE bigint, ALTER received TYPE bigint",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("passages_come", "passages_gone", "session_changed", "audit_refuses"):
            op.execute(f"DROP FUNCTION {name} CASCADE")
