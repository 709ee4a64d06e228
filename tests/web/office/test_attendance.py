"""Who was at a session: proposed from words and list, confirmed by a clerk, in the minutes."""

import html
import io
import re
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from docx import Document
from fastapi.testclient import TestClient

from api.exports.attendance import Attendance, Attended, proposal
from api.product import Product
from ingest.transcript import Evidence, Person, Session, Speaker, Transcript, Turn
from tests.support.closed_site import draft
from tests.support.redaction_site import SITTING, sitting
from tests.support.small_site import said, text_of

_FIELD = re.compile(r'<input[^>]* name="(base|title|date|body)" value="([^"]*)"')
PAGE = f"/bureau/seances/{SITTING}/presences"
ROSTER = tuple(
    Person(name)
    for name in ("Hélène Baudin", "Claire Fontanet", "Paul Martin", "Zoé Perrin", "Luc de Rham")
)


def told(*sentences: str, starts: time | None = None) -> Attendance:
    """What is proposed of a session in which the chair says these sentences, two seconds each."""
    session, transcript = sitting()
    parts = tuple(replace(part, starts_at=starts) for part in session.parts)
    turns = tuple(Turn(n, "S1", said(text, 2_000 * n, 100)) for n, text in enumerate(sentences))
    speakers = (Speaker("S1", "Hélène Baudin", Evidence.CHAIR, 0.9),)
    whole: tuple[Session, Transcript] = (
        replace(session, roster=ROSTER, parts=parts),
        replace(transcript, turns=turns, speakers=speakers),
    )
    return proposal(*whole)


def states(found: Attendance) -> dict[str, Attended]:
    return {one.person.name.split()[0]: one.state for one in found.people if one.state}


def test_who_speaks_was_there_and_of_others_nothing_is_known() -> None:
    assert states(told("Bonsoir à tous.")) == {"Hélène": Attended.PRESENT}


@pytest.mark.parametrize(
    ("sentence", "state"),
    [
        ("Sont excusés Madame Fontanet et Monsieur Martin.", Attended.EXCUSED),
        ("Monsieur Martin s'est fait excuser.", Attended.EXCUSED),
        ("Paul Martin vous prie de l'excuser.", Attended.EXCUSED),
        ("Les excuses de Monsieur Martin sont notées.", Attended.EXCUSED),
        ("Monsieur Martin est absent.", Attended.ABSENT),
        ("Sont excusés Madame Perrin, et absent Monsieur Martin.", Attended.ABSENT),
        ("Monsieur Martin nous rejoint.", Attended.PRESENT),
        ("Monsieur Martine est absent.", None),
        ("Je remercie Monsieur Martin.", None),
    ],
)
def test_excuses_absences_and_arrivals_are_read(sentence: str, state: Attended | None) -> None:
    assert states(told(sentence)).get("Paul") == state


def test_a_name_of_several_words_is_known_by_all_of_them() -> None:
    assert states(told("Monsieur de Rham est excusé.")).get("Luc") == Attended.EXCUSED


@pytest.mark.parametrize(
    ("sentence", "opened", "closed"),
    [
        ("La séance est ouverte à 17h30.", "17:30", ""),
        ("J'ouvre cette séance à dix-sept heures trente.", "17:30", ""),
        ("Il est 18 heures, je déclare la séance ouverte.", "18:00", ""),
        ("La séance est levée à 19 h 45.", "20:15", "19:45"),
        ("Je lève la séance.", "20:15", "20:15"),
    ],
)
def test_the_hours_are_read_or_else_told_by_the_recording(
    sentence: str, opened: str, closed: str
) -> None:
    found = told(sentence, starts=time(20, 15))
    assert (found.opened, found.closed) == (opened, closed)


def test_arrivals_and_departures_have_their_hour() -> None:
    found = told("Madame Perrin arrive à 18 h 05.", "Madame Perrin quitte la séance à 19 heures.")
    (one,) = (one for one in found.people if one.person.name == "Zoé Perrin")
    assert (one.state, one.arrived, one.left) == (Attended.PRESENT, "18:05", "19:00")


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return draft(tmp_path)


def minutes_text(clerk: TestClient) -> str:
    content = clerk.get(f"/bureau/seances/{SITTING}/export.docx").content
    return "\n".join(one.text for one in Document(io.BytesIO(content)).paragraphs)


def test_only_what_a_clerk_confirmed_is_in_the_minutes(clerk: TestClient) -> None:
    page = clerk.get(PAGE).text
    assert "Proposé" in page and '<option value="present" selected>' in page
    assert "Présents :" not in minutes_text(clerk) and "Liste de la séance" in minutes_text(clerk)
    given = {"opened": "17h30", "closed": "19:45", "state-0": "present", "arrived-0": "17 h 40"}
    assert clerk.post(PAGE, data=given).headers["location"] == f"{PAGE}?fait=garde"
    written = minutes_text(clerk)
    assert "Séance ouverte à 17 h 30, levée à 19 h 45." in written
    assert "Présents : Claire Fontanet (conseillère), dès 17 h 40" in written
    assert "Liste de la séance" not in written and "Excusés" not in written
    again = clerk.get(PAGE).text
    assert "Confirmé" in again and 'value="17:40"' in again


def test_a_member_whose_name_is_spelt_anew_stays_present_in_the_minutes(clerk: TestClient) -> None:
    clerk.post(PAGE, data={"state-0": "present", "arrived-0": "17:40"})
    address = f"/bureau/seances/{SITTING}/details"
    form = clerk.get(address).text
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(form)}
    roster = html.unescape(form.partition('spellcheck="false">\n')[2].partition("</textarea>")[0])
    assert "Claire Fontanet" in roster
    typed = fields | {"roster": roster.replace("Claire Fontanet", "Claire Fontannet")}
    assert clerk.post(address, data=typed).status_code == 303
    assert "Présents : Claire Fontannet (conseillère), dès 17 h 40" in minutes_text(clerk)


def test_what_cannot_be_read_is_told_and_kept_on_the_page(clerk: TestClient) -> None:
    answer = clerk.post(PAGE, data={"opened": "tard", "state-0": "excused"})
    assert answer.status_code == 422
    assert "« tard » ne se lit pas" in text_of(answer.text).replace("\xa0", " ")
    assert 'value="tard"' in answer.text and '<option value="excused" selected>' in answer.text
    assert clerk.post(PAGE, data={"state-0": "ailleurs"}).status_code == 422
    assert "Proposé" in clerk.get(PAGE).text
