"""A reader reports an error in a published passage: what is taken, and how often.

Knows no page. What is taken is plain text, shown to the office alone.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from api.accounts.rate_limit import Limit, admit
from api.mail import letters, outbox
from api.mail.server import read_address
from api.views.link_history import quoted_since
from ingest.archive import reports
from ingest.archive.published import Published
from ingest.archive.reports import ReportPlace, ReportState
from ingest.archive.repository import Archive
from ingest.errors import BadInput, NotFound
from ingest.settings import Settings
from ingest.transcript import Span, Turn

# A close reader of a session reports a few errors; a flood is to end before it fills the
# office's list, from one address or from many.
FROM_ADDRESS = Limit("error reports from an address", 10, timedelta(hours=1))
ON_SESSION = Limit("error reports on a session", 60, timedelta(hours=1))
LONGEST = 1_000  # characters of one field: three times what is quoted of a passage


@dataclass(frozen=True)
class ReportedPassage:
    """The stretch that a report is about, as readers have it now: its first turn and its words."""

    place: ReportPlace
    turn: Turn
    words: str


def passage(published: Published, session_id: str, span: Span, base: int | None) -> ReportedPassage:
    """The words that a link named in revision `base` (None: now), where they stand now.

    Raises `NotFound` where readers have no word: of a withheld stretch as of silence.
    """
    transcript, revision = published.transcript_at(session_id)
    if base is not None and 0 < base < revision:
        past = published.past(session_id, base)
        now = quoted_since(past.turns, past.changes, span.start_ms, span.end_ms)
        span = Span(now.start_ms, now.end_ms)
    turns = [turn for turn in transcript.turns if any(span.touches(word) for word in turn.words)]
    if not turns:
        raise NotFound("Aucune parole publiée à cet endroit : repartez de la page de la séance.")
    words = " ".join(word.text for turn in turns for word in turn.words if span.touches(word))
    return ReportedPassage(ReportPlace(session_id, span, revision), turns[0], words)


def plain_paragraph(text: str) -> str:
    """A typed text, as plain text in one paragraph. Raises `BadInput` if it is too long."""
    readable = (" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    cleaned = " ".join("".join(readable).split())
    if len(cleaned) > LONGEST:
        raise BadInput(
            f"Votre message compte {len(cleaned)} caractères : {LONGEST} au plus. "
            "Gardez l'essentiel."
        )
    return cleaned


@dataclass(frozen=True)
class ReportBox:
    """Takes reports and shows none: all that readers may write into the archive."""

    archive: Archive

    def put(
        self, place: ReportPlace, wrong: str, instead: str, email: str, client: str, language: str
    ) -> None:
        """Keep a report; `email` is where to tell, in a language, that it is corrected, or "".

        Raises `BadInput`, and `TooMany` where a `client` or all send too many.
        """
        wrong, instead = plain_paragraph(wrong), plain_paragraph(instead)
        if not wrong:
            raise BadInput("Dites ce qui est faux : un mot, un nom, un nombre, qui parle.")
        address = read_address(email) if email.strip() else None
        with self.archive.begin() as db:
            admit(db, FROM_ADDRESS.of(client), ON_SESSION.of(place.session))
            reports.add(db, place, wrong, instead, address, language)


def settle(
    archive: Archive, db: Connection, settings: Settings, number: int, state: ReportState, by: str
) -> None:
    """Settle a report; its reader gets a mail on the correction, where an address was left.

    Raises `NotFound`.
    """
    report = reports.settle(db, number, state, by)
    if state is ReportState.CORRECTED and report.email and settings.smtp:
        session = archive.session(report.place.session)
        outbox.put(db, letters.corrected(settings, session, report))
