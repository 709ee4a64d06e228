"""The archive keeps what it is given, whole or not at all, and hides what is not published."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError

from ingest.archive.checkpoints import Checkpoints
from ingest.archive.published import Published
from ingest.archive.repository import Archive, open_archive, opened
from ingest.errors import BadInput, Conflict, NotFound
from ingest.transcript import AgendaItem, Doubt, Recording, ReviewItem, Span, Status
from tests.conftest import small_session


def test_what_goes_in_comes_out_the_same(archive: Archive) -> None:
    session, transcript = small_session(texts=["Bonjour.", "Merci, Madame.", "Je vote non."])
    doubt = ReviewItem(10, 20, Doubt.UNHEARD, "parole sans mot")
    transcript = replace(transcript, unheard=(Span(10, 20),), review=(doubt,))
    archive.save(session, transcript)
    assert archive.session(session.id) == session
    assert archive.transcript(session.id) == transcript
    assert archive.turns(session.id, 1, 1) == transcript.turns[1:2]
    assert archive.speakers(session.id) == transcript.speakers
    assert archive.review(session.id) == (doubt,)


def test_it_is_still_there_when_opened_again(archive: Archive) -> None:
    session, transcript = small_session()
    archive.save(session, transcript)
    with opened(archive.engine.url.render_as_string(hide_password=False)) as again:
        assert again.session(session.id) == session


def test_a_session_is_saved_whole_or_not_at_all(archive: Archive) -> None:
    session, transcript = small_session()
    twice = replace(transcript, turns=transcript.turns * 2)  # the same key twice: SQL refuses
    with pytest.raises(IntegrityError):
        archive.save(session, twice)
    assert archive.sessions() == ()
    with pytest.raises(NotFound):
        archive.transcript(session.id)


def test_an_id_is_given_once(archive: Archive) -> None:
    archive.save(*small_session())
    with pytest.raises(Conflict, match="seance-1"):
        archive.save(*small_session())


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_CAMERA])
def test_readers_get_the_same_answer_for_a_hidden_session_as_for_none(
    archive: Archive, status: Status
) -> None:
    archive.save(*small_session())
    archive.set_status("seance-1", status)
    published = Published(archive)
    assert published.sessions() == ()
    calls = [
        published.session,
        published.transcript,
        lambda name: published.turn(name, 0, 1),
        lambda name: published.turns(name, 0, 9),
        published.speakers,
    ]
    for call in calls:
        told = []
        for name in ("seance-1", "seance-9"):
            with pytest.raises(NotFound) as error:
                call(name)
            told.append(str(error.value).replace(name, "X"))
        assert told[0] == told[1]


def test_a_published_session_is_readable_until_it_is_withdrawn(archive: Archive) -> None:
    archive.save(*small_session())
    published = Published(archive)
    archive.set_status("seance-1", Status.PUBLISHED)
    assert published.session("seance-1").status is Status.PUBLISHED
    archive.set_status("seance-1", Status.DRAFT)
    with pytest.raises(NotFound):
        published.turns("seance-1", 0, 0)


def test_the_agenda_item_at_a_moment() -> None:
    session, _ = small_session()
    agenda = (
        AgendaItem("1", "Ouverture", None, 0),
        AgendaItem("2", "Piste cyclable", "PR-12", 5_000),
        AgendaItem("3", "Divers", None, None),
    )
    session = replace(session, agenda=agenda, parts=(Recording("x", 0, 9_000),))
    assert [session.agenda_item_at(at) for at in (0, 4_999, 5_000, 8_999)] == [
        agenda[0],
        agenda[0],
        agenda[1],
        agenda[1],
    ]


def test_checkpoints_are_kept_by_job_and_window_until_forgotten(archive: Archive) -> None:
    one, other = Checkpoints(archive, "one"), Checkpoints(archive, "other")
    spans = [Span(1, 2), Span(3, 4)]
    assert one.step("speech", Span, lambda: spans) == tuple(spans)
    assert one.step("speech", Span, lambda: pytest.fail("done already")) == tuple(spans)
    assert other.step("speech", Span, lambda: []) == ()
    assert one.step("speech", Span, lambda: [], window=1) == ()
    one.forget()
    assert one.step("speech", Span, lambda: spans[:1]) == (Span(1, 2),)
    assert other.step("speech", Span, lambda: pytest.fail("done already")) == ()


def test_a_start_that_was_killed_halfway_is_made_good_by_the_next(tmp_path: Path) -> None:
    """Tables that a migration made before it died must not stand in the next one's way."""
    (tmp_path / "archive.sqlite").touch()  # empty, but there: nothing is copied (conftest)
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    made = []

    def die_at_the_fourth(_db: object, _cursor: object, statement: str, *_: object) -> None:
        made.append("CREATE TABLE" in statement)
        if sum(made) == 4:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", die_at_the_fourth)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_archive(url)
    finally:
        event.remove(Engine, "before_cursor_execute", die_at_the_fourth)
    assert open_archive(url).sessions() == ()


def test_another_database_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="mysql"):
        open_archive("mysql://localhost/verbatim")


def test_an_archive_of_a_later_version_is_left_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    later = open_archive(url)
    with later.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BadInput, match=r"version plus récente.*restaurez la sauvegarde"):
        open_archive(url)
    with later.engine.connect() as db:
        versions = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    assert versions == ["9999"]
