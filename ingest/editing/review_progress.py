"""How far a review has come: which doubts are settled, what is left, and who has finished it.

A doubt has a span of time. It is settled once every turn there was checked, or has words there that
a person typed or accepted: nothing is deleted, so that what was taken back is doubtful again.
Cutting, joining and naming turns settles nothing: the words are what they were. Doubts about the
session are stored with it; those about its words are read from the words that stand now. Whatever
counts doubts counts these.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    TableValuedAlias,
    column,
    delete,
    func,
    select,
    true,
    update,
)

from ingest.archive import audit, repository
from ingest.archive import schema as t
from ingest.archive.change_log import check_session
from ingest.archive.repository import Outline
from ingest.archive.schema import now
from ingest.asr.confidence import load_calibration
from ingest.editing.progress import checked
from ingest.editing.timing import TYPED
from ingest.errors import Conflict
from ingest.transcript import DOUBTFUL_BELOW, Doubt, Evidence, ReviewItem, Span, Speaker, Word


def open_doubts(
    db: Connection,
    session_id: str,
    turns: Sequence[Outline],
    speakers: Sequence[Speaker],
    done: Collection[int],
) -> tuple[ReviewItem, ...]:
    """The doubts of a session that still stand, by start; `done` are ids of checked turns."""
    review = repository.review(db, session_id)
    changed = {turn.id for turn in turns if turn.revision > 1 and turn.id not in done}
    near = {turn.id for item in review for turn in _there(item, turns)} & changed
    found = repository.current_turns(db, session_id, t.turns.c.id.in_(near)) if near else ()
    stored = unsettled(review, turns, speakers, done, {turn.id: turn.words for turn in found})
    words = [word for word in _doubtful_words(db, session_id) if word.turn not in done]
    return tuple(sorted((*stored, *doubts_of_words(words, stored))))


def all_open_doubts(db: Connection, session_id: str) -> tuple[ReviewItem, ...]:
    """The same, where nothing of the session was read yet. Raises `NotFound`."""
    check_session(db, session_id)
    turns, speakers = repository.outlines(db, session_id), repository.speakers(db, session_id)
    return open_doubts(db, session_id, turns, speakers, checked(db, session_id))


def unsettled(
    review: Sequence[ReviewItem],
    turns: Sequence[Outline],
    speakers: Sequence[Speaker],
    done: Collection[int],
    changed: Mapping[int, Sequence[Word]],
) -> tuple[ReviewItem, ...]:
    """The same of what is given; `changed` are the words of turns that were changed, by id."""
    clerks = {s.label for s in speakers if s.evidence is Evidence.CLERK}
    told = {*done, *(turn.id for turn in turns if turn.speaker in clerks)}
    return tuple(
        item
        for item in review
        if not _holds(item, turns, told if item.doubt is Doubt.NAME else done, changed)
    )


def _holds(
    item: ReviewItem,
    turns: Sequence[Outline],
    settled: Collection[int],
    changed: Mapping[int, Sequence[Word]],
) -> bool:
    here = [turn.id for turn in _there(item, turns)]
    return bool(here) and all(
        turn in settled or _is_mended(item, changed.get(turn, ())) for turn in here
    )


def _is_mended(item: ReviewItem, words: Sequence[Word]) -> bool:
    """Did a person type words where a doubt is, or take out those that were there?"""
    there = [word for word in words if item.touches(word)]
    if there:
        return any(word.confidence == TYPED for word in there)
    return bool(words) and item.doubt is not Doubt.UNHEARD


def _there(item: ReviewItem, turns: Sequence[Outline]) -> Iterator[Outline]:
    """The turns that a doubt is about: those it overlaps, else those beside it."""
    found = [turn for turn in turns if item.overlap_ms(turn.start_ms, turn.end_ms)]
    if found:
        yield from found
        return
    before = [turn for turn in turns if turn.end_ms <= item.start_ms]
    after = [turn for turn in turns if turn.start_ms >= item.end_ms]
    yield from (*before[-1:], *after[:1])


# --- words that may be others -----------------------------------------------------------------


@dataclass(frozen=True, order=True)
class WordPlace(Span):
    """Where a word stands: in which turn, by id, and at which place there, from 0."""

    turn: int
    place: int
    text: str


def doubts_of_words(
    words: Sequence[WordPlace], others: Sequence[ReviewItem]
) -> Iterator[ReviewItem]:
    """One doubt for each run of doubtful words, given in order of their turns.

    A run in which another doubt begins is that doubt's: a clerk who goes there hears both.
    """
    starts = sorted(item.start_ms for item in others)
    for _, pairs in groupby(enumerate(words), lambda pair: (pair[1].turn, pair[1].place - pair[0])):
        run = [word for _, word in pairs]
        start_ms, end_ms = run[0].start_ms, run[-1].end_ms
        at = bisect_left(starts, start_ms)
        if at == len(starts) or starts[at] >= end_ms:
            said = " ".join(word.text for word in run)
            yield ReviewItem(start_ms, end_ms, Doubt.WORD, f"incertain : « {said} »")


def _doubtful_words(db: Connection, session_id: str) -> tuple[WordPlace, ...]:
    """The words that may be others; found by the database, for a session has thirty thousand."""
    word, place = _every_word(db)
    value = word.c.value
    query = (
        select(value[0].as_integer(), value[1].as_integer(), t.turns.c.id, place)
        .add_columns(value[2].as_string())
        .select_from(t.turns.join(word, true()))
        .where(t.turns.c.session_id == session_id, value[3].as_float() < DOUBTFUL_BELOW)
        .order_by(t.turns.c.idx, place)
    )
    return tuple(WordPlace(*row) for row in db.execute(query))


def likely_errors(db: Connection, session_id: str, done: Collection[int]) -> int | None:
    """How many words of the turns that were not checked are wrong, as their confidences add up.

    None for a recogniser on which confidence was not learned: its figures are no shares (D-038).
    """
    if check_session(db, session_id).generator["transcriber"] != load_calibration().transcriber:
        return None
    word, _ = _every_word(db)
    wrong = (
        select(func.sum(1.0 - word.c.value[3].as_float()))
        .select_from(t.turns.join(word, true()))
        .where(t.turns.c.session_id == session_id, t.turns.c.id.not_in(done))
    )
    return round(float(db.execute(wrong).scalar() or 0))


def _every_word(db: Connection) -> tuple[TableValuedAlias, ColumnElement[int]]:
    """The words of turns as rows with a `value`, and the place of each in its turn, from 0."""
    words, value = t.turns.c.words, column("value", JSON)
    if db.dialect.name == "sqlite":
        each = func.json_each(words).table_valued(value, column("key", Integer))
        return each, each.c.key
    rows = func.json_array_elements(words).table_valued(value, with_ordinality="place")
    each = rows.render_derived()
    return each, each.c.place - 1


def leave_out(db: Connection, session_id: str, start_ms: int, end_ms: int, by: str) -> None:
    """Say that what was not carried over from an earlier transcription may go."""
    r = t.review.c
    here = (r.session_id == session_id, r.start_ms == start_ms, r.end_ms == end_ms)
    if db.execute(delete(t.review).where(*here, r.doubt == Doubt.CARRY)).rowcount:
        audit.record(db, by, "session.left_out", session_id)


# --- the end of a review ----------------------------------------------------------------------


class Unread(Conflict):
    """A review is not finished: turns are unread, or doubts stand."""

    def __init__(self, unread: int, doubts: int) -> None:
        parts = [_count(unread, "intervention", "n'est pas relue", "ne sont pas relues")] * (
            unread > 0
        )
        parts += [_count(doubts, "doute", "reste ouvert", "restent ouverts")] * (doubts > 0)
        super().__init__(f"{' et '.join(parts)}.")


def _count(number: int, noun: str, one: str, many: str) -> str:
    if not number:
        return ""
    return f"{number} {noun}s {many}" if number > 1 else f"{number} {noun} {one}"


def set_reviewed(
    db: Connection, session_id: str, login: str, name: str, done: bool, *, in_part: bool = False
) -> None:
    """Say that a person, by this name, has reviewed a session; or that no person has.

    Raises `Unread` where turns are unread or doubts stand, unless it was reviewed `in_part`: what
    is told of it then says how much.
    """
    row = check_session(db, session_id)
    if done and not in_part:
        _check_read(db, row.id)
    values = {"reviewed_by": name if done else None, "reviewed_at": now() if done else None}
    db.execute(update(t.sessions).where(t.sessions.c.id == session_id).values(values))
    audit.record(db, login, "session.reviewed" if done else "session.not_reviewed", session_id)


def _check_read(db: Connection, session_id: str) -> None:
    turns, speakers = repository.outlines(db, session_id), repository.speakers(db, session_id)
    done = checked(db, session_id)
    unread = sum(turn.id not in done for turn in turns)
    doubts = open_doubts(db, session_id, turns, speakers, done)
    if unread or doubts:
        raise Unread(unread, len(doubts))
