"""What the editor gets: a whole transcript with all that a clerk needs, and what changed since.

Plain JSON, short, for a session has thirty thousand words: a word is [start_ms, end_ms, text,
confidence, heard]. Everything of one answer is read in one transaction. For the office alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from api.accounts import accounts
from api.views.links import links
from api.views.wording import nameless, who
from ingest.archive import redactions, repository
from ingest.archive import schema as t
from ingest.archive.change_log import Change, ChangeKind, check_session, revision, since
from ingest.archive.redactions import RedactionReason
from ingest.archive.repository import Archive
from ingest.archive.splices import landed
from ingest.editing.changes import check_base, stacks
from ingest.editing.edits import Replace, in_names, in_turns
from ingest.editing.learned_terms import taught
from ingest.editing.progress import checked
from ingest.editing.review_progress import likely_errors, open_doubts
from ingest.transcript import DOUBTFUL_BELOW, Session, Speaker, Turn

Json = dict[str, Any]


def document(archive: Archive, session_id: str, login: str, media: str) -> Json:
    """A whole transcript as it stands. `media` is the address under which its sound is heard."""
    with archive.engine.connect() as db:
        row = check_session(db, session_id)
        session = repository.session(db, row)
        marks = checked(db, session_id)
        return {
            "session": _session(session, media),
            "turns": list(_turns(db, session_id, marks)),
            "people": [person.name for person in session.roster],
            "agenda": [
                {"number": i.number, "title": i.title, "object": i.object, "start_ms": i.start_ms}
                for i in session.agenda
            ],
            "doubtful_below": DOUBTFUL_BELOW,
            "terms": [
                {"text": one.term.text, "spoken": list(one.term.spoken)} for one in taught(db)
            ],
            **_around(db, session, repository.outlines(db, session_id), marks, login),
            "unheard": row.unheard,
        }


def delta(archive: Archive, session_id: str, base: int, login: str) -> Json:
    """What changed since a revision. Raises `NotFound`, `BadInput` for a revision there is not."""
    with archive.engine.connect() as db:
        row = check_session(db, session_id)
        session = repository.session(db, row)
        check_base(base, revision(db, session_id))
        marks = checked(db, session_id)
        changes = since(db, session_id, base)
        turns = repository.outlines(db, session_id)
        return {
            "splices": [
                *(splice for change in changes for splice in _splices(change)),
                *_left_by_closings(db, session_id, base, changes),
            ],
            "own": [change.kind for change in changes if change.author == login],
            "checked": [at for at, one in enumerate(turns) if one.id in marks],
            **_around(db, session, turns, marks, login),
            "unheard": row.unheard,
        }


def preview(archive: Archive, session_id: str, asked: Replace) -> Json:
    """What a replacement would change now, and at which revision that is; nothing is changed."""
    with archive.engine.connect() as db:
        check_session(db, session_id)
        found = tuple(in_turns(asked, repository.current_turns(db, session_id)))
        names = tuple(in_names(asked, repository.speakers(db, session_id)))
        at = revision(db, session_id)
    return {
        "revision": at,
        "matches": [
            {
                "turn": one.turn.index,
                "start_ms": one.turn.start_ms,
                "before": one.turn.text,
                "after": one.text,
            }
            for one in found
        ],
        "speakers": [
            {"label": one.speaker.label, "before": one.speaker.person, "after": one.name}
            for one in names
        ],
        "count": sum(one.count for one in found),
    }


def _turns(db: Connection, session_id: str, marks: frozenset[int]) -> Iterator[Json]:
    """Every turn, straight from its row: thirty thousand words need not become objects first."""
    query = select(t.turns).where(t.turns.c.session_id == session_id)
    for row in db.execute(query.order_by(t.turns.c.idx)):
        words = [word[:5] for word in row.words]
        yield {
            "index": row.idx,
            "revision": row.revision,
            "speaker": row.speaker,
            "start_ms": words[0][0] if words else 0,
            "end_ms": words[-1][1] if words else 0,
            "words": words,
            "checked": row.id in marks,
        }


def turn_json(turn: Turn) -> Json:
    """A turn as the editor has it."""
    return {
        "index": turn.index,
        "revision": turn.revision,
        "speaker": turn.speaker,
        "start_ms": turn.start_ms if turn.words else 0,
        "end_ms": turn.end_ms if turn.words else 0,
        "words": [[w.start_ms, w.end_ms, w.text, w.confidence, w.heard] for w in turn.words],
    }


def _session(session: Session, media: str) -> Json:
    sound = links(session, 0, 1)
    return {
        "id": session.id,
        "title": session.title,
        "date": session.date.isoformat(),
        "status": session.status,
        "duration_ms": session.duration_ms,
        "has_audio": session.has_audio,
        "is_recorded": session.is_recorded,
        "audio_opus": f"{media}/audio.opus" if sound.audio_opus else None,
        "audio_mp3": f"{media}/audio.mp3" if sound.audio_mp3 else None,
    }


def _around(
    db: Connection,
    session: Session,
    turns: Sequence[repository.Outline],
    marks: frozenset[int],
    login: str,
) -> Json:
    """What goes with the turns in every answer."""
    speakers = repository.speakers(db, session.id)
    rows = redactions.of_session(db, session.id)
    can = stacks(db, session.id, login)
    doubts = open_doubts(db, session.id, turns, speakers, marks)
    done = session.reviewed
    return {
        "revision": revision(db, session.id),
        "closed": [[c.span.start_ms, c.span.end_ms] for c in rows if c.is_destroyed],
        "withheld": [
            [c.span.start_ms, c.span.end_ms] for c in rows if c.why is RedactionReason.WITHHELD
        ],
        "speakers": list(_speakers(session, turns, speakers)),
        "review": [asdict(item) for item in doubts],
        "likely_errors": likely_errors(db, session.id, marks),
        "reviewed": {"by": done.by, "at": f"{done.at.isoformat()}Z"} if done else None,
        "can_undo": bool(can.done),
        "can_redo": bool(can.undone),
    }


def _speakers(
    session: Session, turns: Sequence[repository.Outline], speakers: Sequence[Speaker]
) -> list[Json]:
    numbers = nameless((turn.speaker for turn in turns), speakers)
    return [
        {
            "label": s.label,
            "person": s.person,
            "shown": who(session, s.person, numbers.get(s.label)).name,
            "evidence": s.evidence,
            "confidence": s.confidence,
            "reason": s.reason,
        }
        for s in speakers
    ]


def _splices(change: Change) -> list[Json]:
    """To be applied one after the other: each place counts what those before it have moved."""
    return [
        {
            "first": at,
            "removed": len(splice.before),
            "turns": [
                turn_json(Turn(at + n, turn.speaker, turn.words, change.number + 1))
                for n, turn in enumerate(splice.after)
            ],
        }
        for at, splice in zip(landed(change.splices), change.splices, strict=True)
    ]


def _left_by_closings(
    db: Connection, session_id: str, base: int, changes: Sequence[Change]
) -> Iterator[Json]:
    """What the turns say that were made since a revision, where the log no longer holds it.

    A redaction empties the changes near it, itself too: these move turns as they did, but must not
    be believed about words.
    """
    if any(change.kind == ChangeKind.CLOSE for change in changes):
        for turn in repository.current_turns(db, session_id, t.turns.c.revision > base):
            yield {"first": turn.index, "removed": 1, "turns": [turn_json(turn)]}


def history(archive: Archive, session_id: str, turn: int | None) -> list[Json]:
    """Every change, newest first; of one turn, as it stands now, only those that it comes of."""
    with archive.engine.connect() as db:
        check_session(db, session_id)
        changes = since(db, session_id, 1)
        names = {s.label: s.person for s in repository.speakers(db, session_id)}
        ids = {one.id for one in repository.current_turns(db, session_id, t.turns.c.idx == turn)}
        people = {kept.account.login: kept.account.name for kept in accounts.everyone(db)}
    found: list[Json] = []
    for change in reversed(changes):
        here = list(change.splices)
        if turn is not None:
            here = [splice for splice in here if ids & {made.id for made in splice.after}]
            for splice in here:
                ids -= {made.id for made in splice.after}
                ids |= {gone.id for gone in splice.before}
        if here or (turn is None and change.voices.after):
            found.append(_told(change, here, names) | {"by": people.get(change.author)})
    return found


def _told(change: Change, splices: Sequence[Any], names: dict[str, str | None]) -> Json:
    return {
        "number": change.number,
        "at": f"{change.at.isoformat()}Z",
        "author": change.author,
        "kind": change.kind,
        "of": change.of,
        "before": [_said(turn, names) for splice in splices for turn in splice.before],
        "after": [_said(turn, names) for splice in splices for turn in splice.after],
        "voices": [
            [s.person for s in some] for some in (change.voices.before, change.voices.after)
        ],
    }


def _said(turn: Turn, names: dict[str, str | None]) -> Json:
    return {"speaker": names.get(turn.speaker or ""), "text": turn.text}
