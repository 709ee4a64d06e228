"""The city's mail server: its settings, and a message handed to it.

Knows SMTP (RFC 5321, 8314) and the form of a message (RFC 5322). A password is only ever sent
encrypted, or within the machine.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from api.mail.outbox import Mail
from ingest.archive.schema import to_local
from ingest.errors import BadInput
from ingest.settings import Settings

_PORTS = {"smtps": 465, "smtp": 587}  # RFC 8314 section 3.3, RFC 6409
_PATIENCE_S = 30.0  # a server that greylists by waiting answers within; no request waits for it
# What browsers take for an address (HTML, "valid e-mail address"), with a dot in the domain: no
# space, comma, quote or line break, so that it can name one mailbox and nothing else. Less what
# RFC 5322 has no place for (dots at an end or in a row) and what reads as an encoded word.
_ADDRESS = re.compile(
    r"(?!\.|[^@]*(?:\.\.|\.@|=\?))"
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+",
    re.A | re.I,
)
_LONGEST = 254  # characters of an address, RFC 5321 section 4.5.3.1 less its brackets


def read_address(text: str) -> str:
    """One mailbox. Raises `BadInput`."""
    address = text.strip()
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise BadInput(
            f"« {address[:60]} » n'est pas une adresse électronique : écrivez-la comme "
            "prenom.nom@exemple.ch."
        )
    return address


@dataclass(frozen=True)
class MailServer:
    """Where messages go, and in whose name. `tls`: from the first byte, else by STARTTLS."""

    host: str
    port: int
    tls: bool
    sender: str
    city: str
    user: str = ""
    password: str = field(default="", repr=False)

    def connect(self) -> smtplib.SMTP:
        """A connection to send through. Raises `OSError` and `smtplib.SMTPException`."""
        context = ssl.create_default_context()
        if self.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=_PATIENCE_S, context=context
            )
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE_S)
        try:
            smtp.ehlo()
            encrypted = self.tls
            if not encrypted and smtp.has_extn("starttls"):
                smtp.starttls(context=context)
                encrypted = True
            if self.user:
                if not (encrypted or _is_this_machine(self.host)):
                    raise smtplib.SMTPException("no encryption, so the password was not sent")
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def message(self, mail: Mail) -> EmailMessage:
        """A mail as it is sent. Its texts cannot add a header: a line break in one is an error."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(" ".join(self.city.split()), addr_spec=self.sender)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(to_local(mail.at))
        message["Message-ID"] = make_msgid(str(mail.id), self.sender.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
        if mail.unsubscribe:  # RFC 8058
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.body, cte="quoted-printable")  # as any server passes it on
        return message


def mail_server(settings: Settings) -> MailServer | None:
    """The server that the settings name, None where none is set. Raises `BadInput`."""
    if settings.smtp is None:
        return None
    if settings.mail_from is None or settings.address is None:
        raise BadInput(
            "VERBATIM_SMTP est réglé : réglez aussi VERBATIM_MAIL_FROM (l'adresse qui envoie) et "
            "VERBATIM_ADDRESS (celle du site, dont les liens sont faits)."
        )
    try:
        url = urlsplit(settings.smtp.get_secret_value())
        port = url.port or _PORTS[url.scheme]
        if not url.hostname:
            raise ValueError
    except (KeyError, ValueError):
        raise BadInput(  # without the value, which may hold a password
            "VERBATIM_SMTP ne se lit pas : écrivez smtps://compte:motdepasse@serveur:465, ou "
            "smtp://serveur:587. Un signe particulier s'écrit %40 pour @, %3A pour :, %2F pour /."
        ) from None
    return MailServer(
        host=url.hostname,
        port=port,
        tls=url.scheme == "smtps",
        sender=read_address(settings.mail_from),
        city=settings.city,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
    )


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
