"""Reading everything back, backing it up while it is used, and restoring it into an empty place."""

import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from api.commands.integrity import findings
from api.product import Product
from ingest.archive.backup import (
    RESTORING,
    Backup,
    back_up,
    backup_in,
    check,
    kept_backups,
    restore,
)
from ingest.archive.blobs import DirectoryBlobs
from ingest.archive.redactions import RedactionReason
from ingest.errors import BadInput, Conflict, Corrupt, NotFound
from ingest.redaction.redact import RedactionRequest
from tests.support import paths
from tests.support.redaction_site import OTHER, SECRET_SPAN, SITTING, product_at, published_at

QUESTIONS = (
    "Le crédit demandé est voté ?",
    "Que dit Claire Fontanet de la piscine municipale ?",
    "La crèche ouvrira en septembre ?",
    "Combien coûte le tramway ?",
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Product:
    return published_at(tmp_path_factory.mktemp("original") / "data")


@pytest.fixture
def product(original: Product, tmp_path: Path) -> Product:
    """A copy of it to spoil."""
    data = tmp_path / "data"
    shutil.copytree(original.settings.data, data)
    return product_at(data)


def quiet(_: str) -> None:
    """A listener that ignores progress."""


def saved(product: Product, target: Path) -> Backup:
    return back_up(product.archive, product.settings.data, product.blobs, target, quiet)


def restored(target: Path, data: Path) -> Backup:
    return restore(
        target, data, DirectoryBlobs(data / "media"), f"sqlite:///{data}/archive.sqlite", quiet
    )


# --- the drill --------------------------------------------------------------------------------


def test_what_is_restored_answers_exactly_as_before(product: Product, tmp_path: Path) -> None:
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    done = saved(product, tmp_path / "backups" / "one.tar")
    assert done.files == 4 and done.bytes > 100_000
    assert done.path.stat().st_mode & 0o007 == 0, "other accounts of the machine read none of it"
    restored(done.path, tmp_path / "elsewhere")
    again = product_at(tmp_path / "elsewhere")
    assert list(findings(again)) == []
    for question in QUESTIONS:
        assert again.ask(question).answer == product.ask(question).answer
        assert again.search(question, 9) == product.search(question, 9)
    assert again.archive.transcript(SITTING) == product.archive.transcript(SITTING)
    for form in ("opus", "mp3"):
        name = f"media/{SITTING}/listen.{form}"
        old, new = (root.settings.data / name for root in (product, again))
        assert old.read_bytes() == new.read_bytes()


def test_a_backup_is_of_one_moment_while_others_write(product: Product, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.support.redaction_site import OTHER, product_at\n"
        "from ingest.archive.audit import record\n"
        "archive = product_at(Path(sys.argv[1])).archive\n"
        "print('writing', flush=True)\n"
        "while True:\n"
        "    with archive.begin() as db:\n"
        "        record(db, 'x', 'a', OTHER); record(db, 'x', 'b', OTHER)\n"
    )
    command = [sys.executable, "-c", script, str(product.settings.data)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=paths.ROOT)
    try:
        assert writer.stdout is not None and writer.stdout.readline()
        saved(product, tmp_path / "one.tar")
    finally:
        writer.kill()
        writer.communicate()
    restored(tmp_path / "one.tar", tmp_path / "back")
    with closing(sqlite3.connect(tmp_path / "back" / "archive.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        pairs = db.execute("SELECT action, count(*) FROM audit GROUP BY action").fetchall()
    counts = dict(pairs)
    assert counts.get("a") == counts.get("b")


def test_a_backup_never_overwrites_nor_lies_in_what_it_saves(
    product: Product, tmp_path: Path
) -> None:
    saved(product, tmp_path / "one.tar")
    with pytest.raises(Conflict, match="existe déjà"):
        saved(product, tmp_path / "one.tar")
    with pytest.raises(BadInput, match="dans le dossier"):
        saved(product, product.settings.data / "one.tar")


def test_what_a_killed_backup_left_goes_with_the_next_one(product: Product, tmp_path: Path) -> None:
    kept, script = (
        tmp_path / "kept",
        (
            "import os, sys; from pathlib import Path; from ingest.archive import backup\n"
            "from ingest.archive.blobs import DirectoryBlobs\n"
            "from ingest.archive.repository import open_archive\n"
            "backup._add_file = lambda *_: os.kill(os.getpid(), 9)\n"
            "data, target = map(Path, sys.argv[1:])\n"
            "archive = open_archive(f'sqlite:///{data}/archive.sqlite')\n"
            "backup.back_up(archive, data, DirectoryBlobs(data / 'media'), target, print)\n"
        ),
    )
    data = product.settings.data
    command = [sys.executable, "-c", script, str(data), str(kept / "a.tar")]
    assert subprocess.run(command, check=False, cwd=paths.ROOT).returncode == -9
    assert any(path.is_dir() for path in kept.iterdir()), "a copy of the database, drafts included"
    (kept / "une autre.inachevée").touch()  # another's
    back_up(product.archive, data, product.blobs, kept / "b.tar", lambda _: None)
    assert {path.name for path in kept.iterdir()} == {"b.tar", "une autre.inachevée"}


def test_sound_on_another_disk_is_saved_as_well(product: Product, tmp_path: Path) -> None:
    data = product.settings.data
    (data / "media").rename(tmp_path / "disk")
    (data / "media").symlink_to(tmp_path / "disk")
    with pytest.raises(BadInput, match="dans le dossier"):
        saved(product, tmp_path / "disk" / SITTING / "one.tar")
    saved(product, tmp_path / "one.tar")
    restored(tmp_path / "one.tar", tmp_path / "back")
    assert list(findings(product_at(tmp_path / "back"))) == []


def test_a_backup_that_would_lack_a_session_s_sound_is_not_made(
    product: Product, tmp_path: Path
) -> None:
    sound = product.settings.data / "media" / SITTING
    sound.rename(tmp_path / "elsewhere")
    sound.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Corrupt, match=SITTING):
        saved(product, tmp_path / "one.tar")
    assert not list(tmp_path.glob("one.tar*"))


def test_only_an_empty_place_is_restored_into(product: Product, tmp_path: Path) -> None:
    saved(product, tmp_path / "one.tar")
    with pytest.raises(Conflict, match="n'est pas vide"):
        restored(tmp_path / "one.tar", product.settings.data)


def test_what_is_no_backup_or_half_of_one_is_refused(product: Product, tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("rien")
    whole = saved(product, tmp_path / "one.tar").path.read_bytes()
    (tmp_path / "half.tar").write_bytes(whole[: len(whole) // 2])
    for name in ("absent.tar", "text.tar", "half.tar"):
        with pytest.raises(BadInput):
            restored(tmp_path / name, tmp_path / "back")
    assert not list((tmp_path / "back").glob("*"))


def test_a_damaged_backup_leaves_nothing_behind(product: Product, tmp_path: Path) -> None:
    path = saved(product, tmp_path / "one.tar").path
    with tarfile.open(path) as tar:
        at = tar.getmember(f"media/{SITTING}/listen.mp3").offset_data + 5_000
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(Corrupt, match=r"listen\.mp3"):
        restored(path, tmp_path / "back")
    assert not list((tmp_path / "back").glob("*"))


def test_a_backup_that_was_read_back_has_its_sum_beside_it(
    product: Product, tmp_path: Path
) -> None:
    path = saved(product, tmp_path / "one.tar").path
    assert [one.verified for one in kept_backups(tmp_path)] == [False]
    check(path, quiet)
    subprocess.run(["sha256sum", "-c", "one.tar.sha256"], cwd=tmp_path, check=True)
    [one] = kept_backups(tmp_path)
    assert (one.name, one.bytes, one.verified) == ("one.tar", path.stat().st_size, True)
    with tarfile.open(path) as tar:
        at = tar.getmember(f"media/{SITTING}/listen.mp3").offset_data + 5_000
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert not kept_backups(tmp_path)[0].verified
    with pytest.raises(Corrupt, match=r"listen\.mp3"):
        check(path, quiet)
    assert not kept_backups(tmp_path)[0].verified
    with pytest.raises(NotFound):
        backup_in(tmp_path, "../one.tar")


def test_a_tar_that_names_other_places_is_refused(product: Product, tmp_path: Path) -> None:
    path = saved(product, tmp_path / "one.tar").path
    with tarfile.open(path, "a") as tar:
        entry = tarfile.TarInfo("../outside")
        tar.addfile(entry)
    with pytest.raises(Corrupt, match="autre chose"):
        restored(path, tmp_path / "back")
    assert not (tmp_path / "outside").exists()


def test_a_place_where_a_restoring_was_killed_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "data" / RESTORING).mkdir(parents=True)
    with pytest.raises(BadInput, match="interrompue"):
        _ = product_at(tmp_path / "data").archive


# --- reading back -----------------------------------------------------------------------------


def execute(product: Product, statement: str) -> None:
    with product.archive.begin() as db:
        db.exec_driver_sql(statement)


def spoil_file(name: str, at: int = 20_000) -> Callable[[Product], None]:
    def spoil(product: Product) -> None:
        path = product.settings.data / "media" / SITTING / name
        content = bytearray(path.read_bytes())
        content[at] ^= 0x10
        path.write_bytes(content)

    return spoil


def remove_file(product: Product) -> None:
    (product.settings.data / "media" / SITTING / "listen.mp3").unlink()


def other_sound(product: Product) -> None:
    """Sound where a passage is redacted."""
    media = product.settings.data / "media"
    product.close(SITTING, RedactionRequest(SECRET_SPAN, RedactionReason.IN_CAMERA, "greffe"))
    shutil.copy(media / OTHER / "listen.opus", media / SITTING / "listen.opus")


def orphan(product: Product) -> None:
    stray = product.settings.data / "media" / "2020-01-01-personne"
    stray.mkdir()
    (stray / "listen.opus").touch()


def sql(statement: str) -> Callable[[Product], None]:
    return lambda product: execute(product, statement)


SPOILT: dict[str, tuple[Callable[[Product], None], str]] = {
    "opus": (spoil_file("listen.opus"), "ms se lisent"),
    "missing": (remove_file, "le fichier manque"),
    "closed": (other_sound, "s'y entend"),
    "orphan": (orphan, "n'appartient à aucune séance"),
    "gap": (sql("DELETE FROM turns WHERE idx = 0 AND session_id = '2025-03-11-close'"), "numéroté"),
    "words": (sql("UPDATE turns SET words = '[[1, 2]]' WHERE idx = 2"), "illisible"),
    "voice": (sql("DELETE FROM speakers WHERE label = 'S2'"), "voix inconnue"),
    "passage": (sql("UPDATE passages SET text = 'autre chose'"), "n'est pas ce qui est écrit"),
    "vector": (sql("UPDATE passages SET vector = zeroblob(12)"), "0 vecteurs justes"),
    "zero": (sql("UPDATE passages SET vector = zeroblob(256)"), "0 vecteurs justes"),
    "full text": (sql("UPDATE passages SET stems = ''"), "0 textes"),
    "sentences": (sql("UPDATE sentence_vectors SET vectors = zeroblob(2)"), "leurs vecteurs"),
    "status": (sql("UPDATE sessions SET status = 'draft'"), "mais se cherche"),
}


def test_a_sound_archive_has_nothing_to_tell(product: Product) -> None:
    read: list[str] = []
    assert list(findings(product, read.append)) == []
    assert read == ["archive.sqlite", SITTING, OTHER, "recherche"]


def test_chroma_is_read_back_when_no_server_holds_it(product: Product) -> None:
    index = product.index
    assert index
    index.sync(patience_s=None)
    read: list[str] = []
    assert list(findings(product, read.append)) == []
    assert "Chroma n'est pas relu" in read[-1]
    index._index.drop(list(index._index.ids())[:1])
    index.close()
    (finding,) = findings(product, read.append)
    assert (finding.where, read[-1]) == ("Chroma", "Chroma")
    assert finding.what.startswith("1 vecteur(s) manquent") and "verbatim serve" in finding.advice


@pytest.mark.parametrize("way", SPOILT)
def test_what_is_spoilt_is_reported_with_what_to_do(product: Product, way: str) -> None:
    spoil, told = SPOILT[way]
    spoil(product)
    found = list(findings(product))
    assert any(told in one.what for one in found), found
    assert all(one.advice for one in found)


def test_a_torn_database_is_reported(product: Product) -> None:
    path = product.settings.data / "archive.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'people'").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 + 3 : (root - 1) * 4096 + 5] = b"\x7f\x7f"  # a count of cells
    path.write_bytes(content)
    found = list(findings(product_at(product.settings.data)))
    assert "archive.sqlite" in {one.where for one in found}
