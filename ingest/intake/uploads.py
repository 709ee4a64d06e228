"""Files on their way in: bytes that are acknowledged are on the disk, and survive whatever happens.

A file grows in an arrival's folder under a name of ours. Its row says how many bytes are there for
good: that number only follows an fsync, so it is true after a SIGKILL or a power cut, and what lies
beyond it is written anew. A recording that has come is looked into at once, so that a clerk is
told before she waits; what is found (`ingest.asr.probe`) is kept with it. Knows nothing of HTTP.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import delete, func, select, update

from ingest.archive import audit
from ingest.archive import schema as t
from ingest.archive.blobs import sync_folder
from ingest.archive.checkpoints import Checkpoints, clear
from ingest.archive.repository import Archive, has_words
from ingest.archive.retention import hold_of
from ingest.archive.schema import now
from ingest.asr.probe import ProbedSound, probe_file
from ingest.errors import BadInput, Conflict, reason
from ingest.intake import intake
from ingest.intake.intake import (
    Arrival,
    ArrivalState,
    Content,
    Upload,
    arrival,
    arrivals,
    file,
    folder,
    touch,
    uploads,
)
from ingest.jobs import queue
from ingest.jobs.queue import JobKind
from ingest.settings import Settings
from ingest.transcript import Status

SYNC_BYTES = 16 * 2**20
"""How much may come between two acknowledgements: what a killed server has to be sent again."""
_ROOM_BYTES = 2**30  # for decoded sound, listening files and the archive itself
_GIB = 2**30  # bytes in one


def check_room(settings: Settings, archive: Archive, name: str, length: int) -> None:
    """Raise `BadInput` for a file that is too large, or for which the disk has no room."""
    if length > settings.max_file_gib * _GIB:
        raise BadInput(
            f"« {name} » pèse {_gib(length)} : la limite est de {settings.max_file_gib:g} Gio "
            "(VERBATIM_MAX_FILE_GIB). Donnez le son seul, ou plusieurs parties."
        )
    with archive.engine.connect() as db:
        awaited = db.execute(select(func.sum(uploads.c.length - uploads.c.received))).scalar() or 0
    free = shutil.disk_usage(settings.data).free - awaited - _ROOM_BYTES
    if length > free:
        raise BadInput(
            f"Il ne reste que {_gib(max(0, free))} sur le disque du serveur pour « {name} », qui "
            f"pèse {_gib(length)} : faites de la place, ou prévenez l'informatique."
        )


class Growing:
    """A file that grows: bytes are appended, `sync` makes them last. A context manager.

    Raises `Conflict` when another connection has taken over: the browser gave this one up.
    """

    def __init__(self, archive: Archive, data: Path, upload: Upload) -> None:
        self._archive, self.upload = archive, upload
        self.received = upload.received
        self._at = upload.received
        place = folder(data, upload.arrival)
        place.mkdir(parents=True, exist_ok=True)
        path = place / upload.id
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            if os.fstat(self._file).st_size < upload.received:
                raise Conflict(f"« {upload.name} » n'est plus entier : retirez-le, et renvoyez-le.")
            os.lseek(self._file, upload.received, os.SEEK_SET)
            sync_folder(place)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> "Growing":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def write(self, piece: bytes) -> None:
        """Append bytes; raises `BadInput` for more than were announced, or a full disk."""
        if self._at + len(piece) > self.upload.length:
            raise BadInput(f"« {self.upload.name} » est plus long qu'annoncé : renvoyez-le.")
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise self._not_written(error) from error
        self._at += len(piece)
        if self._at - self.received >= SYNC_BYTES:
            self.sync()

    def sync(self) -> int:
        """Make what was written last; how many bytes of the file are there for good."""
        if self._at == self.received:
            return self.received
        try:
            if self._at == self.upload.length:  # and no more: a killed server may have left some
                os.ftruncate(self._file, self._at)
            os.fsync(self._file)
        except OSError as error:
            raise self._not_written(error) from error
        same = (uploads.c.id == self.upload.id, uploads.c.received == self.received)
        with self._archive.begin() as db:
            if db.execute(update(uploads).where(*same).values(received=self._at)).rowcount == 0:
                raise Conflict("Cet envoi a été repris ailleurs, ou retiré.")
            touch(db, self.upload.arrival)
        self.received = self._at
        return self.received

    def _not_written(self, error: OSError) -> BadInput:
        return BadInput(
            f"« {self.upload.name} » n'a pas pu être écrit sur le disque du serveur "
            f"({reason(error)}) : faites de la place, puis reprenez l'envoi."
        )


def refresh(archive: Archive, arrival_id: str, upload_id: str) -> Upload:
    """A file as it stands now. Raises `NotFound`."""
    with archive.engine.connect() as db:
        return file(db, arrival_id, upload_id)


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} Gio".replace(".", ",")


# What is no longer needed is removed: files of arrivals that are done with or gone, and those that
# were left lying before they were sent off. What was sent off is never touched.


log = logging.getLogger(__name__)
_ENDED_DAYS = 30  # for so long what is done is still listed; chosen, not measured
_ORPHAN_S = 86_400  # a form that is still on its way writes files that no row names yet


def drop_sources(archive: Archive, data: Path, keep_days: int) -> None:
    """Remove the recordings of sessions that are published, or were kept for so many days.

    Those of a session in which no word was heard are kept: they are what tells why. Of several
    arrivals of the same recordings the last is enough.
    """
    old = now() - timedelta(days=keep_days)
    with archive.begin() as db:
        kept = [one for one in intake.every(db, ArrivalState.DONE) if one.files]
        seen: set[str | None] = set()
        gone = []
        for one in kept:
            named = select(t.sessions.c.status).where(t.sessions.c.id == one.session)
            status = db.execute(named).scalar()
            is_over = status == Status.PUBLISHED or one.touched_at < old
            may_go = status is None or one.session in seen
            is_held = hold_of(db, str(one.session)) is not None
            if may_go or (is_over and not is_held and has_words(db, str(one.session))):
                intake.drop_source(db, one.id)
                gone.append(one.id)
            seen.add(one.session)
    for arrival_id in gone:
        shutil.rmtree(folder(data, arrival_id), ignore_errors=True)


def sweep(archive: Archive, data: Path, keep_unsent_days: int, keep_source_days: int) -> None:
    """Remove what is no longer needed. May be killed anywhere, and be run twice at once."""
    drop_sources(archive, data, keep_source_days)
    left_before = now() - timedelta(days=keep_unsent_days)
    with archive.begin() as db:
        left = (arrivals.c.state == ArrivalState.PREPARING, arrivals.c.touched_at < left_before)
        for arrival_id in db.execute(select(arrivals.c.id).where(*left)).scalars().all():
            db.execute(delete(arrivals).where(arrivals.c.id == arrival_id))
            audit.record(db, audit.MACHINE, "arrival.expire", arrival_id)
        old = now() - timedelta(days=_ENDED_DAYS)
        no_source = arrivals.c.id.not_in(select(uploads.c.arrival))
        done = (arrivals.c.state == ArrivalState.DONE, arrivals.c.touched_at < old, no_source)
        db.execute(delete(arrivals).where(*done))
        queue.forget_ended(db, old)
    with archive.engine.connect() as db:
        undone = select(arrivals.c.id).where(arrivals.c.state != ArrivalState.DONE)
        rows = db.execute(select(uploads.c.id, uploads.c.arrival)).all()
        files = {row.id for row in rows}
        wanted = {*db.execute(undone).scalars(), *(row.arrival for row in rows)}
    for queue_file in data.glob("queue.sqlite*"):  # huey's, which woke the workers of 0.1
        queue_file.unlink(missing_ok=True)
    for kept in (data / "arrivals").glob("*/"):
        if kept.name not in wanted:
            _remove_old(kept, (kept,))
        else:
            _remove_old(kept, [path for path in kept.iterdir() if path.name not in files])


def _remove_old(folder: Path, paths: "tuple[Path, ...] | list[Path]") -> None:
    for path in paths:
        if time.time() - path.stat().st_mtime < _ORPHAN_S:
            continue
        log.info("Removing %s, which nothing needs any more.", path.relative_to(folder.parent))
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


# An arrival that is not wanted after all is removed: what was typed, its files, what was heard.


def forget_work(archive: Archive, work: Path, found: Mapping[str, Any]) -> None:
    """Remove what a job has left by what it has `found`, unless a process is at it."""
    if name := found.get("work"):
        clear(work, Checkpoints(archive, str(name)))


def discard(archive: Archive, data: Path, arrival_id: str, by: str) -> None:
    """Remove an arrival. Raises `Conflict` while it is being transcribed.

    Rows go first: killed after that, what is left on the disk is found by `ingest.intake.uploads`.
    """
    with archive.begin() as db:
        last = queue.newest(db, arrival_id, JobKind.INGEST)
        intake.remove(db, arrival_id, by)
    if last is not None:
        forget_work(archive, data / "work", last.found)
    shutil.rmtree(folder(data, arrival_id), ignore_errors=True)


_one_at_a_time = threading.Lock()  # two cores: the second file waits a second, nothing else does


def probe_all(archive: Archive, data: Path, arrival_id: str) -> Arrival:
    """The arrival, each of its recordings that has come in whole looked into. May take seconds."""
    while True:
        with archive.engine.connect() as db:
            now = arrival(db, arrival_id)
        waiting = next((one for one in now.recordings if one.is_whole and one.sound is None), None)
        if waiting is None:
            return now
        probe(archive, data, waiting)


def probe(archive: Archive, data: Path, upload: Upload) -> None:
    """Look into one file, unless that is done; one that is captions is left alone."""
    if upload.kind is not Content.RECORDING:
        return
    with _one_at_a_time:
        with archive.engine.connect() as db:
            if intake.file(db, upload.arrival, upload.id).sound is not None:
                return
        path = folder(data, upload.arrival) / upload.id
        sound = probe_file(path) if path.is_file() else ProbedSound()
        named = replace(sound, problem=sound.problem.replace(upload.id, upload.name))
        with archive.begin() as db:
            intake.set_sound(db, upload.id, asdict(named))
