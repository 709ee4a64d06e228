"""What is left to do once a passage is redacted: its sound, what is searched, the files' bytes.

Its words are gone already, and readers are refused the old sound. Each stage is noted when it is
done and may be begun again: after a kill, the next process goes on there. While the office keeps
something that readers do not get, there are two pairs of listening files: `listen` is theirs.
"""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock
from sqlalchemy import select

from api.exports.kept_exports import KeptExports
from ingest.archive import audit, redactions, retention, schema
from ingest.archive.blobs import Blob, Blobs, office_sound
from ingest.archive.checkpoints import forget_again, one_at_a_time
from ingest.archive.redactions import Redaction, RedactionReason, RedactionStage
from ingest.archive.repository import Archive
from ingest.audio import waveform
from ingest.errors import Conflict, Corrupt, OurError
from ingest.intake.intake import arrivals, drop_source, folder
from ingest.jobs import queue
from ingest.redaction.scrub import clear_work, scrub
from ingest.redaction.silence import mp3_of, padded, silence_opus
from ingest.transcript import Session, Span

Report = Callable[[str, float], None]
"""Called with a stage (opus, mp3, search, files) and how much of the whole is done."""
# Seconds for which the process that owns the index is waited for, and between two looks. It drops
# vectors every few seconds: less fails while it rebuilds a part, more holds the worker where it
# hangs. What failed is queued again after ten minutes: sooner repeats the same fault, later leaves
# traces for longer. Chosen, not measured.
PATIENCE_S = 120.0
_PAUSE_S = 1.0
_AGAIN = timedelta(minutes=10)


class StillIndexed(OurError):
    """The process that owns the vector store has not dropped what is redacted yet."""


def unreported(_stage: str, _fraction: float) -> None:
    """Reports to no one."""


@dataclass(frozen=True)
class Redactor:
    """Finishes redactions. `refresh` publishes anew a session that is published.

    `drop` has the vector store on disk, where there is one, follow what the database says.
    """

    archive: Archive
    blobs: Blobs
    data: Path
    refresh: Callable[[str], object]
    drop: Callable[[], None] = lambda: None

    def finish(self, session_id: str, report: Report = unreported) -> None:
        """Do all that is left to do for a session's redactions. Raises `OurError`."""
        with FileLock(self.data / "closing.lock"):
            some = self._unfinished(session_id)
            if not some:
                return
            session = self.archive.session(session_id)
            if session.has_audio:
                self._sound(session, some, report)
            report("search", 0.7)
            self.refresh(session_id)
            passages = [id_ for one in some for id_ in one.passages]
            if any(one.is_destroyed for one in some):
                self._remove_arrivals(session_id)
                self.leave_no_trace(session_id, passages, report)
            else:
                self._forget(session_id, passages)
            with self.archive.begin() as db:
                redactions.advance(db, some, RedactionStage.DONE)
                redactions.forget_returned(db, some)

    def finish_erasing(self, session_id: str, left: Mapping[str, Sequence[str]]) -> None:
        """Do what is left to do for a session that was erased whole. Raises `OurError`."""
        with FileLock(self.data / "closing.lock"):
            with one_at_a_time(self.data / "work"):
                if self.archive.status(session_id) is None:  # it was not brought in again
                    self.blobs.delete(session_id)
            for arrival_id in left.get("arrivals", ()):
                shutil.rmtree(folder(self.data, arrival_id), ignore_errors=True)
            self.leave_no_trace(session_id, left.get("passages", ()))

    def erase_sound(self, session_id: str, by: str, today: date) -> bool:
        """Remove all sound of a session, where a rule of retention has it erased by now; was it?

        Readers and office are refused it first: an erasure that is killed after that is queued
        again. Raises `Corrupt` where some of it stays.
        """
        with self.archive.begin() as db:
            if not retention.mark_erased(db, session_id, by, today):
                return False
            queue.cancel_all(db, session_id, queue.JobKind.AGAIN)
            forget_again(db, session_id)
        with FileLock(self.data / "closing.lock"):
            self.blobs.delete(session_id)
            self._remove_arrivals(session_id)
            clear_work(self.archive, self.data / "work")
            KeptExports(self.data).forget(session_id)
        if any(
            office_sound(self.blobs, session_id, form)
            for form in (RedactionStage.OPUS, RedactionStage.MP3)
        ):
            raise Corrupt(f"Le son de la séance « {session_id} » est encore dans media.")
        return True

    def leave_no_trace(
        self, session_id: str, passages: Sequence[str], report: Report = unreported
    ) -> None:
        """Have deleted rows, vectors and kept documents leave the disk too. Raises `OurError`."""
        self._forget(session_id, passages)
        report("files", 0.85)
        clear_work(self.archive, self.data / "work")
        scrub(self.archive)

    def _forget(self, session_id: str, passages: Sequence[str]) -> None:
        """Have vectors and kept documents follow what the database says."""
        self._wait_for_index(passages)
        KeptExports(self.data).forget(session_id)

    def _remove_arrivals(self, session_id: str) -> None:
        """The recordings that the session was made of hold what is destroyed: they go with it."""
        with self.archive.begin() as db:
            done = select(arrivals.c.id).where(arrivals.c.session_id == session_id)
            ids = list(db.execute(done).scalars())
            for arrival_id in ids:
                drop_source(db, arrival_id)
        for arrival_id in ids:
            shutil.rmtree(folder(self.data, arrival_id), ignore_errors=True)

    def _unfinished(self, session_id: str) -> list[Redaction]:
        with self.archive.engine.connect() as db:
            return [one for one in redactions.unfinished(db) if one.session == session_id]

    def _note(self, some: Sequence[Redaction], stage: RedactionStage) -> None:
        with self.archive.begin() as db:
            redactions.advance(db, some, stage)

    # --- sound --------------------------------------------------------------------------------

    def _sound(self, session: Session, some: Sequence[Redaction], report: Report) -> None:
        """New files in the place of the old ones, silent in all that is redacted by now."""
        with self.archive.engine.connect() as db:
            rows = redactions.of_session(db, session.id)
        destroyed = padded(redactions.spans([one for one in rows if one.is_destroyed]))
        keeps = any(one.why is RedactionReason.WITHHELD for one in rows)
        (self.data / "work").mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.data / "work", prefix="silence-") as work:
            files = _Files(self.blobs, session.id, Path(work))
            if keeps:
                files.keep_whole()
            whole = "office" if files.find("office", RedactionStage.OPUS) else "listen"
            if any(one.is_destroyed for one in some):
                self.blobs.delete(f"{session.id}/{waveform.NAME}")
            for stage, fraction in ((RedactionStage.OPUS, 0.05), (RedactionStage.MP3, 0.15)):
                report(stage, fraction)
                if all(one.has(stage) for one in some):
                    continue
                if whole == "office" and any(one.is_destroyed for one in some):
                    files.make("office", stage, whole, destroyed)
                files.make("listen", stage, whole, padded(redactions.spans(rows)))
                self._note(some, stage)
            if not keeps:
                files.forget_whole()

    # --- vectors ------------------------------------------------------------------------------

    def _wait_for_index(self, passages: Sequence[str]) -> None:
        """The store's owner drops the vectors; it may be another process."""
        self.drop()
        until = time.monotonic() + PATIENCE_S
        while holds_any(self.data / "index", passages):
            if time.monotonic() > until:
                raise StillIndexed(
                    "L'index des vecteurs est tenu par un autre processus, qui ne l'a pas encore "
                    "refait : l'effacement s'achève au prochain démarrage du serveur."
                )
            time.sleep(_PAUSE_S)


@dataclass(frozen=True)
class _Files:
    """The listening files of a session, made anew in a folder `work` of their own.

    `office` are whole, and there only while readers are kept from some of it.
    """

    blobs: Blobs
    session: str
    work: Path

    def find(self, name: str, form: str) -> Blob | None:
        return self.blobs.find(f"{self.session}/{name}.{form}")

    def keep_whole(self) -> None:
        """Copy what readers hear before any of it falls silent, once."""
        for form in (RedactionStage.OPUS, RedactionStage.MP3):
            if self.find("office", form) is None:
                with self.blobs.local(self._there("listen", form)) as path:
                    copy = shutil.copyfile(path, self.work / f"office.{form}")
                self.blobs.put(f"{self.session}/office.{form}", copy)

    def make(self, name: str, form: str, source: str, silent: Sequence[Span]) -> None:
        """A file in the place of that name's: Opus of the source's, MP3 of the same name's Opus."""
        made = self.work / f"{name}.{form}"
        whence = source if form == RedactionStage.OPUS else name
        with self.blobs.local(self._there(whence, RedactionStage.OPUS)) as opus:
            (silence_opus if form == RedactionStage.OPUS else mp3_of)(opus, made, silent)
        self.blobs.swap(f"{self.session}/{name}.{form}", made)

    def forget_whole(self) -> None:
        """What readers hear is whole again."""
        for form in (RedactionStage.OPUS, RedactionStage.MP3):
            self.blobs.delete(f"{self.session}/office.{form}")

    def _there(self, name: str, form: str) -> Blob:
        if blob := self.find(name, form):
            return blob
        raise Corrupt(
            f"Le fichier d'écoute {self.session}/{name}.{form} manque : `verbatim verify` dit quoi"
            " faire."
        )


def order_due(archive: Archive, today: date) -> None:
    """Queue the erasure of the sound that a rule of retention has erased by now."""
    with archive.engine.connect() as db:
        sessions = [one.session for one in retention.due(db) if one.is_over(today)]
    if sessions:
        with archive.begin() as db:
            for session_id in sessions:
                queue.add(db, queue.JobKind.ERASE_SOUND, session_id, audit.MACHINE)


_ERASING = (queue.JobKind.CLOSE, queue.JobKind.ERASE_SOUND)


def take_up(archive: Archive) -> None:
    """Queue again the erasures that failed a while ago, and redactions whose process was killed."""
    table = queue.table.c
    failed = (table.kind.in_(_ERASING), table.state == queue.JobState.FAILED)
    with archive.begin() as db:
        old = select(table.id).where(*failed, table.ended_at < schema.now() - _AGAIN)
        for job_id in db.execute(old).scalars().all():
            with suppress(Conflict):  # another is at it, or was since
                queue.retry(db, job_id)
        for session_id in {one.session for one in redactions.unfinished(db)}:
            last = queue.newest(db, session_id, queue.JobKind.CLOSE)
            if last is None or last.state in (queue.JobState.DONE, queue.JobState.CANCELLED):
                queue.add(db, queue.JobKind.CLOSE, session_id, audit.MACHINE)


def holds_any(index: Path, passages: Sequence[str]) -> bool:
    """Is one of these passages' ids anywhere in the files of the vector stores?"""
    wanted = [id_.encode() for id_ in passages]
    for path in index.rglob("*") if wanted else ():
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # it was unlinked just now
            continue
        if any(id_ in content for id_ in wanted):
            return True
    return False
