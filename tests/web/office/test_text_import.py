"""Old minutes brought in from the browser: a draft each, published and quoted as minutes."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.product import Product
from ingest.archive import audit
from ingest.intake.rosters import keep_roster
from ingest.transcript import Person, Status
from tests.support.office import signed_in
from tests.support.office_documents import pdf, word
from tests.support.redaction_site import product_at
from tests.support.small_site import text_of

HERE = "/bureau/importer"
LINES = (
    "Commune de Rivemont",
    "Procès-verbal de la séance du Conseil municipal du mardi 14 mai 2019",
    "Présidence : Mme Hélène Baudin",
    "1. Proposition PR-7 : réfection du pont des Tilleuls",
    "M. Rochat (PLR) : Le pont coûtera neuf cent mille francs à la commune.",
    "Mme Fontanet : Je soutiens la réfection de ce pont.",
    "La proposition PR-7 est acceptée par 31 oui contre 12 non.",
)


@pytest.fixture
def product(tmp_path: Path) -> Product:
    (tmp_path / "data").mkdir()
    made = product_at(tmp_path / "data")
    with made.archive.begin() as db:
        listed = [Person("Julien Rochat", "conseiller", "PLR"), Person("Claire Fontanet", "", "PS")]
        keep_roster(db, "Conseil municipal", listed)
    return made


def give(clerk: TestClient, *files: tuple[str, bytes], **typed: str) -> tuple[int, str]:
    answer = clerk.post(HERE, data=typed, files=[("fichiers", one) for one in files])
    return answer.status_code, text_of(answer.text)


def test_minutes_become_a_session_that_is_published_and_quoted_as_minutes(
    product: Product, clerk: TestClient
) -> None:
    assert clerk.get(HERE).status_code == 200 and HERE in clerk.get("/bureau").text
    status, told = give(clerk, ("PV du conseil.docx", word(*LINES)))
    assert status == 200 and "1 séance lue" in told and "2 intervenants" in told
    [session] = product.archive.sessions()
    assert (session.date.isoformat(), session.status) == ("2019-05-14", Status.DRAFT)
    assert session.title == "Conseil municipal, séance du 14 mai 2019"
    assert [(point.number, point.object) for point in session.agenda] == [("1", "PR-7")]
    transcript = product.archive.transcript(session.id)
    assert transcript.person(transcript.turns[3]) == "Julien Rochat"
    with product.archive.engine.connect() as db:
        assert ("greffe", "session.import") in {(e.who, e.action) for e in audit.newest(db)}
    product.publish(session.id)
    anyone = TestClient(clerk.app, raise_server_exceptions=False)
    page = text_of(anyone.get(f"/seances/{session.id}").text)
    assert "Procès-verbal, sans enregistrement" in page and "Julien Rochat" in page
    assert "data-opus" not in anyone.get(f"/seances/{session.id}").text
    found = anyone.get("/api/passages", params={"objects": "PR-7"}).text
    assert "neuf cent mille francs" in found
    status, told = give(clerk, ("encore.docx", word(*LINES)))
    assert "déjà là, à l'identique" in told and len(product.archive.sessions()) == 1


def test_several_files_are_as_many_sessions_or_none_where_one_cannot_be_read(
    product: Product, clerk: TestClient
) -> None:
    printed = ("2018-03-06 PV.pdf", pdf("Le president. La seance est ouverte.", "M. Roy : Merci."))
    text = ("a/b\\2017-01-10 pv.txt", "M. Roy : Merci à toutes et à tous.\n".encode("cp1252"))
    status, told = give(clerk, printed, text, ("vide.txt", b"  "), organe="Conseil communal")
    assert status == 422 and "vide.txt" in told
    assert product.archive.sessions() == ()
    status, told = give(clerk, printed, text, organe="Conseil communal")
    assert status == 200 and "2 séances lues" in told
    assert {(one.date.isoformat(), one.body) for one in product.archive.sessions()} == {
        ("2018-03-06", "Conseil communal"),
        ("2017-01-10", "Conseil communal"),
    }


def test_a_file_may_be_called_anything(product: Product, clerk: TestClient) -> None:
    for name in ("..", ".", "é" * 250 + ".txt", "\N{PILE OF POO}" * 250):
        status, told = give(clerk, (name, b"M. Roy : Merci."), date="2017-01-10")
        assert status == 200, (name, told)
    assert len(product.archive.sessions()) == 1


def test_a_form_that_does_not_tell_its_length_is_not_read(clerk: TestClient) -> None:
    pieces = iter([b"--x\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = clerk.post(HERE, content=pieces, headers=headers)
    assert answer.status_code == 422 and "trop grands" in text_of(answer.text)


@pytest.mark.parametrize(
    ("files", "typed", "told"),
    [
        ((), {}, "Choisissez le fichier"),
        ((("pv.txt", b"M. Roy : Merci."),), {}, "ne dit pas sa date"),
        ((("pv.txt", b"M. Roy : Merci."),), {"date": "31.2.2019"}, "ne se lit pas"),
        ((("pv.doc", b"\xd0\xcf\x11\xe0" + b"x" * 99),), {}, "ancien format"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_kept(
    product: Product,
    clerk: TestClient,
    files: tuple[tuple[str, bytes], ...],
    typed: dict[str, str],
    told: str,
) -> None:
    status, page = give(clerk, *files, titre="Séance de mai", **typed)
    assert status == 422 and told in page.replace("\N{NO-BREAK SPACE}", " ")
    assert product.archive.sessions() == ()
    form = clerk.post(HERE, data={"titre": "Séance de mai"}).text
    assert re.search(r'name="titre" value="Séance de mai"', form)


def test_only_clerks_import(clerk: TestClient) -> None:
    reader = signed_in(clerk.app, "lectrice", Role.READER)  # type: ignore[arg-type]
    assert reader.get(HERE).status_code == 403 and reader.post(HERE).status_code == 403


def test_a_text_that_is_not_small_is_read_in_a_limited_child(
    product: Product, clerk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read by the server")

    monkeypatch.setattr("ingest.text_import.minutes.read", refuse)  # in this process alone
    long = "\n\n".join((*LINES, *["M. Rochat : Ce pont est à refaire." * 3] * 1_000))
    status, told = give(clerk, ("PV du conseil.txt", long.encode()))
    assert status == 200 and "1 séance lue" in told
    [session] = product.archive.sessions()
    assert session.date.isoformat() == "2019-05-14"
