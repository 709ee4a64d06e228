"""Who is who, from the chair's calls: right, or left open."""

import pytest

from ingest.transcript import Evidence, Person
from tests.support.small_council import (
    BAUDIN,
    CHAIR,
    OPENING,
    ROSTER,
    SPEECH,
    name_speakers,
    named,
    sitting,
)

COUNCIL = (*ROSTER, Person("Anne-Lise Grandjean", "secrétaire du conseil"))


def call(text: str, *, then: str = SPEECH) -> dict[str, str]:
    """Who is named when the chair, having called once already, says this before S2 speaks."""
    return named(name_speakers(sitting(*OPENING, (CHAIR, text), ("S2", then)), COUNCIL))


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
        ("Monsieur Rochat, je vous en prie. Madame Keller, vous avez la parole.", "Nadia Keller"),
        ("Je vous remercie pour le groupe PLR, monsieur Julien Rochat.", "Julien Rochat"),
        ("Madame Keller, pour le groupe des Verts.", "Nadia Keller"),
        ("Madame Keller pour une question.", "Nadia Keller"),
        ("Madame Keller, une réponse ?", "Nadia Keller"),
        ("Monsieur le conseiller administratif, vous répondez ?", "Antoine Delcourt"),
        ("Monsieur le conseiller administratif ?", "Antoine Delcourt"),
        ("Notre secrétaire va faire l'appel.", "Anne-Lise Grandjean"),
        ("Madame la secrétaire, je vous prie de lire les absences.", "Anne-Lise Grandjean"),
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
        "Madame Keller, pour la dernière fois, laissez parler. Voilà.",
        "Notre secrétaire nous a quittés.",
    ],
)
def test_what_is_no_clear_call_names_no_voice(text: str) -> None:
    assert "S2" not in call(text)


def test_a_name_is_stated_by_a_call_and_inferred_from_thanks() -> None:
    calls = (CHAIR, "Monsieur Rochat, c'est à vous."), ("S3", SPEECH)
    thanks = ("S2", SPEECH), (CHAIR, f"Merci, Madame Keller. {SPEECH}")
    speakers = name_speakers(sitting(*OPENING, *calls, *thanks), ROSTER)
    found = {speaker.label: speaker.evidence for speaker in speakers}
    assert (found["S3"], found["S2"]) == (Evidence.CHAIR, Evidence.INFERRED)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Soixante-neuf membres sont présents, six sont excusés.", "Anne-Lise Grandjean"),
        ("Nous avons reçu quatre excuses, et le quorum est atteint.", "Anne-Lise Grandjean"),
        ("Le quorum manque, et je demande que nous votions plus tard.", None),
        (f"Nadia Keller, pour les Verts. Deux d'entre nous sont excusés. {SPEECH}", "Nadia Keller"),
    ],
)
def test_the_secretary_is_who_reads_the_roll(text: str, person: str | None) -> None:
    turns = sitting(*OPENING, (CHAIR, "Nous commençons."), ("S2", text), (CHAIR, SPEECH))
    assert named(name_speakers(turns, COUNCIL)).get("S2") == person


def test_the_chair_is_the_voice_that_gives_the_floor() -> None:
    turns = sitting(*OPENING, (CHAIR, "Madame Keller, c'est à vous."), ("S2", SPEECH))
    chair = name_speakers(turns, ROSTER)[0]
    assert (chair.label, chair.person, chair.evidence) == (CHAIR, BAUDIN, Evidence.INFERRED)
    assert chair.reason == "donne la parole 2 fois ; « présidente » dans la liste"


def test_a_chair_addressed_by_the_other_title_is_another_person() -> None:
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
