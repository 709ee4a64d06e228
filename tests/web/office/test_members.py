"""The members of each body with the days of their memberships, and the sessions that take them."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import Workbook

from api.accounts.roles import Role
from ingest.intake.form import read_request
from ingest.intake.intake import arrival, folder
from ingest.intake.rosters import keep_roster, kept_roster, members_of
from ingest.text_import.importer import TextRequest, import_texts
from ingest.transcript import Person
from tests.support.media import short_sound
from tests.support.office import desk_of, signed_in, small_office
from tests.support.small_site import text_of

HERE = "/bureau/membres"
BODY = "Conseil communal"
HEAD = "nom; fonction; groupe; du; au\n"
ROWS = (
    ("Nom", "Prénom", "Fonction", "Groupe", "Du", "Au"),
    ("Girard", "Anne", "conseillère", "PLR", date(2020, 6, 1), date(2023, 5, 31)),
    ("Girard", "Anne", "conseillère", "Vert·e·s", date(2023, 6, 1), None),
    ("Rey", "Paul", "président", "PS", date(2020, 6, 1), date(2021, 5, 31)),
)


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return small_office(tmp_path)


def base(page: str) -> str:
    (found,) = re.findall(r'name="base" value="(\w*)"', page)
    return str(found)


def sheet() -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def give(clerk: TestClient, seal: str, listed: str = "", content: bytes = b"") -> tuple[int, str]:
    answer = clerk.post(
        HERE,
        data={"organe": BODY, "liste": listed, "base": seal},
        files={"fichier": ("membres.xlsx" if content else "", content)},
    )
    page = clerk.get(answer.headers["location"]) if answer.status_code == 303 else answer
    return answer.status_code, page.text


def test_a_bodys_list_comes_as_a_sheet_and_each_session_takes_those_of_its_day(
    app: FastAPI, clerk: TestClient, tmp_path: Path
) -> None:
    status, page = give(clerk, "", content=sheet())
    assert status == 303 and "1 membre aujourd'hui" in text_of(page)
    assert (
        "depuis le 1er juin 2023" in text_of(page) and "Paul Rey; président; PS; 01.06.2020" in page
    )
    form = clerk.get("/bureau/apporter").text
    [address] = set(re.findall(r'action="(/bureau/apporter/\w+)"', form))
    desk = desk_of(clerk)
    for day, expected in (
        ("2021-03-11", [("Anne Girard", "PLR"), ("Paul Rey", "PS")]),
        ("2025-03-11", [("Anne Girard", "Vert·e·s")]),
    ):
        files = [("files", (f"{day}.mp3", short_sound()))] if day < "2022" else []
        clerk.post(
            address,
            data={"date": day, "body": BODY.upper(), "title": "", "do": "save"},
            files=[*files, ("roster_file", ("", b""))],
        )
        with desk.archive.engine.connect() as db:
            sent = arrival(db, address.rsplit("/", 1)[1])
        request = read_request(desk.archive, sent, folder(desk.settings.data, sent.id))
        assert [(p.name, p.group) for p in request.roster] == expected
    minutes = tmp_path / "2021-03-11 pv.txt"
    minutes.write_text("Mme Girard : Le crédit est voté.\n\nM. Rey : Merci.\n", "utf-8")
    made = import_texts(
        TextRequest((minutes,), titled=lambda day: f"Séance du {day}", body=BODY), desk.archive
    )
    assert [(p.name, p.group) for p in made[0].session.roster] == [
        ("Anne Girard", "PLR"),
        ("Paul Rey", "PS"),
    ]


def test_a_list_without_days_follows_sessions_and_one_with_days_does_not(clerk: TestClient) -> None:
    archive, anne = desk_of(clerk).archive, Person("Anne Rey", "maire", "PS")
    with archive.begin() as db:
        keep_roster(db, BODY, [Person("Luc Roy")])
        keep_roster(db, BODY.lower(), [anne])
        assert members_of(db, BODY, date(2025, 1, 1)) == (anne,)
    seal = base(clerk.get(f"{HERE}?organe={BODY}").text)
    assert give(clerk, seal, "Anne Rey; maire; PS; 1.1.2024")[0] == 303
    with archive.begin() as db:
        keep_roster(db, BODY, [Person("Luc Roy")])
        assert members_of(db, BODY, date(2025, 1, 1)) == (anne,)
        assert members_of(db, BODY, date(2023, 1, 1)) == ()


def test_a_mistake_keeps_what_was_typed_and_nobody_overwrites_another(clerk: TestClient) -> None:
    status, page = give(clerk, "", f"{HEAD}Anne Rey; maire; PS; treize mai; 2020")
    assert status == 422 and "treize mai; 2020" in page and "ne se lit pas" in page
    assert give(clerk, "", f"{HEAD}Anne Rey; maire; PS; 2020")[0] == 303
    status, page = give(clerk, "", f"{HEAD}Luc Roy; maire; PS; 2020")
    assert status == 409 and "Luc Roy; maire" in page and "Anne Rey" in page
    assert give(clerk, base(page), f"{HEAD}Luc Roy; maire; PS; 2020")[0] == 303
    seal = base(clerk.get(f"{HERE}?organe={BODY}").text)
    assert give(clerk, seal, "")[0] == 303
    with desk_of(clerk).archive.engine.connect() as db:
        assert kept_roster(db, BODY) is None


def test_only_clerks_see_the_lists(app: FastAPI) -> None:
    assert signed_in(app, "lectrice", Role.READER).get(HERE).status_code == 403
    assert TestClient(app, follow_redirects=False).get(HERE).status_code == 303
