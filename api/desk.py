"""What the office works with: everything, published or not. Readers' routes never see it."""

from dataclasses import dataclass, field

from api.accounts.oidc_accounts import Elsewhere
from api.accounts.passwords import Passwords
from api.exports.kept_exports import KeptExports
from ingest.archive.blobs import Blobs
from ingest.archive.repository import Archive
from ingest.editing.changes import Changes
from ingest.settings import Settings
from search.index.store import follow


@dataclass(frozen=True)
class Desk:
    """The office's parts. `elsewhere`: where people may sign in besides, if the city has it."""

    settings: Settings
    archive: Archive
    blobs: Blobs
    passwords: Passwords = field(default_factory=Passwords)
    elsewhere: Elsewhere | None = None

    @property
    def exports(self) -> KeptExports:
        """Documents of published sessions, kept for the next who wants them."""
        return KeptExports(self.settings.data)

    @property
    def changes(self) -> Changes:
        """Changing transcripts, what is searched keeping pace."""
        return Changes(self.archive, (follow,))
