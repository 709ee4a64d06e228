"""Looking for a phrase in every byte, however it is written."""

import gzip
import json
import sqlite3
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.archive.repository import Archive
from ingest.errors import BadInput
from ingest.redaction.proof import any_in, pattern, said_elsewhere, traces
from tests.conftest import small_session

PHRASE = "Les élèves de l'école aux œuvres d'Évian"
SAID = "les ELEVES, de l’école — aux œuvres d'évian."
Written = Callable[[str], bytes]
WAYS: dict[str, Written] = {
    "utf-8": str.encode,
    "latin-1": lambda s: s.replace("’", "'").replace("—", "-").replace("œ", "oe").encode("latin-1"),
    "utf-16-le": lambda s: s.encode("utf-16-le"),
    "utf-16-be": lambda s: s.encode("utf-16-be"),
    "odd utf-16": lambda s: b"x" + s.encode("utf-16-le"),
    "decomposed": lambda s: unicodedata.normalize("NFD", s).encode(),
    "json": lambda s: json.dumps(s).encode(),
    "json in json": lambda s: json.dumps(json.dumps(s)).encode(),
    "words": lambda s: json.dumps([[900, 1_200, w, 0.9, None] for w in s.split()]).encode(),
    "heard": lambda s: json.dumps([[1, 2, w, 0.9, "été là"] for w in s.split()]).encode(),
    "page": lambda s: s.replace(" ", "&nbsp;<b>").replace("é", "&eacute;").encode(),
    "address": lambda s: quote(s).encode(),
    "lines": lambda s: s.replace(" ", "\r\n").encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_phrase_is_found_however_it_is_written(way: str) -> None:
    assert any_in(b"xx " + WAYS[way](SAID) + b" yy", [pattern(PHRASE)])


@pytest.mark.parametrize(
    "other",
    [
        "les élèves de l'école autres œuvres d'Évian",
        "modèles élèves de l'école aux œuvres d'Évian".replace("modèles ", "mod"),
        "les élèves de l'école aux œuvres d'Éviane",
        "les élèves de l'école",
    ],
)
def test_other_words_are_not_found(other: str) -> None:
    for write in WAYS.values():
        assert not any_in(write(other), [pattern(PHRASE)])


@pytest.mark.parametrize("phrase", ["", " … !", "Ж", "x" * 500])
def test_what_cannot_be_looked_for_is_reported(phrase: str) -> None:
    with pytest.raises(BadInput, match="ne peut être cherché"):
        pattern(phrase)


def found(root: Path, phrase: str = PHRASE) -> set[tuple[str, str]]:
    return {(trace.file, trace.where) for trace in traces(root, [pattern(phrase)])}


def test_it_is_found_across_the_pieces_that_a_file_is_read_in(tmp_path: Path) -> None:
    edge = 4 * 2**20
    for before in (edge - 20, edge - 1, edge, 2 * edge - 30):
        (tmp_path / "big").write_bytes(b"\0" * before + SAID.encode() + b"\0" * 100)
        assert found(tmp_path) == {("big", "octets")}


def test_archives_are_opened_and_names_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "minutes.docx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", "<w:t>" + SAID.replace(" ", "</w:t> <w:t>"))
    (tmp_path / "log.gz").write_bytes(gzip.compress(SAID.encode()))
    (tmp_path / "Les élèves de l'école aux œuvres d'Évian.txt").touch()
    assert {file for file, _ in found(tmp_path)} == {
        "minutes.docx › word/document.xml",
        "log.gz › gzip",
        "Les élèves de l'école aux œuvres d'Évian.txt",
    }


def test_a_row_that_is_scattered_over_pages_is_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.execute("CREATE TABLE said (words TEXT)")
        for before in range(0, 4_200, 60):  # somewhere the phrase lies across a page's end
            db.execute("INSERT INTO said VALUES (?)", ("x" * before + " " + SAID + "y" * 9_000,))
            db.execute("DELETE FROM said")
            db.execute("INSERT INTO said VALUES (?)", ("z" * before + " " + SAID + " " * 9_000,))
            db.commit()
            assert ("a.sqlite", "table said") in found(tmp_path)
            db.execute("DELETE FROM said")


def test_what_was_deleted_and_lingers_in_a_free_page_is_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE said (words TEXT)")
        db.execute("INSERT INTO said VALUES (?)", (SAID,))
        db.commit()
        db.execute("DELETE FROM said")
        db.commit()
        assert found(tmp_path) == {("a.sqlite", "octets")}
        db.execute("VACUUM")
        assert found(tmp_path) == set()


def test_a_formula_that_another_session_says_across_two_turns_proves_nothing(
    archive: Archive,
) -> None:
    archive.save(*small_session("autre", ("Vous avez la parole.", "Je lis le rapport.")))
    formula, words = pattern("vous avez la parole je"), pattern("je lis le rapport secret")
    assert said_elsewhere(archive, "seance-1", [formula, words]) == {formula}
