"""The watched folder: what it takes up and when, what it reports, and that nothing is lost."""

import errno
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.intake import inbox, intake
from ingest.intake.form import read_request
from ingest.intake.inbox import DONE, ERROR, READY, look, problems, read_folder
from ingest.intake.intake import Arrival, ArrivalState, every, folder
from ingest.intake.uploads import discard
from ingest.jobs import queue
from ingest.jobs.queue import Job, JobKind, claim
from ingest.samples import sample_requests
from tests.conftest import SAMPLES
from tests.support.media import short_sound
from tests.support.office_documents import sheet, word
from tests.support.waiting import until


@pytest.fixture
def box(tmp_path: Path) -> Path:
    made = tmp_path / "arrivées"
    made.mkdir()
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is changed by now: a minute has gone by."""
    monkeypatch.setattr(inbox, "QUIET_S", 0)


def sitting(box: Path, name: str = "2025-05-13 Conseil", *files: str) -> Path:
    place = box / name
    place.mkdir()
    for number, file in enumerate(files or ("partie 10.mp4", "partie 2.mp4")):
        is_sound = Path(file).suffix not in (".csv", ".json", ".txt", ".vtt")
        (place / file).write_bytes(short_sound(number) if is_sound else file.encode())
    return place


def taken(archive: Archive) -> list[Arrival]:
    with archive.engine.connect() as db:
        return list(every(db, *ArrivalState))


def job_of(archive: Archive, one: Arrival) -> Job:
    with archive.engine.connect() as db:
        found = queue.newest(db, one.id, JobKind.INGEST)
    assert found is not None
    return found


def test_a_folder_is_taken_once_it_is_quiet(archive: Archive, data: Path, box: Path) -> None:
    place = sitting(box)
    assert look(archive, data, box) == 0  # it may still be being copied
    (place / READY).touch()
    assert look(archive, data, box) == 1
    [one] = taken(archive)
    assert one.state is ArrivalState.SENT and one.details.date == "2025-05-13"
    assert [part.name for part in one.recordings] == ["partie 2.mp4", "partie 10.mp4"]
    kept = folder(data, one.id)
    heard = [(kept / part.id).read_bytes() for part in one.recordings]
    assert heard == [short_sound(1), short_sound(0)]
    assert look(archive, data, box) == 0 and len(taken(archive)) == 1


def test_a_file_that_grows_is_waited_for(
    archive: Archive, data: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sitting(box)
    os.utime(place / "partie 2.mp4", (0, 0))  # copying programs set this time as they like
    assert look(archive, data, box) == 0
    changed = max(path.lstat().st_ctime for path in (place, *place.iterdir()))
    until(lambda: time.time() > changed + 0.1)  # a file system's clock moves in steps
    with (place / "partie 2.mp4").open("ab") as handle:
        handle.write(b"more")
    monkeypatch.setattr(time, "time", lambda: changed + inbox.QUIET_S)
    assert look(archive, data, box) == 0
    grown = (place / "partie 2.mp4").lstat().st_ctime
    monkeypatch.setattr(time, "time", lambda: grown + inbox.QUIET_S)
    assert look(archive, data, box) == 1


@pytest.mark.usefixtures("quiet")
def test_a_folder_like_the_samples_says_everything(archive: Archive, data: Path, box: Path) -> None:
    name = "2025-05-13-cantines-nuit"
    shutil.copytree(SAMPLES / name, box / name)
    assert look(archive, data, box) == 1
    [one] = taken(archive)
    made = read_request(archive, one, folder(data, one.id))
    [same] = [request for request in sample_requests(SAMPLES) if request.id == name]
    assert (made.id, made.title, made.date, made.body) == (
        *(same.id, same.title, same.date, same.body),
    )
    assert (made.roster, made.agenda, made.captions) == (same.roster, same.agenda, same.captions)
    assert [f.read_bytes() for f in made.files] == [f.read_bytes() for f in same.files]


@pytest.mark.usefixtures("quiet")
def test_a_point_flagged_in_camera_comes_in_marked(archive: Archive, data: Path, box: Path) -> None:
    place = sitting(box)
    (place / "agenda.csv").write_text("numéro;titre;huis_clos\n1;Divers;\n2;Recours;oui\n")
    assert look(archive, data, box) == 1
    [one] = taken(archive)
    agenda = read_request(archive, one, folder(data, one.id)).agenda
    assert [item.title for item in agenda] == ["Divers", "Recours (huis clos)"]


def test_a_list_and_an_agenda_are_known_by_what_clerks_call_them(box: Path) -> None:
    place = box / "2025-05-13 Conseil"
    place.mkdir()
    (place / "Liste des membres 2025.xlsx").write_bytes(sheet(["Nom", "Prénom"], ["Rey", "Anne"]))
    (place / "Ordre du jour du 13 mai.docx").write_bytes(word("1. Accueil", "2. Divers"))
    (place / "a.mp4").write_text("x")
    details = read_folder(place).details
    assert details.roster == "Nom;Prénom\nRey;Anne\n"
    assert details.agenda == "1. Accueil\n2. Divers"
    (place / "convocation.pdf").write_bytes(b"x")
    with pytest.raises(BadInput, match="n'en laissez qu'un"):
        read_folder(place)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("name", "files", "told"),
    [
        ("Conseil de mai", {"a.mp4": "x"}, "commencez le nom du dossier par la date"),
        ("2025-05-13", {"note.txt": "x"}, "Ajoutez l'enregistrement"),
        ("2025-05-13", {"a.mp4": "x", "roster.csv": "prénom\nx"}, "la colonne « Nom » manque"),
        ("2025-05-13", {"a.mp4": "x", "agenda.json": "[{"}, "le JSON ne peut pas être lu"),
        ("2025-05-13", {"a.mp4": "x", "session.json": "{"}, "« session.json » ne se lit pas"),
        ("2025-05-13", {"a.mp4": "x", "session.json": "[]"}, "doit être un objet"),
        ("2025-05-13", {"a.mp4": "x", "a.vtt": "x"}, "« a.vtt » ne contient aucun sous-titre"),
        ("2025-05-13", {"a.mp4": ""}, "« a.mp4 » est vide"),
        ("2025-02-30", {"a.mp4": "x"}, "« 2025-02-30 » ne se lit pas"),
    ],
)
def test_what_is_wrong_is_written_into_the_folder(
    archive: Archive, data: Path, box: Path, name: str, files: dict[str, str], told: str
) -> None:
    place = box / name
    place.mkdir()
    for file, content in files.items():
        (place / file).write_text(content, "utf-8")
    assert look(archive, data, box) == 0
    assert told in (place / ERROR).read_text("utf-8")
    assert [(at, told in why) for at, why in problems(box)] == [(name, True)]
    assert taken(archive) == [] and list((data / "arrivals").glob("*")) == []
    assert look(archive, data, box) == 0  # until a clerk has put it right
    for file in files:
        assert (place / file).exists()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "about",
    [
        '{"date": "\\ud800", "parts": [{"file": "a.mp4"}]}',
        '{"date": "2025-05-13", "parts": [{"file": ' + "[" * 500 + "]" * 500 + "}]}",
        '{"date": "2025-05-13", "parts": [{"file": "' + "a" * 5_000 + '"}]}',
        '{"date": ' + "9" * 5_000 + "}",
        '{"date": "2025-05-13", "title": "' + "a" * 2**16 + '"}',
    ],
)
def test_whatever_a_session_file_says_the_folder_gets_an_answer(
    archive: Archive, data: Path, box: Path, about: str
) -> None:
    place = sitting(box, "2025-05-13 Conseil", "a.mp4")
    (place / "session.json").write_text(about)
    look(archive, data, box)
    assert (place / ERROR).is_file()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("told", ["../data/secret.mp4", "/etc/passwd", "lien.mp4"])
def test_a_folder_cannot_reach_out_of_itself(
    archive: Archive, data: Path, box: Path, told: str
) -> None:
    (data / "secret.mp4").write_text("secret")
    place = sitting(box, "2025-05-13 Conseil", "a.mp4")
    (place / "lien.mp4").symlink_to(data / "secret.mp4")
    about = {"date": "2025-05-13", "parts": [{"file": told}]}
    (place / "session.json").write_text(json.dumps(about))
    look(archive, data, box)
    assert "n'est pas dans le dossier" in (place / ERROR).read_text("utf-8")


@pytest.mark.usefixtures("quiet")
def test_a_folder_that_is_done_is_moved_and_its_name_may_come_again(
    archive: Archive, data: Path, box: Path
) -> None:
    for round_ in (1, 2):
        place = sitting(box)
        assert look(archive, data, box) == 1
        lease = claim(archive, "w", (JobKind.INGEST,))
        assert lease is not None
        subject, session = lease.job.subject, f"séance-{round_}"
        lease.done(lambda db, a=subject, s=session: intake.finish(db, a, s))  # type: ignore[misc]
        look(archive, data, box)
        assert not place.exists()
    found = sorted(path.name for path in (box / DONE).iterdir())
    assert found == ["2025-05-13 Conseil", "2025-05-13 Conseil (2)"]
    assert (box / DONE / "2025-05-13 Conseil" / "partie 2.mp4").read_bytes() == short_sound(1)


@pytest.mark.usefixtures("quiet")
def test_a_transcription_that_failed_is_reported_there_and_can_be_tried_again(
    archive: Archive, data: Path, box: Path
) -> None:
    place = sitting(box)
    look(archive, data, box)
    lease = claim(archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.failed("« partie 2.mp4 » n'est pas un enregistrement lisible.")
    for _ in range(2):
        look(archive, data, box)
        assert "n'est pas un enregistrement" in (place / ERROR).read_text("utf-8")
    [one] = taken(archive)
    with archive.begin() as db:
        queue.retry(db, job_of(archive, one).id)  # from the page
    look(archive, data, box)
    assert not (place / ERROR).exists() and [o.id for o in taken(archive)] == [one.id]
    lease = claim(archive, "w", (JobKind.INGEST,))
    assert lease is not None
    lease.failed("Toujours pas.")
    look(archive, data, box)
    (place / ERROR).unlink()  # put right: it begins anew
    assert look(archive, data, box) == 1
    assert [o.id for o in taken(archive)] != [one.id]


@pytest.mark.usefixtures("quiet")
def test_what_was_removed_from_the_page_does_not_come_back(
    archive: Archive, data: Path, box: Path
) -> None:
    place = sitting(box)
    look(archive, data, box)
    [one] = taken(archive)
    with archive.begin() as db:
        queue.cancel(db, job_of(archive, one).id)
    inbox.tell(place, "Cette séance a été retirée depuis le bureau.")
    discard(archive, data, one.id, "greffe")
    assert look(archive, data, box) == 0 and taken(archive) == []


def refuse(monkeypatch: pytest.MonkeyPatch, what: str, bad: Path) -> None:
    """Have a method of `Path` fail at a folder and in it, as for a user who may not."""
    real = getattr(Path, what)

    def refused(self: Path, *given: object, **named: object) -> object:
        if bad in (self, self.parent):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self, *given, **named)

    monkeypatch.setattr(Path, what, refused)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("what", ["iterdir", "write_text", "exists"])
def test_a_folder_of_another_user_holds_up_no_other(
    archive: Archive, data: Path, box: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    bad = sitting(box, "1er conseil, sans date")
    sitting(box)
    refuse(monkeypatch, what, bad)
    assert look(archive, data, box) == 1
    [one] = taken(archive)
    assert one.details.inbox == "2025-05-13 Conseil"
    assert [path.name for path in (data / "arrivals").iterdir()] == [one.id]


@pytest.mark.usefixtures("quiet")
def test_the_office_learns_of_a_folder_the_server_may_not_change(
    archive: Archive, data: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sitting(box)
    monkeypatch.setattr(os, "access", lambda path, mode: path != place)
    assert look(archive, data, box) == 0 and taken(archive) == []
    [(name, why)] = problems(box)
    assert name == place.name and "droits" in why


@pytest.mark.usefixtures("quiet")
def test_a_folder_that_cannot_be_moved_away_holds_up_no_other(
    archive: Archive, data: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = sitting(box, "2025-05-13 a"), sitting(box, "2025-05-14 b")
    assert look(archive, data, box) == 2
    for one in taken(archive):
        with archive.begin() as db:
            intake.finish(db, one.id, f"séance {one.details.inbox}")
    refuse(monkeypatch, "rename", places[1])  # the newest, which comes first
    look(archive, data, box)
    assert [place.exists() for place in places] == [False, True]


@pytest.mark.usefixtures("quiet")
def test_a_copy_for_which_the_disk_has_no_room_leaves_nothing_behind(
    archive: Archive, data: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    place = sitting(box)
    monkeypatch.setattr(os, "link", other_disk)
    monkeypatch.setattr(shutil, "copyfile", full)
    for _ in range(2):  # it is not tried again and again
        assert look(archive, data, box) == 0
        assert list((data / "arrivals").glob("*")) == [] and taken(archive) == []
        monkeypatch.setattr(shutil, "copyfile", lambda *_: pytest.fail("tried again"))
    assert "le disque est plein" in (place / ERROR).read_text("utf-8")


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    [(_, why)] = problems(tmp_path / "absent")
    assert "VERBATIM_INBOX" in why
