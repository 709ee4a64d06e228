"""Words that corrections taught: kept, shown, taken back, and given to the next ingest."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from ingest.archive.repository import Archive
from ingest.asr.hotwords import hints
from ingest.asr.name_repair import repair
from ingest.documents.glossary import Term
from ingest.editing.learned_terms import forget, glossary, taught, teach
from ingest.errors import BadInput, NotFound
from ingest.transcript import Word
from tests.support.office import signed_in, small_office


def taught_in(archive: Archive) -> list[Term]:
    with archive.engine.connect() as db:
        return [one.term for one in taught(db)]


def test_a_word_is_taught_once_and_its_forms_are_gathered(archive: Archive) -> None:
    with archive.begin() as db:
        teach(db, " Vernets ", ["vert nez", "Vernets"], "a")
        teach(db, "Vernets", ["vert nez", "verne est"], "b")
    assert taught_in(archive) == [Term("Vernets", ("vert nez", "verne est"))]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [("Carouge", ["vert nez"]), ("vert nez", []), ("", []), ("x" * 61, []), ("?", [])],
)
def test_what_is_no_word_or_anothers_is_refused(
    archive: Archive, text: str, spoken: list[str]
) -> None:
    with archive.begin() as db:
        teach(db, "Vernets", ["vert nez"], "a")
    with pytest.raises(BadInput), archive.begin() as db:
        teach(db, text, spoken, "a")
    assert len(taught_in(archive)) == 1


def test_a_word_is_forgotten(archive: Archive) -> None:
    with archive.begin() as db:
        number = teach(db, "Vernets", [], "a").id
    with archive.begin() as db:
        forget(db, number, "a")
    with pytest.raises(NotFound), archive.begin() as db:
        forget(db, number, "a")
    assert taught_in(archive) == []


def test_what_clerks_teach_stands_beside_the_citys_file(archive: Archive) -> None:
    city = (Term("SIG", ("s i g",), "Services industriels"), Term("Plainpalais"))
    with archive.begin() as db:
        teach(db, "Vernets", ["vert nez"], "a")
        teach(db, "sig", ["cigue", "s i g"], "a")
        teach(db, "Plaine", ["plainpalais"], "a")
    assert glossary(archive, city) == (
        Term("SIG", ("s i g", "cigue"), "Services industriels"),
        Term("Plainpalais"),
        Term("Vernets", ("vert nez",)),
        Term("Plaine"),
    )


def test_a_taught_word_is_hinted_and_put_right_at_the_next_ingest(archive: Archive) -> None:
    with archive.begin() as db:
        teach(db, "Vernets", ["vert nez"], "a")
    terms = glossary(archive)
    assert "Vernets" in hints((), terms)
    heard = [Word(0, 300, "aux", 0.9), Word(300, 600, "vert", 0.5), Word(600, 900, "nez.", 0.5)]
    repaired = repair(heard, (), terms)
    assert [word.text for word in repaired] == ["aux", "Vernets."]
    assert repaired[1].heard == "vert nez."


def test_clerks_keep_the_list_on_a_page(tmp_path: Path) -> None:
    app = small_office(tmp_path)
    clerk: TestClient = signed_in(app)
    sent = {"text": "Vernets", "spoken": "vert nez, , verne"}
    assert clerk.post("/bureau/glossaire", data=sent).status_code == 303
    page = clerk.get("/bureau/glossaire").text
    assert "vert nez, verne" in page
    refused = clerk.post("/bureau/glossaire", data={"text": "Autre", "spoken": "verne"})
    assert refused.status_code == 422 and "figure déjà" in refused.text
    assert clerk.post("/bureau/glossaire/1/retirer").status_code == 303
    assert "vert nez" not in clerk.get("/bureau/glossaire").text
    assert signed_in(app, "lectrice", Role.READER).get("/bureau/glossaire").status_code == 403
