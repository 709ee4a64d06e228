"""Runs the migrations on the connection that `ingest.archive.repository` hands over."""

from alembic import context
from sqlalchemy import text

# The planner's figures quote values of columns, and an erased word is not to stay in them: none
# are made of long texts and bytes, of whichever migration they come.
_NO_FIGURES = text("""
    DO $$ DECLARE one record; BEGIN
      FOR one IN SELECT attrelid::regclass AS of, attname AS name FROM pg_attribute
          JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
            AND relnamespace = current_schema()::regnamespace
          WHERE atttypid IN ('text'::regtype, 'bytea'::regtype)
            AND NOT attisdropped AND coalesce(attstattarget, -1) <> 0
      LOOP EXECUTE format('ALTER TABLE %s ALTER %I SET STATISTICS 0', one.of, one.name);
      END LOOP;
    END $$""")

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.execute(_NO_FIGURES)
