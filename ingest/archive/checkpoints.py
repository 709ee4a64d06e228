"""What is already done of an ingest, so that a killed one resumes and a finished one is not redone.

A step's result is a sequence of one dataclass; it is kept in the archive, keyed by the job: the
recordings' hashes and everything that shapes the result. Steps are idempotent.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, delete, insert, select

from ingest.archive.repository import Archive
from ingest.archive.schema import checkpoints
from ingest.errors import BadInput, Conflict

T = TypeVar("T")
_JOB = re.compile(r"(again-[0-9a-f]{16}-)?[0-9a-f]{24}")  # as `job_id` and `again_id` name them


class JobBusy(Conflict):
    """Another process is at the same recordings."""


def job_id(hashes: Iterable[str], shaped_by: object) -> str:
    """Name of an ingest: the same recordings under the same settings give the same name."""
    key = json.dumps([list(hashes), shaped_by], sort_keys=True)
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def again_id(session_id: str, job: str) -> str:
    """Name of a job that hears a session again: it tells which, for what is destroyed in that."""
    return f"again-{hashlib.sha256(session_id.encode()).hexdigest()[:16]}-{job}"


def forget_again(db: Connection, session_id: str) -> None:
    """Delete what jobs that hear a session again have heard so far."""
    db.execute(delete(checkpoints).where(checkpoints.c.job.startswith(again_id(session_id, ""))))


@dataclass(frozen=True)
class Checkpoints:
    """The finished steps of one job."""

    archive: Archive
    job: str

    def step(
        self,
        stage: str,
        kind: Callable[..., T],
        make: Callable[[], Iterable[Any]],
        window: int = 0,
    ) -> tuple[T, ...]:
        """The items of a step: from its checkpoint, else made now and kept."""
        key = {"job": self.job, "stage": stage, "window": window}
        same = [checkpoints.c[name] == value for name, value in key.items()]
        with self.archive.engine.connect() as db:
            kept = db.execute(select(checkpoints.c.result).where(*same)).scalar()
        if kept is None:
            rows = [astuple(item) for item in make()]
            with self.archive.begin() as db:
                db.execute(delete(checkpoints).where(*same))
                db.execute(insert(checkpoints).values(**key, result=json.dumps(rows).encode()))
        else:
            rows = json.loads(kept)
        return tuple(kind(*row) for row in rows)

    def forget(self) -> None:
        """The session is saved: its intermediate results have served."""
        with self.archive.begin() as db:
            db.execute(delete(checkpoints).where(checkpoints.c.job == self.job))


def at_work(work: Path) -> int:
    """How many jobs have a folder: they are being done, or were killed.

    Copies of sound, and what a redaction makes, have folders beside theirs.
    """
    return sum(1 for path in work.glob("*/") if _JOB.fullmatch(path.name))


@contextmanager
def workplace(work: Path, done: Checkpoints) -> Iterator[Path]:
    """A private folder for one job, held by one process at a time.

    It outlives a crash and a `Conflict`, so that the work can go on; it is removed when the job is
    done, or when the input turns out to be unusable: then nothing is left of it.
    """
    work.mkdir(parents=True, exist_ok=True)
    folder = work / done.job
    lock = FileLock(f"{folder}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise JobBusy("Cet enregistrement est déjà en cours de traitement.") from None
    try:
        folder.mkdir(exist_ok=True)
        yield folder
    except BadInput:
        _clear(folder, done)
        raise
    else:
        _clear(folder, done)
    finally:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def clear(work: Path, done: Checkpoints) -> None:
    """Remove what a job left behind when it was killed after its session was saved."""
    with suppress(Conflict), workplace(work, done):
        pass


@contextmanager
def one_at_a_time(work: Path) -> Iterator[None]:
    """Names are chosen, and sessions kept, by one process at a time."""
    with FileLock(work / "keep.lock"):
        yield


def _clear(folder: Path, done: Checkpoints) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    done.forget()
