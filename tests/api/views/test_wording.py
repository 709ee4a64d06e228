"""How durations, dates and voices are written in French."""

from datetime import date

import pytest

from api.views.links import moment_page
from api.views.wording import length, nameless, who
from ingest.french_dates import day
from ingest.transcript import Evidence, Person, Recording, Session, Speaker


@pytest.mark.parametrize(
    ("when", "written"),
    [(date(2025, 3, 11), "mardi 11 mars 2025"), (date(2026, 8, 1), "samedi 1er août 2026")],
)
def test_day(when: date, written: str) -> None:
    assert day(when) == written


@pytest.mark.parametrize(
    ("duration_ms", "written"),
    [
        (20_000, "20 s"),
        (40_300, "40 s"),
        (59_600, "1 min"),
        (188_600, "3 min"),
        (3_599_000, "1 h 00 min"),
        (5_520_000, "1 h 32 min"),
    ],
)
def test_length(duration_ms: int, written: str) -> None:
    assert length(duration_ms) == written


@pytest.mark.parametrize(
    ("person", "number", "name", "office"),
    [
        ("Anne Roy", None, "Anne Roy", "maire, PS"),
        ("Hors liste", None, "Hors liste", ""),
        (None, 3, "Intervenant·e non identifié·e 3", ""),
        (None, None, "Intervenant·e non identifié·e", ""),
    ],
)
def test_who(person: str | None, number: int | None, name: str, office: str) -> None:
    heard = (Recording("h", 0, 1_000),)
    roster = (Person("Anne Roy", "maire", "PS"),)
    speaker = who(Session("s", "S", date(2025, 3, 11), parts=heard, roster=roster), person, number)
    assert (speaker.name, speaker.office) == (name, office)
    assert speaker.known is (person is not None)


def test_nameless_voices_are_numbered_as_they_are_first_heard() -> None:
    voices = ("S2", "S1", None, "S1.2", "S1", "S12", "S3")
    speakers = (Speaker("S1", "Anne Roy"), Speaker("S1.2"), Speaker("S12"), Speaker("S2"))
    assert nameless(voices, speakers) == {"S2": 1, "S1.2": 2, "S12": 3, "S3": 4}


def test_an_id_never_escapes_its_place_in_an_address() -> None:
    assert moment_page("a/../b?c", 1, 2, 3) == "/seances/a%2F..%2Fb%3Fc?t=1-2&r=3#extrait"


@pytest.mark.parametrize(
    ("voices", "told"),
    [
        ([(Evidence.CHAIR, "appelée par la présidente à 0:00:16")], "chair"),
        ([(Evidence.CHAIR, "se présente à 0:00:16")], "chair"),
        ([(Evidence.CHAIR, "annoncé par la présidente à 0:00:16")], "chair"),
        ([(Evidence.CHAIR, "donne la parole 6 fois")], "inferred"),
        ([(Evidence.CHAIR, "remerciée"), (Evidence.PLATFORM, "piste « Roy »")], "platform"),
        ([(Evidence.CLERK, ""), (Evidence.PLATFORM, "piste « Roy »")], "clerk"),
        ([(Evidence.NONE, "")], ""),
        ([], ""),
    ],
)
def test_how_a_name_is_known_is_told_by_the_best_evidence(
    voices: list[tuple[Evidence, str]], told: str
) -> None:
    speakers = [Speaker(f"S{n}", "Anne Roy", e, 0.9, why) for n, (e, why) in enumerate(voices)]
    speakers.append(Speaker("S9", "Ida Blanc", Evidence.CLERK))
    heard = Session("s", "Séance", date(2025, 3, 11), parts=(Recording("h", 0, 9000),))
    assert who(heard, "Anne Roy", None, speakers).evidence == told
    written = Session("s", "Séance", date(2025, 3, 11))
    assert who(written, "Anne Roy", None, speakers).evidence == ""
