"""Who is who, from the chair's calls and the platform's captions: right, or left open."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from ingest.heard_names import find_person, is_woman
from ingest.names import name_speakers
from ingest.platforms import Cue, read_captions
from ingest.roster import read_roster
from ingest.transcript import Evidence, Person, Speaker, Turn, Word

SAMPLES = Path(__file__).parent.parent / "samples"
CHAIR, BAUDIN = "S1", "Hélène Baudin"
ROSTER = (
    Person(BAUDIN, "présidente"),
    Person("Claire Fontanet", "conseillère municipale"),
    Person("Nadia Keller", "conseillère municipale"),
    Person("Julien Rochat", "conseiller municipal"),
    Person("Patrick Lambert", "conseiller municipal"),
    Person("Antoine Delcourt", "conseiller administratif"),
    Person("Sandrine Maillard", "conseillère administrative"),
)
SPEECH = "nous avons étudié cet objet avec soin pendant quatre longues séances de commission."
OPENING = (
    (CHAIR, "La séance est ouverte. La parole est à Monsieur Patrick Lambert."),
    ("S9", SPEECH),
)


def sitting(*said: tuple[str | None, str]) -> tuple[Turn, ...]:
    """Turns of (label, text), 400 ms a word, a second between turns."""
    turns, at = [], 0
    for index, (label, text) in enumerate(said):
        words = []
        for word in text.split():
            words.append(Word(at, at + 350, word, 0.9))
            at += 400
        at += 1_000
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns)


def named(speakers: Iterable[Speaker]) -> dict[str, str]:
    return {s.label: s.person for s in speakers if s.person is not None}


def call(text: str, *, then: str = SPEECH) -> dict[str, str]:
    """Who is named when the chair, having called once already, says this before S2 speaks."""
    return named(name_speakers(sitting(*OPENING, (CHAIR, text), ("S2", then)), ROSTER))


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("La parole est à Madame Claire Fontanet.", "Claire Fontanet"),
        ("La parole est à Madame Fontanet, rapporteuse de la commission.", "Claire Fontanet"),
        ("Madame Fontanet, vous avez la parole.", "Claire Fontanet"),
        ("Je passe la parole à Mme Fontanet.", "Claire Fontanet"),
        ("Monsieur Rochat, c'est à vous.", "Julien Rochat"),
        ("Très bien. Monsieur Rochat.", "Julien Rochat"),
        ("M. Rochat, je vous en prie.", "Julien Rochat"),
        ("La parole est à Monsieur le conseiller administratif.", "Antoine Delcourt"),
        ("La parole est à Monsieur le conseiller administratif Delcourt.", "Antoine Delcourt"),
        ("Madame la conseillère administrative, vous avez la parole.", "Sandrine Maillard"),
        ("Merci, Monsieur Lambert. Madame Keller, vous avez la parole.", "Nadia Keller"),
        ("Madame Maillard souhaite répondre.", "Sandrine Maillard"),
    ],
)
def test_the_voice_that_answers_a_call_bears_the_name(text: str, person: str) -> None:
    assert call(text)["S2"] == person


@pytest.mark.parametrize(
    ("heard", "person"),
    [
        ("La parole est à Madame Claire Fontaine.", "Claire Fontanet"),
        ("Madame Fontané, vous avez la parole.", "Claire Fontanet"),
        ("La parole est à madame Kélé.", "Nadia Keller"),
        ("Monsieur Rochard, vous avez la parole.", "Julien Rochat"),
        ("Monsieur Patrick Lombard, vous avez la parole.", "Patrick Lambert"),
        ("La parole est à monsieur Del Cour.", "Antoine Delcourt"),
        ("Madame Mayard, vous avez l'appareil.", "Sandrine Maillard"),
        ("Monsieur Rocha, cet avou.", "Julien Rochat"),
    ],
)
def test_a_name_is_known_in_spite_of_what_the_model_heard(heard: str, person: str) -> None:
    turns = sitting(*OPENING, (CHAIR, heard), ("S2", SPEECH), (CHAIR, heard), ("S2", SPEECH))
    assert named(name_speakers(turns, ROSTER))["S2"] == person


@pytest.mark.parametrize(
    "text",
    [
        "Nous votons l'amendement de Monsieur Rochat.",
        "Madame Keller, vous n'avez pas la parole.",
        "Madame Keller, s'il vous plaît, un peu de silence.",
        "Monsieur Keller, vous avez la parole.",
        "La parole est à Madame Untel.",
        "Madame la conseillère municipale, vous avez la parole.",
    ],
)
def test_what_is_no_clear_call_names_nobody(text: str) -> None:
    assert "S2" not in call(text)


def test_the_chair_is_the_voice_that_gives_the_floor() -> None:
    turns = sitting(*OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH))
    chair = name_speakers(turns, ROSTER)[0]
    assert (chair.label, chair.person, chair.evidence) == (CHAIR, BAUDIN, Evidence.CHAIR)
    assert chair.reason == "donne la parole 2 fois ; « présidente » dans la liste"


def test_a_chair_addressed_by_the_other_title_is_somebody_else() -> None:
    reply = f"Merci, Monsieur le président, {SPEECH}"
    turns = sitting(*OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S2", reply))
    assert CHAIR not in named(name_speakers(turns, ROSTER))


def test_the_reason_tells_a_clerk_where_to_listen() -> None:
    turns = sitting(*OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH))
    keller = name_speakers(turns, ROSTER)[2]
    assert keller.reason == "appelée par la présidente à 0:00:11"
    assert 0.5 < keller.confidence < 1


def test_an_interjection_is_not_the_answer_to_a_call() -> None:
    turns = sitting(
        *OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S7", "Non !"), ("S2", SPEECH)
    )
    assert named(name_speakers(turns, ROSTER)) == {
        CHAIR: BAUDIN,
        "S9": "Patrick Lambert",
        "S2": "Nadia Keller",
    }


def test_thanks_name_the_voice_that_has_just_finished() -> None:
    thanks = "Merci, Madame Keller. Nous passons au vote."
    turns = sitting(
        *OPENING, (CHAIR, "Monsieur Rochat."), ("S8", SPEECH), ("S2", SPEECH), (CHAIR, thanks)
    )
    assert named(name_speakers(turns, ROSTER)).get("S2") == "Nadia Keller"


def test_votes_that_contradict_each_other_leave_a_voice_open() -> None:
    turns = sitting(
        *OPENING,
        *((CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH)),
        *((CHAIR, "Madame Fontanet, c'est à vous."), ("S2", SPEECH)),
    )
    assert "S2" not in named(name_speakers(turns, ROSTER))


def test_one_person_bears_two_voices_only_on_strong_evidence() -> None:
    once = (CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH)
    again = (CHAIR, "Madame Keller, c'est à vous."), ("S3", SPEECH)
    thrice = name_speakers(sitting(*OPENING, *once, *once, *again), ROSTER)
    assert named(thrice).get("S2") == "Nadia Keller"
    assert "S3" not in named(thrice)
    assert "une autre voix porte ce nom" in thrice[3].reason
    assert named(name_speakers(sitting(*OPENING, *once, *once, *again, *again), ROSTER)) == {
        **named(thrice),
        "S3": "Nadia Keller",
    }


def test_namesakes_stay_open_without_a_first_name() -> None:
    roster = (*ROSTER, Person("Denis Rochat", "conseiller municipal"))
    turns = sitting(*OPENING, (CHAIR, "Monsieur Rochat, c'est à vous."), ("S2", SPEECH))
    assert "S2" not in named(name_speakers(turns, roster))
    turns = sitting(*OPENING, (CHAIR, "Monsieur Denis Rochat, c'est à vous."), ("S2", SPEECH))
    assert named(name_speakers(turns, roster))["S2"] == "Denis Rochat"


def test_every_voice_comes_back_and_speech_without_a_voice_does_no_harm() -> None:
    turns = sitting((None, SPEECH), *OPENING, ("S5", SPEECH))
    assert [s.label for s in name_speakers(turns, ROSTER)] == [CHAIR, "S9", "S5"]
    assert name_speakers((), ROSTER) == ()
    assert named(name_speakers(turns, ())) == {}


# --- captions ---------------------------------------------------------------------------------

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


# --- names as they sound ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "person"),
    [
        ("Fontanet", "Claire Fontanet"),
        ("Nadia Kelly", "Nadia Keller"),
        ("Rocha a bien lu", "Julien Rochat"),
        ("quelle affaire", None),
        ("", None),
    ],
)
def test_a_person_is_found_where_the_name_begins(heard: str, person: str | None) -> None:
    match = find_person(heard.split(), ROSTER)
    assert (match.person.name if match else None) == person


def test_a_masculine_role_says_nothing_where_all_roles_are_masculine() -> None:
    generic = (Person("Claire Fontanet", "conseiller municipal"),)
    assert is_woman(generic[0], generic) is None
    assert is_woman(ROSTER[1], ROSTER) is True
    assert is_woman(ROSTER[3], ROSTER) is False
    assert is_woman(Person("A B", "conseiller·ère"), ROSTER) is None


# --- the sample sittings ----------------------------------------------------------------------


def reference(folder: Path) -> tuple[tuple[Turn, ...], dict[str, str]]:
    """The true turns of a sample with anonymous labels, and who each label is."""
    labels: dict[str, str] = {}
    turns = []
    for index, told in enumerate(
        json.loads((folder / "reference.json").read_text("utf-8"))["turns"]
    ):
        label = labels.setdefault(told["speaker"], f"S{len(labels) + 1}")
        words = [word for sentence in told["sentences"] for word in spread(sentence)]
        turns.append(Turn(index, label, tuple(words)))
    return tuple(turns), {label: name for name, label in labels.items()}


def spread(sentence: dict[str, object]) -> list[Word]:
    start, end, texts = (
        int(str(sentence["start_ms"])),
        int(str(sentence["end_ms"])),
        str(sentence["text"]).split(),
    )
    step = (end - start) / len(texts)
    return [
        Word(round(start + n * step), round(start + (n + 1) * step), text, 1.0)
        for n, text in enumerate(texts)
    ]


def sample_cues(folder: Path) -> tuple[Cue, ...]:
    cues: tuple[Cue, ...] = ()
    offset_ms = 0
    for part in json.loads((folder / "session.json").read_text("utf-8"))["parts"]:
        if part["captions"]:
            cues += tuple(
                Cue(cue.start_ms + offset_ms, cue.end_ms + offset_ms, cue.participant)
                for cue in read_captions(folder / part["captions"])
            )
        offset_ms += part["duration_ms"]
    return cues


@pytest.mark.parametrize("folder", sorted(SAMPLES.glob("20*/")), ids=lambda folder: folder.name)
@pytest.mark.parametrize("with_captions", [False, True])
def test_samples_are_named_for_most_of_the_time_and_never_wrongly(
    folder: Path, with_captions: bool
) -> None:
    turns, truth = reference(folder)
    cues = sample_cues(folder) if with_captions else ()
    given = named(name_speakers(turns, read_roster(folder / "roster.csv"), cues))
    wrong = {label: name for label, name in given.items() if truth[label] != name}
    spoken_ms = dict.fromkeys(truth, 0)
    for turn in turns:
        spoken_ms[str(turn.speaker)] += turn.end_ms - turn.start_ms
    right_ms = sum(ms for label, ms in spoken_ms.items() if label in given)
    assert wrong == {}
    assert right_ms >= 0.95 * sum(spoken_ms.values())
