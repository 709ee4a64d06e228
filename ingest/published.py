"""What readers may see of the archive. A session that is not published does not exist here.

Everything that answers the public (search, answers, pages, audio) is given a `Published`, never an
`Archive`: what is closed cannot leak through a forgotten condition.
"""

from dataclasses import dataclass

from ingest.archive import Archive
from ingest.errors import NotFound
from ingest.transcript import Session, Speaker, Status, Transcript, Turn


@dataclass(frozen=True)
class Published:
    """An archive's published sessions. Every method raises `NotFound` for any other."""

    archive: Archive

    def sessions(self) -> tuple[Session, ...]:
        """Published sessions, newest first."""
        return self.archive.sessions((Status.PUBLISHED,))

    def session(self, session_id: str) -> Session:
        """A published session; `NotFound` says the same of a closed one as of an absent one."""
        absent = NotFound(f"Aucune séance publiée « {session_id} ».")
        try:
            session = self.archive.session(session_id)
        except NotFound:
            raise absent from None
        if session.status is not Status.PUBLISHED:
            raise absent
        return session

    def transcript(self, session_id: str) -> Transcript:
        """The transcript of a published session."""
        return self.archive.transcript(self.session(session_id).id)

    def turn(self, session_id: str, index: int, revision: int) -> Turn:
        """A turn of a published session."""
        return self.archive.turn(self.session(session_id).id, index, revision)

    def turns(self, session_id: str, first: int, last: int) -> tuple[Turn, ...]:
        """Current turns `first` to `last`, inclusive, of a published session."""
        return self.archive.turns(self.session(session_id).id, first, last)

    def speakers(self, session_id: str) -> tuple[Speaker, ...]:
        """The voices of a published session."""
        return self.archive.speakers(self.session(session_id).id)
