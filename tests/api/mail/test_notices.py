"""Clerks with an address are told once of each transcription of theirs that ended."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from api.accounts import accounts
from api.accounts.roles import Role
from api.mail import outbox
from api.mail.notices import Notices
from api.mail.outbox import Letter, Mail
from ingest.archive.repository import Archive, open_archive
from ingest.archive.schema import now
from ingest.intake import intake
from ingest.jobs import queue
from ingest.jobs.queue import JobKind, JobState
from ingest.settings import Settings
from tests.support.office import signed_in, small_office
from tests.support.small_site import CANARY, sitting, text_of

SETTINGS = Settings(_env_file=None, smtp="smtp://x", address="https://seances.exemple.ch")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = open_archive(f"sqlite:///{tmp_path}/archive.sqlite")
    archive.save(*sitting("2025-03-11", f"Un {CANARY} chante."))
    with archive.begin() as db:
        for login in ("avec", "sans", "parti"):
            account = accounts.add(db, "tests", login, login, Role.CLERK)
            if login != "sans":
                accounts.set_email(db, account, f"{login}@exemple.ch")
        accounts.set_active(db, "tests", account, active=False)
    return archive


def brought(archive: Archive, by: str, state: JobState, *, hours_ago: float = 0.1) -> int:
    """A transcription that ended."""
    with archive.begin() as db:
        arrival = intake.new_id()
        intake.begin(db, arrival, by)
        if state is JobState.DONE:
            intake.finish(db, arrival, "2025-03-11")
        number = queue.add(db, JobKind.INGEST, arrival, by)
        ended = {"state": state, "ended_at": now() - timedelta(hours=hours_ago), "error": "Muet."}
        db.execute(update(queue.table).where(queue.table.c.id == number).values(ended))
    return number


def told(archive: Archive) -> list[Mail]:
    Notices(archive, SETTINGS).collect()
    Notices(archive, SETTINGS).collect()
    mails = []
    with archive.begin() as db:
        while mail := outbox.claim(db):
            outbox.drop(db, mail)
            mails.append(mail)
    return mails


def test_a_clerk_is_told_what_is_done_and_what_failed_and_why(archive: Archive) -> None:
    brought(archive, "avec", JobState.DONE)
    brought(archive, "avec", JobState.FAILED)
    done, failed = told(archive)
    assert (done.to, failed.to) == ("avec@exemple.ch", "avec@exemple.ch")
    assert "https://seances.exemple.ch/bureau/seances/2025-03-11" in done.body
    assert "Muet." in failed.body and "/bureau/apporter/" in failed.body
    assert CANARY not in done.body + failed.body


def test_nobody_else_is_told_and_nothing_old(archive: Archive) -> None:
    brought(archive, "sans", JobState.DONE)
    brought(archive, "parti", JobState.DONE)
    brought(archive, "machine", JobState.FAILED)
    brought(archive, "avec", JobState.CANCELLED)
    brought(archive, "avec", JobState.DONE, hours_ago=30)
    assert told(archive) == []


def test_what_failed_and_is_done_again_is_told_again(archive: Archive) -> None:
    number = brought(archive, "avec", JobState.FAILED)
    assert len(told(archive)) == 1
    with archive.begin() as db:
        queue.retry(db, number)
    assert told(archive) == []
    with archive.begin() as db:
        ended = {"state": JobState.FAILED, "ended_at": now()}
        db.execute(update(queue.table).where(queue.table.c.id == number).values(ended))
    assert [mail.subject for mail in told(archive)] == ["La transcription a échoué"]


def test_an_address_is_given_and_taken_back_in_ones_account(tmp_path: Path) -> None:
    app = small_office(tmp_path)
    clerk = signed_in(app)
    assert 'name="email"' not in clerk.get("/bureau/compte").text
    app.state.desk = replace(app.state.desk, settings=SETTINGS)

    def kept() -> str | None:
        with app.state.desk.archive.engine.connect() as db:
            return accounts.of_login(db, "greffe").email

    wrong = clerk.post("/bureau/compte/courriel", data={"email": "a@b.ch, c@d.ch"})
    assert wrong.status_code == 422 and "a@b.ch, c@d.ch" in wrong.text
    clerk.post("/bureau/compte/courriel", data={"email": "greffe@exemple.ch"})
    assert kept() == "greffe@exemple.ch" and "greffe@exemple.ch" in clerk.get("/bureau/compte").text
    clerk.post("/bureau/compte/courriel", data={"email": ""})
    assert kept() is None


def test_the_office_says_which_mails_did_not_arrive(tmp_path: Path) -> None:
    app = small_office(tmp_path)
    clerk, archive = signed_in(app), app.state.desk.archive
    assert "courriel" not in text_of(clerk.get("/bureau").text)
    with archive.begin() as db:
        for _ in range(2):
            outbox.put(db, Letter("a@exemple.ch", "Séance", "b"))
        first, last = (outbox.claim(db) for _ in range(2))
        assert first and last
        outbox.give_up(db, first, "SMTPRecipientsRefused 550")
        db.execute(update(outbox.table).values(attempts=4))
    page = text_of(clerk.get("/bureau").text)
    assert "1 courriel n'est pas encore parti" in page
    assert "1 courriel n'a pas pu être remis" in page
    log = text_of(signed_in(app, "chef", Role.ADMINISTRATOR).get("/bureau/journal").text)
    assert "Courriel non remis" in log and "a@exemple.ch" not in log
