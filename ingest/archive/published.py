"""What readers may see of the archive. A session that is not published does not exist here.

Everything that answers the public (search, answers, pages, audio) is given a `Published`, never an
`Archive`: what is closed cannot leak through a forgotten condition. Neither does a stretch exist
here that is withheld from a published session. A `Snapshot` reads each thing once.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from sqlalchemy import Connection, and_, func, or_, select

from ingest.archive import audit, redactions
from ingest.archive import schema as t
from ingest.archive.change_log import Change, revision, since
from ingest.archive.change_log import table as changes
from ingest.archive.remainder import (
    beside,
    is_open,
    masked,
    masked_change,
    open_part,
    voices,
    withheld,
)
from ingest.archive.repository import Archive, Outline, current_turns, outlines, read_transcript
from ingest.errors import NotFound
from ingest.transcript import Session, Span, Speaker, Status, Transcript, Turn

_READ = 2_000  # runs of turns, and as many voices and sessions; a run takes some 10 kB


@dataclass(frozen=True)
class Past:
    """The turns of a session, and the changes that made them what they are, in order.

    Turns stand at their places, without the words that are withheld: to be followed, not read,
    unless `was_public`: as they stood then, the session was published as it is now.
    """

    turns: tuple[Turn, ...]
    changes: tuple[Change, ...]
    was_public: bool


@dataclass(frozen=True)
class Published:
    """An archive's published sessions. Every method raises `NotFound` for any other."""

    archive: Archive

    def sessions(self, limit: int | None = None) -> tuple[Session, ...]:
        """Published sessions, newest first, at most `limit` of them."""
        return self.archive.sessions((Status.PUBLISHED,), limit)

    def count(self) -> int:
        """How many sessions are published."""
        return self.archive.count(Status.PUBLISHED)

    def updated(self) -> dict[str, datetime]:
        """When each published session was last published, or a word of it changed (UTC).

        One that was published before there was a log, and never changed, is not here.
        """
        log, changed, s = audit.table.c, changes.c, t.sessions.c
        published = select(log.what, func.max(log.at)).where(log.action == "session.publish")
        altered = select(changed.session_id, func.max(changed.at)).group_by(changed.session_id)
        public = select(s.id).where(s.status == Status.PUBLISHED)
        with self.archive.engine.connect() as db:
            rows = [
                *db.execute(published.where(log.what.in_(public)).group_by(log.what)),
                *db.execute(altered.where(changed.session_id.in_(public))),
            ]
        return dict(sorted(tuple(row) for row in rows))  # the later of the two

    def session(self, session_id: str) -> Session:
        """A published session; `NotFound` says the same of a closed one as of an absent one."""
        with suppress(NotFound):
            session = self.archive.session(session_id)
            if session.status is Status.PUBLISHED:
                return session
        raise _none(session_id)

    def transcript(self, session_id: str) -> Transcript:
        """The transcript of a published session."""
        return open_part(self.archive.transcript(self._open(session_id)))

    def transcript_at(self, session_id: str) -> tuple[Transcript, int]:
        """The transcript of a published session, and the revision that it is."""
        known = self._open(session_id)
        with self.archive.engine.connect() as db:
            return open_part(read_transcript(db, known)), revision(db, known)

    def turn(self, session_id: str, turn_id: int, revision: int) -> Turn:
        """A turn of a published session, if it still is of that revision."""
        closed = self._withheld(session_id)
        turn = self.archive.turn(session_id, turn_id, revision)
        if not is_open(turn, closed):
            raise NotFound(f"Aucune intervention {turn_id} dans « {session_id} ».")
        return turn

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """The turns of a published session from one id to another, both included."""
        turns, closed = self.archive.turns(session_id, first, last), self._withheld(session_id)
        return tuple(turn for turn in turns if is_open(turn, closed))

    def past(self, session_id: str, base: int) -> Past:
        """A published session's turns and its changes after revision `base`."""
        known = self._open(session_id)
        with self.archive.engine.connect() as db:
            closed = withheld_in(db, known)
            turns = masked(read_transcript(db, known).turns, closed)
            changes = tuple(masked_change(one, closed) for one in since(db, known, base))
            published_at = _published_at(db, known)
        stood_until = changes[0].at if changes else datetime.max
        return Past(turns, changes, published_at is not None and published_at < stood_until)

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """The voices of a published session."""
        closed, speakers = self._withheld(session_id), self.archive.speakers(session_id)
        if not closed:
            return speakers
        with self.archive.engine.connect() as db:
            turns = outlines(db, session_id)
            heard = _heard(db, session_id, turns, closed)
        return voices(speakers, {turn.speaker for turn in turns}, heard, [*map(beside, closed)])

    def people(self) -> tuple[str, ...]:
        """The names of everybody who speaks in a published session, in order."""
        s = t.speakers.c
        named = select(s.session_id, s.label, s.person).join(t.sessions)
        query = named.where(
            t.sessions.c.status == Status.PUBLISHED, t.speakers.c.person.is_not(None)
        )
        with self.archive.engine.connect() as db:
            partly = redactions.withheld_sessions(db)
            rows = db.execute(query.distinct()).all()
            heard = {one: _heard_in(db, one) for one in {row.session_id for row in rows} & partly}
        names = {
            row.person
            for row in rows
            if row.session_id not in heard or row.label in heard[row.session_id]
        }
        return tuple(sorted(names))

    def check_sound(self, session_id: str, form: str) -> None:
        """Raise `InPreparation` while a published session's sound is made anew."""
        known = self._open(session_id)
        with self.archive.engine.connect() as db:
            redactions.check_sound(db, known, form)

    def voices(self, session_id: str) -> tuple[str, ...]:
        """Labels of a published session's voices, in the order in which they first speak."""
        turns, closed = t.turns.c, self._withheld(session_id)
        query = select(turns.speaker).where(turns.session_id == session_id).order_by(turns.idx)
        with self.archive.engine.connect() as db:
            labels = _heard_in(db, session_id) if closed else db.execute(query).scalars().all()
        return tuple(label for label in dict.fromkeys(labels) if label)

    def _withheld(self, session_id: str) -> tuple[Span, ...]:
        status = select(t.sessions.c.status).where(t.sessions.c.id == session_id)
        with self.archive.engine.connect() as db:
            if db.execute(status).scalar() != Status.PUBLISHED:
                raise _none(session_id)
            return withheld_in(db, session_id)

    def _open(self, session_id: str) -> str:
        if self.archive.status(session_id) is not Status.PUBLISHED:
            raise _none(session_id)
        return session_id


def _none(session_id: str) -> NotFound:
    return NotFound(f"Aucune séance publiée « {session_id} ».")


def _published_at(db: Connection, session_id: str) -> datetime | None:
    """When a session was last published, or a passage of it given back to readers (UTC).

    None where that was before there was a log.
    """
    log = audit.table.c
    published = and_(log.action == "session.publish", log.what == session_id)
    of_session = log.what.startswith(f"{session_id}, ", autoescape=True)
    given_back = and_(log.action == "session.give_back", of_session)
    query = select(func.max(log.at)).where(or_(published, given_back))
    at: datetime | None = db.execute(query).scalar()
    return at


def withheld_in(db: Connection, session_id: str) -> tuple[Span, ...]:
    """The stretches of a session that the office keeps."""
    return withheld(redactions.spans(redactions.of_session(db, session_id)))


def _heard_in(db: Connection, session_id: str) -> list[str | None]:
    return _heard(db, session_id, outlines(db, session_id), withheld_in(db, session_id))


def _heard(
    db: Connection, session_id: str, turns: Sequence[Outline], closed: Sequence[Span]
) -> list[str | None]:
    """The voices of the turns that readers hear, in order; words are read of those at an edge."""
    inside = {
        turn.id
        for turn in turns
        for span in closed
        if span.start_ms <= turn.start_ms < turn.end_ms <= span.end_ms
    }
    at_edges = [
        turn.id
        for turn in turns
        if turn.id not in inside and any(beside(span).touches(turn) for span in closed)
    ]
    read = current_turns(db, session_id, t.turns.c.id.in_(at_edges))
    shut = inside | {turn.id for turn in read if not is_open(turn, closed)}
    return [turn.speaker for turn in turns if turn.id not in shut]


@dataclass(frozen=True)
class Snapshot(Published):
    """Published matter, read once: for as long as the archive stays as it is.

    One answer reads the same passages ten times.
    """

    def session(self, session_id: str) -> Session:
        """See `Published`."""
        return self._session(session_id)

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """See `Published`."""
        return self._speakers(session_id)

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """See `Published`."""
        return self._turns(session_id, first, last)

    @cached_property
    def _session(self) -> Callable[[str], Session]:
        return lru_cache(_READ)(super().session)

    @cached_property
    def _speakers(self) -> Callable[[str], tuple[Speaker, ...]]:
        return lru_cache(_READ)(super().speakers)

    @cached_property
    def _turns(self) -> Callable[[str, int, int], tuple[Turn, ...]]:
        return lru_cache(_READ)(super().turns)
