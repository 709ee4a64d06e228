"""The watched folder: each of its sub-folders is a session, taken up once it has been quiet.

A sub-folder holds the recordings and, if there are any, a list of members and an agenda (known by
their names: "membres.xlsx", "Ordre du jour.docx"), captions, and a `session.json` as the samples
have; its name may begin with the date instead ("2025-05-13 Conseil").
Nothing is ever deleted in it: it is moved to `faits/` once the session is saved. What is wrong is
written into it as `ERREUR.txt`, which a clerk deletes once it is put right. What fails with one
sub-folder holds up no other.
"""

import json
import logging
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from ingest.archive import audit
from ingest.archive.repository import Archive
from ingest.documents.agenda_text import MOST_AGENDA, json_text
from ingest.documents.office_files import AGENDA_FILES, LIST_FILES, read_document
from ingest.documents.roster import MOST_ROSTER
from ingest.documents.text_files import Most, read_text
from ingest.errors import BadInput, UserError, reason, shown
from ingest.intake import intake
from ingest.intake.form import NONE, Mistakes, read_request
from ingest.intake.intake import Arrival, ArrivalState, TypedDetails, every, folder, natural, new_id
from ingest.intake.uploads import discard, probe_all
from ingest.jobs import queue
from ingest.jobs.queue import WAITING, Job, JobKind, JobState
from ingest.text import fold

# What a sub-folder of the watched folder says of its session. Reading alone.


SOUND_FILES = (
    *(".wav", ".w64", ".mp3", ".mp4", ".m4a", ".m4v", ".mov", ".mkv", ".webm", ".ogg", ".oga"),
    *(".opus", ".flac", ".aac", ".aif", ".aiff", ".avi", ".ts", ".mts", ".mpg", ".mpeg", ".flv"),
    *(".caf", ".wma", ".wmv", ".asf", ".amr", ".3gp", ".mka"),
)
_CAPTIONS = (".vtt", ".srt")
# Words of the names that clerks give to these files, folded, and the suffixes that are read.
_AGENDA = re.compile(r"agenda|ordre.?du.?jour|\bodj\b|convocation")
_ROSTER = re.compile(r"roster|membres?\b|\bliste|\belue?s\b|conseillers")
# A line for each part and its captions: of 64 KiB there are 600.
_MOST_ABOUT = Most(2**16, "un session.json", "n'y laissez que ce que montrent les exemples.")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})[\s_-]*(.*)", re.DOTALL)


def files_in(place: Path) -> list[Path]:
    """Regular files only: a link could lead anywhere."""
    found = (p for p in place.iterdir() if not p.name.startswith(".") and not p.is_symlink())
    return sorted((p for p in found if p.is_file()), key=lambda path: natural(path.name))


@dataclass(frozen=True)
class FolderContent:
    """What a folder says of its session: parts in order, with their captions if it says which."""

    details: TypedDetails
    parts: tuple[tuple[Path, Path | None], ...]
    loose: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """All that is to be brought, the parts first and in order."""
        captions = [captions for _, captions in self.parts if captions]
        return [*(part for part, _ in self.parts), *captions, *self.loose]

    def captioned(self, ids: Mapping[Path, str]) -> dict[str, str]:
        """Which file captions which part; nothing where names have to tell."""
        if not any(captions for _, captions in self.parts):
            return {}
        return {ids[part]: ids[file] if file else NONE for part, file in self.parts}


def read_folder(place: Path) -> FolderContent:
    """What a folder says, and the files to bring. Raises `BadInput`."""
    files = files_in(place)
    by_name = {path.name.lower(): path for path in files}
    about = _about(by_name.get("session.json"))
    named = _DATED.fullmatch(place.name)
    parts: list[tuple[Path, Path | None]]
    parts = [(path, None) for path in files if path.suffix.lower() in SOUND_FILES]
    loose = [path for path in files if path.suffix.lower() in _CAPTIONS]
    if listed := about.get("parts"):
        parts, loose = [_part(files, part) for part in listed], []
    details = TypedDetails(
        title=json_text(about.get("title")) or (named[2].strip() if named else ""),
        date=json_text(about.get("date")) or (named[1] if named else ""),
        body=json_text(about.get("body")) or "Conseil municipal",
        id=json_text(about.get("id")) or "",
        roster=_text(_called(files, _ROSTER, LIST_FILES), MOST_ROSTER, table=True),
        agenda=_text(_called(files, _AGENDA, AGENDA_FILES), MOST_AGENDA),
        ordered=True,
    )
    if not details.date:
        raise BadInput(
            f"La date de « {place.name} » manque : commencez le nom du dossier par la date, par "
            "exemple « 2025-05-13 Conseil municipal », ou ajoutez un session.json."
        )
    return FolderContent(details, tuple(parts), tuple(loose))


def _about(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        about = json.loads(read_text(path, _MOST_ABOUT))
    except (ValueError, RecursionError):
        raise BadInput("« session.json » ne se lit pas : corrigez sa ponctuation.") from None
    parts = about.get("parts", []) if isinstance(about, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadInput("« session.json » doit être un objet { … } comme celui des exemples.")
    return dict(about)


def _part(files: Sequence[Path], part: dict[str, Any]) -> tuple[Path, Path | None]:
    captions = _named(files, part, "captions") if part.get("captions") else None
    return _named(files, part, "file"), captions


def _named(files: Sequence[Path], part: dict[str, Any], what: str) -> Path:
    name = part.get(what)
    path = next((path for path in files if path.name == name), None)
    if path is None:
        raise BadInput(f"« {shown(name)} », que session.json nomme, n'est pas dans le dossier.")
    return path


def _called(
    files: Sequence[Path], name: re.Pattern[str], suffixes: Collection[str]
) -> Sequence[Path]:
    named = (path for path in files if path.suffix.lower() in suffixes)
    return [path for path in named if name.search(fold(path.stem))]


def _text(found: Sequence[Path], most: Most, *, table: bool = False) -> str:
    """The text of the file that was found, "" for none. Raises `BadInput` for several."""
    if len(found) > 1:
        names = ", ".join(f"« {path.name} »" for path in found[:3])
        raise BadInput(f"{names} : n'en laissez qu'un dans le dossier.")
    return read_document(found[0], most, table=table) if found else ""


DONE, ERROR, READY = "faits", "ERREUR.txt", "READY"
QUIET_S = 60  # unchanged for so long, a copy is taken to be over; chosen, not measured
_SHOWN = 2_000  # characters of an ERREUR.txt, which clerks may have written too
_RIGHTS = "Le serveur n'a pas les droits de lire et de modifier ce dossier : faites-les lui donner."
_AGAIN = "Corrigez, puis effacez ce fichier ERREUR.txt : la séance sera reprise."
log = logging.getLogger(__name__)


def look(archive: Archive, data: Path, inbox: Path) -> int:
    """Take up what is ready, write down what is wrong, move away what is done; how many taken."""
    try:
        with FileLock(data / "inbox.lock", timeout=0):
            _settle(archive, data, inbox)
            return sum(_take_if_ready(archive, data, place) for place in _folders(inbox))
    except Timeout:  # another worker is looking
        return 0


@contextmanager
def _apart(name: str) -> Iterator[None]:
    """What fails in here is logged, and concerns one folder alone."""
    try:
        yield
    except Exception as error:
        log.warning("The watched folder's « %s » is left for now: %s", name, error)


def _take_if_ready(archive: Archive, data: Path, place: Path) -> bool:
    with _apart(place.name):
        return _is_ready(place) and _take(archive, data, place)
    return False


def problems(inbox: Path | None) -> tuple[tuple[str, str], ...]:
    """The sub-folders that wait for a clerk: their names, and what is wrong with each."""
    if inbox is None:
        return ()
    if not inbox.is_dir():
        return ((str(inbox), "Ce dossier n'existe pas : voyez VERBATIM_INBOX."),)
    waiting = []
    for place in _folders(inbox):
        if not _may_change(place):
            waiting.append((place.name, _RIGHTS))
        elif (place / ERROR).is_file():
            with (place / ERROR).open(encoding="utf-8", errors="replace") as written:
                lines = written.read(_SHOWN).splitlines()
            waiting.append((place.name, lines[0] if lines else ""))
    return tuple(waiting)


def _folders(inbox: Path) -> list[Path]:
    if not inbox.is_dir():
        return []
    found = (place for place in inbox.iterdir() if place.is_dir() and not place.is_symlink())
    wanted = (place for place in found if place.name != DONE and not place.name.startswith("."))
    return sorted(wanted, key=lambda place: natural(place.name))


def _may_change(place: Path) -> bool:
    return os.access(place, os.R_OK | os.W_OK | os.X_OK)


def _is_ready(place: Path) -> bool:
    """A clerk says so, or nothing in it has changed for a minute (by the time of its last change,
    which no copying program can set)."""
    if not _may_change(place) or (place / ERROR).exists():
        return False
    files = files_in(place)
    if (place / READY).exists():
        return bool(files)
    latest = max((path.lstat().st_ctime for path in (place, *files)), default=time.time())
    return bool(files) and time.time() - latest >= QUIET_S


def _take(archive: Archive, data: Path, place: Path) -> bool:
    """Make an arrival of a folder, unless it has one; whether it was sent off."""
    with archive.engine.connect() as db:
        if _of_folder(db, place.name) is not None:
            return False
    arrival_id = new_id()
    try:
        read = read_folder(place)
        brought = folder(data, arrival_id)
        brought.mkdir(parents=True)
        came = {path: _bring(path, brought) for path in read.files}
        details = replace(read.details, inbox=place.name, captions=read.captioned(came))
        with archive.begin() as db:
            intake.keep(db, arrival_id, details, audit.MACHINE)
            for path, file_id in came.items():
                length = (brought / file_id).stat().st_size
                intake.add_file(db, arrival_id, path.name, length, came_as=file_id)
        read_request(archive, probe_all(archive, data, arrival_id), brought)
        with archive.begin() as db:
            intake.send(db, arrival_id, audit.MACHINE)
    except Exception as error:
        discard(archive, data, arrival_id, audit.MACHINE)
        if not isinstance(error, UserError | OSError):
            raise
        tell(place, _wrong(error))
        return False
    return True


def _wrong(error: UserError | OSError) -> str:
    if isinstance(error, OSError):
        return (
            "Un fichier de ce dossier n'a pas pu être lu, ou copié sur le disque du serveur "
            f"({reason(error)}) : vérifiez les droits, et la place qui reste."
        )
    return " ".join(error.fields.values()) if isinstance(error, Mistakes) else str(error)


def _bring(path: Path, brought: Path) -> str:
    """The file under a name of ours: a second name for it where that can be, else a copy."""
    file_id = new_id()
    try:
        os.link(path, brought / file_id)
    except OSError:
        shutil.copyfile(path, brought / file_id)
        with (brought / file_id).open("rb") as handle:
            os.fsync(handle.fileno())
    return file_id


def _of_folder(db: Connection, name: str) -> Arrival | None:
    """The arrival that a folder became and that it still stands for."""
    states = (ArrivalState.PREPARING, ArrivalState.SENT, ArrivalState.DONE)
    return next((one for one in every(db, *states) if one.details.inbox == name), None)


def _settle(archive: Archive, data: Path, inbox: Path) -> None:
    """Move what is done; tell what failed; begin again what a clerk has put right."""
    with archive.engine.connect() as db:
        known = [one for one in every(db, *ArrivalState) if one.details.inbox]
        last = {one.id: queue.newest(db, one.id, JobKind.INGEST) for one in known}
    for one in known:
        place, job = inbox / one.details.inbox, last[one.id]
        with _apart(place.name):
            if one.state is ArrivalState.DONE:
                _move(archive, one, place, inbox / DONE)
            elif job is not None and place.is_dir():
                _follow(archive, data, one, place, job)


def _follow(archive: Archive, data: Path, one: Arrival, place: Path, job: Job) -> None:
    """Have the folder say what its job says, and the other way round."""
    noted = one.details.inbox_told
    if job.state is JobState.FAILED and not noted:
        tell(place, job.error)
        _set_noted(archive, one, True)
    elif job.state is JobState.FAILED and not (place / ERROR).exists():
        discard(archive, data, one.id, audit.MACHINE)  # put right: it is taken up anew
    elif job.state in WAITING and noted:  # a clerk has it tried again from the page
        (place / ERROR).unlink(missing_ok=True)
        _set_noted(archive, one, False)


def _set_noted(archive: Archive, one: Arrival, noted: bool) -> None:
    with archive.begin() as db:
        intake.set_details(db, one.id, replace(one.details, inbox_told=noted))


def _move(archive: Archive, one: Arrival, place: Path, done: Path) -> None:
    """To `faits/`, under a name that is free there; then the folder's name may come again."""
    if place.is_dir():
        done.mkdir(exist_ok=True)
        names = (place.name if n == 1 else f"{place.name} ({n})" for n in range(1, 10_000))
        (place / READY).unlink(missing_ok=True)
        place.rename(next(done / name for name in names if not (done / name).exists()))
    with archive.begin() as db:
        intake.set_details(db, one.id, replace(one.details, inbox=""))


def tell(place: Path, why: str) -> None:
    """Write into a folder what is wrong with it."""
    if not (place / ERROR).exists():
        (place / ERROR).write_text(f"{why}\n\n{_AGAIN}\n", "utf-8")
