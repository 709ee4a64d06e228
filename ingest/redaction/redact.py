"""Redacting a passage of a session: every table of the archive, in one transaction.

There is no way back: what is kept of it here is that it was, when, why and by whom. What is made of
the words elsewhere (passages, vectors, votes) is the caller's business; sound is
`ingest.redaction.silence`'s.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ingest.archive import redactions, reports
from ingest.archive import schema as t
from ingest.archive.change_log import ChangeKind, Voices
from ingest.archive.change_log import table as changes_table
from ingest.archive.checkpoints import forget_again
from ingest.archive.redactions import Redaction, RedactionReason
from ingest.archive.remainder import NEAR_MS, doubts, tells_of, unheard_beside, voices
from ingest.archive.repository import replace_hearing
from ingest.archive.splices import Splice
from ingest.editing.changes import Changes, Drawn
from ingest.errors import BadInput, Conflict
from ingest.jobs import queue
from ingest.redaction.scrub import forget_hearing
from ingest.text import clock
from ingest.transcript import (
    AgendaItem,
    Session,
    Span,
    Speaker,
    Transcript,
    Turn,
    Word,
)

# What is left of a transcript after a redaction. Pure.


_NEAR_WORDS = 5  # of a text, as `NEAR_MS` of a recording


@dataclass(frozen=True)
class Cut:
    """What redacting a stretch does: `span` holds all of every word of it, `gone` are these.

    `splices` replace the turns that lose words; nothing of one that loses all of them remains.
    `near` is a little more than `span`: what mentions it may be that far beside it. `points` are
    those of the agenda that came with the words, as headings of an imported text.
    """

    span: Span
    near: Span
    gone: tuple[Word, ...]
    splices: tuple[Splice, ...]
    points: tuple[AgendaItem, ...] = ()


def cut(turns: Sequence[Turn], session: Session, asked: Span) -> Cut:
    """Cut a stretch out of a session's turns. Raises `BadInput` for one outside it."""
    _check(session, asked)
    gone = tuple(word for turn in turns for word in turn.words if asked.touches(word))
    span = Span(
        min((asked.start_ms, *(w.start_ms for w in gone))),
        max((asked.end_ms, *(w.end_ms for w in gone))),
    )
    splices = tuple(
        Splice(at, (turn,), turn.cut(_pieces(turn, asked)))
        for at, turn in enumerate(turns)
        if any(asked.touches(word) for word in turn.words)
    )
    margin = NEAR_MS if session.is_recorded else _NEAR_WORDS
    near = Span(span.start_ms - margin, span.end_ms + margin)
    return Cut(span, near, gone, splices, tuple(_points(turns, session, asked)))


def _points(turns: Sequence[Turn], session: Session, span: Span) -> Iterator[AgendaItem]:
    """The points of an imported text under which no word is left.

    A heading without words of its own stands over the next one, and goes with it. The agenda of a
    recording is a document by itself: what is said of a point in camera does not undo its title.
    """
    if session.is_recorded:
        return
    starts = [item.start_ms for item in session.agenda if item.start_ms is not None]
    over: list[AgendaItem] = []
    for item in session.agenda:
        over.append(item)
        if item.start_ms is None:
            continue
        end = min((s for s in starts if s > item.start_ms), default=session.duration_ms)
        own = [w for turn in turns for w in turn.words if item.start_ms <= w.start_ms < end]
        touched = span.start_ms < end and item.start_ms < span.end_ms
        if touched and all(span.touches(word) for word in own):
            yield from over
        over = []


def parted(turns: Sequence[Turn], span: Span) -> tuple[Splice, ...]:
    """Have turns end and begin where a stretch does, so that each is in it or outside it."""
    runs = [[tuple(run) for _, run in groupby(turn.words, span.touches)] for turn in turns]
    return tuple(
        Splice(at, (turn,), turn.cut(pieces))
        for at, (turn, pieces) in enumerate(zip(turns, runs, strict=True))
        if len(pieces) > 1
    )


def _check(session: Session, span: Span) -> None:
    if not 0 <= span.start_ms < span.end_ms <= session.duration_ms:
        end = clock(session.duration_ms) if session.is_recorded else f"mot {session.duration_ms}"
        raise BadInput(
            f"Le passage {_told(span, session)} n'est pas dans la séance, qui finit à {end} : "
            "donnez un début et une fin qui s'y suivent."
        )


def _told(span: Span, session: Session) -> str:
    if session.is_recorded:
        return f"de {clock(max(0, span.start_ms))} à {clock(max(0, span.end_ms))}"
    return f"du mot {span.start_ms} au mot {span.end_ms}"


def _pieces(turn: Turn, span: Span) -> Iterator[tuple[Word, ...]]:
    """The words that are left of a turn: none, one run, or one at each side."""
    words: list[Word] = []
    for word in turn.words:
        if not span.touches(word):
            words.append(word)
        elif words:
            yield tuple(words)
            words = []
    if words:
        yield tuple(words)


_SIDES = ("before", "after")  # of a splice, as the log keeps it


@dataclass(frozen=True)
class RedactionRequest:
    """A passage to redact: by whom and why. `seen` is the `mark` of the words that were shown."""

    span: Span
    why: RedactionReason
    by: str
    seen: str | None = None


def mark(done: Cut) -> str:
    """A digest of what would go, to know whether it is still what the page showed."""
    words = [(w.start_ms, w.end_ms, w.text) for w in done.gone]
    titles = [point.title for point in done.points]
    return sha256(repr((done.span, words, titles)).encode("utf-8", "surrogatepass")).hexdigest()[
        :32
    ]


def redact(
    db: Connection,
    changes: Changes,
    before: Transcript,
    done: Cut,
    asked: RedactionRequest,
    passages: Sequence[str] = (),
) -> Redaction:
    """Redact a passage within the caller's transaction, with the job that does the rest.

    `before` is how the session stands in that transaction, `done` what is cut out of it; `passages`
    are ids that no index may hold afterwards. Raises `Conflict` when the words are no longer those
    that were shown.
    """
    if asked.seen is not None and asked.seen != mark(done):
        raise Conflict(
            "Les mots de ce passage ont changé depuis que vous les avez lus : relisez-les, puis "
            "confirmez de nouveau."
        )
    forget_hearing(db, done.gone)
    forget_again(db, before.session)
    cut_up = {splice.first for splice in done.splices}
    pieces = [turn for splice in done.splices for turn in splice.after]
    untouched = [turn for turn in before.turns if turn.index not in cut_up]
    spoke = {turn.speaker for turn in before.turns} | _voices_near(db, before.session, done.near)
    heard = {turn.speaker for turn in (*untouched, *pieces)}
    known = voices(before.speakers, spoke, heard, (done.near,))
    changed = _difference(before.speakers, known)
    changes.write(db, before.session, asked.by, ChangeKind.CLOSE, Drawn(done.splices, changed))
    _forget_what_was_told(db, before, done)
    reports.forget_near(db, before.session, done.near)
    _forget_points(db, before.session, done.points)
    _forget_people(db, before, known)
    redact_log(db, before.session, done.near, {speaker.label for speaker in known})
    queue.add(db, queue.JobKind.CLOSE, before.session, asked.by)
    return redactions.add(db, before.session, done.span, asked.why, asked.by, passages)


def _difference(before: Sequence[Speaker], after: Sequence[Speaker]) -> Voices:
    return Voices(
        tuple(s for s in before if s not in after), tuple(s for s in after if s not in before)
    )


def _forget_what_was_told(db: Connection, before: Transcript, done: Cut) -> None:
    """Doubts about the stretch, and speech without words in it."""
    kept = doubts(before.review, done.near)
    gaps = unheard_beside(before.unheard, done.span)
    replace_hearing(db, before.session, before.generator, gaps, kept)


def _forget_points(db: Connection, session_id: str, points: Sequence[AgendaItem]) -> None:
    """Titles that came with the words."""
    mine = t.agenda_items.c.session_id == session_id
    for row in db.execute(select(t.agenda_items).where(mine)).all():
        if AgendaItem(row.number, row.title, row.object, row.start_ms) in points:
            this = t.agenda_items.c.position == row.position
            db.execute(delete(t.agenda_items).where(mine, this))


def _forget_people(db: Connection, before: Transcript, known: Sequence[Speaker]) -> None:
    """Those whom an imported text named, and who said nothing but what is gone.

    The people of a recording are the clerk's list: it does not come from what was said.
    """
    this = t.sessions.c.id == before.session
    if db.execute(select(t.sessions.c.text_sha256).where(this)).scalar() is None:
        return
    gone = {one.person for one in before.speakers} - {one.person for one in known}
    mine = (t.people.c.session_id == before.session, t.people.c.name.in_(filter(None, gone)))
    db.execute(delete(t.people).where(*mine))


# --- the log of changes -----------------------------------------------------------------------


def _voices_near(db: Connection, session_id: str, near: Span) -> set[str | None]:
    """The voices that turns near a stretch had at some time."""
    mine = changes_table.c.session_id == session_id
    logged = db.execute(select(changes_table.c.splices).where(mine)).scalars()
    splices = (splice for some in logged for splice in some)
    turns = (turn for splice in splices for side in _SIDES for turn in splice[side])
    return {turn["speaker"] for turn in turns if _near(turn, near)}


def redact_log(db: Connection, session_id: str, near: Span, known: Collection[str]) -> None:
    """Leave of every change near a stretch who made it, when, and where; not what it said.

    `known` are the voices that are left: of others no name stays.
    """
    mine = changes_table.c.session_id == session_id
    for row in db.execute(select(changes_table).where(mine)).all():
        splices = [_without(splice, near) for splice in row.splices]
        told = {
            side: [_unexplained(_unnamed(speaker, known), near) for speaker in some]
            for side, some in row.voices.items()
        }
        if splices != row.splices or told != row.voices:
            this = (mine, changes_table.c.number == row.number)
            db.execute(update(changes_table).where(*this).values(splices=splices, voices=told))
    db.execute(update(changes_table).where(mine).values(hearing=None))  # its doubts quote words


def _without(splice: dict[str, Any], near: Span) -> dict[str, Any]:
    """A splice whose turns near the stretch have lost their words.

    A sign takes their place: one before, another after, so that turns which are followed through
    the log are still seen to be altered by this change.
    """
    if not any(_near(turn, near) for side in _SIDES for turn in splice[side]):
        return splice
    return {
        **splice,
        "before": [_emptied(turn, "[…]") for turn in splice["before"]],
        "after": [_emptied(turn, "[retiré]") for turn in splice["after"]],
    }


def _near(turn: dict[str, Any], near: Span) -> bool:
    words = turn["words"]
    return bool(words) and near.touches(Span(words[0][0], words[-1][1]))


def _emptied(turn: dict[str, Any], sign: str) -> dict[str, Any]:
    words = turn["words"]
    return {**turn, "words": [[words[0][0], words[-1][1], sign, 1.0, None]] if words else []}


def _unnamed(speaker: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    gone = speaker["label"] not in known
    return {**speaker, "person": None, "reason": ""} if gone else speaker


def _unexplained(speaker: dict[str, Any], near: Span) -> dict[str, Any]:
    return {**speaker, "reason": ""} if tells_of(speaker["reason"], near) else speaker
