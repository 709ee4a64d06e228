"""A session's title, day, body and members, changed after import; a draft previewed or deleted."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts.roles import Role
from api.product import Product
from api.worker.worker import Worker
from ingest.archive import audit
from ingest.intake.rosters import kept_roster
from ingest.transcript import AgendaItem, Status
from search.index.withdraw import reopen, withdraw
from tests.support.closed_site import AGENDA, draft
from tests.support.office import signed_in
from tests.support.redaction_site import AFTER, SECRET, SITTING
from tests.support.small_site import text_of
from web.app import create_app

HERE = f"/bureau/seances/{SITTING}"
PAGE = f"{HERE}/details"
NEW = {
    "title": "Séance extraordinaire",
    "date": "2025-04-02",
    "body": "Conseil communal",
    "roster": "nom; fonction; groupe\nClaire Fontannet; maire; Vert·e·s\nZoé Perrin; ; PS\n",
}


def base(page: str) -> str:
    (found,) = re.findall(r'name="base" value="(\w+)"', page)
    return str(found)


def test_everything_that_is_said_of_a_session_can_be_changed_and_readers_see_it(
    product: Product, clerk: TestClient
) -> None:
    product.corpus.now(patience_s=None)
    form = clerk.get(PAGE).text
    assert 'value="Séance de mars"' in form and "Claire Fontanet; conseillère; PS" in form
    answer = clerk.post(PAGE, data=NEW | {"base": base(form)})
    assert answer.status_code == 303
    assert "les lecteurs le verront" in clerk.get(answer.headers["location"]).text
    Worker(product).work("short")
    reader = TestClient(clerk.app, raise_server_exceptions=False)
    page = text_of(reader.get(f"/seances/{SITTING}").text)
    assert "Séance extraordinaire" in page and "2 avril 2025" in page and "communal" in page
    found = reader.get("/api/passages", params={"since": "2025-04-01", "until": "2025-04-03"})
    assert SITTING in found.text and "Vert·e·s" not in found.text
    assert "Zoé Perrin" in {member.name for member in product.vocabulary().people}
    with product.archive.engine.connect() as db:
        assert kept_roster(db, "Conseil communal") is not None
        assert ("greffe", "session.details") in {(e.who, e.action) for e in audit.newest(db)}


def test_a_voice_follows_a_name_that_is_respelt_in_its_place(
    product: Product, clerk: TestClient
) -> None:
    given = NEW | {"roster": "Claire Fontannet; maire; PS"}
    clerk.post(PAGE, data=given | {"base": base(clerk.get(PAGE).text)})
    names = {speaker.person for speaker in product.archive.speakers(SITTING)}
    assert names == {"Hélène Baudin", "Claire Fontannet"}


def test_a_list_that_lost_a_person_renames_nobody(product: Product, clerk: TestClient) -> None:
    clerk.post(PAGE, data=NEW | {"base": base(clerk.get(PAGE).text)})
    assert "Claire Fontanet" in {one.person for one in product.archive.speakers(SITTING)}
    given = NEW | {"roster": ""}
    clerk.post(PAGE, data=given | {"base": base(clerk.get(PAGE).text)})
    assert product.archive.session(SITTING).roster == ()


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "  ", "Donnez un titre"),
        ("title", "x" * 501, "500 au plus"),
        ("date", "31.2.2025", "ne se lit pas"),
        ("body", "", "quel organe siège"),
        ("roster", "A;B;C;D;E;F\n" * 3, "liste"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(
    product: Product, clerk: TestClient, field: str, typed: str, told: str
) -> None:
    before = product.archive.session(SITTING)
    given = NEW | {field: typed, "base": base(clerk.get(PAGE).text)}
    answer = clerk.post(PAGE, data=given)
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-erreur"' in answer.text and told in text_of(answer.text)
    assert "Séance extraordinaire" in answer.text or field == "title"
    assert product.archive.session(SITTING) == before


def test_of_two_clerks_neither_overwrites_the_other(product: Product, clerk: TestClient) -> None:
    seen = base(clerk.get(PAGE).text)
    clerk.post(PAGE, data=NEW | {"base": seen, "title": "De l'autre"})
    answer = clerk.post(PAGE, data=NEW | {"base": seen})
    assert answer.status_code == 409
    assert "De l'autre" in text_of(answer.text) and "Séance extraordinaire" in answer.text
    assert product.archive.session(SITTING).title == "De l'autre"
    assert clerk.post(PAGE, data=NEW | {"base": base(answer.text)}).status_code == 303


def test_a_draft_is_seen_as_its_readers_will_see_it(tmp_path: Path) -> None:
    product = draft(tmp_path, *AGENDA)
    clerk = signed_in(create_app(product.deps(), product.desk()))
    page = clerk.get(f"{HERE}/apercu")
    assert AFTER in page.text and "Passage à huis clos" in text_of(page.text)
    assert "Untel" not in page.text and page.headers["cache-control"] == "no-store"
    under_recours = text_of(page.text.split('id="point-2"')[1].split('id="point-3"')[0])
    assert "Passage à huis clos" in under_recours and "crédit" not in under_recours
    words = clerk.get(f"{HERE}/apercu/texte").json()
    assert words["turns"][0]["text"].startswith("Bonsoir")
    assert "Untel" not in str(words)
    assert clerk.get(f"{HERE}/apercu/son.opus").status_code == 200
    for link in re.findall(r'(?:href|data-opus|data-mp3|data-transcript)="(/[^"#?]*)', page.text):
        assert clerk.get(link).status_code in (200, 303), link
    anyone = TestClient(clerk.app, raise_server_exceptions=False, follow_redirects=False)
    reader = signed_in(clerk.app, "lectrice", Role.READER)  # type: ignore[arg-type]
    for part in ("apercu", "apercu/texte", "apercu/son.mp3", "details"):
        assert anyone.get(f"{HERE}/{part}").status_code in (303, 401)
        assert reader.get(f"{HERE}/{part}").status_code == 403
    assert product.archive.status(SITTING) is Status.DRAFT
    assert SECRET in " ".join(turn.text for turn in product.archive.transcript(SITTING).turns)


def test_a_draft_is_deleted_by_who_is_certain_and_nothing_else_is(
    product: Product, clerk: TestClient
) -> None:
    assert clerk.post(f"{HERE}/supprimer", data={"certain": "oui"}).status_code == 422
    withdraw(product.archive, SITTING)
    reopen(product.archive, SITTING)
    assert "Supprimer la séance" in clerk.get(PAGE).text
    assert clerk.post(f"{HERE}/supprimer").status_code == 422
    assert clerk.post(f"{HERE}/supprimer", data={"certain": "oui"}).headers["location"] == "/bureau"
    Worker(product).work("short")
    assert product.archive.status(SITTING) is None
    assert not (product.settings.data / "media" / SITTING).exists()
    assert clerk.get(HERE).status_code == 404


def test_a_draft_without_sound_or_words_has_a_preview_too(tmp_path: Path) -> None:
    product = draft(tmp_path, AgendaItem("1", "Divers", None, 0))
    session, transcript = product.archive.session(SITTING), product.archive.transcript(SITTING)
    empty = replace(session, id="2025-01-01-vide", parts=(), agenda=())
    product.archive.save(empty, replace(transcript, session=empty.id, turns=(), speakers=()))
    clerk = signed_in(create_app(product.deps(), product.desk()))
    assert clerk.get(f"/bureau/seances/{empty.id}/apercu").status_code == 200
    assert clerk.get(f"/bureau/seances/{empty.id}/apercu/son.opus").status_code == 404
