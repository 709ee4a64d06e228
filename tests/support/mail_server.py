"""A real SMTP server on the loopback, which keeps what it is sent or refuses it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from socket import create_connection

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "greffe@exemple.ch", "p@ss:mot/"


class MailServer:
    """Takes mail for anybody, or answers every recipient what it is told to."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.answer = "250 OK"
        self.logins: list[tuple[bytes, bytes]] = []
        self.encrypted: list[bool] = []
        self.url = ""

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        message = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        self.encrypted.append(bool(server.transport.get_extra_info("cipher")))  # type: ignore[union-attr]
        message["X-Recipients"] = ",".join(envelope.rcpt_tos)
        self.sent.append(message)
        return "250 OK"

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Let one user in."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right)


class _OnAFreePort(Controller):
    """The controller looks its server up at the port that was asked for, which is none here."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        if self.ssl_context is None:
            super()._trigger_server()  # type: ignore[no-untyped-call]
            return
        plain = create_connection((self.hostname, self.port))
        with plain, _TRUSTING.wrap_socket(plain) as encrypted:
            encrypted.recv(1)


_TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_TRUSTING.check_hostname = False
_TRUSTING.verify_mode = ssl.CERT_NONE


@contextmanager
def mail_server(
    *,
    asks_password: bool = False,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> Iterator[MailServer]:
    """A server that is there while the block lasts; its `url` lacks user and password."""
    server = MailServer()
    controller = _OnAFreePort(
        server,
        hostname="127.0.0.1",
        port=0,
        authenticator=server.log_in,
        ssl_context=tls,
        tls_context=starttls,
        auth_require_tls=False,
        auth_required=asks_password,
    )
    controller.start()
    try:
        server.url = f"{'smtps' if tls else 'smtp'}://127.0.0.1:{controller.port}"
        yield server
    finally:
        controller.stop()
