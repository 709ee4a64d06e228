"""A city's own words, as clerks save them, and what they read about bad lines."""

from pathlib import Path

import pytest

from ingest.documents.glossary import Term, read_glossary
from ingest.errors import BadInput

SIG = Term("SIG", ("s i g", "les cigs"), "Services industriels")


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "glossaire.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "terme;formes orales;remarque\nSIG;s i g | les cigs;Services industriels\nCrèche\n",
        "SIG,s i g|les cigs,Services industriels\n\nCrèche,,\n",
        "# nos mots\nSIG\ts i g | les cigs\tServices industriels\nCrèche\n",
        "Terme;formes;note\r\nSIG;s i g |  les  cigs |;Services industriels\r\nCrèche;;\r\n".encode(
            "cp1252"
        ),
    ],
    ids=["header", "commas", "comment and tabs", "excel"],
)
def test_a_glossary_reads_the_same_however_it_was_saved(
    tmp_path: Path, content: str | bytes
) -> None:
    assert read_glossary(written(tmp_path, content)) == (SIG, Term("Crèche"))


def test_a_plain_list_is_enough(tmp_path: Path) -> None:
    path = written(tmp_path, "Vernets\nquai du Soleil\nL'Usine\n")
    assert read_glossary(path) == (Term("Vernets"), Term("quai du Soleil"), Term("L'Usine"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "aucun terme"),
        ("terme;formes\n", "aucun terme"),
        ("SIG;s i g\n;sigue\n", "ligne 2 : le terme manque"),
        ("SIG\n\nsig\n", "ligne 3 : « sig » figure déjà à la ligne 1"),
        ("SIG;s i g\nCIG;s i g\n", "ligne 2 : « s i g » figure déjà à la ligne 1"),
        ("SIG;a;b;c\n", "ligne 1 : il y a plus de trois colonnes"),
        ("SIG\n" + "mot " * 20 + "\n", "ligne 2 : « mot mot"),
        ("SIG\n...\n", "ligne 2 : « ... » n'est pas un terme"),
        ('SIG;"a\n', "la ligne ne peut pas être lue"),
    ],
)
def test_a_bad_line_is_named_with_its_remedy(tmp_path: Path, content: str, expected: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_glossary(written(tmp_path, content))
    assert expected in str(raised.value)
