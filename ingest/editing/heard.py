"""What a session's transcript was before people changed it, read back from the log of changes."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from ingest.archive import repository
from ingest.archive.change_log import Kind, since, table
from ingest.archive.splices import apply, inverted
from ingest.transcript import Turn


def as_heard(db: Connection, session_id: str, kinds: Collection[Kind]) -> tuple[Turn, ...]:
    """The turns just after the last change of these kinds that stands; at first, if there is none.

    Of what was redacted since, only a sign is there.
    """
    turns = list(repository.current_turns(db, session_id))
    for change in reversed(since(db, session_id, _last(db, session_id, kinds) + 1)):
        apply(turns, inverted(change.splices))
    return tuple(turns)


def _last(db: Connection, session_id: str, kinds: Collection[Kind]) -> int:
    """The number of the change that made what stands of these kinds; 0 where nothing did."""
    columns = (table.c.number, table.c.kind, table.c.of)
    mine = table.c.session_id == session_id
    rows = db.execute(select(*columns).where(mine).order_by(table.c.number)).all()
    those = {row.number for row in rows if row.kind in kinds}
    standing: dict[int, int] = {}
    for number, kind, of in rows:
        if number in those:
            standing[number] = number
        elif kind == Kind.UNDO:
            standing.pop(of, None)
        elif kind == Kind.REDO and of in those:
            standing[of] = number
    return max(standing.values(), default=0)
