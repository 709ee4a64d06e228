"""What readers may see of the archive. A session that is not published does not exist here.

Everything that answers the public (search, answers, pages, audio) is given a `Published`, never an
`Archive`: what is closed cannot leak through a forgotten condition.
"""

from dataclasses import dataclass

from sqlalchemy import select

from ingest.archive import redactions
from ingest.archive import schema as t
from ingest.archive.change_log import Change, revision
from ingest.archive.change_log import since as changes_since
from ingest.archive.repository import Archive, read_transcript
from ingest.errors import NotFound
from ingest.transcript import Session, Speaker, Status, Transcript, Turn


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

    def session(self, session_id: str) -> Session:
        """A published session; `NotFound` says the same of a closed one as of an absent one."""
        return self.archive.session(self._open(session_id))

    def transcript(self, session_id: str) -> Transcript:
        """The transcript of a published session."""
        return self.archive.transcript(self._open(session_id))

    def transcript_at(self, session_id: str) -> tuple[Transcript, int]:
        """The transcript of a published session, and the revision that it is."""
        known = self._open(session_id)
        with self.archive.engine.connect() as db:
            return read_transcript(db, known), revision(db, known)

    def turn(self, session_id: str, turn_id: int, revision: int) -> Turn:
        """A turn of a published session, if it still is of that revision."""
        return self.archive.turn(self._open(session_id), turn_id, revision)

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """The turns of a published session from one id to another, both included."""
        return self.archive.turns(self._open(session_id), first, last)

    def changes(self, session_id: str, since: int) -> tuple[Change, ...]:
        """The changes of a published session made after revision `since`, in order."""
        with self.archive.engine.connect() as db:
            return changes_since(db, self._open(session_id), since)

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """The voices of a published session."""
        return self.archive.speakers(self._open(session_id))

    def check_sound(self, session_id: str, form: str) -> None:
        """Raise `InPreparation` while a published session's sound is made anew."""
        known = self._open(session_id)
        with self.archive.engine.connect() as db:
            redactions.check_sound(db, known, form)

    def voices(self, session_id: str) -> tuple[str, ...]:
        """Labels of a published session's voices, in the order in which they first speak."""
        turns = t.turns.c
        query = select(turns.speaker).where(turns.session_id == self._open(session_id))
        with self.archive.engine.connect() as db:
            labels = db.execute(query.order_by(turns.idx)).scalars().all()
        return tuple(label for label in dict.fromkeys(labels) if label)

    def _open(self, session_id: str) -> str:
        if self.archive.status(session_id) is not Status.PUBLISHED:
            raise NotFound(f"Aucune séance publiée « {session_id} ».")
        return session_id
