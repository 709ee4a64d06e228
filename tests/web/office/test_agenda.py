"""The agenda on the time line: proposed from what is said, confirmed by hand, never overwritten."""

import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.desk import Desk
from ingest.archive import audit
from ingest.archive.repository import Archive
from ingest.documents.agenda_store import Stale, agenda_of, change, nearest, places, proposals, seal
from ingest.jobs import queue
from ingest.transcript import AgendaItem, Recording, Status
from tests.support.council_votes import council
from tests.support.office import desk_of, signed_in, small_office
from tests.support.small_council import CHAIR
from tests.support.small_site import PUBLISHED
from web.office.agenda import read_place

SAID = (
    (CHAIR, "Bonsoir. Nous passons au point deux, la motion sept."),
    ("S2", "Merci, Madame la présidente. Je soutiens ce texte."),
    (CHAIR, "Nous passons au point trois. La pétition cinq."),
)
AGENDA = (
    AgendaItem("1", "Communications", None, 0),
    AgendaItem("2", "Motion M-7 : la piscine", "M-7"),
    AgendaItem("3", "Pétition P-5 : les terrasses", "P-5"),
)
HERE = "/bureau/seances/s/ordre-du-jour"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made: Desk = small_office(tmp_path).state.desk
    return made


@pytest.fixture
def clerk(tmp_path: Path) -> TestClient:
    app = small_office(tmp_path)
    session, transcript = council(*SAID, agenda=AGENDA)
    session = replace(session, parts=(Recording("c" * 64, 0, 60_000),))
    app.state.desk.archive.save(session, transcript)
    return signed_in(app)


def archive_of(clerk: TestClient) -> Archive:
    return desk_of(clerk).archive


def form_of(page: str) -> dict[str, str]:
    """What the page's form would send as it stands."""
    [form] = re.findall(
        r'<form method="post" action="[^"]*ordre-du-jour[^"/]*".*?</form>', page, re.S
    )
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        names = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if names.get("type") != "checkbox":  # none is ticked on a page that is not typed in
            found[names["name"]] = names.get("value", "")
    return found


def placed(clerk: TestClient, session_id: str = "s") -> list[tuple[str, int | None, bool]]:
    with archive_of(clerk).engine.connect() as db:
        return [
            (one.item.number, one.item.start_ms, one.confirmed) for one in agenda_of(db, session_id)
        ]


def press(clerk: TestClient, act: str, **typed: str) -> httpx2.Response:
    form = form_of(clerk.get(HERE).text)
    return clerk.post(
        HERE, data=form | {k.replace("_", "-"): v for k, v in typed.items()} | {"act": act}
    )


def test_a_time_is_proposed_with_the_words_it_rests_on(clerk: TestClient) -> None:
    page = clerk.get(HERE).text
    assert "Proposé à 0:00:00 :" in page
    assert "<q>Nous passons au point deux, la motion sept.</q>" in page
    assert press(clerk, "accept:1").status_code == 303
    [_, (_, start_ms, confirmed), third] = placed(clerk)
    assert (start_ms, confirmed) == (400, True) and third == ("3", None, False)


def test_what_is_typed_is_kept_whichever_button_is_pressed(clerk: TestClient) -> None:
    press(clerk, "accept:2", title_0="Communications du bureau", time_1="0:02", object_1="M-8")
    with archive_of(clerk).engine.connect() as db:
        first, second, third = agenda_of(db, "s")
    assert first.item.title == "Communications du bureau"
    assert second.item.object == "M-8" and second.confirmed
    assert third.item.start_ms is not None


def test_a_point_is_added_moved_and_deleted(clerk: TestClient) -> None:
    press(clerk, "save", number_3="4", title_3="Questions orales")
    assert [n for n, *_ in placed(clerk)] == ["1", "2", "3", "4"]
    press(clerk, "up:3")
    press(clerk, "delete:0")
    assert [n for n, *_ in placed(clerk)] == ["2", "4", "3"]
    press(clerk, "up:0")
    assert [n for n, *_ in placed(clerk)] == ["2", "4", "3"]


def test_a_time_is_confirmed_or_taken_away_for_good(clerk: TestClient) -> None:
    press(clerk, "confirm:0")
    press(clerk, "clear:1")
    assert placed(clerk)[:2] == [("1", 0, True), ("2", None, True)]
    page = clerk.get(HERE).text
    assert "Non abordé" in page and "la motion sept.</q>" not in page


def test_all_times_are_confirmed_at_once(clerk: TestClient) -> None:
    press(clerk, "all")
    assert placed(clerk) == [("1", 0, True), ("2", None, False), ("3", None, False)]


def test_what_is_left_to_place_is_counted_linked_and_shown_alone(clerk: TestClient) -> None:
    left = f"{HERE}?voir=a-placer"
    page = clerk.get(HERE).text
    assert "3 points à placer ou à confirmer" in page and f'href="{left}"' in page
    press(clerk, "confirm:0")
    page = clerk.get(left).text
    assert re.findall(r'<a href="#point-(\d)"', page) == ["1", "2"]
    assert re.findall(r'<li id="point-(\d)" hidden>', page) == ["0"]
    placing = clerk.post(left, data=form_of(page) | {"act": "accept:1"})
    assert placing.headers["location"] == f"{left}&fait=garde#point-2"
    assert [(n, sure) for n, _, sure in placed(clerk)] == [("1", True), ("2", True), ("3", False)]
    press(clerk, "clear:2")
    assert "Tous les points sont placés" in clerk.get(HERE).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [({"time_1": "midi"}, "ne se lit pas"), ({"time_1": "59:00"}, "après la fin"),
     ({"title_1": ""}, "pas de titre")],
)  # fmt: skip
def test_what_cannot_be_kept_is_reported_beside_what_was_typed(
    clerk: TestClient, typed: dict[str, str], told: str
) -> None:
    before = placed(clerk)
    found = press(clerk, "save", title_0="Tapé ici", **typed)
    assert found.status_code == 422 and told in found.text
    assert 'value="Tapé ici"' in found.text and 'aria-invalid="true"' in found.text
    assert placed(clerk) == before


def test_a_stale_form_changes_nothing_and_loses_nothing(clerk: TestClient) -> None:
    mine = form_of(clerk.get(HERE).text)
    press(clerk, "save", title_1="Titre de quelqu'un d'autre")
    found = clerk.post(HERE, data=mine | {"title-1": "Mon titre", "act": "save"})
    assert found.status_code == 409
    assert "Quelqu&#39;un d&#39;autre a modifié" in found.text
    assert 'value="Mon titre"' in found.text and "Titre de quelqu&#39;un d&#39;autre" in found.text
    again = clerk.post(HERE, data=form_of(found.text) | {"act": "save"})
    assert again.status_code == 303
    with archive_of(clerk).engine.connect() as db:
        assert agenda_of(db, "s")[1].item.title == "Mon titre"


def test_a_point_is_placed_by_choosing_a_sentence(clerk: TestClient) -> None:
    choices = f"{HERE}/choisir"
    assert press(clerk, "pick:1", title_1="La piscine").headers["location"] == f"{choices}?point=1"
    page = clerk.get(choices, params={"point": 1}).text
    assert "La piscine" in page and "Nous passons au point trois." in page
    assert "Je soutiens" not in page  # in mid-turn of a speaker who does not chair
    [base] = set(re.findall(r'name="base" value="(\w+)"', page))
    chosen = {"point": "1", "start_ms": "9800", "base": base}
    assert clerk.post(choices, data=chosen).status_code == 303
    assert placed(clerk)[1] == ("2", 9800, True)
    assert clerk.post(choices, data=chosen).status_code == 409
    assert clerk.get(choices, params={"point": 9}).status_code == 404
    assert "terrasses" not in clerk.get(choices, params={"point": 1, "q": "rien de tel"}).text


def test_a_change_is_audited_and_a_published_session_follows(clerk: TestClient) -> None:
    archive = archive_of(clerk)
    press(clerk, "confirm:0")
    with archive.engine.connect() as db:
        assert [e.action for e in audit.newest(db) if e.what == "s"] == ["agenda.change"]
        assert not db.execute(select(queue.table)).all()
    archive.set_status("s", Status.PUBLISHED)
    press(clerk, "clear:0")
    press(clerk, "save")
    with archive.engine.connect() as db:
        [job] = db.execute(select(queue.table)).all()
    assert (job.kind, job.subject, job.by) == (queue.JobKind.PUBLISH, "s", "greffe")


def test_only_the_office_sees_or_changes_the_agenda(clerk: TestClient) -> None:
    stranger = TestClient(clerk.app, follow_redirects=False)
    assert stranger.get(HERE).status_code == 303
    assert stranger.post(HERE, data={"act": "save"}).status_code in (303, 401)
    assert clerk.post(HERE, data={"act": "boum"}).status_code == 422
    assert clerk.get(f"/bureau/seances/{PUBLISHED}x/ordre-du-jour").status_code == 404


def test_a_change_made_from_another_agenda_is_refused(archive: Archive) -> None:
    session, transcript = council(*SAID, agenda=AGENDA)
    archive.save(session, transcript)
    with archive.engine.connect() as db:
        agenda = agenda_of(db, "s")
    assert change(archive, "s", seal(agenda), agenda[:2], "a")
    assert not change(archive, "s", seal(agenda[:2]), agenda[:2], "a")
    with pytest.raises(Stale):
        change(archive, "s", seal(agenda), agenda, "b")


def test_times_come_back_as_they_were_when_nothing_is_typed() -> None:
    session, transcript = council(*SAID, agenda=AGENDA)
    found = places(transcript.turns)
    near = nearest(found, 500)
    assert near and near.words.startswith("Nous passons au point deux")
    assert nearest((), 500) is None
    assert proposals(transcript.turns, ()) == ()
    heard = replace(session, parts=(Recording("c" * 64, 0, 9_000_000),))
    for typed, ms in {
        "12:31": 751_000, "0:12:31": 751_000, "1h02:03": 3_723_000, "1:02:03.5": 3_723_500,
        "12:61": None, "12": None, "": None, "douze": None, "-1:00": None,
    }.items():  # fmt: skip
        assert read_place(heard, typed) == ms, typed
    assert read_place(replace(session, parts=()), "812") == 812
