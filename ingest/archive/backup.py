"""Everything that is kept, in one tar file, and back from it into an empty place.

The database is copied by SQLite's own online backup, or from PostgreSQL row by row into a file of
SQLite: it is of one moment while the server goes on, and is restored into either. A manifest at
the end names every file with its SHA-256: a backup without it, or that does not agree with it, is
not restored. What can be made again (exports, index, work) is left out. Beside a backup that was
read back stands a file with its SHA-256, in the form of `sha256sum`.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from filelock import FileLock

from ingest.archive.blobs import Blobs, sync_folder
from ingest.archive.repository import Archive, opened
from ingest.database import transfer
from ingest.database.engine import is_postgresql, sqlite_file
from ingest.errors import BadInput, Conflict, Corrupt, NotFound

FORMAT = 1
DATABASE, MANIFEST = "archive.sqlite", "manifest.json"
SUFFIX, SUM = ".tar", ".sha256"
RESTORING = ".restauration"
MEDIA = "media"
_LEFT_OUT = {"exports", "index", "work", "workers", MEDIA, RESTORING}  # folders; media: see Blobs
# 1 MiB is read at a time to be hashed: parts of gigabytes never fill the memory, whatever the size.
_PIECE = 2**20
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Backup:
    """What a backup holds. `made_at` is UTC, `files` are those besides the database."""

    path: Path
    made_at: datetime
    version: str
    files: int
    bytes: int


class _Hashing:
    """Reads exactly so many bytes, and knows their SHA-256."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self.sha256.update(piece)
        return piece


def back_up(archive: Archive, data: Path, blobs: Blobs, target: Path, progress: Progress) -> Backup:
    """Write a backup, whole or not at all.

    Raises `Conflict` where there is a file already, `Corrupt` where a session's sound is missing.
    """
    if target.exists():
        raise Conflict(f"« {target} » existe déjà : choisissez un autre nom.")
    saved = (path.resolve() for path in (data, *data.iterdir()) if path.is_dir())
    if any(target.resolve().is_relative_to(place) for place in saved):
        raise BadInput("Une sauvegarde ne se garde pas dans le dossier qu'elle sauve.")
    target.parent.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(bytes(data.resolve())).hexdigest()[:8]
    unfinished = target.with_name(f"{target.name}.{mark}.inachevée")
    try:
        with FileLock(data / "closing.lock"):
            _remove_left(target.parent, mark)
            with (
                open(unfinished, "wb", opener=_not_for_all) as file,
                tarfile.open(unfinished, "w", file) as tar,
            ):
                manifest = {"format": FORMAT, "version": version("verbatim-council")}
                manifest["made_at"] = datetime.now(UTC).isoformat(timespec="seconds")
                manifest["files"] = dict(_written(tar, archive, data, blobs, progress, mark))
                content = json.dumps(manifest).encode()
                _add(tar, MANIFEST, io.BytesIO(content), len(content))
        with unfinished.open("rb") as whole:
            os.fsync(whole.fileno())
        unfinished.rename(target)
        sync_folder(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return read(target)


def _remove_left(folder: Path, mark: str) -> None:
    """Remove what killed backups of the same data left: they hold words that may be erased since.

    The caller holds the lock, so that no other is at work.
    """
    for path in (*folder.glob(f"*.{mark}.inachevée"), *folder.glob(f".verbatim-{mark}-*")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _not_for_all(path: str, flags: int) -> int:
    """Open a file that other accounts of the machine cannot read, whatever the umask."""
    return os.open(path, flags, 0o640)


def _written(
    tar: tarfile.TarFile,
    archive: Archive,
    data: Path,
    blobs: Blobs,
    progress: Progress,
    mark: str,
) -> Iterator[tuple[str, str]]:
    """Each file's name and SHA-256, as it goes into the tar."""
    with TemporaryDirectory(dir=Path(str(tar.name)).parent, prefix=f".verbatim-{mark}-") as folder:
        copy = Path(folder, DATABASE)
        progress(DATABASE)
        _copy_database(archive, copy)
        yield DATABASE, _add_file(tar, DATABASE, copy)
        with closing(sqlite3.connect(copy)) as db:
            with_sound = "SELECT id FROM sessions WHERE sound_erased_at IS NULL"
            known = {row[0] for row in db.execute(with_sound)}
            recorded = {row[0] for row in db.execute("SELECT session_id FROM recordings")}
            heard = known & recorded
            kept = "SELECT session_id FROM closed WHERE why = 'withheld' AND stage = 'done'"
            partly = heard & {row[0] for row in db.execute(kept)}
            done = {row[0] for row in db.execute("SELECT id FROM arrivals WHERE state = 'done'")}
    named = [("listen", heard), ("office", partly)]  # `office`: whole, where readers hear less
    wanted = {
        f"{session}/{name}.{form}"
        for name, sessions in named
        for session in sessions
        for form in ("opus", "mp3")
    }
    for path in _all_in(data):
        name = path.relative_to(data)
        is_source = name.parts[0] == "arrivals" and not done.isdisjoint(name.parts[1:2])
        if _is_kept(path, name) and not is_source:
            progress(str(name))
            try:
                yield str(name), _add_file(tar, str(name), path)
            except FileNotFoundError:  # it was removed just now
                continue
    for key in blobs.all_keys():
        # Sound only of these sessions: others came since, or a rule of retention erased theirs.
        blob = blobs.find(key) if key.partition("/")[0] in known else None
        if blob:
            progress(f"{MEDIA}/{key}")
            with blobs.open(blob) as file:
                yield f"{MEDIA}/{key}", _add(tar, f"{MEDIA}/{key}", file, blob.size)
            wanted.discard(key)
    if wanted:
        raise Corrupt(
            f"Rien n'a été sauvé : « {MEDIA}/{min(wanted)} » manque. Remettez ce son à sa place, "
            "ou restaurez la dernière sauvegarde ; `verbatim verify` dit ce qui manque d'autre."
        )


def _all_in(data: Path) -> Iterator[Path]:
    """A folder of the data may be a link to another disk. `rglob` follows none but its own root."""
    for top in sorted(data.iterdir()):
        yield from (top, *sorted(top.rglob("*")))


def _is_kept(path: Path, name: Path) -> bool:
    if name.parts[0] in _LEFT_OUT or path.suffix == ".lock" or path.is_symlink():
        return False
    # Databases are copied otherwise (`archive.sqlite`), or are huey's queue, left by 0.1.
    is_database = path.name.removesuffix("-wal").removesuffix("-shm").endswith(".sqlite")
    return path.is_file() and not is_database


def _copy_database(archive: Archive, copy: Path) -> None:
    if is_postgresql(archive.engine.url):
        with (
            opened(f"sqlite:///{copy}") as made,  # its last connection empties SQLite's log
            archive.engine.connect() as source,
            made.begin() as target,
        ):
            transfer.copy(source, target, lambda _: None)
        return
    with closing(archive.engine.raw_connection()) as source, closing(sqlite3.connect(copy)) as to:
        connection: sqlite3.Connection = source.driver_connection  # type: ignore[assignment]
        connection.backup(to)
        to.execute("PRAGMA journal_mode=DELETE")


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        return _add(tar, name, file, os.fstat(file.fileno()).st_size)


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int) -> str:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(time.time()), 0o640
    hashing = _Hashing(file)
    tar.addfile(entry, hashing)  # type: ignore[arg-type]  # it only reads
    return hashing.sha256.hexdigest()


def read(path: Path) -> Backup:
    """What a backup says of itself. Raises `BadInput` for what is none, or not a whole one."""
    try:
        with tarfile.open(path) as tar:
            manifest = json.load(tar.extractfile(MANIFEST))  # type: ignore[arg-type]
            made_at = datetime.fromisoformat(manifest["made_at"])
            count = len(manifest["files"])
    except FileNotFoundError:
        raise BadInput(f"« {path} » n'existe pas : donnez le chemin d'une sauvegarde.") from None
    except (OSError, KeyError, ValueError, tarfile.TarError):
        raise BadInput(
            f"« {path} » n'est pas une sauvegarde entière de Verbatim : donnez-en une autre."
        ) from None
    if manifest["format"] != FORMAT:
        raise BadInput(f"« {path} » vient d'une version plus récente ({manifest['version']}).")
    return Backup(path, made_at, manifest["version"], count - 1, path.stat().st_size)


def check(path: Path, progress: Progress) -> None:
    """Read a whole backup back, and write its SHA-256 beside it if all is as its manifest says.

    Raises `BadInput` for what is no backup, `Corrupt` for one that is damaged.
    """
    read(path)
    found: dict[str, str] = {}
    manifest = b"{}"
    try:
        with path.open("rb") as file:
            whole = _Hashing(file)
            with tarfile.open(fileobj=whole, mode="r|") as tar:  # type: ignore[call-overload]  # it only reads
                for entry in tar:
                    progress(entry.name)
                    content = tar.extractfile(entry)
                    if entry.name == MANIFEST and content:
                        manifest = content.read()
                    elif content:
                        found[entry.name] = _sum_of(content)
            while whole.read(_PIECE):  # what stands after the archive's own end
                pass
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(path, str(error)) from error
    _compare(path, json.loads(manifest)["files"], found)
    line = f"{whole.sha256.hexdigest()}  {path.name}\n"
    path.with_name(path.name + SUM).write_text(line, "utf-8")


def _compare(path: Path, wanted: dict[str, str], found: dict[str, str]) -> None:
    """Raise `Corrupt` unless every file that a manifest names was found as it says."""
    if bad := [name for name in wanted if found.get(name) != wanted[name]]:
        raise _damaged(path, f"{bad[0]} n'est plus ce qu'il était")


def _damaged(path: Path, how: str) -> Corrupt:
    return Corrupt(f"La sauvegarde « {path} » est abîmée ({how}) : prenez-en une autre.")


# --- those of a folder ------------------------------------------------------------------------


@dataclass(frozen=True)
class KeptBackup:
    """A backup of a folder: when it was written (UTC), and whether it was read back since."""

    name: str
    made_at: datetime
    bytes: int
    verified: bool


def kept_backups(folder: Path) -> tuple[KeptBackup, ...]:
    """The whole backups of a folder, the newest first."""
    kept = []
    for path in folder.glob(f"*{SUFFIX}"):
        if path.is_symlink() or not path.is_file():
            continue
        stat, proof = path.stat(), path.with_name(path.name + SUM)
        verified = proof.is_file() and proof.stat().st_mtime_ns >= stat.st_mtime_ns
        made_at = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None)
        kept.append(KeptBackup(path.name, made_at, stat.st_size, verified))
    return tuple(sorted(kept, key=lambda one: (one.made_at, one.name), reverse=True))


def backup_in(folder: Path, name: str) -> Path:
    """The path of one of them. Raises `NotFound`."""
    if name not in {one.name for one in kept_backups(folder)}:
        raise NotFound(f"Aucune sauvegarde ne s'appelle « {name[:80]} » : voyez la liste.")
    return folder / name


def new_name(now: datetime) -> str:
    """The file name of a backup made now, in the form that `deploy/backup.sh` uses."""
    return f"verbatim-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"


# --- back -------------------------------------------------------------------------------------


def restore(source: Path, data: Path, blobs: Blobs, database: str, progress: Progress) -> Backup:
    """Put a backup into an empty place; the database comes last, so that none is half there.

    `database` is the URL of SQLite's file, or of an empty database of PostgreSQL. Raises `Conflict`
    where something is already, `BadInput` for what is no backup, `Corrupt` for one that is damaged;
    then nothing is left of it.
    """
    found = read(source)
    data.mkdir(parents=True, exist_ok=True)
    if any(path.name != RESTORING for path in data.iterdir()):
        raise Conflict(f"« {data} » n'est pas vide : donnez un dossier vide (VERBATIM_DATA).")
    if next(blobs.all_keys(), None):
        raise Conflict(f"« {blobs.place} » n'est pas vide : donnez-en un autre (VERBATIM_MEDIA).")
    _check_is_empty(database)
    place = data / RESTORING
    shutil.rmtree(place, ignore_errors=True)  # left by a restore that was killed
    try:
        _extract(source, place, progress)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    for path in sorted(place.iterdir(), key=lambda path: path.name == DATABASE):
        if path.name == DATABASE:
            _put_database(path, database, progress)
        elif path.name == MEDIA:
            for file in sorted(path.rglob("*.*")):
                blobs.put(file.relative_to(path).as_posix(), file)
        else:
            shutil.move(path, data / path.name)
    shutil.rmtree(place)
    return found


def _check_is_empty(database: str) -> None:
    file = sqlite_file(database)
    if file is None:
        with opened(database) as kept, kept.engine.connect() as db:
            used = transfer.first_used(db, transfer.tables(db)) is not None
    else:
        used = file.exists()
    if used:
        raise Conflict("La base de VERBATIM_DATABASE n'est pas vide : donnez-en une autre.")


def _put_database(copy: Path, database: str, progress: Progress) -> None:
    file = sqlite_file(database)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(copy, file)
        return
    with (
        opened(f"sqlite:///{copy}") as saved,
        opened(database) as kept,
        saved.engine.connect() as source,
        kept.begin() as target,
    ):
        transfer.copy(source, target, progress)


def _extract(source: Path, place: Path, progress: Progress) -> None:
    found: dict[str, str] = {}
    with tarfile.open(source) as tar:
        wanted = json.load(tar.extractfile(MANIFEST))["files"]  # type: ignore[arg-type]
        for entry in tar:
            if entry.name == MANIFEST:
                continue
            if not entry.isfile() or entry.name not in wanted:
                raise Corrupt(f"« {source} » tient autre chose que son contenu : {entry.name}.")
            progress(entry.name)
            tar.extract(entry, place, filter="data")
            with (place / entry.name).open("rb") as file:
                found[entry.name] = _sum_of(file)
                os.fsync(file.fileno())
    _compare(source, wanted, found)


def _sum_of(file: IO[bytes]) -> str:
    hashing = _Hashing(file)
    while hashing.read(_PIECE):
        pass
    return hashing.sha256.hexdigest()
