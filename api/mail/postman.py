"""Sends what waits in the outbox, from a thread of the server: the worker has no network (D-028).

Several servers may run over one archive: each mail is held by one of them. One that dies between
the mail server's word and ours sends its mail twice, never not at all.
"""

import logging
import smtplib
from collections.abc import Sequence
from email.errors import MessageError
from typing import Protocol

from api import delivery
from api.mail import outbox
from api.mail.outbox import Mail
from api.mail.server import MailServer
from ingest.archive.repository import Archive
from ingest.transcript import Status

log = logging.getLogger(__name__)
_PERMANENT = 500  # SMTP answers from here on do not get better by waiting


def deliver(archive: Archive, server: MailServer) -> int:
    """Send what is due; how many were sent. Stops at the first failure that is the server's."""
    sent = 0
    smtp: smtplib.SMTP | None = None
    try:
        while mail := _claim(archive):
            try:
                message = server.message(mail).as_bytes()
            except (ValueError, MessageError) as error:  # else it holds up those behind it
                _put_back(archive, mail, error, _PERMANENT)
                continue
            try:
                smtp = smtp or server.connect()
                smtp.sendmail(server.sender, [mail.to], message)
            except OSError as error:  # `SMTPException` is one
                if _put_back(archive, mail, error, _refusal(error)):
                    break
            else:
                sent += 1
                with archive.begin() as db:
                    outbox.drop(db, mail)
    finally:
        if smtp:
            smtp.close()
    return sent


def _claim(archive: Archive) -> Mail | None:
    """The next mail to send; those on a session that is not published any more are dropped."""
    while True:
        with archive.engine.connect() as db:
            if not outbox.is_due(db):  # one read by the index: an idle round takes no write lock
                return None
        with archive.begin() as db:
            mail = outbox.claim(db)
            if mail is None or mail.session is None:
                return mail
            if archive.status(mail.session) is Status.PUBLISHED:
                return mail
            outbox.drop(db, mail)


def _put_back(archive: Archive, mail: Mail, error: Exception, code: int) -> bool:
    """Keep a mail for later, or give it up where it is refused for good; True if it is kept."""
    # Neither the address nor what the server said of it: logs are kept, addresses are not.
    with archive.begin() as db:
        kept = code < _PERMANENT and outbox.postpone(db, mail)
        if not kept:
            outbox.give_up(db, mail, f"{type(error).__name__} {code or ''}".strip())
    log.warning(
        "Mail %d, attempt %d: %s %s; %s",
        mail.id,
        mail.attempts,
        type(error).__name__,
        code or "",
        "tried again later" if kept else "given up",
    )
    return kept


def _refusal(error: Exception) -> int:
    """The code with which a server refuses this recipient or this text; 0 for any other failure."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPDataError) else 0


class Collector(Protocol):
    """Finds events that call for a mail, and puts a letter on each into the outbox, once."""

    def collect(self) -> None:
        """Look once."""


class Postman:
    """Collects and delivers, again and again, until the process ends."""

    def __init__(
        self, archive: Archive, server: MailServer, collectors: Sequence[Collector] = ()
    ) -> None:
        self._archive = archive
        self._server = server
        self._collectors = collectors

    def start(self) -> None:
        """Begin, in a thread that ends with the process: what is not sent then is sent later."""
        delivery.start("mail", self.round)

    def round(self) -> None:
        """Collect and deliver once. A collector that fails holds up nothing else."""
        for collector in self._collectors:
            try:
                collector.collect()
            except Exception:
                log.exception("collecting mail")
        deliver(self._archive, self._server)
