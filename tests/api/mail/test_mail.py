"""Mails: kept until a real mail server has taken them, one recipient each, no header added."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update

from api.delivery import KEPT
from api.mail import outbox
from api.mail.outbox import Letter
from api.mail.postman import deliver
from api.mail.server import mail_server as read_server
from api.mail.server import read_address
from ingest.archive import audit
from ingest.archive.repository import Archive, open_archive
from ingest.archive.schema import now
from ingest.errors import BadInput
from ingest.settings import Settings
from ingest.transcript import Status
from tests.support.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.support.small_site import sitting

LETTER = Letter("lecteur@exemple.ch", "Une séance est publiée", "Bonjour,\n\nélu·e·s.\n.\nFin\n")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(f"sqlite:///{tmp_path}/archive.sqlite")


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def post(running: MailServer) -> MailServer:
    running.sent.clear()
    running.answer = "250 OK"
    return running


def settings(smtp: str, **more: object) -> Settings:
    known = {"mail_from": "seances@exemple.ch", "address": "https://seances.exemple.ch"}
    return Settings(_env_file=None, smtp=smtp, **{**known, **more})  # type: ignore[arg-type]


def send(archive: Archive, url: str, *letters: Letter) -> int:
    with archive.begin() as db:
        for letter in letters:
            outbox.put(db, letter)
    server = read_server(settings(url))
    assert server
    return deliver(archive, server)


def waiting(archive: Archive) -> list[tuple[str, int]]:
    with archive.engine.connect() as db:
        rows = db.execute(select(outbox.table.c.to, outbox.table.c.attempts)).all()
    return [(row.to, row.attempts) for row in rows]


def due_again(archive: Archive) -> None:
    with archive.begin() as db:
        db.execute(update(outbox.table).values(not_before=now()))


def test_a_mail_arrives_whole_and_its_address_is_not_kept(
    archive: Archive, post: MailServer
) -> None:
    unsubscribe = "https://seances.exemple.ch/alertes/x"
    other = Letter("autre@exemple.ch", "Deux", "b", unsubscribe=unsubscribe)
    assert send(archive, post.url, LETTER, other) == 2
    assert waiting(archive) == []
    first, second = post.sent
    assert (
        first["Subject"] == LETTER.subject and first.get_content().replace("\r", "") == LETTER.body
    )
    assert first["From"] == "Ville de Rivemont <seances@exemple.ch>"
    assert (first["To"], first["X-Recipients"]) == (LETTER.to, LETTER.to)
    assert first["Auto-Submitted"] == "auto-generated" and first["Date"] and first["Message-ID"]
    assert first["List-Unsubscribe"] is None
    assert second["List-Unsubscribe"] == f"<{unsubscribe}>"
    assert second["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_is_not_taken_waits_longer_each_time_and_is_given_up_after_days(
    archive: Archive, post: MailServer
) -> None:
    post.answer = "451 plus tard"
    waits = []
    send(archive, post.url, LETTER)
    for attempt in (1, 2, 3):
        assert waiting(archive) == [(LETTER.to, attempt)]
        with archive.engine.connect() as db:
            waits.append(db.execute(select(outbox.table.c.not_before)).scalar_one() - now())
        assert deliver_to(archive, post) == 0  # not before its time
        due_again(archive)
        deliver_to(archive, post)
    minutes = [round(wait / timedelta(minutes=1)) for wait in waits]
    assert minutes == [1, 2, 4]
    with archive.begin() as db:
        db.execute(update(outbox.table).values(at=now() - KEPT - timedelta(hours=1)))
    due_again(archive)
    assert trouble(archive) == (1, 0)
    deliver_to(archive, post)
    assert waiting(archive) == []
    assert trouble(archive) == (0, 1), "the office is told of it, without the address"


def trouble(archive: Archive) -> tuple[int, int]:
    """How many mails the office is told of: late ones, those given up."""
    with archive.engine.connect() as db:
        assert LETTER.to not in str(audit.newest(db))
        found = outbox.trouble(db)
    return found.late, found.given_up


def deliver_to(archive: Archive, post: MailServer) -> int:
    return send(archive, post.url)


def test_a_refused_address_is_dropped_and_holds_up_nobody(
    archive: Archive, post: MailServer
) -> None:
    post.answer = "550 personne de ce nom"
    assert send(archive, post.url, LETTER, LETTER) == 0
    assert waiting(archive) == [] and trouble(archive) == (0, 2)


@pytest.mark.parametrize("to", ["a..b@exemple.ch", "=?utf-8?q?a?=@exemple.ch"])
def test_a_mail_that_no_message_can_be_made_of_is_dropped_and_holds_up_nobody(
    archive: Archive, post: MailServer, to: str
) -> None:
    assert send(archive, post.url, replace(LETTER, to=to), LETTER) == 1
    assert waiting(archive) == []


def test_no_server_loses_no_mail(archive: Archive) -> None:
    assert send(archive, "smtp://127.0.0.1:1", LETTER, LETTER) == 0
    assert sorted(attempts for _, attempts in waiting(archive)) == [0, 1]


def test_a_mail_on_a_session_that_was_withdrawn_is_not_sent(
    archive: Archive, post: MailServer
) -> None:
    for session_id in ("publiee", "retiree", "effacee"):
        archive.save(*sitting(session_id, "Bonsoir."))
        archive.set_status(session_id, Status.PUBLISHED)
    letters = [
        Letter(f"{one}@exemple.ch", "Séance", "b", session=one)
        for one in ("retiree", "publiee", "effacee")
    ]
    with archive.begin() as db:
        for letter in letters:
            outbox.put(db, letter)
        db.exec_driver_sql("DELETE FROM sessions WHERE id = 'effacee'")
    archive.set_status("retiree", Status.WITHDRAWN)
    assert deliver_to(archive, post) == 1
    assert post.sent[0]["To"] == "publiee@exemple.ch"
    assert waiting(archive) == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_is_sent_to_the_server_that_asks_for_it_but_not_in_the_clear(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(asks_password=True) as post:
        place = post.url.removeprefix("smtp://")
        right = f"smtp://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@{place}"
        assert send(archive, right, LETTER) == 1
        assert send(archive, right.replace("%2F", "x"), LETTER) == 0
        monkeypatch.setattr("api.mail.server._is_this_machine", lambda host: False)
        due_again(archive)
        assert send(archive, right) == 0
    assert [login == (USER.encode(), PASSWORD.encode()) for login in post.logins] == [True, False]
    assert waiting(archive) == [(LETTER.to, 2)]


def test_a_line_break_in_a_text_adds_no_header(archive: Archive, post: MailServer) -> None:
    bad = Letter(LETTER.to, "Sujet\r\nBcc: autre@exemple.ch\n\nx", "Bcc: autre@exemple.ch\n")
    assert send(archive, post.url, bad) == 1
    assert post.sent[0]["Bcc"] is None
    assert post.sent[0]["X-Recipients"] == LETTER.to


@pytest.mark.parametrize(
    "address",
    [
        *("", "x", "a@b", "a b@c.ch", "a@c.ch,d@e.ch", "a@c.ch\nBcc: d@e.ch", "<a@c.ch>"),
        *(".a@c.ch", "a.@c.ch", "a..b@c.ch", "=?utf-8?q?a?=@c.ch"),
        *('"a"@c.ch', "é@c.ch", "a@c..ch", "a@" + "c" * 64 + ".ch", "a@c.ch" + "x" * 254),
    ],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="adresse électronique"):
        read_address(address)
    assert read_address(" Prénom.Nom@exemple.ch ".replace("é", "e")) == "Prenom.Nom@exemple.ch"


@pytest.mark.parametrize(
    ("smtp", "more"),
    [
        ("imap://x", {}),
        ("smtp://", {}),
        ("smtp://hote:port", {}),
        ("hote:25", {}),
        ("smtp://hote", {"mail_from": None}),
        ("smtp://hote", {"address": None}),
        ("smtp://hote", {"mail_from": "pas une adresse"}),
    ],
)
def test_a_setting_that_cannot_be_is_told_without_its_password(
    smtp: str, more: dict[str, object]
) -> None:
    given = smtp.replace("//", "//moi:s3cr3t@")
    with pytest.raises(BadInput) as error:
        read_server(settings(given, **more))
    assert "s3cr3t" not in str(error.value)
    assert "s3cr3t" not in repr(settings(given, **more))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for the loopback, with its key, that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(today - timedelta(days=1)).not_valid_after(
        today + timedelta(days=1)
    )
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(host, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    file = tmp_path / "mail.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_mail_is_encrypted_and_only_for_a_server_that_proves_its_name(
    archive: Archive, certificate: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tls, starttls = (context, None) if way == "tls" else (None, context)
    with mail_server(tls=tls, starttls=starttls) as post:
        assert send(archive, post.url, LETTER) == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        due_again(archive)
        assert deliver_to(archive, post) == 1
    assert post.encrypted == [True]
