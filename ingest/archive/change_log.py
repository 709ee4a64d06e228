"""The log of changes as rows, and the rows of turns that a change moves. Knows no transaction.

A change is written once and never altered. `turns` holds the current turns alone: what a change
replaces is in the log.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from ingest.archive import repository
from ingest.archive import schema as t
from ingest.archive.splices import Splice, apply, inverted, landed
from ingest.errors import NotFound
from ingest.transcript import (
    NEW_TURN,
    Doubt,
    Evidence,
    Generator,
    ReviewItem,
    Span,
    Speaker,
    Turn,
    Word,
)

table = Table(
    "changes",
    t.metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("author", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("of", Integer),  # the change that is undone, done again or timed by this one
    Column("splices", JSON, nullable=False),
    Column("voices", JSON, nullable=False),
    Column("hearing", JSON(none_as_null=True)),  # of what was heard anew
)


class ChangeKind(StrEnum):
    """What a change is."""

    TEXT = "text"
    ACCEPT = "accept"  # words that were doubtful, and are right
    SPLIT = "split"
    MERGE = "merge"
    BOUNDARY = "boundary"
    SPEAKER = "speaker"
    REPLACE = "replace"
    UNDO = "undo"
    REDO = "redo"
    CLOSE = "close"  # a redaction
    ALIGN = "align"  # the aligner timed the words that a person typed
    AGAIN = "again"  # all was transcribed again
    VOICES = "voices"  # voices were told apart again
    CARRY = "carry"  # what people had changed before either of the two, made again


@dataclass(frozen=True)
class Voices:
    """Voices that a change names otherwise, adds (not in `before`) or takes away."""

    before: tuple[Speaker, ...] = ()
    after: tuple[Speaker, ...] = ()

    def inverted(self) -> "Voices":
        """What takes it back."""
        return Voices(self.after, self.before)


NO_VOICES = Voices()


@dataclass(frozen=True)
class Hearing:
    """What a transcript keeps beside words and voices: what made it, and what is doubtful."""

    generator: Generator
    unheard: tuple[Span, ...]
    review: tuple[ReviewItem, ...]


@dataclass(frozen=True)
class Hearings:
    """The hearing that a change replaces, and the one that it makes."""

    before: Hearing
    after: Hearing

    def inverted(self) -> "Hearings":
        """What takes it back."""
        return Hearings(self.after, self.before)


@dataclass(frozen=True)
class Change:
    """One change of a session. The session's revision just after it is `number` + 1."""

    number: int
    at: datetime
    author: str
    kind: ChangeKind
    of: int | None
    splices: tuple[Splice, ...]
    voices: Voices
    hearings: Hearings | None = None


def revision(db: Connection, session_id: str) -> int:
    """One more than the number of changes so far."""
    query = select(func.max(table.c.number)).where(table.c.session_id == session_id)
    return int(db.execute(query).scalar() or 0) + 1


def check_session(db: Connection, session_id: str) -> Row[Any]:
    """The row of a session. Raises `NotFound`."""
    row = db.execute(select(t.sessions).where(t.sessions.c.id == session_id)).first()
    if row is None:
        raise NotFound(f"Aucune séance « {session_id} ».")
    return row


def since(db: Connection, session_id: str, base: int) -> tuple[Change, ...]:
    """The changes made after revision `base`, in order."""
    where = table.c.session_id == session_id, table.c.number >= base
    query = select(table).where(*where).order_by(table.c.number)
    return tuple(_change(row) for row in db.execute(query))


def one(db: Connection, session_id: str, number: int) -> Change:
    """The change of that number."""
    where = table.c.session_id == session_id, table.c.number == number
    return _change(db.execute(select(table).where(*where)).one())


def with_ids(db: Connection, session_id: str, splices: Sequence[Splice]) -> tuple[Splice, ...]:
    """The splices, their new turns with ids that no turn of the session ever had."""
    this = t.sessions.c.id == session_id
    first = db.execute(select(t.sessions.c.next_turn).where(this)).scalar_one()
    ids = count(first)
    given = tuple(
        replace(
            splice,
            after=tuple(
                replace(turn, id=next(ids)) if turn.id == NEW_TURN else turn
                for turn in splice.after
            ),
        )
        for splice in splices
    )
    db.execute(update(t.sessions).where(this).values(next_turn=next(ids)))
    return given


def insert_change(db: Connection, session_id: str, change: Change) -> None:
    """Write a change, and make its turns and voices the current ones."""
    voices = {name: [asdict(s) for s in some] for name, some in vars(change.voices).items()}
    db.execute(
        insert(table).values(
            session_id=session_id,
            number=change.number,
            at=change.at,
            author=change.author,
            kind=change.kind,
            of=change.of,
            splices=[_splice_row(splice) for splice in change.splices],
            voices=voices,
            hearing=asdict(change.hearings) if change.hearings else None,
        )
    )
    _replace_turns(db, session_id, change.splices, change.number + 1)
    _replace_voices(db, session_id, change.voices)
    if change.hearings:
        repository.replace_hearing(db, session_id, **vars(change.hearings.after))


# --- earlier turns ------------------------------------------------------------------------------


def taken_back(turns: Sequence[Turn], changes: Sequence[Change]) -> list[Turn]:
    """The turns before the changes that made them. Their `index` is not counted anew."""
    standing = list(turns)
    for change in reversed(changes):
        apply(standing, inverted(change.splices))
    return standing


def as_heard(db: Connection, session_id: str, kinds: Collection[ChangeKind]) -> tuple[Turn, ...]:
    """The turns just after the last change of these kinds that stands; at first, if there is none.

    Of what was redacted since, only a sign is there.
    """
    later = since(db, session_id, _last(db, session_id, kinds) + 1)
    return tuple(taken_back(repository.current_turns(db, session_id), later))


def _last(db: Connection, session_id: str, kinds: Collection[ChangeKind]) -> int:
    """The number of the change that made what stands of these kinds; 0 where nothing did."""
    columns = (table.c.number, table.c.kind, table.c.of)
    mine = table.c.session_id == session_id
    rows = db.execute(select(*columns).where(mine).order_by(table.c.number)).all()
    those = {row.number for row in rows if row.kind in kinds}
    standing: dict[int, int] = {}
    for number, kind, of in rows:
        if number in those:
            standing[number] = number
        elif kind == ChangeKind.UNDO:
            standing.pop(of, None)
        elif kind == ChangeKind.REDO and of in those:
            standing[of] = number
    return max(standing.values(), default=0)


# --- the current turns and voices ---------------------------------------------------------------


def _replace_turns(
    db: Connection, session_id: str, splices: Sequence[Splice], revision: int
) -> None:
    """Rows that name a replaced turn go with it: what was made of its words holds no more."""
    mine, turns = t.turns.c.session_id == session_id, t.turns.c
    for splice in reversed(splices):
        gone = [turn.id for turn in splice.before]
        db.execute(delete(t.turns).where(mine, turns.id.in_(gone)))
        if splice.growth:
            moved = update(t.turns).where(mine, turns.idx >= splice.stop)
            db.execute(moved.values(idx=turns.idx + splice.growth))
    made = [
        repository.turn_row(session_id, replace(turn, index=at + n, revision=revision))
        for at, splice in zip(landed(splices), splices, strict=True)
        for n, turn in enumerate(splice.after)
    ]
    if made:
        db.execute(insert(t.turns), made)


def _replace_voices(db: Connection, session_id: str, voices: Voices) -> None:
    speakers = t.speakers
    labels = {speaker.label for speaker in (*voices.before, *voices.after)}
    if labels:
        where = speakers.c.session_id == session_id, speakers.c.label.in_(labels)
        db.execute(delete(speakers).where(*where))
    if voices.after:
        db.execute(
            insert(speakers), [{"session_id": session_id, **asdict(s)} for s in voices.after]
        )


# --- rows ---------------------------------------------------------------------------------------


def _splice_row(splice: Splice) -> dict[str, Any]:
    return {
        "first": splice.first,
        "before": [_turn_row(turn) for turn in splice.before],
        "after": [_turn_row(turn) for turn in splice.after],
    }


def _turn_row(turn: Turn) -> dict[str, Any]:
    row = repository.turn_row("", turn)
    return {name: row[name] for name in ("id", "revision", "speaker", "words", "language")}


def _change(row: Row[Any]) -> Change:
    return Change(
        row.number,
        row.at,
        row.author,
        ChangeKind(row.kind),
        row.of,
        tuple(
            Splice(
                s["first"],
                tuple(_turns(s["before"], s["first"])),
                tuple(_turns(s["after"], s["first"])),
            )
            for s in row.splices
        ),
        Voices(*(tuple(_speakers(row.voices[name])) for name in ("before", "after"))),
        Hearings(**{side: _hearing(row.hearing[side]) for side in row.hearing})
        if row.hearing
        else None,
    )


def _turns(given: Iterable[dict[str, Any]], first: int) -> Iterable[Turn]:
    for n, turn in enumerate(given):
        words = tuple(Word(*word) for word in turn["words"])
        yield Turn(
            first + n, turn["speaker"], words, turn["revision"], turn["language"], turn["id"]
        )


def _hearing(given: dict[str, Any]) -> Hearing:
    return Hearing(
        Generator(**given["generator"]),
        tuple(Span(**span) for span in given["unheard"]),
        tuple(ReviewItem(**{**one, "doubt": Doubt(one["doubt"])}) for one in given["review"]),
    )


def _speakers(given: Iterable[dict[str, Any]]) -> Iterable[Speaker]:
    for row in given:
        yield Speaker(**{**row, "evidence": Evidence(row["evidence"])})
