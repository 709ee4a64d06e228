"""Who is who, from the platform's captions: right, or left open."""

from ingest.names import name_speakers
from ingest.platforms import Cue
from ingest.transcript import Evidence
from tests.small_council import CHAIR, OPENING, ROSTER, SPEECH, named, sitting

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
