"""The archive's rows, and the types they stand for. Knows no transaction: the caller holds it."""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from ingest import tables as t
from ingest.transcript import (
    AgendaItem,
    Doubt,
    Evidence,
    ImportedText,
    Person,
    Recording,
    Reviewed,
    Session,
    Span,
    Speaker,
    Status,
    ToReview,
    Transcript,
    Turn,
    Word,
)


def session(db: Connection, row: Row[Any]) -> Session:
    """The session of a row, with all that belongs to it."""

    def rows(table: Any) -> list[Row[Any]]:
        where = table.c.session_id == row.id
        return list(db.execute(select(table).where(where).order_by(table.c.position)))

    return Session(
        id=row.id,
        title=row.title,
        date=row.date,
        body=row.body,
        status=Status(row.status),
        parts=tuple(
            Recording(r.sha256, r.offset_ms, r.duration_ms, r.starts_at) for r in rows(t.recordings)
        ),
        agenda=tuple(
            AgendaItem(r.number, r.title, r.object, r.start_ms) for r in rows(t.agenda_items)
        ),
        roster=tuple(Person(r.name, r.role, r.group) for r in rows(t.people)),
        text=ImportedText(row.text_sha256, row.text_words) if row.text_sha256 else None,
        reviewed=Reviewed(row.reviewed_by, row.reviewed_at) if row.reviewed_at else None,
    )


def speakers(db: Connection, session_id: str) -> tuple[Speaker, ...]:
    """The voices of a session."""
    where = t.speakers.c.session_id == session_id
    return tuple(
        Speaker(r.label, r.person, Evidence(r.evidence), r.confidence, r.reason)
        for r in db.execute(select(t.speakers).where(where).order_by(t.speakers.c.label))
    )


def review(db: Connection, session_id: str) -> tuple[ToReview, ...]:
    """What a clerk should hear in a session, by start."""
    where = t.review.c.session_id == session_id
    return tuple(
        ToReview(r.start_ms, r.end_ms, Doubt(r.doubt), r.reason)
        for r in db.execute(select(t.review).where(where).order_by(t.review.c.position))
    )


def current_turns(db: Connection, session_id: str, *where: Any) -> tuple[Turn, ...]:
    """The newest revision of the turns that fit, in order."""
    newest = (
        select(t.turns.c.idx, func.max(t.turns.c.revision).label("revision"))
        .where(t.turns.c.session_id == session_id, *where)
        .group_by(t.turns.c.idx)
        .subquery()
    )
    query = (
        select(t.turns)
        .join(newest, (t.turns.c.idx == newest.c.idx) & (t.turns.c.revision == newest.c.revision))
        .where(t.turns.c.session_id == session_id)
        .order_by(t.turns.c.idx)
    )
    return tuple(turn(row) for row in db.execute(query))


@dataclass(frozen=True, order=True)
class Outline(Span):
    """A turn without its words: where it stands, how often it was changed, by whom it is said."""

    index: int
    revision: int
    speaker: str | None = field(compare=False)


def outlines(db: Connection, session_id: str) -> tuple[Outline, ...]:
    """Every current turn, in order, without reading its words: a sitting has thirty thousand."""
    words = t.turns.c.words
    ends = (func.json_extract(words, "$[0][0]"), func.json_extract(words, "$[#-1][1]"))
    query = (
        select(*ends, t.turns.c.idx, t.turns.c.revision, t.turns.c.speaker)
        .where(t.turns.c.session_id == session_id)
        .order_by(t.turns.c.idx, t.turns.c.revision)
    )
    newest = {row.idx: row for row in db.execute(query)}
    return tuple(
        Outline(r[0] or 0, r[1] or 0, r.idx, r.revision, r.speaker) for r in newest.values()
    )


def turn(row: Row[Any]) -> Turn:
    """The turn of a row."""
    words = tuple(Word(*word) for word in row.words)
    return Turn(row.idx, row.speaker, words, row.revision, row.language)


def turn_row(session_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn."""
    return {
        "session_id": session_id,
        "idx": turn.index,
        "revision": turn.revision,
        "speaker": turn.speaker,
        "words": [word_row(word) for word in turn.words],
        "language": turn.language,
    }


def word_row(word: Word) -> tuple[object, ...]:
    """A word in a row. The mark of a guess is written for the few that are one."""
    return astuple(word) if word.guessed else astuple(word)[:-1]


def insert_session(db: Connection, session: Session, transcript: Transcript) -> None:
    """Write a session, its parts, its agenda and its roster."""

    def rows(table: Any, values: Sequence[dict[str, Any]]) -> None:
        _insert_in_order(db, table, session.id, values)

    db.execute(
        insert(t.sessions).values(
            id=session.id,
            title=session.title,
            date=session.date,
            body=session.body,
            status=session.status,
            generator=asdict(transcript.generator),
            unheard=[[s.start_ms, s.end_ms] for s in transcript.unheard],
            text_sha256=session.text.id if session.text else None,
            text_words=session.text.words if session.text else None,
        )
    )
    rows(
        t.recordings,
        [
            {
                "sha256": r.id,
                "offset_ms": r.offset_ms,
                "duration_ms": r.duration_ms,
                "starts_at": r.starts_at,
            }
            for r in session.parts
        ],
    )
    rows(t.agenda_items, [asdict(item) for item in session.agenda])
    rows(t.people, [asdict(person) for person in session.roster])


def _insert_in_order(
    db: Connection, table: Any, session_id: str, values: Sequence[dict[str, Any]]
) -> None:
    if values:
        numbered = [{"session_id": session_id, "position": n, **v} for n, v in enumerate(values)]
        db.execute(insert(table), numbered)


def insert_transcript(db: Connection, transcript: Transcript) -> None:
    """Write a transcript's speakers, turns and list of doubts."""
    speakers = [{"session_id": transcript.session, **asdict(s)} for s in transcript.speakers]
    turns = [turn_row(transcript.session, turn) for turn in transcript.turns]
    if speakers:
        db.execute(insert(t.speakers), speakers)
    if turns:
        db.execute(insert(t.turns), turns)
    _insert_in_order(db, t.review, transcript.session, [asdict(r) for r in transcript.review])
