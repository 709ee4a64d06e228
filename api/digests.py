"""Digests: mails to readers whose alerts find something in a session that was published.

Looks at what readers themselves could find and ask. One mail an address and a session, however
many of its alerts found something, and none on a session of which it was told before.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby

from api.catalogue import catalogue
from api.deps import Deps
from api.mail import letters, outbox
from api.mail.letters import AlertResult
from api.mail.outbox import Letter
from api.readers import alerts
from api.readers.alerts import Alert, AlertKind
from ingest.archive.repository import Archive
from ingest.errors import NotFound
from ingest.transcript import Session, Span
from search.filters import Filters
from search.language.stems import stems
from search.query.followup import from_params
from search.query.parsed import READING_S, Budget, Field
from search.query.vocabulary import code_key

log = logging.getLogger(__name__)
_MOST = 200  # passages of a person or an object that are counted: a whole evening's


@dataclass(frozen=True)
class Digests:
    """The digests of published sessions, made for confirmed alerts."""

    archive: Archive
    deps: Deps

    def collect(self) -> None:
        """Put the digests of sessions published since into the outbox, each once."""
        with self.archive.engine.connect() as db:
            new, late = alerts.unannounced(db), alerts.has_late(db)
        if late:
            with self.archive.begin() as db:
                alerts.purge(db)
        for session_id in new:
            self._announce(session_id)

    def _announce(self, session_id: str) -> None:
        try:
            session = self.deps.published.session(session_id)
        except NotFound:  # withdrawn a moment ago
            return
        with self.archive.engine.connect() as db:
            confirmed = alerts.confirmed(db)
        digests = list(self._digests(session, confirmed))
        with self.archive.begin() as db:
            if alerts.announce(db, session_id):
                for letter in digests:
                    outbox.put(db, letter)

    def _digests(self, session: Session, confirmed: Sequence[Alert]) -> Iterator[Letter]:
        @cache  # a question takes a second, and many ask the same
        def places(kind: AlertKind, subject: str) -> tuple[Span, ...]:
            try:
                return tuple(self._places(kind, subject, session.id))
            except Exception:  # one alert that cannot be looked for holds up no other
                log.exception("an alert on %s", kind)
                return ()

        def result(alert: Alert) -> AlertResult:
            label = catalogue(alert.language)(f"alerts.on.{alert.kind}", subject=alert.subject)
            page = alerts.page_of(alert.token)
            return AlertResult(label, page, places(alert.kind, alert.subject))

        for email, group in groupby(confirmed, key=lambda alert: alert.email):
            same_address = list(group)
            if results := [one for one in map(result, same_address) if one.places]:
                ending = alerts.ending_all(same_address[0].token)
                text = catalogue(same_address[0].language)
                yield letters.digest(self.deps.settings, session, email, results, ending, text)

    def _places(self, kind: AlertKind, subject: str, session_id: str) -> Iterator[Span]:
        """Where a published session says something of what an alert is on, in order."""
        deps = self.deps
        if kind is AlertKind.WORD:
            wanted = set(stems(subject))
            for turn in deps.published.transcript(session_id).turns:
                if turn.words and wanted <= set(stems(turn.text)):
                    yield Span(turn.start_ms, turn.end_ms)
        elif kind is AlertKind.QUESTION:
            params = [("q", subject), (str(Field.SESSION), session_id)]
            query = from_params(params, deps.vocabulary(), date.today(), Budget.of(READING_S))
            answer = deps.ask(query).answer
            for citation in () if answer.refused else answer.bearing:
                yield Span(citation.start_ms, citation.end_ms)
        else:
            people, objects = (
                ((subject,), ()) if kind is AlertKind.PERSON else ((), self._codes(subject))
            )
            filters = Filters(people=people, objects=objects, sessions=(session_id,))
            for passage in deps.finder.browse(filters, _MOST):
                yield Span(passage.start_ms, passage.end_ms)

    def _codes(self, subject: str) -> tuple[str, ...]:
        """An object's code as the archive writes it now; it may be followed before its debate."""
        return self.deps.vocabulary().by_code.get(code_key(subject), (subject,))
