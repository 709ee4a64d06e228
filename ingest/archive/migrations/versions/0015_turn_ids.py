"""Turns bear ids that last; what named them by their place names them by id.

A turn that was there at first bears its first place as its id. The log is read from its beginning,
as it was written: a turn that goes on keeps its id, a new one is given the next, and what was taken
back brings its turns' ids back.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_MADE_OF_TURNS = ("votes", "sentence_vectors")


def upgrade() -> None:
    db = op.get_bind()
    op.add_column(
        "sessions", sa.Column("next_turn", sa.Integer, nullable=False, server_default="0")
    )
    _create_turns()
    for (session_id,) in db.execute(sa.text("SELECT id FROM sessions")).all():
        _give_ids(db, session_id)
    op.rename_table("checked", "checked_by_place")
    op.create_table(
        "checked",
        _session(),
        sa.Column("turn", sa.Integer, primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.execute(
        'INSERT INTO checked SELECT c.session_id, t.id, c."by", c.at FROM checked_by_place AS c'
        " JOIN turns AS t ON t.session_id = c.session_id AND t.idx = c.idx"
    )
    op.drop_table("checked_by_place")
    for end in ("first_turn", "last_turn"):
        op.execute(
            f"UPDATE passages SET {end} = coalesce((SELECT t.id FROM turns AS t"  # noqa: S608
            f" WHERE t.session_id = passages.session_id AND t.idx = passages.{end}), {end})"
        )
    for name in _MADE_OF_TURNS:
        _point_at_turns(db, name)


def _session() -> sa.Column[str]:
    of = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column("session_id", sa.String, of, primary_key=True)


def _create_turns() -> None:
    op.rename_table("turns", "turns_by_place_alone")
    op.create_table(
        "turns",
        _session(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("idx", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("language", sa.String),
        sa.Index("turns_by_place", "session_id", "idx"),
    )
    op.execute(
        "INSERT INTO turns (session_id, id, idx, revision, speaker, words, language)"
        " SELECT session_id, idx, idx, revision, speaker, words, language"
        " FROM turns_by_place_alone AS t WHERE revision = (SELECT max(revision)"
        " FROM turns_by_place_alone AS n WHERE n.session_id = t.session_id AND n.idx = t.idx)"
    )
    op.drop_table("turns_by_place_alone")


def _point_at_turns(db: sa.Connection, name: str) -> None:
    """Make a table anew, whose `turn` is an id and whose rows go with their turns."""
    old = sa.Table(name, sa.MetaData(), autoload_with=db, resolve_fks=False)
    columns = [
        sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in old.c
    ]
    op.rename_table(name, f"{name}_by_place")
    op.create_table(
        name,
        *columns,
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id", "turn"], ["turns.session_id", "turns.id"], ondelete="CASCADE"
        ),
    )
    names = [f'"{c.name}"' for c in old.c]
    kept = ["t.id" if c.name == "turn" else f'o."{c.name}"' for c in old.c]
    op.execute(
        f"INSERT INTO {name} ({', '.join(names)})"  # noqa: S608  # of nothing but our own names
        f" SELECT {', '.join(kept)} FROM {name}_by_place AS o"
        " JOIN turns AS t ON t.session_id = o.session_id AND t.idx = o.turn"
    )
    op.drop_table(f"{name}_by_place")


# --- ids, by reading the log --------------------------------------------------------------------


def _give_ids(db: sa.Connection, session_id: str) -> None:
    mine = {"session": session_id}
    places = sa.text("SELECT idx FROM turns WHERE session_id = :session ORDER BY idx")
    now = list(db.execute(places, mine).scalars())
    log = sa.text(
        'SELECT number, kind, "of", splices FROM changes WHERE session_id = :session'
        " ORDER BY number"
    )
    changes = [
        (row.number, row.kind, row.of, json.loads(row.splices)) for row in db.execute(log, mine)
    ]
    splices = [splice for change in changes for splice in change[3]]
    grown = sum(len(splice["after"]) - len(splice["before"]) for splice in splices)
    ids, given = _replay(list(range(len(now) - grown)), changes)
    update = sa.text(
        "UPDATE changes SET splices = :splices WHERE session_id = :session AND number = :number"
    )
    for number, _, _, changed in changes:
        db.execute(update, mine | {"number": number, "splices": json.dumps(changed)})
    moved = [mine | {"idx": n, "id": -1 - id_} for n, id_ in zip(now, ids, strict=True) if n != id_]
    if moved:  # by way of numbers below zero: no two rows may have one id even for a moment
        place = "UPDATE turns SET id = :id WHERE session_id = :session AND idx = :idx"
        db.execute(sa.text(place), moved)
        back = "UPDATE turns SET id = -1 - id WHERE session_id = :session AND id < 0"
        db.execute(sa.text(back), mine)
    next_one = "UPDATE sessions SET next_turn = :given WHERE id = :session"
    db.execute(sa.text(next_one), mine | {"given": given})


def _replay(ids: list[int], changes: list[tuple[int, str, int | None, Any]]) -> tuple[Any, int]:
    """Write ids into the splices of a session's changes; the ids at the end, and the next one."""
    given = len(ids)
    did: dict[int, Any] = {}  # the splices that last did a change, or took it back, by its number
    for number, kind, of, splices in changes:
        back = did[of] if kind in ("undo", "redo") and of is not None else [None] * len(splices)
        moved = 0
        for splice, undone in zip(splices, back, strict=True):
            at = splice["first"] + moved
            before, after = splice["before"], splice["after"]
            for turn, id_ in zip(before, ids[at : at + len(before)], strict=True):
                turn["id"] = id_
            old = undone["before"] if undone else before
            for n, turn in enumerate(after):
                turn["id"] = old[n]["id"] if n < len(old) else given
                given = max(given, turn["id"] + 1)
            ids[at : at + len(before)] = [turn["id"] for turn in after]
            moved += len(after) - len(before)
        did[of if kind in ("undo", "redo") and of is not None else number] = splices
    return ids, given


def downgrade() -> None:
    raise NotImplementedError("The way back is the backup that was made before the upgrade.")
