"""What the mails say: plain text, where and when, and no word of any session.

A mail cannot be taken back, and what was said may be withheld later: mails lead to the words.
Readers are written to in the language of the page on which they left their address.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill
from urllib.parse import quote

from api.catalogue import Catalogue, address_in, catalogue
from api.mail.outbox import Letter
from api.views.links import moment_page
from api.views.wording import clock_in
from ingest.archive.reports import Report
from ingest.french_dates import day
from ingest.settings import Settings
from ingest.transcript import Session, Span

_WIDTH = 76  # characters of a line, as RFC 5322 section 2.1.1 recommends


def corrected(settings: Settings, session: Session, report: Report) -> Letter:
    """To the reader who reported an error: it is corrected."""
    span, text = report.place.span, catalogue(report.language)
    at, day_of = clock_in(session, span.start_ms), text.day(session.date)
    page = moment_page(session.id, span.start_ms, span.end_ms, report.place.revision)
    place = f"{session.title}, {text('mail.at', day=day_of, at=at) if at else day_of}"
    return Letter(
        to=report.email or "",
        subject=text("mail.corrected"),
        body=_text(
            settings,
            text("mail.corrected.what", place=place),
            f"{settings.address}{address_in(text.language, page)}",
            text("mail.corrected.last"),
        ),
        session=session.id,
    )


def transcribed(settings: Settings, session: Session, email: str) -> Letter:
    """To the clerk who brought a session: its transcription is done."""
    return Letter(
        to=email,
        subject="La transcription est terminée",
        body=_text(
            settings,
            f"La transcription que vous avez demandée est terminée : {session.title}, "
            f"{day(session.date)}. C'est un brouillon, que le bureau seul voit. Pour la relire :",
            f"{settings.address}/bureau/seances/{quote(session.id, safe='')}",
            _WHY_TOLD,
        ),
    )


def failed(settings: Settings, title: str, arrival_id: str, error: str, email: str) -> Letter:
    """To the clerk who brought a session: its transcription has failed, and why."""
    return Letter(
        to=email,
        subject="La transcription a échoué",
        body=_text(
            settings,
            f"La transcription que vous avez demandée a échoué : {title}.",
            error,
            "Rien de ce que vous avez apporté n'est perdu. Pour la relancer ou la compléter :",
            f"{settings.address}/bureau/apporter/{arrival_id}",
            _WHY_TOLD,
        ),
    )


def confirm_alert(settings: Settings, email: str, page: str, text: Catalogue) -> Letter:
    """To the address given for an alert: a request to confirm it.

    Quotes nothing of the form, so that the form cannot be used to write to strangers.
    """
    return Letter(
        to=email,
        subject=text("mail.confirm"),
        body=_text(
            settings,
            text("mail.confirm.what"),
            f"{settings.address}{address_in(text.language, page)}",
            text("mail.confirm.otherwise"),
        ),
    )


@dataclass(frozen=True)
class AlertResult:
    """What an alert found in a session: what it is on, its own page, and the places."""

    label: str
    page: str
    places: tuple[Span, ...]


_LISTED = 5  # places of one alert: the page has the others


def digest(
    settings: Settings,
    session: Session,
    email: str,
    found: Sequence[AlertResult],
    ending: str,
    text: Catalogue,
) -> Letter:
    """To a reader with alerts: where a session that was published says something of them."""
    blocks = [part for one in found for part in _block(settings, session, one, text)]
    day_of = text.day(session.date)
    return Letter(
        to=email,
        subject=text("mail.digest", title=session.title),
        body=_text(
            settings,
            text("mail.digest.what", title=session.title, day=day_of, body=session.body),
            *blocks,
            text("mail.digest.end"),
        ),
        session=session.id,
        unsubscribe=f"{settings.address}{ending}",
    )


def _block(
    settings: Settings, session: Session, found: AlertResult, text: Catalogue
) -> Iterator[str]:
    number = len(found.places)
    yield text.count("mail.digest.places", number, label=found.label)
    for place in found.places[:_LISTED]:
        at = clock_in(session, place.start_ms)
        page = address_in(text.language, moment_page(session.id, place.start_ms, place.end_ms))
        yield f"{f'{at}  ' if at else ''}{settings.address}{page}"
    if number > _LISTED:
        yield text("mail.digest.more", n=number - _LISTED)
    own_page = f"{settings.address}{address_in(text.language, found.page)}"
    yield text("mail.digest.alert", address=own_page)


_WHY_TOLD = (
    "Vous recevez ce message parce que votre compte a une adresse. Pour n'en plus recevoir, "
    "effacez-la dans « Mon compte »."
)


def _text(settings: Settings, *paragraphs: str) -> str:
    """Paragraphs as lines of a mail, addresses whole, signed by the city."""
    lines = (
        fill(part, _WIDTH, break_long_words=False, break_on_hyphens=False) for part in paragraphs
    )
    return "\n\n".join((*lines, f"-- \n{settings.city}, Verbatim\n{settings.address}")) + "\n"
