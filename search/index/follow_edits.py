"""What is searched keeps pace with a correction, until the session is published anew.

Passages, vectors of sentences and votes name turns by their place. Here they move with their turns,
in the transaction that changes these: none ever points at other words than it was made of, but for
the words that were changed themselves; vectors and votes of these go. Knows no model: what is to be
found changes with `publish`.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, case, delete, update

from ingest.archive.change_log import move
from ingest.archive.splices import Splice
from search.index import store
from search.index.sentence_vectors import sentence_vectors
from search.votes import store as vote_store


def follow(db: Connection, session_id: str, splices: Sequence[Splice]) -> None:
    """Move what names turns by their place; what was made of a changed turn's sentences goes.

    A vote too, until the session is published anew: another turn may come to stand in its place.
    """
    vectors, votes, passages = sentence_vectors, vote_store.table, store.passages
    for splice in splices:
        for table in (vectors, votes):
            _delete(db, table, session_id, splice)
    if any(splice.growth for splice in splices):
        move(db, vectors, vectors.c.turn, session_id, splices)
        move(db, votes, votes.c.turn, session_id, splices)
        for splice in reversed(splices):
            _move_passages(db, passages, session_id, splice)


def _delete(db: Connection, table: Table, session_id: str, splice: Splice) -> None:
    here = table.c.turn.between(splice.first, splice.stop - 1)
    db.execute(delete(table).where(table.c.session_id == session_id, here))


def _move_passages(db: Connection, table: Table, session_id: str, splice: Splice) -> None:
    """A passage that holds a replaced turn holds all that it became.

    One whose only turn is gone is left with the turn before it, and finds nothing there.
    """
    if not splice.growth:
        return
    last = splice.stop - 1 + splice.growth
    ends = {"first_turn": max(0, min(splice.first, last)), "last_turn": max(0, last)}
    moved = {
        name: case(
            (table.c[name] >= splice.stop, table.c[name] + splice.growth),
            (table.c[name] >= splice.first, end),
            else_=table.c[name],
        )
        for name, end in ends.items()
    }
    db.execute(update(table).where(table.c.session_id == session_id).values(moved))
