"""How far a review has come: which doubts are settled, what is left, and who has finished it.

A doubt has a span of time. It is settled once every turn there was checked or changed by
a person: nothing is deleted, so that what was taken back is doubtful again.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, update

from ingest.archive import audit, repository
from ingest.archive import schema as t
from ingest.archive.change_log import check_session
from ingest.archive.repository import Outline
from ingest.archive.schema import now
from ingest.editing.progress import checked
from ingest.errors import Conflict
from ingest.transcript import Doubt, Evidence, ReviewItem, Speaker

DOUBTFUL_BELOW = 0.6
"""Confidence (calibrated) under which a word is marked for a clerk."""


def unsettled(
    review: Sequence[ReviewItem],
    turns: Sequence[Outline],
    speakers: Sequence[Speaker],
    done: Collection[int],
) -> tuple[ReviewItem, ...]:
    """The doubts that still stand, by start."""
    clerks = {s.label for s in speakers if s.evidence is Evidence.CLERK}
    settled = {turn.id for turn in turns if turn.revision > 1 or turn.id in done}
    told = settled | {turn.id for turn in turns if turn.speaker in clerks}
    return tuple(
        item
        for item in review
        if not _holds(item, turns, told if item.doubt is Doubt.NAME else settled)
    )


def _holds(item: ReviewItem, turns: Sequence[Outline], settled: Collection[int]) -> bool:
    here = [turn.id for turn in _there(item, turns)]
    return bool(here) and all(turn in settled for turn in here)


def _there(item: ReviewItem, turns: Sequence[Outline]) -> Iterator[Outline]:
    """The turns that a doubt is about: those it overlaps, else those beside it."""
    found = [turn for turn in turns if item.overlap_ms(turn.start_ms, turn.end_ms)]
    if found:
        yield from found
        return
    before = [turn for turn in turns if turn.end_ms <= item.start_ms]
    after = [turn for turn in turns if turn.start_ms >= item.end_ms]
    yield from (*before[-1:], *after[:1])


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
    doubts = unsettled(repository.review(db, session_id), turns, speakers, done)
    if unread or doubts:
        raise Unread(unread, len(doubts))
