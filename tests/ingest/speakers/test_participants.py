"""Who is who, from the platform's captions: right, or left open."""

import pytest

from ingest.documents.captions import Cue
from ingest.speakers.participants import is_a_person, person_behind, roster_name
from ingest.transcript import Evidence, Person
from tests.support.small_council import (
    CHAIR,
    OPENING,
    ROSTER,
    SPEECH,
    name_speakers,
    named,
    sitting,
)

TALK = sitting(("S1", SPEECH), ("S2", SPEECH), ("S3", SPEECH))


def held_by(*participants: str) -> tuple[Cue, ...]:
    """Cues that follow the turns of TALK."""
    return tuple(
        Cue(t.start_ms, t.end_ms, name) for t, name in zip(TALK, participants, strict=True)
    )


def test_captions_name_voices_as_the_roster_spells_them() -> None:
    cues = held_by("FONTANET Claire (PS)", "j.rochat@ville.example", "nadia keller")
    speakers = name_speakers(TALK, ROSTER, cues)
    assert named(speakers) == {"S1": "Claire Fontanet", "S2": "Julien Rochat", "S3": "Nadia Keller"}
    assert {s.evidence for s in speakers} == {Evidence.PLATFORM}


def test_a_room_device_names_none_of_its_voices() -> None:
    cues = held_by("Claire Fontanet", "Claire Fontanet", "Nadia Keller")
    assert named(name_speakers(TALK, ROSTER, cues)) == {"S3": "Nadia Keller"}


def test_a_guest_may_be_named_and_a_device_may_not() -> None:
    cues = held_by("Marie-Paule Guest", "Salle du conseil", "iPhone de Claire")
    assert named(name_speakers(TALK, ROSTER, cues)) == {}
    cues = held_by("Ursula Weidmann", "Salle du conseil", "iPhone de Claire")
    assert named(name_speakers(TALK, ROSTER, cues)) == {"S1": "Ursula Weidmann"}


def test_two_sources_that_disagree_leave_the_name_open() -> None:
    turns = sitting(*OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH))
    cues = (Cue(turns[3].start_ms, turns[3].end_ms, "Claire Fontanet"),)
    speaker = name_speakers(turns, ROSTER, cues)[2]
    assert (speaker.person, speaker.evidence) == (None, Evidence.NONE)
    assert "Claire Fontanet" in speaker.reason
    assert "Nadia Keller" in speaker.reason


@pytest.mark.parametrize(
    "participant",
    [
        *("enregistrement principal", "Enregistrement Principal", "Grande Table", "piste un"),
        *("Piste Un", "Pupitre Orateur", "Hémicycle Droite", "Micro Gauche", "Petite Salle"),
        *("Zoom Main", "Audio Son", "Mme la Présidente", "Madame Inconnue", "M. Dupont"),
        *("grand orchestre", "Salle_du_conseil", "Ursula W", "Conseil Municipal"),
    ],
)
def test_a_file_or_a_device_is_no_person(participant: str) -> None:
    assert person_behind(participant, ROSTER) is None


@pytest.mark.parametrize("guest", ["Ursula Weidmann", "Mme Ursula Weidmann", "Jean de Weck"])
def test_a_guest_with_a_first_name_and_a_surname_is_a_person(guest: str) -> None:
    assert person_behind(guest, ROSTER) == guest


def test_capitals_are_only_asked_of_those_a_roster_does_not_know() -> None:
    assert is_a_person("ursula weidmann")
    assert not is_a_person("ursula weidmann", ROSTER)
    assert person_behind("claire fontanet", ROSTER) == "Claire Fontanet"


@pytest.mark.parametrize(
    "participant",
    [
        *("Mme Fontanet", "Madame Fontanet", "mme  fontanet", "FONTANET Claire", "Fontanet"),
        *("Mme Claire Fontanet (PS)", "Mme FONTANET Claire", "C. Fontanet", "Dr Fontanet"),
    ],
)
def test_the_rosters_only_fontanet_is_found_however_she_is_written(participant: str) -> None:
    assert roster_name(participant, ROSTER) == "Claire Fontanet"


def test_a_title_tells_namesakes_apart_and_must_not_contradict_the_role() -> None:
    roster = (*ROSTER, Person("Anne Rochat", "conseillère municipale"))
    assert roster_name("Monsieur Rochat", roster) == "Julien Rochat"
    assert roster_name("M. Rochat", roster) == "Julien Rochat"
    assert roster_name("Mme Rochat", roster) == "Anne Rochat"
    assert roster_name("Rochat", roster) is None
    assert roster_name("M. Fontanet", ROSTER) is None
    assert roster_name("c.fontanet@ville.example", ROSTER) == "Claire Fontanet"
    assert roster_name("m.fontanet@ville.example", (Person("Marie Fontanet", "conseillère"),))
    assert roster_name("M. Fontanet", (Person("Claude Fontanet"),)) == "Claude Fontanet"


def test_a_name_that_is_anothers_first_name_names_no_person() -> None:
    roster = (Person("Paul Martin"), Person("Martin Rochat"))
    assert roster_name("Martin", roster) is None
    assert roster_name("Rochat", roster) == "Martin Rochat"


NAMESAKES = (
    Person("Jean Dupont (PLR)", "conseiller", "PLR"),
    Person("Jean Dupont (PS)", "conseiller", "PS"),
    Person("Marie Rey", "", "PS", "Marie Favre"),
)


@pytest.mark.parametrize(
    ("participant", "person"),
    [
        ("DUPONT Jean (PLR)", "Jean Dupont (PLR)"),
        ("Jean Dupont [PS]", "Jean Dupont (PS)"),
        ("Jean Dupont (PS)", "Jean Dupont (PS)"),
        ("Jean Dupont", None),
        ("Favre Marie", "Marie Rey"),
        ("Girard Anne", "Anne Girard"),
        ("Mme Girard Anne", "Mme Girard Anne"),
    ],
)
def test_namesakes_are_told_apart_by_the_party_beside_a_name_or_left_open(
    participant: str, person: str | None
) -> None:
    assert person_behind(participant, NAMESAKES) == person
